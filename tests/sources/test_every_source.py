"""Every kind of source, from recorded answers to records: no spider is without. See tests/sources/README.md."""

from __future__ import annotations

import socket
from functools import cache
from typing import Any, NoReturn

import pytest
from support.recorded import FOLDER, Case, Harvested, cases, shown

from harvester.assess.meaning import understood
from harvester.model import Terms
from harvester.normalize.readers import read
from harvester.scrapy_process import spider_class, spider_names
from pipelines.validate import validated
from spiders.base import Params

SPIDERS = spider_names()


def every_case() -> list[Any]:
    """Each in a group of its own: its tests share one crawl."""
    found = [case for case in cases() if not case.missing]
    return [pytest.param(case, id=case.name, marks=pytest.mark.xdist_group(case.name)) for case in found]


@cache
def harvested(case: Case) -> tuple[Harvested, list[str], list[str]]:
    return case.harvest()


@pytest.mark.parametrize("spider", SPIDERS)
def test_a_spider_has_recorded_answers_and_expected_records(spider: str) -> None:
    missing = {case.name: case.missing for case in (Case(FOLDER / spider), *cases(spider)) if case.missing}
    assert not missing, f"make them: python -m tests.sources.record {spider} (tests/sources/README.md tells how)"


@pytest.mark.parametrize("spider", SPIDERS)
def test_a_spider_says_what_it_is(spider: str) -> None:
    kind = spider_class(spider)
    assert kind.name == spider
    assert kind.title
    assert isinstance(kind.terms, Terms)
    assert kind.least >= 1
    assert issubclass(kind.Params, Params)
    assert kind.Params.model_config["extra"] == "forbid"


def test_no_folder_is_of_a_spider_that_there_is_not() -> None:
    assert {case.spider for case in cases()} <= set(SPIDERS)


@pytest.mark.parametrize("case", every_case())
def test_a_source_means_what_a_person_expects(case: Case) -> None:
    came, in_vain, unasked = harvested(case)
    assert (in_vain, unasked) == ([], [])
    assert shown(came) == case.expected


@pytest.mark.parametrize("case", every_case())
def test_the_stored_items_read_without_a_network_mean_the_same(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    came, _, _ = harvested(case)

    def refuse(*_: Any) -> NoReturn:
        raise AssertionError("reading touched the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    kind = spider_class(case.spider)
    hosts = kind.own_hosts(kind.Params.model_validate(dict(case.source().params)))
    for raw, reading in came.items:
        assert validated(raw, understood(read(raw, hosts=hosts))) == reading, raw.key
