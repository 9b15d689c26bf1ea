"""While a forge is harvested the event loop goes on: nothing in it works for more than 50 ms, or waits for a server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.runs import Runs, running

from simulators.github_store import GitHubStore, synthetic
from simulators.sim_github import GitHub

COUNT = 250
LATENCY_S = 0.2
LONGEST_S = 0.05
SENTENCE = "The town counts its trees, and everybody may read when each was planted and who looks after it. "


@dataclass
class Heart:
    """Beats in the loop. `late_s`: the most that a beat came too late; `busy_s`: the most that the loop's own thread
    worked between two beats, which nothing else on this machine makes longer."""

    late_s: float = 0.0
    busy_s: float = 0.0
    beats: int = 0

    async def beat(self) -> None:
        while True:
            began, worked = time.monotonic(), time.thread_time()
            await asyncio.sleep(0.005)
            self.late_s = max(self.late_s, time.monotonic() - began - 0.005)
            self.busy_s = max(self.busy_s, time.thread_time() - worked)
            self.beats += 1


def store() -> GitHubStore:
    """Repositories with long READMEs: a page of them takes seconds to be read."""
    repos = synthetic(COUNT, owners=3)
    return GitHubStore.of(replace(one, files={**one.files, "README.md": SENTENCE * 100}) for one in repos)


def harvest(runs: Runs) -> Heart:
    runs.catalogue.runs.queue("tested", datetime.now(UTC))
    run = runs.catalogue.runs.claim("test", 600)
    assert run is not None
    heart = Heart()

    async def main() -> None:
        beating = asyncio.create_task(heart.beat())
        crawl = await runs.crawl(run)
        beating.cancel()
        assert crawl.ending.finish_reason == "finished"

    asyncio.run(main())
    assert runs.catalogue.harvest.counts(run.id).new == COUNT
    return heart


@pytest.mark.long  # it measures lateness, for which a machine has to be quiet
def test_a_slow_forges_harvest_never_stalls_the_loop(tmp_path: Path) -> None:
    hearts = []
    params = {"owners": ["org-0", "org-1", "org-2"], "api_url": "http://api.github.com"}
    for attempt in range(3):
        (tmp_path / str(attempt)).mkdir()
        source = {"spider": "github", "params": params}
        with running({"api.github.com": GitHub(store())}, tmp_path / str(attempt), source, latency_s=LATENCY_S) as runs:
            hearts.append(harvest(runs))
            print(hearts[-1])
            assert runs.log.most_in_flight["api.github.com"] == 1
    assert min(heart.beats for heart in hearts) > 50
    assert max(heart.busy_s for heart in hearts) <= LONGEST_S
    # machines are busy: the least lateness counts, and that no request was waited for in the loop
    assert min(heart.late_s for heart in hearts) < LATENCY_S
