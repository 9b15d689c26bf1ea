"""What `harvester --help` costs, beside importing click alone: processor time, each in an interpreter of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from statistics import median

from benchmarks.figure import Figure

_TIMES = 7
_CLICK = "import click"
_HELP = "import sys; sys.argv = ['harvester', '--help']\nfrom harvester.cli import main\nmain()"


def _spent(code: str) -> float:
    """Processor seconds of one interpreter that runs this, its own start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figures() -> list[Figure]:
    """The interpreter's own start is taken from both: what is left is what each of them imports and does."""
    took: dict[str, list[float]] = {"pass": [], _CLICK: [], _HELP: []}
    for _ in range(_TIMES):  # in turn, so that a busy machine slows all three
        for code, times in took.items():
            times.append(_spent(code))
    start = median(took["pass"])
    click, told = median(took[_CLICK]) - start, median(took[_HELP]) - start
    return [
        Figure(
            name="harvester --help, to importing click",
            value=told / click,
            baseline=click,
            limit="<= 3",
            unit="of the processor seconds",
        )
    ]
