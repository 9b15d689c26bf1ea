"""Taiwan's platform of public programmes, code.gov.tw: its open data as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from harvester.model import Issue
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, text
from spiders.files import Entry, FilesParams, FilesSpider, json_entry, json_of, list_of

_PERSONAL = ("Contact", "Phone", "Mail", "Tel")
"""Beginnings and endings of fields that name a person or how to reach one; an agency's name is not one of them."""


class TaiwanParams(FilesParams):
    """The data set's address."""

    urls: tuple[str, ...] = ("https://code.gov.tw/api/OpenDataSet/PublicProgramInfoData/json",)
    country: str | None = Field("TW", pattern="^[A-Z]{2}$")
    language: str | None = "zh-Hant"


class Taiwan(FilesSpider):
    """A list of programmes {ProgramName, URL, Authorization, …}."""

    name = "taiwan"
    title = "公共程式平臺 (code.gov.tw)"
    default_schedule = "53 19 * * 4"
    documented_api = True  # the ministry's open data
    format = "taiwan-program"
    Params: ClassVar[type[TaiwanParams]] = TaiwanParams
    params: TaiwanParams

    def addresses(self) -> Iterable[str]:
        """The files'."""
        return self.params.urls

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The programmes, each under its first repository or its name, without how to reach people."""
        for entry in list_of(json_of(body, url=url, issues=issues), "data", url=url):
            about = mapping(entry)
            first = (text(about.get("URL")) or "").partition(";")[0].strip()
            key = first or text(about.get("ProgramName")) or "entry"
            kept = {name: value for name, value in about.items() if not _personal(name)} if about else entry
            shown, called = web_address(first) or url, text(about.get("ProgramName")) or ""
            yield Entry(key=key, payload=json_entry(kept), url=shown, context=self.context(), apart=called)


def _personal(name: str) -> bool:
    return name != "ContactAgency" and any(part.lower() in name.lower() for part in _PERSONAL)
