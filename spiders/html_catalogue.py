"""HTML catalogues: pages that list software in one form, read by a template of CSS selectors that the source gives."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from bs4 import BeautifulSoup, Tag
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from scrapy.http import Response

from harvester.model import Issue, Page, RawItem, Unit
from harvester.normalize.canonical import canonical_json
from spiders.base import Params
from spiders.html import HtmlSpider, Selector, absolute, base_of, compiled, language_of, short_key, soup_of, words

_ATTRIBUTE = re.compile(r"(.+?)@([A-Za-z][\w-]*)", re.DOTALL)
_LINKS = ("repository", "website")
_MOST_VALUES = 100  # of one field of one entry
_PAGING = frozenset(
    "after cursor first from limit offset p page paged pagina per_page pg seite size skip start".split()
)
_COUNTING = re.compile(r"\D{0,40}\d{1,3}")  # "row-2": nobody's for good


def _split(path: str) -> tuple[str, str | None]:
    """The CSS selector, and the attribute that is to be taken in the place of the text ("time@datetime")."""
    found = _ATTRIBUTE.fullmatch(path)
    return (found[1], found[2]) if found else (path, None)


def _compiled_path(path: str) -> str:
    compiled(_split(path)[0])
    return path


Path = Annotated[str, AfterValidator(_compiled_path)]


class Template(BaseModel):
    """Where the values stand within an entry: CSS selectors, `selector@attribute` for an attribute's value.

    Of `repository` and `website` the link is taken. Several elements make several values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Path | None = None
    description: Path | None = None
    repository: Path | None = None
    website: Path | None = None
    license: Path | None = None
    categories: Path | None = None
    topics: Path | None = None
    platforms: Path | None = None
    programming_languages: Path | None = None
    organisation: Path | None = None
    country: Path | None = None
    stars: Path | None = None
    updated: Path | None = None
    status: Path | None = None


class HtmlCatalogueParams(Params):
    """`urls` are list pages, `item` is an entry on them, `next` leads to further list pages (all that it selects, on
    the same host). `link` leads from an entry to its own page, on which `detail` finds what `listed` leaves open.
    What `without` selects is taken out before anything is read.
    """

    urls: tuple[str, ...] = Field(min_length=1, max_length=500)
    item: Selector
    listed: Template = Template()
    link: Selector | None = None
    detail: Template = Template()
    next: Selector | None = None
    without: Selector | None = None
    catalogue: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9.-]*$")
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    language: str | None = None
    max_pages: int = Field(500, ge=1, le=10_000)
    max_entries: int = Field(5000, ge=1, le=50_000)

    @model_validator(mode="after")
    def _a_name_is_found(self) -> HtmlCatalogueParams:
        if not (self.listed.name or (self.link and self.detail.name)):
            raise ValueError("give a selector for the name: listed.name, or link and detail.name")
        return self


