"""GitHub by the ten thousand: `python -m benchmarks.forge_scale [--repositories N ...]`.

Time and the crawling process's peak of memory for 10,000 repositories beside 100,000, of 3,000 organisations: time is
to be linear in the repositories, memory bounded. It takes many minutes, so it is no part of `make bench`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.forge_cost import asked, harvests, push, simulated
from harvester.model import Run

ORGANISATIONS = 3000
CHANGED_EVERY = 50


def main() -> int:
    """Harvests each size twice and prints a line for each harvest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forge_scale", description=__doc__)
    parser.add_argument("--repositories", type=int, nargs="+", default=[10_000, 100_000])
    counts = parser.parse_args().repositories
    if len(counts) > 1:  # each in a process of its own, whose children are its own: their peak is what is measured
        command = [sys.executable, "-m", "benchmarks.forge_scale", "--repositories"]
        return max(subprocess.run([*command, str(count)], check=False).returncode for count in counts)
    for count in counts:
        owners = min(ORGANISATIONS, count)
        with simulated(count, owners) as address, harvests(address, owners) as harvest:
            _report(address, count, "first", harvest)
            push(address, CHANGED_EVERY)
            _report(address, count, "again", harvest)
    return 0


def _report(address: str, count: int, which: str, harvest: Callable[[], Run]) -> None:
    before, began = asked(address), time.monotonic()
    run = harvest()
    taken, requests = time.monotonic() - began, asked(address) - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of the largest child so far
    counts = run.counts
    print(
        f"{count} repositories, {which}: {taken:.0f} s, {1000 * taken / count:.2f} ms a repository, "
        f"{requests} requests ({requests / count:.4f} a repository), crawl's peak {peak:.0f} MiB, "
        f"{run.judgement}: {counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
