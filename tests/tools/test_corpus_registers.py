"""The recorded catalogues through their spiders: no entry vanishes, each is read, refused or skipped."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support.recorded import crawled

from harvester.model import Outcome
from tools.corpus_counts import counted
from tools.corpus_registers import hosts, sources

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(300)]

EXPECTED = {
    "sill": {"read": 240},
    "digital-public-goods": {"read": 197, "skipped": 31},
    "digital-public-goods-files": {"read": 197, "skipped": 192, "refused": 5},
    "codegouv-dumps": {"read": 9063},
    "codegouv-awesome": {"read": 20},
    "beta-gouv": {"read": 460, "skipped": 202},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_recorded_entry_is_read_refused_or_skipped(name: str, corpus: Path) -> None:
    source = next(source for source in sources(corpus) if source.name == name)
    came = crawled(source, hosts(corpus))
    outcomes = Counter(reading.outcome.value for _, reading in came.items)
    assert came.failures == []
    assert len({raw.key for raw, _ in came.items}) == len(came.items) == counted(corpus)[name].entries
    assert dict(outcomes) == EXPECTED[name]
    for raw, reading in came.items:
        assert (reading.outcome is Outcome.READ) == bool(reading.records), raw.key
        assert (reading.outcome is Outcome.SKIPPED) == bool(reading.reason), raw.key


def test_organisations_of_an_address_that_stands_twice_are_both_kept(corpus: Path) -> None:
    source = next(source for source in sources(corpus) if source.name == "codegouv-dumps")
    came = crawled(source, hosts(corpus))
    named = Counter(len(reading.records[0].fields.organisations) for _, reading in came.items)
    assert named == {1: 9063 - 91, 2: 91}
    assert came.issues == []  # rows of one address differ in nothing else
