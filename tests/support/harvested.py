"""The whole recorded corpus, harvested by the command that people call: once for all tests and workers of a session."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.stored import environment

_ROOT = Path(__file__).parents[2]
Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class HarvestedCorpus:
    """What `make corpus` left in a data folder, its report, and what it said. Who changes anything copies `data`."""

    data: Path
    report: Mapping[str, Any]
    said: str

    @property
    def database(self) -> Path:
        return self.data / "catalogue.sqlite"

    @property
    def rows(self) -> Rows:
        """The report's rows by source."""
        return {row["source"]: row for row in self.report["sources"]}


def harvest_corpus(corpus: Path, data: Path) -> HarvestedCorpus:
    """Harvest into a data folder, which may hold a harvest already."""
    report = data.with_name(f"{data.name}.report.json")
    done = subprocess.run(
        [sys.executable, "-m", "tools.harvest_corpus", str(corpus), "--no-serve", "--report", str(report)],
        cwd=_ROOT,
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return HarvestedCorpus(data, json.loads(report.read_text(encoding="utf-8")), done.stdout)


def shared_harvest(corpus: Path, folder: Path) -> HarvestedCorpus:
    """The harvest in this folder: made by whoever comes first, whom all others wait for."""
    data, said = folder / "data", folder / "said"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            made = harvest_corpus(corpus, data)
            said.write_text(made.said, encoding="utf-8")
            return made
    report = json.loads((folder / "data.report.json").read_text(encoding="utf-8"))
    return HarvestedCorpus(data, report, said.read_text(encoding="utf-8"))
