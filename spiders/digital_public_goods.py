"""The registry of digital public goods, as lists: both shapes of its API, and the lists that were archived."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import quote

from pydantic import Field

from harvester.model import Issue
from harvester.normalize import digital_public_goods as reader
from harvester.normalize.values import mapping
from spiders.base import Params
from spiders.files import Entry, FilesSpider, json_entry, json_of, list_of

_REGISTRY = "https://www.digitalpublicgoods.net/r/"


class DigitalPublicGoodsParams(Params):
    """`lists` are addresses of lists, of either shape."""

    lists: tuple[str, ...] = Field(("https://app.digitalpublicgoods.net/api/v1/dpgs",), min_length=1)


class DigitalPublicGoodsSpider(FilesSpider):
    """Each list is a unit of its own."""

    name = "digital_public_goods"
    title = "Digital Public Goods"
    default_schedule = "13 5 * * 1"
    documented_api = True
    most_bytes = 32 * 1024 * 1024
    has_ids = True
    format = "digital-public-goods"
    Params: ClassVar[type[DigitalPublicGoodsParams]] = DigitalPublicGoodsParams
    params: DigitalPublicGoodsParams

    def addresses(self) -> Iterable[str]:
        """The lists."""
        return self.params.lists

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The goods, each under its id in the registry, with its page there where it has a slug."""
        for entry in list_of(json_of(body, url=url, issues=issues), url=url):
            slug = mapping(entry).get("slug")
            shown = _REGISTRY + quote(slug, safe="") if isinstance(slug, str) and slug else url
            yield Entry(key=reader.identifier(mapping(entry)), payload=json_entry(entry), url=shown)
