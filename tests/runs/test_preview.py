"""A preview shows the first items of a source and leaves no trace."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.web import PAGE_SIZE, SlowCatalogue, says, source

from harvester.catalogue import Catalogue, schema
from harvester.config import Settings
from harvester.errors import FetchError
from harvester.model import Outcome
from harvester.runs.preview import preview

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rows(catalogue: Catalogue) -> dict[str, int]:
    """How many rows each table has."""
    with catalogue.database.read() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }


@pytest.fixture
def before(catalogue: Catalogue, settings: Settings) -> Iterator[dict[str, int]]:
    """The rows before; afterwards they must be the same, and no folder of data was made."""
    counted = rows(catalogue)
    yield counted
    assert rows(catalogue) == counted
    assert not Path(settings.data).exists()


@pytest.mark.usefixtures("before")
def test_the_first_items_are_read_and_nothing_is_written(settings: Settings, web: SlowCatalogue) -> None:
    seen = preview(settings, source(), limit=PAGE_SIZE + 2)
    assert [item.raw.key for item in seen.items] == [entry["id"] for entry in web.entries[: PAGE_SIZE + 2]]
    assert {item.reading.outcome for item in seen.items} == {Outcome.READ}
    assert seen.items[0].reading.records[0].fields.name == "Tool 0"
    assert seen.failures == []
    shown = json.loads(json.dumps(seen.as_json()))
    assert len(shown["items"]) == PAGE_SIZE + 2
    assert {item["reading"]["outcome"] for item in shown["items"]} == {"read"}


@pytest.mark.usefixtures("before")
def test_no_more_pages_are_asked_than_the_items_need(settings: Settings, web: SlowCatalogue) -> None:
    preview(settings, source(), limit=3)
    assert len(web.asked) == 1


@pytest.mark.usefixtures("before")
def test_a_source_that_ends_early_is_shown_whole(settings: Settings, web: SlowCatalogue) -> None:
    del web.entries[PAGE_SIZE * 2 - 1 :]
    assert len(preview(settings, source(), limit=200).items) == PAGE_SIZE * 2 - 1


@pytest.mark.usefixtures("before")
def test_what_a_listing_says_beside_its_items_is_told(settings: Settings, web: SlowCatalogue) -> None:
    web.entries[1]["id"] = ""
    seen = preview(settings, source(), limit=3)
    assert [issue.code for issue in seen.issues] == ["entry-without-id"]
    assert [issue["code"] for issue in seen.as_json()["issues"]] == ["entry-without-id"]


@pytest.mark.usefixtures("before")
def test_what_could_not_be_asked_is_told(settings: Settings, web: SlowCatalogue) -> None:
    web.broken = says(200, "<!doctype html><p>Under maintenance")
    seen = preview(settings, source())
    assert seen.items == []
    assert len(seen.failures) == 1
    assert "no JSON" in seen.failures[0]


@pytest.mark.usefixtures("before")
def test_parameters_that_the_spider_does_not_know_are_told(settings: Settings) -> None:
    with pytest.raises(FetchError, match="colour"):
        preview(settings, source(params={"colour": "blue"}))


@pytest.mark.usefixtures("before")
def test_a_source_that_does_not_answer_ends_the_preview_in_time(settings: Settings, web: SlowCatalogue) -> None:
    hanging = threading.Event()
    web.when[1] = lambda: hanging.wait(20)
    with pytest.raises(FetchError, match="took more than 2 s"):
        preview(settings, source(), limit_s=2)
    hanging.set()
