"""What judging a publiccode.yml costs over parsing it alone with the C loader, in one run.

    python -m benchmarks.validator

The files are the demo's; each side's time for a file is the best of five rounds, so that what else the machine does
counts for neither.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import yaml

from benchmarks.figure import Figure
from demo.publiccode_text import publiccode
from demo.tools import load_tools
from harvester.validate import validate

LIMIT = "<= 10"
LEAST_A_SECOND = 100
ROUNDS = 5


def figures() -> list[Figure]:
    """Validating over parsing alone, and files a second in one process."""
    files = _files()
    validate(files[0])  # the vocabularies are read once
    judged = sum(_best(validate, payload) for payload in files)
    parsed = sum(_best(_parse, payload) for payload in files)
    rate = len(files) / judged
    return [
        Figure(
            name="validator over the C loader", value=round(judged / parsed, 2), baseline=1.0, limit=LIMIT, unit="times"
        ),
        Figure(
            name="files validated a second",
            value=round(rate),
            baseline=round(len(files) / parsed),
            limit=f">= {LEAST_A_SECOND}",
            unit="files/s",
        ),
    ]


def _files() -> list[bytes]:
    tools = [tool for tool in load_tools() if tool.publiccode][:60]
    return [publiccode(tool).encode() for tool in tools]


def _parse(payload: bytes) -> object:
    return yaml.load(payload, Loader=yaml.CSafeLoader)


def _best(work: Callable[[bytes], object], payload: bytes) -> float:
    """Seconds."""
    fastest = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work(payload)
        fastest = min(fastest, time.perf_counter() - began)
    return fastest


if __name__ == "__main__":
    measured = figures()
    for figure in measured:
        print(figure.line())
    sys.exit(0 if all(figure.holds is not False for figure in measured) else 1)
