"""The fuzzer over every reader, for a bounded while, beginning from one file of each format."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from support.presence import absent

ROOT = Path(__file__).parents[2]
SECONDS, RUNS = 20, 4_000
# The first byte chooses what the rest is read as: see target.one_input.
SEEDS = (
    b"FpubliccodeYmlVersion: '0.4'\nname: x\nurl: https://github.com/a/b\nlegal: {license: MIT}\n",
    b"Ccff-version: 1.2.0\ntitle: x\nlicense: [MIT]\nauthors: [{name: Town}]\n",
    b"@" + json.dumps({"@graph": [{"@type": "SoftwareSourceCode", "name": "x", "license": ["MIT"]}]}).encode(),
    b"A" + json.dumps({"name": "x", "permissions": {"licenses": [{"name": "MIT"}]}, "date": {"created": "2"}}).encode(),
    b"B" + json.dumps({"name": "x", "status": "Beta", "categories": [{"category": "y"}]}).encode(),
    b"D" + json.dumps({"url": "https://github.com/a/b", "files": [{"path": "README.md", "text": "# x\n\ny"}]}).encode(),
    b" " + json.dumps({"releases": [{"name": "x"}, None]}).encode(),
    b"\1Licence publique g\xc3\xa9n\xc3\xa9rale GNU v3 ou ult\xc3\xa9rieure",
)


def test_no_input_that_the_fuzzer_makes_lets_an_exception_escape(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        absent("no atheris", "install the test requirements; it has wheels for Linux on x86_64")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(SEEDS):
        (seeds / str(number)).write_bytes(seed)
    command = [sys.executable, str(ROOT / "tests" / "fuzz" / "target.py"), str(seeds)]
    limits = [
        f"-runs={RUNS}",
        f"-max_total_time={SECONDS}",
        "-max_len=4096",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-seed=7",
    ]
    ended = subprocess.run(
        [*command, *limits, f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        timeout=SECONDS * 6,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    assert "Done" in ended.stderr
