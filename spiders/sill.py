"""SILL: the free software that the French State recommends to its administrations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import quote

from pydantic import Field

from harvester.model import Issue
from harvester.normalize.values import mapping
from spiders.base import Params
from spiders.files import Entry, FilesSpider, id_of, json_entry, json_of, list_of


class SillParams(Params):
    """`url` is the list; `detail` a page of one entry, its name in place of {name}."""

    url: str = Field("https://code.gouv.fr/sill/api/sill.json", pattern=r"^https?://[^/?#]+/")
    detail: str = Field("https://code.gouv.fr/sill/detail?name={name}", pattern=r"^https?://[^/?#]+/.*\{name\}")


class SillSpider(FilesSpider):
    """The list of today, or the older one: the reader knows both."""

    name = "sill"
    title = "SILL"
    default_schedule = "43 4 * * *"
    documented_api = True
    most_bytes = 32 * 1024 * 1024
    has_ids = True
    format = "sill"
    Params: ClassVar[type[SillParams]] = SillParams
    params: SillParams

    def addresses(self) -> Iterable[str]:
        """The one list."""
        return [self.params.url]

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The software, each under its number. Its page is found by its name."""
        for entry in list_of(json_of(body, url=url, issues=issues), url=url):
            about = mapping(entry)
            name = about.get("name") or about.get("i")
            shown = self.params.detail.replace("{name}", quote(name, safe="")) if isinstance(name, str) else url
            yield Entry(key=id_of(entry), payload=json_entry(entry), url=shown)
