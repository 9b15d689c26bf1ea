"""The default registry: every entry is one that an operator can add as it stands."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from harvester.cli.sources import check
from harvester.model import Source
from harvester.normalize.countries import alpha2
from harvester.normalize.licenses import spdx
from harvester.runs.registry import offers
from scheduler import trigger

OFFERS = offers()


def _addresses(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if "://" in value else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [address for each in inner for address in _addresses(each)]


def test_there_are_many_sources_of_many_countries_and_kinds() -> None:
    assert len(OFFERS) >= 25
    assert len({each.source.country for each in OFFERS.values()} - {None}) >= 12
    assert len({each.source.spider for each in OFFERS.values()}) >= 15


@pytest.mark.parametrize("name", sorted(OFFERS))
def test_an_entry_can_be_added_as_it_stands(name: str) -> None:
    check(OFFERS[name].source)


@pytest.mark.parametrize("name", sorted(OFFERS))
def test_an_entry_says_whose_it_is_on_what_terms_and_when_it_is_asked(name: str) -> None:
    each = OFFERS[name]
    source: Source = each.source
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name)
    assert source.name == name
    assert set(each.titles) == {"en", "fr"}
    assert all(each.titles.values())
    assert source.publisher
    assert source.country is None or alpha2(source.country) == source.country
    assert source.terms.url
    assert urlsplit(source.terms.url).scheme == "https"
    assert source.terms.license is None or spdx(source.terms.license) == source.terms.license
    assert source.terms.share_alike is (source.terms.license is not None and "-SA-" in source.terms.license)
    assert source.schedule
    assert trigger(source)
    assert source.least >= 1
    assert not source.accepted
    assert not source.trusted
    assert all(urlsplit(address).scheme == "https" for address in _addresses(dict(source.params)))


def test_no_two_sources_are_due_at_the_same_moment_of_the_week() -> None:
    slots = Counter((each.source.schedule, each.source.timezone) for each in OFFERS.values())
    assert [slot for slot, times in slots.items() if times > 1] == []
