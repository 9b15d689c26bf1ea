"""An audit says "clean" only where the auditor finds the faults of its canary and knows every library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CANARY = {"name": "jinja2", "version": "2.10", "vulns": [{"id": "GHSA-462w-v97r-4m45"}]}
SOUND = {"name": "attrs", "version": "26.1", "vulns": []}
FAULTY = {"name": "attrs", "version": "26.1", "vulns": [{"id": "GHSA-0000"}]}
UNKNOWN = {"name": "attrs", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(
    ("of_canary", "of_locked", "code", "told"),
    [
        ([CANARY], [SOUND], 0, "no known faults in 1 libraries"),
        ([CANARY], [FAULTY], 1, "attrs 26.1: GHSA-0000"),
        ([CANARY], [SOUND | {"name": "idna"}, UNKNOWN], 3, "not auditable: attrs"),
        ([CANARY], [], 3, ""),
        ([CANARY | {"vulns": []}], [SOUND], 3, "not auditable: the canary"),
        ([{"name": "jinja2", "skip_reason": "not found"}], [SOUND], 3, "not auditable: the canary"),
        (None, None, 3, "not auditable: no database"),
    ],
)
def test_it_is_clean_only_where_the_canary_sings(
    tmp_path: Path, of_canary: list[Any] | None, of_locked: list[Any] | None, code: int, told: str
) -> None:
    for name, found in (("canary", of_canary), ("locked", of_locked)):
        (tmp_path / f"{name}.json").write_text("" if found is None else json.dumps({"dependencies": found}))
    auditor = tmp_path / "pip-audit"
    auditor.write_text(
        "#!/bin/sh\necho no database >&2\n"
        f'case "$2" in *canary.txt) cat {tmp_path}/canary.json;; *) cat {tmp_path}/locked.json;; esac\n'
    )
    auditor.chmod(0o755)
    ended = run({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert ended.returncode == code, ended.stderr
    assert told in ended.stdout
    assert ("no known faults" in ended.stdout) is (code == 0)


def test_without_an_auditor_nothing_is_claimed(tmp_path: Path) -> None:
    ended = run({"PATH": str(tmp_path)})
    assert (ended.returncode, ended.stdout) == (3, "not auditable: pip-audit is not installed\n")


def run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The audit of requirements.txt. An auditor in the tests' own environment would come first."""
    if (Path(sys.executable).parent / "pip-audit").exists():
        pytest.skip("pip-audit is installed beside the interpreter")
    command = [sys.executable, "-m", "tools.audit", "requirements.txt"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
