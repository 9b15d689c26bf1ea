"""What visitors proposed and a reviewer accepted: a source that asks nobody anything, and is filled by review alone."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.http import Response

from harvester.model import Page, Unit
from spiders.base import WebSpider


class VisitorsSpider(WebSpider):
    """No pages: a reviewer who accepts a proposal stores its entry. It is here so that these can be read again."""

    name = "visitors"
    title = "Proposed by visitors"
    documented_api = True

    def first_units(self) -> Iterable[Unit]:
        """None."""
        return ()

    def page(self, response: Response, unit: Unit) -> Page:  # noqa: ARG002
        """Never asked for."""
        return Page(unit=unit)
