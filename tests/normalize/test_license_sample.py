"""Two hundred licence texts of real sources, drawn by a seed, and what each means: decided by hand, one by one."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
from support.harvested import HarvestedCorpus

from harvester.normalize.licenses import spdx
from tools.licence_report import licences

SEED = 20261125
NAMES, ADDRESSES = 135, 65
PARAPHRASED = frozenset(
    (
        "75775c0ff3dcef44",
        "6cb4929d15aff00c",
    )
)
"""Digests of two texts that are sentences; the sample has our own words for them."""


def _sample() -> list[tuple[str, str | None]]:
    lines = (Path(__file__).parent / "license_sample.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.rsplit(" => ", 1) for line in lines]
    return [(text, None if meaning == "-" else meaning) for text, meaning in pairs]


SAMPLE = _sample()


@pytest.mark.parametrize(("text", "meaning"), SAMPLE)
def test_a_drawn_text_means_what_was_decided(text: str, meaning: str | None) -> None:
    assert spdx(text) == meaning


def test_much_of_the_sample_means_nothing_for_certain() -> None:
    assert len(SAMPLE) == NAMES + ADDRESSES
    assert sum(meaning is None for _, meaning in SAMPLE) >= 60


@pytest.mark.long
@pytest.mark.corpus
@pytest.mark.xdist_group("corpus")
@pytest.mark.timeout(1800)
def test_the_sample_was_drawn_by_its_seed(corpus: Path, harvested_corpus: HarvestedCorpus) -> None:
    texts = sorted(set(licences(corpus)))
    assert harvested_corpus.report["licences"]["distinct"] == len(texts)
    drawn = random.Random(SEED)
    names = drawn.sample([text for text in texts if "://" not in text], NAMES)
    addresses = drawn.sample([text for text in texts if "://" in text], ADDRESSES)
    known = {text for text, _ in SAMPLE}
    strangers = [text for text in (*names, *addresses) if text not in known]
    assert {hashlib.sha256(text.encode()).hexdigest()[:16] for text in strangers} == PARAPHRASED


@pytest.mark.corpus
@pytest.mark.xdist_group("corpus")
@pytest.mark.timeout(1800)
def test_most_names_of_licences_mean_something(harvested_corpus: HarvestedCorpus) -> None:
    """As `make corpus` counted them."""
    report = harvested_corpus.report["licences"]
    assert report["distinct"] == report["mapped"] + len(report["unmapped"]) > 1000
    assert report["names_mapped"] / report["names"] >= 0.65
    assert all(spdx(text) is None and count > 0 for text, count in report["unmapped"])
