"""The registry of digital public goods, as lists: both shapes of its API, and the lists that were archived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from harvester.normalize import digital_public_goods as reader
from spiders.base import Params
from spiders.listing import ListingSpider

_REGISTRY = "https://www.digitalpublicgoods.net/r/"


class DigitalPublicGoodsParams(Params):
    """`lists` are addresses of lists, of either shape."""

    lists: tuple[str, ...] = Field(("https://app.digitalpublicgoods.net/api/v1/dpgs",), min_length=1)


class DigitalPublicGoodsSpider(ListingSpider):
    """Each list is a unit of its own."""

    name = "digital_public_goods"
    title = "Digital Public Goods"
    publisher = "Digital Public Goods Alliance"
    default_schedule = "13 5 * * 1"
    least = 100
    format = "digital-public-goods"
    Params: ClassVar[type[DigitalPublicGoodsParams]] = DigitalPublicGoodsParams
    params: DigitalPublicGoodsParams

    def addresses(self) -> Iterable[str]:
        """The lists."""
        return self.params.lists

    def key(self, entry: Mapping[str, Any]) -> str | None:
        """Its id in the registry."""
        return reader.identifier(entry)

    def page_of(self, entry: Mapping[str, Any]) -> str | None:
        """Its page in the registry, where it has a slug."""
        slug = entry.get("slug")
        return _REGISTRY + quote(slug, safe="") if isinstance(slug, str) and slug else None