class HtmlCatalogueSpider(HtmlSpider):
    """List pages, and where there are any the entries' own pages."""

    name = "html_catalogue"
    title = "Web catalogue"
    default_schedule = "41 5 * * 2"
    Params: ClassVar[type[HtmlCatalogueParams]] = HtmlCatalogueParams
    params: HtmlCatalogueParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pages: set[str] = set(self.params.urls)
        self._hosts = {urlsplit(each).hostname for each in self.params.urls}
        self._entries: set[str] = set()
        self._capped = False

    def first_units(self) -> Iterable[Unit]:
        """The list pages that are named."""
        for url in dict.fromkeys(self.params.urls):
            yield Unit(f"list:{url}", {"url": url})

    def page(self, response: Response, unit: Unit) -> Page:
        """A list page's entries, or the units of their own pages; or one entry's own page. InputError: no HTML."""
        soup = soup_of(response)
        for element in soup.select(self.params.without) if self.params.without else ():
            element.decompose()
        if "fields" in unit.data:
            return Page(unit=unit, raw_items=(self._own_page(soup, response, unit),))
        issues: list[Issue] = []
        base = base_of(soup, response.url)
        items: list[Tag] = list(soup.select(self.params.item))
        units = self._following(soup, base, unit, items, issues)
        if not items and not units:
            issues.append(_no_items(self.params.item, response.url))
        if self.params.link:
            linked, items = self._linked(items, base, issues)
            units += linked
        raw_items = tuple(self._listed(items, soup, response.url, base))
        return Page(unit=unit, raw_items=raw_items, next_units=tuple(units), issues=tuple(issues))

    def _listed(self, items: Sequence[Tag], soup: BeautifulSoup, url: str, base: str) -> Iterator[RawItem]:
        """Each entry of a page under the page and its own id, or under where it leads and its name.

        An id that only counts the entries of a page is none: another entry has it on the next page, or tomorrow.
        Which page of a listing an entry stands on is no part of its key, since that changes.
        """
        found = [(item, _fields(item, self.params.listed, base)) for item in items]
        links = Counter(_link(fields) for _, fields in found)
        for item, fields in found:
            link, name = _link(fields), next(iter(fields.get("name", ())), "")
            about = _own_id(item) or (link if link and links[link] == 1 else f"{link} {name}".strip())
            anchor = str(item.get("id") or "")
            key, first = self.own_key(f"{self._place(url)}#{about}", fields, called=f"{link} {name}".strip())
            if first:
                where = f"{url}#{anchor}" if anchor else url
                yield self._raw(key, fields, url=where, language=language_of(soup))

    def said(self, raw: RawItem) -> Any:
        """Its fields."""
        return json.loads(raw.payload)["fields"]

    def _place(self, url: str) -> str:
        """What of a list page's address names the list: not which page of it, and the host where there are several."""
        parts = urlsplit(url)
        query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _PAGING])
        host = parts.netloc if len(self._hosts) > 1 else ""
        return f"{host}{parts.path}{'?' * bool(query)}{query}"

    def _own_page(self, soup: BeautifulSoup, response: Response, unit: Unit) -> RawItem:
        url = str(unit.data["url"])
        found = _fields(soup, self.params.detail, base_of(soup, response.url))
        fields = {**found, **{name: list(values) for name, values in unit.data["fields"].items() if values}}
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        number = f"{self.params.catalogue or parts.hostname}:{path}"
        key = short_key(f"{parts.netloc if len(self._hosts) > 1 else ''}{path}")
        return self._raw(key, fields, url=url, language=language_of(soup), number=number)

    def _raw(self, key: str, fields: dict[str, list[str]], *, url: str, language: str, number: str = "") -> RawItem:
        told = {
            "country": self.params.country or self.source.country,
            "language": self.params.language,
            "number": number,
        }
        return RawItem(
            key=key,
            format="html-catalogue",
            payload=canonical_json({"fields": fields, "language": language}),
            url=url,
            fetched_at=datetime.now(UTC),
            context={name: value for name, value in told.items() if value},
        )

    def _linked(self, items: Iterable[Tag], base: str, issues: list[Issue]) -> tuple[list[Unit], list[Tag]]:
        """The entries' own pages, each once, with what the list says of them; and the entries that have none."""
        units, without = [], []
        for item in items:
            anchor = item.select_one(str(self.params.link))
            url = absolute(anchor, base) if anchor is not None else None
            if url is None or not self._same_host(url):
                issues.append(_no_link(str(self.params.link), words(item)))
                without.append(item)
            elif url not in self._entries:
                if len(self._entries) >= self.params.max_entries:
                    self._cap(issues, "max_entries", self.params.max_entries)
                    break
                self._entries.add(url)
                units.append(Unit(f"entry:{url}", {"url": url, "fields": _fields(item, self.params.listed, base)}))
        return units, without

    def _following(
        self, soup: BeautifulSoup, base: str, unit: Unit, items: Sequence[Tag], issues: list[Issue]
    ) -> list[Unit]:
        """The list pages that follow; none after a page that brought nothing new: whatever its number, a listing that
        does not end shows one page."""
        further = list(self._further(soup, base, issues))
        chain = str(unit.data.get("chain", unit.data["url"]))
        held = {f"{words(item)} {[anchor.get('href') for anchor in item.select('a[href]')]}" for item in items}
        if not self.brings_new(held, listing=chain) and further:
            issues.append(Issue.of("paging-trap", place="next", value=further[0].data["url"], pages=len(self._pages)))
            return []
        if len(further) == 1:  # a listing that goes on; several begin one each
            return [Unit(each.key, {**each.data, "chain": chain}) for each in further]
        return further

    def _further(self, soup: BeautifulSoup, base: str, issues: list[Issue]) -> Iterator[Unit]:
        """The list pages that this one leads to, each once in a run."""
        for anchor in soup.select(self.params.next) if self.params.next else ():
            url = absolute(anchor, base)
            if url is None or url in self._pages or not self._same_host(url):
                continue
            if len(self._pages) >= self.params.max_pages:
                self._cap(issues, "max_pages", self.params.max_pages)
                return
            self._pages.add(url)
            yield Unit(f"list:{url}", {"url": url})

    def _cap(self, issues: list[Issue], name: str, most: int) -> None:
        """Says once that a bound ended the listing."""
        if not self._capped:
            self._capped = True
            issues.append(Issue.of("bound-reached", place=name, bound=name, most=most, pages=len(self._pages)))

    def _same_host(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.hostname in self._hosts


def _own_id(item: Tag) -> str:
    """The element's id; "" for one that may only count the entries of a page."""
    found = str(item.get("id") or "").strip()
    return "" if _COUNTING.fullmatch(found) else found


def _link(fields: Mapping[str, Sequence[str]]) -> str:
    return next((fields[name][0] for name in _LINKS if name in fields), "")


def _fields(item: Tag, template: Template, base: str) -> dict[str, list[str]]:
    """The values that a template finds, each once; what it does not find is left out."""
    found: dict[str, list[str]] = {}
    for name in Template.model_fields:
        path = getattr(template, name)
        if path is None:
            continue
        selector, attribute = _split(path)
        if attribute is None and name in _LINKS:
            attribute = "href"
        values = (_value(element, attribute, base) for element in item.select(selector, limit=_MOST_VALUES))
        if kept := list(dict.fromkeys(value for value in values if value)):
            found[name] = kept
    return found


def _value(element: Tag, attribute: str | None, base: str) -> str | None:
    if attribute is None:
        return words(element)
    if attribute in ("href", "src"):
        return absolute(element, base, attribute)
    return str(element.get(attribute) or "").strip()


def _no_items(selector: str, url: str) -> Issue:
    return Issue.of("no-entries", place="item", value=url, selector=repr(selector))


def _no_link(selector: str, about: str) -> Issue:
    return Issue.of("no-detail-page", place="link", value=about, selector=repr(selector))
