"""The spider of plain pages: which links are tools, what they are called, and where it stops."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from pydantic import ValidationError
from scrapy.http import HtmlResponse, Response, TextResponse
from support.timing import costs_less_than

from harvester.errors import InputError
from harvester.model import Outcome, Page, Source, Unit
from harvester.net import Net
from harvester.normalize.readers import read
from spiders.html_page import HtmlPageSpider

URL = "https://town.example/tools/"
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Outils – Ville</title></head><body>
<nav><a href="https://github.com/town/site">Code of this site</a></nav>
<main><h2>Logiciels</h2><ul>
<li><a href="https://github.com/Decidim/decidim.git">Decidim</a>: participation des citoyens
(<a href="/more">plus</a>)</li>
<li><a href="https://loomio.example">Loomio</a> – décider ensemble <a href="https://github.com/loomio/loomio">code</a></li>
<li><a href="https://github.com/decidim/decidim">Decidim again</a></li>
<li><a href="https://github.com/features">GitHub features</a>
<a href="mailto:x@town.example">mail</a> <a href="#top">top</a></li>
<li><a href="//gitlab.town.example/a/b/-/tree/main">Own</a></li></ul>
<h2>Services</h2><ul class="services"><li><a href="https://vote.example/fr/">Vote</a>: en ligne</li></ul></main>
<footer><a href="https://github.com/town/theme">Theme</a></footer></body></html>"""


class AllUnits:
    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first)


def spider(**params: Any) -> HtmlPageSpider:
    source = Source(name="town", spider="html_page", title="Town", params={"url": URL, **params}, publisher="Town")
    return HtmlPageSpider(source=source, frontier=AllUnits(), net=Net("test"))


def ask(asking: HtmlPageSpider, html: str, unit: Unit | None = None) -> Page:
    unit = unit or next(iter(asking.first_units()))
    request = asking.request(unit)
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return asking.page(HtmlResponse(request.url, body=html.encode(), headers=headers, request=request), unit)


def links(page: Page) -> dict[str, dict[str, Any]]:
    return {raw.key: json.loads(raw.payload) for raw in page.raw_items}


def test_repositories_in_the_main_part_are_found_and_other_links_left_out() -> None:
    assert list(links(ask(spider(), PAGE))) == [
        "https://github.com/decidim/decidim~Decidim",
        "https://github.com/loomio/loomio",
        "https://github.com/decidim/decidim~Decidim again",
        "https://gitlab.town.example/a/b",
    ]


def test_a_link_carries_its_name_the_words_around_it_and_where_it_stood() -> None:
    found = links(ask(spider(), PAGE))
    assert found["https://github.com/decidim/decidim~Decidim"] == {
        "href": "https://github.com/Decidim/decidim.git",
        "text": "Decidim",
        "context": "participation des citoyens",
        "page": URL,
        "title": "Outils – Ville",
        "language": "fr",
        "publisher": "Town",
    }


def test_a_link_called_code_is_named_by_the_item_and_keeps_its_website() -> None:
    link = links(ask(spider(), PAGE))["https://github.com/loomio/loomio"]
    assert (link["text"], link["first"], link["context"]) == ("Loomio", "https://loomio.example", "décider ensemble")


def test_services_count_only_where_the_source_says_so() -> None:
    found = links(ask(spider(services="ul.services a"), PAGE))
    assert found["https://vote.example/fr"]["service"] is True
    assert len(found) == 5


def test_which_links_lead_to_tools_is_for_reading_to_say_and_may_change_with_the_forges_that_are_known() -> None:
    html = "".join(
        f'<li><a href="{href}">Link</a></li>'
        for href in ("https://dev.town.example/dsi/desk", "https://town.example/tools/more/", "https://loomio.example/")
    )
    (raw,) = ask(spider(), f"<body><ul>{html}</ul></body>").raw_items
    assert read(raw).outcome is Outcome.SKIPPED
    (record,) = read(raw, forges=frozenset({("dev.town.example", "gitlab")})).records
    assert [str(name) for name in record.identifiers] == ["repo:https://dev.town.example/dsi/desk"]


def entries(*told: tuple[str, str], path: str = "a/b") -> str:
    return "".join(f"<li><a href='https://github.com/{path}'>{name}</a> {text}</li>" for name, text in told)


def test_entries_of_one_link_are_kept_each_under_what_it_is_called() -> None:
    for told in ([("Map", "of works"), ("Desk", "of forms")], [("Desk", "of forms"), ("Map", "of works")]):
        page = ask(spider(), f"<body><ul>{entries(*told)}</ul></body>")
        assert {key: link["context"] for key, link in links(page).items()} == {
            "https://github.com/a/b~Map": "of works",
            "https://github.com/a/b~Desk": "of forms",
        }
        assert page.issues == ()
    same_name = ask(spider(), f"<body><ul>{entries(('Map', 'of works'), ('Map', 'of roads'))}</ul></body>")
    assert [(key, link["context"]) for key, link in links(same_name).items()] == [
        ("https://github.com/a/b", "of works"),
        ("https://github.com/a/b~Map", "of roads"),
    ]
    again = ask(spider(), f"<body><ul>{entries(('Map', 'of works'), ('Map', 'of works'))}</ul></body>")
    assert list(links(again)) == ["https://github.com/a/b"]


