"""The spider of HTML catalogues: keys that a change of order does not move, and listings that do not end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from scrapy.http import HtmlResponse, Request
from support.builders import begin

from harvester.catalogue import Catalogue
from harvester.model import Page, Source, Unit
from harvester.net import Net
from harvester.normalize.readers import read
from harvester.runs.child import Frontier
from spiders.html_catalogue import HtmlCatalogueSpider

URL = "https://town.example/tools"


class AllUnits:
    def open_units(self, first: Iterable[Unit]) -> Sequence[Unit]:
        return list(first)


def spider(frontier: Any = None, **params: Any) -> HtmlCatalogueSpider:
    listed = {"name": "b", "repository": "a.code", "website": "a.site"}
    told = {"urls": [URL], "item": "li", "listed": listed, "next": "a.next", **params}
    source = Source(name="town", spider="html_catalogue", title="Town", params=told)
    return HtmlCatalogueSpider(source=source, frontier=frontier or AllUnits(), net=Net("test"))


def ask(asking: HtmlCatalogueSpider, html: str, unit: Unit | None = None) -> Page:
    unit = unit or next(iter(asking.first_units()))
    body = f"<html><body><ul>{html}</ul></body></html>".encode()
    return asking.page(HtmlResponse(str(unit.data["url"]), body=body, headers={"Content-Type": "text/html"}), unit)


def item(name: str, *, own: str = "", site: str = "") -> str:
    return f"<li id='{own}'><b>{name}</b><a class=site href='{site or f'https://{name}.town.example/'}'>site</a></li>"


def following(number: int) -> str:
    return f"<a class=next href='?page={number}'>next</a>"


def keys(page: Page) -> list[str]:
    return [raw.key for raw in page.raw_items]


def test_ids_that_begin_anew_on_each_page_lose_no_entry() -> None:
    asking = spider()
    first = ask(asking, item("a", own="row-1") + item("b", own="row-2") + following(2))
    second = ask(asking, item("c", own="row-1") + item("d", own="row-2"), first.next_units[0])
    assert len({*keys(first), *keys(second)}) == 4
    named = spider()
    first = ask(named, item("a", own="top") + item("b", own="rest") + following(2))
    second = ask(named, item("c", own="top") + item("d", own="rest"), first.next_units[0])
    assert len({*keys(first), *keys(second)}) == 4


def test_an_order_that_changes_changes_no_key() -> None:
    for entries in (
        [item("a", own="tool-a"), item("b", own="tool-b"), item("c", own="tool-c")],
        [item("a", own="row-1"), item("b", own="row-1"), item("c", own="row-1")],
        [item(name, site="https://town.example/get-it") for name in "abc"],
    ):
        asking, again = spider(), spider()
        first = ask(asking, entries[0] + entries[1] + following(2))
        before = {
            raw.key: raw.payload
            for page in (first, ask(asking, entries[2], first.next_units[0]))
            for raw in page.raw_items
        }
        turned = ask(again, entries[1] + entries[0] + following(2))
        after = {
            raw.key: raw.payload
            for page in (turned, ask(again, entries[2], turned.next_units[0]))
            for raw in page.raw_items
        }
        assert before == after


def test_a_listing_that_brings_nothing_new_ends() -> None:
    asking = spider()
    page = ask(asking, item("a") + following(2))
    page = ask(asking, item("a") + following(3), page.next_units[0])
    assert page.next_units == ()
    assert [issue.code for issue in page.issues] == ["paging-trap"]


def test_lists_that_a_query_names_are_several_and_pages_of_one_are_one() -> None:
    asking = spider(urls=[f"{URL}?town=1", f"{URL}?town=2&page=1"])
    one, two = asking.first_units()
    assert keys(ask(asking, item("a", own="desk"), one)) == ["/tools?town=1#desk"]
    assert keys(ask(asking, item("a", own="desk"), two)) == ["/tools?town=2#desk"]


def test_entries_of_one_name_and_link_that_say_different_things_are_kept() -> None:
    listed = {"name": "b", "website": "a.site", "description": "i"}
    asking = spider(listed=listed)
    said = [item("a").replace("</li>", f"<i>{words}</i></li>") for words in ("Maps.", "Forms.", "Maps.")]
    page = ask(asking, "".join(said))
    assert len({*keys(page)}) == len(keys(page)) == 2


LISTING = {
    URL: item("a", own="top") + item("b", own="rest") + following(2),
    f"{URL}?page=2": item("c", own="top") + item("d", own="rest") + following(3),
    f"{URL}?page=3": item("e", own="top") + item("a", own="top"),
}


def crawl(catalogue: Catalogue, *, run: Any, pages: int) -> list[str]:
    """A process that asks so many pages and dies; what it asked."""
    frontier = Frontier(catalogue, run.id, run.attempt)
    asking = spider(frontier)

    async def begun() -> list[Request]:
        return [request async for request in asking.start()]

    waiting = [request.cb_kwargs["unit"] for request in asyncio.run(begun())]
    asked = []
    while waiting and len(asked) < pages:
        unit = waiting.pop(0)
        page = ask(asking, LISTING[unit.data["url"]], unit)
        frontier.store([(page, tuple((raw, read(raw)) for raw in page.raw_items))])
        waiting += page.next_units
        asked.append(unit.data["url"])
    return asked


def test_a_run_that_goes_on_after_a_kill_gives_the_same_keys(catalogue: Catalogue) -> None:
    kept = {}
    for name, attempts in (("alpha", [9]), ("beta", [1, 1, 1]), ("gamma", [2, 9])):
        run = begin(catalogue, name)
        asked = [url for pages in attempts for url in crawl(catalogue, run=run, pages=pages)]
        assert asked == list(LISTING)
        kept[name] = {raw.key: raw.payload for raw in catalogue.harvest.brought(run.id)}
    assert len(kept["alpha"]) == 5
    assert kept["alpha"] == kept["beta"] == kept["gamma"]
