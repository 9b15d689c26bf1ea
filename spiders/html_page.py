"""Pages that list tools with links: those of cities, ministries and associations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from pydantic import Field
from scrapy.http import Request, Response

from harvester.model import Issue, Page, RawItem, Unit
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import canonical_page, canonical_repository, host_of, is_repository_link, web_address
from spiders.base import Params
from spiders.html import HtmlSpider, Selector, absolute, base_of, language_of, soup_of, words

_BLOCKS = ("li", "tr", "article", "dd", "dt", "p", "figure")
_ENTRIES = ("li", "tr", "article", "figure")
_WORDS = 500  # characters kept of the text around a link
_MOST_TEXTS = 2000  # of a block's pieces of text, that are looked at
_SAID = frozenset({"service", "text", "context", "country", "first"})
_AROUND = " \t\n()[]·•|:;,–—-"


class HtmlPageParams(Params):
    """`url` is the first page. The others are CSS selectors; `name`, `description` and `place`
    (the country that a tool is of, in words) are looked up in the item.

    Kept is every link that may lead to a repository, or that `services` selects: hosted services. Which of them is one
    says the reader.
    """

    url: str = Field(pattern=r"^https?://[^/?#]+")
    publisher: str | None = None
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    item: Selector | None = None
    name: Selector | None = None
    description: Selector | None = None
    place: Selector | None = None
    services: Selector | None = None
    next: Selector | None = None
    max_pages: int = Field(50, ge=1, le=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """A link that may lead to a tool. `listed`: it is an entry of its own; False: it is one of several in a running
    text, whose words need not name the tool."""

    key: str
    told: Mapping[str, Any]
    listed: bool


class HtmlPageSpider(HtmlSpider):
    """One page, or several that lead to each other."""

    name = "html_page"
    title = "Web page that lists tools"
    default_schedule = "27 5 * * 1"
    Params: ClassVar[type[HtmlPageParams]] = HtmlPageParams
    params: HtmlPageParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._asked: set[str] = set()

    def first_units(self) -> Iterable[Unit]:
        """The first page."""
        yield _unit(self.params.url, number=1)

    def request(self, unit: Unit) -> Request:
        """The page itself."""
        self._asked.add(str(unit.data["url"]))
        return super().request(unit)

    def page(self, response: Response, unit: Unit) -> Page:
        """One raw item for each entry of the page that may lead to a tool. InputError: it is no HTML.

        Entries that give their tools one link under several names are several. In a running text a link is one thing
        wherever it stands; what else is said at it is told by an issue.
        """
        soup = soup_of(response)
        base = base_of(soup, response.url)
        issues: list[Issue] = []
        links = list(self._links(soup, base))
        about = self._about(soup, response.url)
        raw_items = tuple(self._raw_items(links, about, issues))
        repeats = not self.brings_new([f"{link.key} {link.told['text']}" for link in links] or [_unnumbered(soup)])
        next_units = self._following(soup, base, unit, issues, repeats=repeats)
        return Page(unit=unit, raw_items=raw_items, next_units=next_units, issues=tuple(issues))

    def said(self, raw: RawItem) -> Any:
        """What stood at the link."""
        return _said(json.loads(raw.payload))

    def _raw_items(self, links: Sequence[_Link], about: Mapping[str, str], issues: list[Issue]) -> Iterator[RawItem]:
        now = datetime.now(UTC)
        names: defaultdict[str, set[str]] = defaultdict(set)
        for link in links:
            if link.listed:
                names[link.key].add(link.told["text"])
        for link in sorted(links, key=lambda link: not link.listed):
            text = link.told["text"]
            if not link.listed and (link.key in self._said or link.key in names):
                if self.own_key(link.key, _said(link.told), called="")[1] and _is_tool(link.told):
                    issues.append(Issue.of("twice-differing", place=text, value=link.key))
                continue
            key, first = self.own_key(link.key, _said(link.told), called=text, alone=len(names.get(link.key, ())) < 2)
            if first:
                payload = canonical_json({**link.told, **about})
                yield RawItem(key=key, format="html-link", payload=payload, url=about["page"], fetched_at=now)

    def _links(self, soup: BeautifulSoup, base: str) -> Iterator[_Link]:
        services = {id(anchor) for anchor in soup.select(self.params.services)} if self.params.services else set()
        told_of: dict[int, dict[str, Any]] = {}  # by item: a paragraph of a thousand links is read once
        for item, anchors, listed in self._items(soup):
            first = anchors[0]
            for anchor in anchors:
                href, service = absolute(anchor, base), id(anchor) in services
                if href is None or web_address(href) is None or not (service or _may_lead(href, self.params.url)):
                    continue
                if id(item) not in told_of:
                    told_of[id(item)] = self._told_of(item)
                named = (
                    told_of[id(item)].get("text")
                    or words(first)
                    or str(first.get("title") or first.get("aria-label") or "")
                )
                told = {"href": href, **told_of[id(item)], "text": named}
                if service:
                    told["service"] = True
                if anchor is not first and (beside := absolute(first, base)):
                    told["first"] = beside
                yield _Link(key=_named(href), told=told, listed=listed)

    def _items(self, soup: BeautifulSoup) -> Iterator[tuple[Tag, list[Tag], bool]]:
        """Each item with its links, and whether it is an entry of its own: of a list, or by the source's selector.

        Without a selector an item is the block around a link.
        """
        if self.params.item:
            for item in soup.select(self.params.item):
                anchors = [item] if item.name == "a" and item.get("href") else item.select("a[href]")
                if anchors:
                    yield item, anchors, True
            return
        root = soup.find("main") or soup.find("article") or soup.body
        blocks: dict[int, tuple[Tag, list[Tag]]] = {}
        block_of: dict[int, Tag | None] = {}
        for anchor in root.select("a[href]") if isinstance(root, Tag) else ():
            block = _block_of(anchor, block_of)
            blocks.setdefault(id(block), (block, []))[1].append(anchor)
        for block, anchors in blocks.values():
            if _is_list(block, anchors):
                yield block, anchors, block.name in _ENTRIES
            else:  # a paragraph with several tools in it
                for anchor in anchors:
                    yield block, [anchor], False

    def _told_of(self, item: Tag) -> dict[str, Any]:
        """What an item says, whichever of its links is read: context, and by selectors its name and country."""
        told = {"context": self._context(item)}
        for name, selector in (("text", self.params.name), ("country", self.params.place)):
            found = item.select_one(selector) if selector else None
            if found is not None:
                told[name] = words(found)
        return told

    def _context(self, item: Tag) -> str:
        if self.params.description:
            described = item.select_one(self.params.description)
            return words(described)[:_WORDS] if described else ""
        around = " ".join(islice(_texts_outside_links(item), _MOST_TEXTS))
        return " ".join(around.split()).strip(_AROUND)[:_WORDS]

    def _about(self, soup: BeautifulSoup, url: str) -> dict[str, str]:
        told = {
            "page": url,
            "title": words(soup.title) if soup.title else "",
            "language": language_of(soup),
            "publisher": self.params.publisher or self.source.publisher,
        }
        return {name: value for name, value in told.items() if value}

    def _following(
        self, soup: BeautifulSoup, base: str, unit: Unit, issues: list[Issue], *, repeats: bool
    ) -> tuple[Unit, ...]:
        anchor = soup.select_one(self.params.next) if self.params.next else None
        url = absolute(anchor, base) if anchor else None
        if url is None:
            return ()
        number = int(unit.data["number"]) + 1
        elsewhere = urlsplit(url).hostname != urlsplit(self.params.url).hostname
        if repeats or url in self._asked or number > self.params.max_pages or elsewhere:
            issues.append(self.left("next", pages=number - 1, most=self.params.max_pages, value=url))
            return ()
        return (_unit(url, number=number),)


def _texts_outside_links(item: Tag) -> Iterator[str]:
    """The texts of an element, those of links left out, in order; nested ever so deep, each is looked at once."""
    waiting = [iter(item.children if item.name != "a" else ())]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif isinstance(child, Tag):
            if child.name != "a":
                waiting.append(iter(child.children))
        elif type(child) is NavigableString:
            yield child


def _block_of(anchor: Tag, known: dict[int, Tag | None]) -> Tag:
    """The block around a link. `known`: of elements that were passed before, by their identity."""
    passed, block = [], None
    for parent in anchor.parents:
        if id(parent) in known:
            block = known[id(parent)]
            break
        passed.append(id(parent))
        if parent.name in _BLOCKS:
            block = parent
            break
    known.update(dict.fromkeys(passed, block))
    return block or anchor.parent or anchor


def _unnumbered(soup: BeautifulSoup) -> str:
    """The text of a page without links to tools, less its number: one page of a listing may well have none."""
    return "".join(letter for letter in words(soup) if not letter.isdigit())


def _said(link: Mapping[str, Any]) -> dict[str, Any]:
    """What stands at a link, not where and how it is written."""
    return {name: value for name, value in link.items() if name in _SAID}


def _unit(url: str, *, number: int) -> Unit:
    return Unit(f"page:{url}", {"url": url, "number": number})


def _may_lead(href: str, page: str) -> bool:
    """Whether a link may lead to a repository, whatever hosts turn out to be forges: two names in its path or a query.

    A link that stays on the page's own site leads about in it, unless it says that it is a repository's.
    """
    if is_repository_link(href):
        return True
    address = canonical_repository(href)
    deep = address is not None and (address.count("/") > 3 or "?" in address)
    return deep and host_of(href) != host_of(page)


def _named(href: str) -> str:
    """What names the link for good, also where it is a place in a repository."""
    return (canonical_repository(href) if is_repository_link(href) else canonical_page(href)) or href


def _is_tool(link: Mapping[str, Any]) -> bool:
    return bool(link.get("service")) or is_repository_link(str(link["href"]))


def _is_list(block: Tag, anchors: list[Tag]) -> bool:
    """Whether the block is about one thing, so that its first link names it; text between names makes it several."""
    return block.name in _ENTRIES or len(anchors) == 1
