"""Recorded catalogues, harvested: every entry of a file is read, refused or skipped, exactly once.

How many there are is counted without the spiders and readers: by other means, from the recorded files.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz
from support.harvested import Brought, HarvestedCorpus

from harvester.model import Outcome
from harvester.normalize.urls import canonical_repository
from tools import corpus_lists as recorded
from tools.corpus_counts import counted

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus"), pytest.mark.timeout(1800)]

NAMES = [
    "us-agencies",
    "canada",
    *(f"awesome-{name}" for name in recorded.AWESOME),
    "awesome-selfhosted",
    "awesome-selfhosted-site",
    "brigades",
    "taiwan-publiccode",
    "world-bank",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_a_recorded_catalogue_is_read_refused_or_skipped_once(
    harvested_corpus: HarvestedCorpus, corpus: Path, name: str
) -> None:
    found = harvested_corpus.brought(f"catalogue-{name}")
    assert len(found.entries) == counted(corpus)[f"catalogue-{name}"].entries
    assert len(found.entries) == sum(found.count(outcome) for outcome in Outcome)
    for key, reading in found.entries.items():
        if reading.outcome is Outcome.READ:
            assert reading.records, key
            assert all(record.identifiers for record in reading.records), key
        elif reading.outcome is Outcome.REFUSED:
            assert any(issue.severity == "error" for issue in reading.issues), key
        else:
            assert reading.reason, key


def test_two_empty_inventories_fail_and_no_other_catalogue_does(harvested_corpus: HarvestedCorpus) -> None:
    failed = {name: list(harvested_corpus.brought(f"catalogue-{name}").failed) for name in NAMES}
    agency = f"file:http://{recorded.INVENTORIES}"
    assert {name: units for name, units in failed.items() if units} == {
        "us-agencies": [f"{agency}/DOI/code.json", f"{agency}/FEMA/code.json"]
    }


def _by_repository(found: Brought, *, perhaps: bool = False) -> dict[str, Any]:
    """Records by the repositories that name them; with `perhaps` also by those that only may be theirs."""
    return {
        identifier.value: record
        for reading in found.entries.values()
        for record in reading.records
        for identifier in (*record.identifiers, *(record.suggests if perhaps else ()))
        if identifier.scheme == "repo"
    }


def test_the_pages_of_a_catalogue_say_what_the_data_says_that_they_are_made_of(
    harvested_corpus: HarvestedCorpus,
) -> None:
    """The pages are two years older than the data: what both hold may have been reworded or corrected since."""
    pages = _by_repository(harvested_corpus.brought("catalogue-awesome-selfhosted-site"), perhaps=True)
    data = _by_repository(harvested_corpus.brought("catalogue-awesome-selfhosted"), perhaps=True)
    both = sorted(set(pages) & set(data))
    assert len(both) > 800
    agreed = Counter[str]()
    for repository in both:
        page, truth = pages[repository].fields, data[repository].fields
        agreed["name"] += page.name == truth.name
        agreed["license"] += page.license == truth.license
        agreed["description"] += fuzz.ratio(page.short_description["en"], truth.short_description["en"]) >= 75
        agreed["categories"] += bool(set(page.categories) & set(truth.categories))
        agreed["platforms"] += bool(set(page.platforms) & {*truth.platforms, *truth.programming_languages})
        agreed["website"] += page.landing_url == truth.landing_url
    shares = {name: agreed[name] / len(both) for name in agreed}
    assert shares["name"] > 0.97, shares
    assert shares["license"] > 0.97, shares
    assert shares["categories"] > 0.9, shares
    assert shares["platforms"] > 0.9, shares
    assert shares["website"] > 0.85, shares
    assert shares["description"] > 0.9, shares


def test_a_long_list_loses_no_repository_and_no_name(harvested_corpus: HarvestedCorpus, corpus: Path) -> None:
    found = harvested_corpus.brought("catalogue-awesome-open-sustainable-technology")
    text = recorded.awesome(corpus, "open-sustainable-technology").decode()
    written = {
        canonical_repository(address): name
        for name, address in re.findall(
            r"^- \[([^\]]+)\]\((https://(?:github|gitlab)\.com/[^)/]+/[^)/]+)/?\)", text, re.MULTILINE
        )
    }
    known = {repository: record.fields.name for repository, record in _by_repository(found).items()}
    assert len(written) > 2000
    missing = [repository for repository in written if repository not in known]
    assert missing == []
    assert sum(known[each] == name for each, name in written.items()) > 0.98 * len(written)


def test_the_names_and_licences_of_yaml_are_those_that_another_parser_reads(
    harvested_corpus: HarvestedCorpus, corpus: Path
) -> None:
    found = harvested_corpus.brought("catalogue-awesome-selfhosted").entries
    for path, content in recorded.selfhosted(corpus):
        if not re.fullmatch(r"software/[^/]+\.yml", path):
            continue
        truth = yaml.load(content, Loader=yaml.CBaseLoader)
        for record in found[path].records:
            assert record.fields.name == truth["name"]
            assert record.fields.license_text == "; ".join(truth["licenses"])
            assert record.fields.license is None or len(truth["licenses"]) == 1
