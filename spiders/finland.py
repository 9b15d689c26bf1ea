"""avoinkoodi.fi: three JSON lists of what Finland's state, municipalities and schools publish."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from harvester.model import Issue
from harvester.normalize.urls import canonical_repository, web_address
from harvester.normalize.values import mapping, text
from spiders.files import Entry, FilesParams, FilesSpider, json_entry, json_of, list_of, stem


class FinlandParams(FilesParams):
    """The lists' addresses."""

    urls: tuple[str, ...] = (
        "https://avoinkoodi.fi/projects.json",
        "https://avoinkoodi.fi/municipalityprojects.json",
        "https://avoinkoodi.fi/eduprojects.json",
    )
    country: str | None = Field("FI", pattern="^[A-Z]{2}$")
    language: str | None = "fi"


class Finland(FilesSpider):
    """Lists of the form {"projects": [{project, owner, code_url, …}]}."""

    name = "finland"
    title = "avoinkoodi.fi"
    default_schedule = "23 3 * * 4"
    documented_api = True  # JSON files, made to be read by programs
    format = "avoinkoodi"
    Params: ClassVar[type[FinlandParams]] = FinlandParams
    params: FinlandParams

    def addresses(self) -> Iterable[str]:
        """The files'."""
        return self.params.urls

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The projects of one list, each under its list and its repository."""
        value = json_of(body, url=url, issues=issues)
        names = ("projects", *(value if isinstance(value, dict) and len(value) == 1 else ()))
        for entry in list_of(value, *dict.fromkeys(map(str, names)), url=url):
            about = mapping(entry)
            address = text(about.get("code_url")) or ""
            name = canonical_repository(address) or address or text(about.get("project")) or "entry"
            key = f"{stem(url)}:{name}"
            shown, called = web_address(address) or url, text(about.get("project")) or ""
            yield Entry(key=key, payload=json_entry(entry), url=shown, context=self.context(), apart=called)
