"""Run every benchmark, print its figures, exit 1 when one does not hold."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    command,
    forge_cost,
    forgejo_cost,
    formats,
    gitlab_cost,
    pipeline,
    queue_overhead,
    search_overhead,
    understanding,
    validator,
)
from benchmarks.figure import Figure

_ALL: Sequence[tuple[str, Callable[[], list[Figure]]]] = (
    ("help of the command", command.figures),
    ("GitHub requests a repository", forge_cost.figures),
    ("Forgejo requests a repository", forgejo_cost.figures),
    ("GitLab requests a project", gitlab_cost.figures),
    ("records normalized a second", formats.figures),
    ("pages a second through the pipeline", pipeline.figures),
    ("empty runs through the shared queue", queue_overhead.figures),
    ("validating publiccode.yml", validator.figures),
    ("search through the search layer", search_overhead.figures),
    ("understanding and merging a record", understanding.figures),
)


def main() -> int:
    """The exit code: 0 when every figure holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--report", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    for title, measure in _ALL:
        print(f"{title} …", file=sys.stderr, flush=True)
        began = time.monotonic()
        mine = measure()
        figures += mine
        for figure in mine:
            print(figure.line(), flush=True)
        print(f"  ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
    if arguments.report:
        arguments.report.write_text(
            json.dumps({"figures": [figure.as_json() for figure in figures]}, indent=2) + "\n", encoding="utf-8"
        )
    return 0 if all(figure.holds is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
