"""Listings that lead on for ever: they are left with an issue after a few requests, whatever their cursors say."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy.http import HtmlResponse, Request, Response
from support.asked import Came, came, response

from harvester.model import Page, Source, Unit
from spiders.html_page import HtmlPageSpider

HOST = "https://catalogue.example"
Pages = Callable[[int], list[int]]
"""The entries' numbers on the page of a number, from 0."""

ENDLESS: dict[str, tuple[Pages, int, int]] = {  # with the requests and entries until it is left
    "one page for ever": (lambda _: [1, 2], 2, 2),
    "two pages in turn": (lambda page: [page % 2], 3, 2),
    "three pages in turn": (lambda page: [page % 3], 4, 3),
    "an order that turns": (lambda page: [page % 3, (page + 1) % 3, (page + 2) % 3], 2, 3),
}


def italia(page: int, numbers: list[int]) -> tuple[bytes, str]:
    entries = [{"id": f"id-{n}", "url": f"https://code.example.org/t/{n}", "publiccodeYml": "name: x"} for n in numbers]
    told = {"data": entries, "links": {"next": f"?page[after]=cursor-{page + 1}"}}
    return json.dumps(told).encode(), "application/json"


def dutch(page: int, numbers: list[int]) -> tuple[bytes, str]:
    entries = [{"id": f"id-{n}", "url": f"https://code.example.org/t/{n}", "lastCrawledAt": page} for n in numbers]
    return json.dumps(entries).encode(), "application/json"


def history(page: int, numbers: list[int]) -> tuple[bytes, str]:
    entries = [{"repo": f"a/{n}", "path": "publiccode.yml", "commit": "c", "text": "name: x"} for n in numbers]
    told = {"total": 9, "data": entries, "links": {"next": f"?page={page + 1}"}}
    return json.dumps(told).encode(), "application/json"


def html(page: int, numbers: list[int]) -> tuple[bytes, str]:
    entries = "".join(f"<li><a href='https://code.example.org/t/{n}'><b>Tool {n}</b></a></li>" for n in numbers)
    body = f"<body><ul>{entries}</ul><p>Page {page}</p><a class=next href='?page={page + 1}'>next</a></body>"
    return body.encode(), "text/html"


def index(page: int, numbers: list[int]) -> tuple[bytes, str]:
    rows = "".join(
        f"<tr><td class='toplevel-repo'><a title='t/{n}.git' href='/cgit/t/{n}.git/'>t/{n}.git</a></td>"
        "<td>About</td><td></td><td><span title='2026-01-01 00:00:00 +0000'>9 months</span></td></tr>"
        for n in numbers
    )
    head = "<tr class='nohover'><th>Name</th><th>Description</th><th>Owner</th><th>Idle</th></tr>"
    pager = f"<ul class='pager'><li><a class='current' href='?ofs={page}'>[{page}]</a></li>"
    pager += f"<li><a href='/cgit/?ofs={page + 1}'>[next]</a></li></ul>"
    return (
        f"<div id='cgit'><table summary='repository list' class='list'>{head}{rows}</table>{pager}</div>".encode(),
        "text/html",
    )


SPIDERS: dict[str, tuple[dict[str, Any], Callable[[int, list[int]], tuple[bytes, str]]]] = {
    "developers_italia": ({"api": f"{HOST}/v1"}, italia),
    "dutch_register": ({"api": f"{HOST}/v1", "page_size": 1}, dutch),
    "publiccode_history": ({"url": f"{HOST}/history"}, history),
    "html_page": ({"url": f"{HOST}/tools", "next": "a.next"}, html),
    "html_catalogue": (
        {"urls": [f"{HOST}/tools"], "item": "li", "listed": {"name": "b", "repository": "a"}, "next": "a.next"},
        html,
    ),
    "cgit": ({"url": f"{HOST}/cgit/", "clone_prefix": f"{HOST}/"}, index),
}


def harvested(spider: str, pages: Pages) -> tuple[Came, list[str]]:
    """What came, and the addresses that were asked: of the Dutch register's two listings the second one is empty."""
    params, written = SPIDERS[spider]
    asked: list[str] = []
    numbers = count()

    def answer(request: Request) -> Response:
        if dict(parse_qsl(urlsplit(request.url).query)).get("publiccode") == "false":
            return response(request, b"[]")
        asked.append(request.url)
        assert len(asked) < 20
        page = next(numbers)
        body, media = written(page, pages(page))
        return response(request, body, media)

    source = Source(name="endless", spider=spider, title="Endless", params=params)
    return came(source, answer), asked


@pytest.mark.parametrize("listing", ENDLESS)
@pytest.mark.parametrize("spider", SPIDERS)
def test_a_listing_that_brings_nothing_new_is_left(spider: str, listing: str) -> None:
    pages, requests, entries = ENDLESS[listing]
    result, asked = harvested(spider, pages)
    assert (len(asked), len(set(asked))) == (requests, requests)
    assert len({raw.key for raw, _ in result.items}) == entries
    assert [issue.code for issue in result.issues] == ["paging-trap"]
    assert result.failures == {}


@pytest.mark.parametrize(("spider", "requests"), [("developers_italia", 2), ("html_page", 3), ("html_catalogue", 2)])
def test_a_listing_that_leads_on_with_empty_pages_is_left(spider: str, requests: int) -> None:
    """Of a web page's listing one page may hold no link to a tool; one that says the same again ends it."""
    result, asked = harvested(spider, lambda page: [1] if page == 0 else [])
    assert len(asked) == requests
    assert len(result.items) == 1
    assert "paging-trap" in [issue.code for issue in result.issues]


def test_a_page_in_no_form_that_is_understood_is_told_and_asked_no_more() -> None:
    class Strange(HtmlPageSpider):
        def page(self, response: Response, unit: Unit) -> Page:  # noqa: ARG002
            return Page(unit=unit, total=len(5))  # type: ignore[arg-type]

    listed = Source(name="page", spider="html_page", title="Page", params={"url": "https://town.example/"})
    spider = Strange(source=listed, frontier=None, net=None)
    (failed,) = spider._answered(HtmlResponse("https://town.example/", body=b"<p>"), Unit("page 1"))
    assert (failed.unit, failed.final) == (Unit("page 1"), True)
    assert failed.reason.startswith("it is in no form that is understood: TypeError: ")
