"""code.json inventories: of US agencies in both versions, one or many or all of an index, and Canada's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from scrapy.http import Response

from harvester.errors import InputError
from harvester.model import Issue, Page, Severity, Unit
from harvester.normalize import code_json as reader
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, text
from spiders.files import ADDRESS, Entry, FilesParams, FilesSpider, json_entry, json_of, list_of, text_of

_MOST_BYTES = 32 * 1024 * 1024  # NASA's inventory of 1,010 releases has 1.4 MB


class CodeJsonParams(FilesParams):
    """`urls` are inventories; `index` lists agencies [{acronym, codeUrl}], whose inventories are asked as well."""

    urls: tuple[str, ...] = Field((), max_length=200)
    index: str | None = Field(None, pattern=ADDRESS)
    max_agencies: int = Field(100, ge=1, le=500)

    @model_validator(mode="after")
    def _something_is_asked(self) -> CodeJsonParams:
        if not (self.urls or self.index):
            raise ValueError("name urls of inventories, or an index")
        return self


class CodeJson(FilesSpider):
    """Inventories with `releases` (schema 2), `projects` (schema 1), or releases under levels of government."""

    name = "code_json"
    title = "code.json inventories"
    default_schedule = "29 2 * * 6"
    documented_api = True  # a file that the law has agencies publish for programs
    most_bytes = _MOST_BYTES
    format = "code-json"
    Params: ClassVar[type[CodeJsonParams]] = CodeJsonParams
    params: CodeJsonParams

    def addresses(self) -> Iterable[str]:
        """The inventories that are named."""
        return self.params.urls

    def first_units(self) -> Iterable[Unit]:
        """The index, which tells further inventories, and those that are named."""
        if self.params.index:
            yield Unit(f"index:{self.params.index}", {"url": self.params.index, "index": True})
        yield from super().first_units()

    def page(self, response: Response, unit: Unit) -> Page:
        """An inventory's releases, or an index's inventories. InputError: it is neither whole nor one."""
        if unit.data.get("index"):
            return self._index(response.body, unit)
        page = super().page(response, unit)
        agency = unit.data.get("agency")
        if not agency:
            return page
        items = (replace(raw, context={**raw.context, "agency": agency}) for raw in page.raw_items)
        return replace(page, raw_items=tuple(items))

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The releases, each under its inventory and the key that the reader gives it."""
        text_of(body, url=url, issues=[])  # a web page or nothing
        found, problems = reader.releases(body, url=url)
        errors = [issue for issue in problems if issue.severity is Severity.ERROR]
        if errors and not found:
            first = errors[0]
            place = f"line {first.line}" if first.line else first.place
            raise InputError(f"{url}: {first.message}", place=place, value=first.value, remedy=first.remedy)
        issues += problems
        place = _place(url)
        for key, release in found:
            shown = web_address(release.get("repositoryURL")) or url
            context = self.context(catalogue="code-json")
            yield Entry(key=f"{place}:{key}", payload=json_entry(release), url=shown, context=context)

    def _index(self, body: bytes, unit: Unit) -> Page:
        url = str(unit.data["url"])
        issues: list[Issue] = []
        units: dict[str, Unit] = {}
        for agency in list_of(json_of(body, url=url, issues=issues), "agencies", url=url):
            about = mapping(agency)
            address = web_address(about.get("codeUrl"))
            if address is None:
                issues.append(_no_inventory(agency))
                continue
            name = text(about.get("acronym")) or text(about.get("name"))
            units.setdefault(address, Unit(f"file:{address}", {"url": address, "agency": name}))
        named = {f"file:{address}" for address in self.params.urls}
        following = [each for each in units.values() if each.key not in named]
        if len(following) > self.params.max_agencies:
            issues.append(_too_many(len(following), self.params.max_agencies))
        return Page(unit=unit, next_units=tuple(following[: self.params.max_agencies]), issues=tuple(issues))


def _place(url: str) -> str:
    """ "www.energy.gov" of https://www.energy.gov/code.json; other paths are kept."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path.removesuffix('/code.json').rstrip('/')}"


def _no_inventory(agency: Any) -> Issue:
    return Issue.of("no-inventory", place="codeUrl", value=canonical_json(agency).decode())


def _too_many(found: int, most: int) -> Issue:
    return Issue.of("too-many-inventories", place="codeUrl", found=found, most=most)