def test_an_entry_of_a_later_page_takes_no_other_ones_key() -> None:
    asking = spider(next="a.next")
    first = ask(asking, f"<body><ul>{entries(('Map', 'of works'))}</ul><a class=next href='?page=2'>n</a></body>")
    page = ask(asking, f"<body><ul>{entries(('Desk', ''), ('Map', 'of works'))}</ul></body>", first.next_units[0])
    assert list(links(first)) == ["https://github.com/a/b"]
    assert list(links(page)) == ["https://github.com/a/b~Desk"]


def test_a_link_that_a_text_gives_again_under_other_words_is_one_thing_and_an_issue() -> None:
    url = "https://github.com/a/b"
    page = ask(spider(), f"<body><p>Use <a href='{url}'>Map</a>: <a href='{url}.git'>its code</a>.</p></body>")
    assert [link["text"] for link in links(page).values()] == ["Map"]
    assert [(issue.code, issue.place, issue.value) for issue in page.issues] == [("twice-differing", "its code", url)]


def test_selectors_name_items_names_and_descriptions() -> None:
    html = """<body><div class=card><h3>Tool</h3><p class=d>Does it.</p><a href="https://github.com/a/b">Source</a></div>
    <a href="https://github.com/c/d">Elsewhere</a></body>"""
    found = links(ask(spider(item=".card", name="h3", description=".d"), html))
    assert {key: (link["text"], link["context"]) for key, link in found.items()} == {
        "https://github.com/a/b": ("Tool", "Does it.")
    }


def test_several_tools_in_a_paragraph_are_named_by_their_own_links() -> None:
    html = '<body><p>Use <a href="https://github.com/a/b">AB</a> or <a href="https://github.com/c/d">CD</a>.</p></body>'
    assert [link["text"] for link in links(ask(spider(), html)).values()] == ["AB", "CD"]


def test_pages_are_followed_on_the_same_host_until_they_end_repeat_or_are_too_many() -> None:
    asking = spider(next="a.next", max_pages=3)
    page = ask(asking, '<a class=next href="?page=2">next</a>')
    assert [unit.data["url"] for unit in page.next_units] == [f"{URL}?page=2"]
    second = ask(asking, f'<a class=next href="{URL}">first again</a>', page.next_units[0])
    assert (second.next_units, [issue.code for issue in second.issues]) == ((), ["paging-trap"])
    third = ask(asking, '<a class=next href="?page=4">next</a>', Unit("page:3", {"url": f"{URL}?page=3", "number": 3}))
    assert (third.next_units, [issue.code for issue in third.issues]) == ((), ["bound-reached"])
    away = ask(asking, '<a class=next href="https://other.example/">next</a>')
    assert (away.next_units, [issue.code for issue in away.issues]) == ((), ["paging-trap"])


@pytest.mark.parametrize(
    "html",
    [
        "<a href='http://[broken'>x</a>",
        "<a href='https://github.com/a/b%zz'>x</a>",
        "<p>" * 5000,
        "<a href>x</a>",
        "\x00<a href='javascript:alert(1)'>x</a>",
        "<base href='http://[x'><a href='y'>x</a>",
    ],
)
def test_broken_pages_do_not_break_the_run(html: str) -> None:
    ask(spider(services="a"), html)


@pytest.mark.parametrize(
    "response",
    [
        TextResponse(URL, body=b"{}", headers={"Content-Type": "application/json"}),
        HtmlResponse(URL, body=b"  ", headers={"Content-Type": "text/html"}),
        Response(URL, body=b"%PDF", headers={"Content-Type": "application/pdf"}),
    ],
)
def test_what_is_no_page_is_told_with_its_url(response: Response) -> None:
    asking = spider()
    with pytest.raises(InputError, match=r"https://town\.example/tools/ answered"):
        asking.page(response, next(iter(asking.first_units())))


@pytest.mark.parametrize(
    "params", [{"item": "li["}, {"url": "file:///etc/passwd"}, {"country": "France"}, {"nxt": "a"}]
)
def test_unusable_parameters_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        spider(**params)


@pytest.mark.parametrize(
    ("depth", "count"),
    [
        (0, 1000),
        (500, 500),
        pytest.param(0, 4000, marks=pytest.mark.long),
        pytest.param(2000, 2000, marks=pytest.mark.long),
    ],
)
def test_many_links_of_one_paragraph_cost_little_each(depth: int, count: int) -> None:
    links = " ".join(
        f'and <a href="https://github.com/town/tool-{number}">Tool {number}</a>' for number in range(count)
    )
    with costs_less_than(count * 0.005):
        page = ask(spider(), f"<html><body><main><p>{'<b>' * depth}{links}</p></main></body></html>")
    assert len(page.raw_items) == count
