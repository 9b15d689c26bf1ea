"""SILL: the free software that the French State recommends to its administrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from harvester.model import Terms
from spiders.base import Params
from spiders.listing import ListingSpider


class SillParams(Params):
    """`url` is the list; `detail` a page of one entry, its name in place of {name}."""

    url: str = Field("https://code.gouv.fr/sill/api/sill.json", pattern=r"^https?://[^/?#]+/")
    detail: str = Field("https://code.gouv.fr/sill/detail?name={name}", pattern=r"^https?://[^/?#]+/.*\{name\}")


class SillSpider(ListingSpider):
    """The list of today, or the older one: the reader knows both."""

    name = "sill"
    title = "SILL"
    publisher = "Direction interministérielle du numérique"
    terms = Terms(
        license="etalab-2.0",
        url="https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        attribution="SILL, Direction interministérielle du numérique",
    )
    default_schedule = "43 4 * * *"
    least = 200
    format = "sill"
    Params: ClassVar[type[SillParams]] = SillParams
    params: SillParams

    def addresses(self) -> Iterable[str]:
        """The one list."""
        return [self.params.url]

    def key(self, entry: Mapping[str, Any]) -> str | None:
        """Its number."""
        number = entry.get("id")
        return str(number) if isinstance(number, int | str) and str(number).strip() else None

    def page_of(self, entry: Mapping[str, Any]) -> str | None:
        """Its page, which is found by its name."""
        name = entry.get("name") or entry.get("i")
        return self.params.detail.replace("{name}", quote(name, safe="")) if isinstance(name, str) else None
