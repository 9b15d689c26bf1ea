"""The simulated catalogue API pages with opaque cursors, as the recorded one did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.responses import Response

from simulators.exchange import Ask
from simulators.sim_italia import Italia, RecordedPages


def entry(number: int) -> dict[str, Any]:
    at = f"2024-01-{1 + number // 3:02d}T00:00:00Z"
    known = {"url": f"https://forge.example/{number}", "aliases": [], "publiccodeYml": "name: x\n", "active": True}
    return {"id": f"{number:04d}", **known, "createdAt": at, "updatedAt": at}


def get(host: Italia | RecordedPages, link: str = "") -> Response:
    return host.answer(Ask(host="api.example", path="/v1/software", query=dict(parse_qsl(link.lstrip("?")))))


@pytest.fixture
def catalogue() -> Italia:
    return Italia([entry(number) for number in reversed(range(60))])


def test_following_next_gives_every_entry_once_and_prev_leads_back(catalogue: Italia) -> None:
    pages = [json.loads(get(catalogue).body)]
    while pages[-1]["links"]["next"]:
        pages.append(json.loads(get(catalogue, pages[-1]["links"]["next"]).body))
    assert [len(page["data"]) for page in pages] == [25, 25, 10]
    assert [one["id"] for page in pages for one in page["data"]] == [f"{number:04d}" for number in range(60)]
    assert pages[0]["links"]["prev"] is None
    assert json.loads(get(catalogue, pages[1]["links"]["prev"]).body)["data"] == pages[0]["data"]


def test_the_page_size_can_be_chosen_within_bounds(catalogue: Italia) -> None:
    assert len(json.loads(get(catalogue, "page[size]=60").body)["data"]) == 60
    assert json.loads(get(catalogue, "page[size]=60").body)["links"] == {"prev": None, "next": None}
    refused = get(catalogue, "page[size]=101")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "e30="])
def test_a_cursor_that_nobody_gave_is_refused(catalogue: Italia, cursor: str) -> None:
    assert get(catalogue, f"page[after]={cursor}").status_code == 422


def test_one_entry_is_found_by_its_id(catalogue: Italia) -> None:
    found = catalogue.answer(Ask(host="api.example", path="/v1/software/0007"))
    assert json.loads(found.body)["url"] == "https://forge.example/7"
    assert catalogue.answer(Ask(host="api.example", path="/v1/software/none")).status_code == 404


@pytest.mark.corpus
def test_recorded_pages_are_served_byte_by_byte_at_their_cursors(corpus: Path) -> None:
    folder = corpus / "publiccode" / "developers-italia-api"
    pages = [(folder / name).read_bytes() for name in ("page1.json", "page2.json")]
    host = RecordedPages(pages)
    assert get(host).body == pages[0]
    assert get(host, json.loads(pages[0])["links"]["next"]).body == pages[1]
    assert get(host, json.loads(pages[1])["links"]["prev"]).body == pages[0]
    assert get(host, "page[after]=else").status_code == 422


@pytest.mark.corpus
def test_made_answers_have_the_recorded_shape(corpus: Path, catalogue: Italia) -> None:
    recorded = json.loads((corpus / "publiccode" / "developers-italia-api" / "page1.json").read_bytes())
    made = json.loads(get(catalogue).body)
    assert set(made) == set(recorded)
    assert set(made["links"]) == set(recorded["links"])
    assert set(recorded["data"][0]) - set(made["data"][0]) == {"vitality"}
    assert made["links"]["next"].startswith("?page[after]=")
    assert recorded["links"]["next"].startswith("?page[after]=")
