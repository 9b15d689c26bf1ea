"""A source that answers badly is judged so, with the reason, and hides nothing that was there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import Response
from support.builders import EPOCH
from support.web import PAGE_SIZE, SlowCatalogue, empty, says, source

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Judgement, Run, RunState
from harvester.runs.execute import execute
from harvester.words import say

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLISHED = PAGE_SIZE * 3


@pytest.fixture
def published(catalogue: Catalogue, settings: Settings, web: SlowCatalogue) -> list[str]:
    """The names that a good run of three pages published."""
    del web.entries[PUBLISHED:]
    catalogue.sources.put(source(trusted=True, least=5), "test")
    assert harvest(catalogue, settings, 0).judgement is Judgement.GOOD
    names = shown(catalogue)
    assert len(names) == PUBLISHED
    return names


def shown(catalogue: Catalogue) -> list[str]:
    return sorted(str(software.fields.name) for software in catalogue.software.published(1000))


def harvest(catalogue: Catalogue, settings: Settings, minute: int) -> Run:
    run = catalogue.runs.queue("towns", EPOCH.replace(minute=minute), by="test")
    assert run is not None
    claimed = catalogue.runs.claim("test", 60)
    assert claimed is not None
    return execute(catalogue, settings, claimed)


BROKEN: list[Any] = [
    pytest.param(says(500, "Internal Server Error"), "500", id="500"),
    pytest.param(says(404, "Not Found"), "404", id="404"),
    pytest.param(says(200, "<!doctype html><title>Maintenance</title>"), "no JSON", id="html"),
    pytest.param(says(200, '{"data": [{"id": "1"', "application/json"), "no JSON", id="cut-off"),
    pytest.param(says(200, '{"error": "soon"}', "application/json"), "error", id="another-shape"),
    pytest.param(empty, "nothing came", id="empty"),
]


@pytest.mark.parametrize(("broken", "why"), BROKEN)
def test_a_broken_answer_fails_the_run_and_hides_nothing(
    catalogue: Catalogue,
    settings: Settings,
    web: SlowCatalogue,
    published: list[str],
    broken: Callable[[Any], Response],
    why: str,
) -> None:
    web.broken = broken
    for minute in (1, 2) if broken is empty else (1,):
        ended = harvest(catalogue, settings, minute)
        assert (ended.state, ended.judgement) == (RunState.FINISHED, Judgement.FAILED)
        assert why in " ".join(say(reason) for reason in ended.reasons)
        assert ended.counts.gone == 0
    assert shown(catalogue) == published


def test_a_listing_that_breaks_off_is_suspicious_and_hides_nothing(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, published: list[str]
) -> None:
    web.broken, web.broken_from = says(500, "Internal Server Error"), len(web.asked) + 3
    ended = harvest(catalogue, settings, 1)
    assert ended.judgement is Judgement.SUSPICIOUS
    assert (ended.counts.entries, ended.counts.units_closed) == (PAGE_SIZE * 2, 2)
    assert any("500" in say(reason) for reason in ended.reasons)
    assert shown(catalogue) == published


def test_a_listing_that_is_suddenly_short_is_suspicious_and_hides_nothing(
    catalogue: Catalogue, settings: Settings, web: SlowCatalogue, published: list[str]
) -> None:
    del web.entries[2:]
    for minute in (1, 2):
        ended = harvest(catalogue, settings, minute)
        assert ended.judgement is Judgement.SUSPICIOUS
        told = [say(reason) for reason in ended.reasons]
        assert told[:2] == [
            "2 entries came, at least 5 were expected",
            f"2 entries came, {PUBLISHED} in the last good run",
        ]
    assert shown(catalogue) == published


def test_a_refused_connection_fails_the_run_and_hides_nothing(
    catalogue: Catalogue, settings: Settings, published: list[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    ended = harvest(catalogue, settings.model_copy(update={"simulated_web": nobody}), 1)
    assert (ended.judgement, ended.counts.entries) == (Judgement.FAILED, 0)
    assert any("could not be asked" in say(reason) or "answered with" in say(reason) for reason in ended.reasons)
    assert shown(catalogue) == published


@pytest.mark.parametrize(
    ("changes", "why"), [({"params": {"colour": "blue"}}, "colour"), ({"spider": "gopher"}, "no spider 'gopher'")]
)
def test_a_source_that_cannot_begin_fails_with_what_is_wrong_and_hides_nothing(
    catalogue: Catalogue, settings: Settings, published: list[str], changes: dict[str, Any], why: str
) -> None:
    catalogue.sources.put(source(trusted=True, **changes), "test")
    ended = harvest(catalogue, settings, 1)
    assert ended.judgement is Judgement.FAILED
    assert len(ended.reasons) == 1
    assert why in say(ended.reasons[0])
    assert shown(catalogue) == published
