"""Comptoir du Libre: free software of French local administrations, who uses and who supports it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from harvester.model import Issue
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping
from spiders.base import Params
from spiders.files import Entry, FilesSpider, id_of, json_entry, json_of, list_of

_EXPORT = "https://comptoir-du-libre.org/public/export/comptoir-du-libre_export_v1.json"


class ComptoirDuLibreParams(Params):
    """`url` is the export, version 1."""

    url: str = Field(_EXPORT, pattern=r"^https?://[^/?#]+/")


class ComptoirDuLibreSpider(FilesSpider):
    """The export: {date_of_export, number_of_software, softwares}."""

    name = "comptoir_du_libre"
    title = "Comptoir du Libre"
    default_schedule = "53 4 * * *"
    documented_api = True
    most_bytes = 32 * 1024 * 1024
    has_ids = True
    format = "comptoir-du-libre"
    Params: ClassVar[type[ComptoirDuLibreParams]] = ComptoirDuLibreParams
    params: ComptoirDuLibreParams

    def addresses(self) -> Iterable[str]:
        """The one export."""
        return [self.params.url]

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The softwares, each under its number; whether they are as many as the export says."""
        value = json_of(body, url=url, issues=issues)
        found = list_of(value, "softwares", url=url)
        told = mapping(value).get("number_of_software")
        if isinstance(told, int) and told != len(found):
            issue = Issue.of("short-listing", place=url, value=len(found), found=len(found), total=told)
            issues.append(issue)
        for entry in found:
            shown = web_address(mapping(entry).get("url")) or url
            yield Entry(key=id_of(entry), payload=json_entry(entry), url=shown)
