"""The default registry: every entry is one that an operator can add as it stands."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from harvester.cli.sources import check
from harvester.model import Source, Terms
from harvester.normalize.countries import alpha2
from harvester.normalize.licenses import spdx
from harvester.runs.registry import known_of, offers
from harvester.scrapy_process import spider_class, spider_names
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


def test_whose_the_sources_of_a_kind_are_and_on_what_terms_stands_in_the_registry_alone() -> None:
    """Also of a forge, which has many: whose a source is says its own entry."""
    registered = {each.source.spider for each in OFFERS.values()}
    twice = {
        name: (kind.publisher, kind.terms, kind.least)
        for name in spider_names()
        if name in registered and ((kind := spider_class(name)).publisher or kind.terms != Terms() or kind.least != 1)
    }
    assert not twice, "take these out of the spider's class: the registry says it"
    assert {"github", "gitlab", "forgejo"} <= registered
    assert sum(known_of(name) is not None for name in spider_names()) >= 12
