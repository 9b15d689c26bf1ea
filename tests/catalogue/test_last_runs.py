"""The newest runs of each source, and when it was harvested well, on both databases."""

from __future__ import annotations

from datetime import timedelta

from support.builders import EPOCH, source

from harvester.catalogue import Catalogue
from harvester.model import Judgement, RunCounts


def ended(catalogue: Catalogue, name: str, day: int, judgement: Judgement) -> int:
    run = catalogue.runs.queue(name, EPOCH + timedelta(days=day), by="test")
    claimed = catalogue.runs.claim("test", 60, run_id=run.id if run else 0)
    assert claimed is not None
    catalogue.runs.finish(
        claimed.id, claimed.attempt, judgement=judgement, reasons=(), counts=RunCounts(entries=day), spent={}
    )
    return claimed.id


def test_the_newest_runs_of_each_source_come_first_and_no_more_than_wanted(catalogue: Catalogue) -> None:
    for name in ("alpha", "beta", "gamma"):
        catalogue.sources.put(source(name), "test")
    good, bad = Judgement.GOOD, Judgement.FAILED
    alpha = [ended(catalogue, "alpha", day, judged) for day, judged in ((3, good), (1, bad), (2, bad))]
    beta = [ended(catalogue, "beta", day, bad) for day in (5, 6)]
    found = catalogue.runs.last_by_source(2)
    assert {name: [run.id for run in runs] for name, runs in found.items()} == {
        "alpha": [alpha[0], alpha[2]],
        "beta": [beta[1], beta[0]],
    }
    assert found["alpha"][0].counts.entries == 3
    assert catalogue.runs.last_good() == {"alpha": catalogue.runs.get(alpha[0]).finished_at}
    assert catalogue.runs.last_good("beta") == {}
    capped = ended(catalogue, "beta", 7, Judgement.CAPPED)
    assert catalogue.runs.last_good("beta") == {"beta": catalogue.runs.get(capped).finished_at}
