"""Sweden's offentligkod.se: one file of GNU recutils records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from harvester.errors import InputError
from harvester.model import Issue
from harvester.normalize import recutils as reader
from harvester.normalize.urls import canonical_repository, web_address
from spiders.files import Entry, FilesParams, FilesSpider, text_of


class SwedenParams(FilesParams):
    """The files' addresses."""

    urls: tuple[str, ...] = ("https://gitlab.com/open-data-knowledge-sharing/katalogen/-/raw/main/db/programvaror.rec",)
    country: str | None = Field("SE", pattern="^[A-Z]{2}$")
    language: str | None = "sv"


class Sweden(FilesSpider):
    """Records with Name, Url, Description, Keyword and User."""

    name = "sweden"
    title = "Offentlig kod"
    default_schedule = "37 3 * * 4"
    documented_api = True  # a raw file of a forge, made to be downloaded
    accept = "text/plain, */*"
    format = "offentligkod"
    Params: ClassVar[type[SwedenParams]] = SwedenParams
    params: SwedenParams

    def addresses(self) -> Iterable[str]:
        """The files'."""
        return self.params.urls

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The file's records, each under its repository or its name. InputError: nothing in it is a field."""
        written = text_of(body, url=url, issues=issues)
        found = [block for block in reader.blocks(written) if not block.describes]
        if found and not any(reader.fields(block.text)[0] for block in found):
            raise InputError(
                f"{url} is no recutils file: {found[0].text[:60]!r}", place=url, remedy="correct the source's address"
            )
        for block in found:
            pairs = {name.lower(): value for name, value in reversed(reader.fields(block.text)[0])}
            address = pairs.get("url") or pairs.get("repository") or ""
            key = canonical_repository(address) or pairs.get("name") or address or f"line {block.line}"
            context = self.context(type=block.type)
            payload, shown = block.text.encode("utf-8", "replace"), web_address(address) or url
            yield Entry(key=key, payload=payload, url=shown, context=context, apart=pairs.get("name") or "")
