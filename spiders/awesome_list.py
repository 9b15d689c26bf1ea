"""Awesome lists: one Markdown file whose list items and table rows begin with a link to a tool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from harvester.model import Issue
from harvester.normalize import awesome_list as reader
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import canonical_page, canonical_repository, is_repository_link
from harvester.normalize.values import text
from spiders.files import ADDRESS, Entry, FilesParams, FilesSpider, text_of

_LEFT_OUT = (
    "acknowledgements acknowledgments attributions atribuciones contents contribute contributing contributors"
    " credits license licence licencia related sponsors"
).split()


class AwesomeListParams(FilesParams):
    """`url` is the raw Markdown, `page` where a person reads it. `left_out` are headings whose entries are no tools,
    beside the usual ones (Contents, Contributing, License)."""

    url: str = Field(pattern=ADDRESS)
    page: str | None = Field(None, pattern=ADDRESS)
    left_out: tuple[str, ...] = ()


class AwesomeList(FilesSpider):
    """`- [Name](address) - description` under headings, which are the categories."""

    name = "awesome_list"
    title = "Awesome list"
    default_schedule = "13 4 * * 0"
    documented_api = True  # a raw file of a forge, made to be downloaded
    accept = "text/markdown, text/plain, */*"
    format = "awesome-item"
    Params: ClassVar[type[AwesomeListParams]] = AwesomeListParams
    params: AwesomeListParams

    def addresses(self) -> Iterable[str]:
        """The list's."""
        return (self.params.url,)

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """Every item and row with a link, under the link that it is about."""
        left_out = sorted({*_LEFT_OUT, *(name.casefold() for name in self.params.left_out)})
        context = self.context(left_out=left_out)
        for entry in reader.entries(text_of(body, url=url, issues=issues)):
            line = entry.pop("line")  # what stands above moves it
            hrefs = [link["href"] for link in entry["links"]]
            about = next((href for href in hrefs if is_repository_link(href)), hrefs[0])
            key = canonical_repository(about) if is_repository_link(about) else canonical_page(about)
            shown = f"{self.params.page}#L{line}" if self.params.page else url
            called = next((said for link in entry["links"] if (said := text(link.get("text")))), "")
            payload = canonical_json(entry)
            yield Entry(key=key or about or "entry", payload=payload, url=shown, context=context, apart=called)
