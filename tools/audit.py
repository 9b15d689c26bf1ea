"""Looks for known faults of the locked libraries: python -m tools.audit requirements.txt …

It believes only an auditor (pip-audit) that finds the faults of a canary, a library that is known to have some: one
that reaches no database of faults finds none anywhere. Ends with 0 when none is known, 1 when some are, 3 "not
auditable".
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CANARY = "jinja2==2.10"
CLEAN, FAULTY, NOT_AUDITABLE = 0, 1, 3


class _NotAuditable(Exception):
    pass


def audit(files: Sequence[str]) -> int:
    """Audit requirement files; what is found is printed."""
    try:
        if not any(_faults(each) for each in _canary()):
            raise _NotAuditable(f"the canary {CANARY} has known faults, and the auditor finds none")
        found = {each["name"]: each for file in files for each in _audited(file)}
    except _NotAuditable as error:
        print(f"not auditable: {error}")
        return NOT_AUDITABLE
    skipped = sorted(name for name, each in found.items() if "skip_reason" in each)
    faulty = {name: faults for name, each in sorted(found.items()) if (faults := _faults(each))}
    for name, faults in faulty.items():
        print(f"{name} {found[name].get('version')}: {', '.join(faults)}")
    if skipped:
        print(f"not auditable: {', '.join(skipped)}")
    if faulty:
        return FAULTY
    if not found or skipped:
        return NOT_AUDITABLE
    print(f"no known faults in {len(found)} libraries")
    return CLEAN


def _canary() -> list[Mapping[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "canary.txt")
        file.write_text(CANARY + "\n", encoding="utf-8")
        return _audited(str(file))


def _audited(file: str) -> list[Mapping[str, Any]]:
    """What the auditor says of each library of a file."""
    beside = Path(sys.executable).parent / "pip-audit"
    command = str(beside) if beside.exists() else shutil.which("pip-audit")
    if command is None:
        raise _NotAuditable("pip-audit is not installed")
    asked = [
        command,
        "--requirement",
        file,
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=600)
    try:
        found: list[Mapping[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = (done.stderr or done.stdout).strip().splitlines()
        raise _NotAuditable(said[-1] if said else f"pip-audit ended with {done.returncode}") from None
    return found


def _faults(each: Mapping[str, Any]) -> list[str]:
    return [str(fault["id"]) for fault in each.get("vulns", ())]


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1:]))
