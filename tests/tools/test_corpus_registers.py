"""The recorded registers, harvested: no entry vanishes, each is read, refused or skipped."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support.harvested import HarvestedCorpus

from harvester.model import Outcome
from tools.corpus_counts import counted

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus"), pytest.mark.timeout(1800)]

EXPECTED = {
    "sill": {"read": 240},
    "digital-public-goods": {"read": 197, "skipped": 31},
    "digital-public-goods-files": {"read": 197, "skipped": 192, "refused": 5},
    "codegouv-dumps": {"read": 9063},
    "codegouv-awesome": {"read": 20},
    "beta-gouv": {"read": 460, "skipped": 202},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_recorded_entry_is_read_refused_or_skipped(
    name: str, harvested_corpus: HarvestedCorpus, corpus: Path
) -> None:
    came = harvested_corpus.brought(name)
    assert came.failed == ()
    assert len(came.entries) == counted(corpus)[name].entries
    assert Counter(reading.outcome.value for reading in came.entries.values()) == EXPECTED[name]
    for key, reading in came.entries.items():
        assert (reading.outcome is Outcome.READ) == bool(reading.records), key
        assert (reading.outcome is Outcome.SKIPPED) == bool(reading.reason), key


def test_organisations_of_an_address_that_stands_twice_are_both_kept(harvested_corpus: HarvestedCorpus) -> None:
    came = harvested_corpus.brought("codegouv-dumps")
    named = Counter(len(reading.records[0].fields.organisations) for reading in came.entries.values())
    assert named == {1: 9063 - 91, 2: 91}
    assert came.issues == ()  # rows of one address differ in nothing else
