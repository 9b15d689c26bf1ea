"""Comptoir du Libre: free software of French local administrations, who uses and who supports it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from harvester.errors import InputError
from harvester.model import Terms
from spiders.base import Params
from spiders.listing import ListingSpider

_EXPORT = "https://comptoir-du-libre.org/public/export/comptoir-du-libre_export_v1.json"


class ComptoirDuLibreParams(Params):
    """`url` is the export, version 1."""

    url: str = Field(_EXPORT, pattern=r"^https?://[^/?#]+/")


class ComptoirDuLibreSpider(ListingSpider):
    """The export: {date_of_export, number_of_software, softwares}."""

    name = "comptoir_du_libre"
    title = "Comptoir du Libre"
    publisher = "ADULLACT"
    terms = Terms(license="CC0-1.0", attribution="Comptoir du Libre, ADULLACT")
    default_schedule = "53 4 * * *"
    least = 400
    format = "comptoir-du-libre"
    Params: ClassVar[type[ComptoirDuLibreParams]] = ComptoirDuLibreParams
    params: ComptoirDuLibreParams

    def addresses(self) -> Iterable[str]:
        """The one export."""
        return [self.params.url]

    def entries(self, body: Any, where: str) -> tuple[Sequence[Any], int | None]:
        """The softwares, and their stated number."""
        found = body.get("softwares") if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise InputError(f"{where}: no list in 'softwares'", place="softwares")
        told = body.get("number_of_software")
        return found, told if isinstance(told, int) else None

    def key(self, entry: Mapping[str, Any]) -> str | None:
        """Its number."""
        number = entry.get("id")
        return str(number) if isinstance(number, int | str) and str(number).strip() else None

    def page_of(self, entry: Mapping[str, Any]) -> str | None:
        """Its page at the Comptoir."""
        url = entry.get("url")
        return url if isinstance(url, str) and url.startswith("http") else None
