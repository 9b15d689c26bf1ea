"""A spider asked in this process: its units answered by one function, its items read and validated.

Without Scrapy's engine, so that thousands of entries take seconds; tests/sources crawl for real.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scrapy.http import HtmlResponse, Request, Response

from harvester.assess.meaning import understood
from harvester.config import load_settings
from harvester.errors import HarvesterError
from harvester.model import Issue, Outcome, RawItem, Reading, Source, Unit
from harvester.net import Net
from harvester.normalize.readers import read
from harvester.scrapy_process import spider_class
from pipelines.validate import validated
from spiders.base import WebSpider


class AllUnits:
    """A frontier that gives the first units as they are."""

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:  # noqa: ARG002
        return list(first)

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:  # noqa: ARG002
        return {}


@dataclass(slots=True)
class Came:
    """What a spider brought."""

    items: list[tuple[RawItem, Reading]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> int:
        """How many entries ended so."""
        return sum(reading.outcome is outcome for _, reading in self.items)


def spider(source: Source) -> WebSpider:
    """The source's spider."""
    made = spider_class(source.spider)(source=source, frontier=AllUnits(), net=Net.of(load_settings()))
    assert isinstance(made, WebSpider)
    return made


def came(source: Source, answer: Callable[[Request], Response]) -> Came:
    """Everything that the source brings when `answer` answers."""
    asking, result = spider(source), Came()
    waiting = list(asking.first_units())
    while waiting:
        unit = waiting.pop(0)
        try:
            page = asking.page(answer(asking.request(unit)), unit)
        except HarvesterError as error:
            result.failures[unit.key] = str(error)
            continue
        waiting += page.next_units
        result.issues += page.issues
        result.items += [(raw, validated(raw, understood(read(raw)))) for raw in page.raw_items]
    return result


def response(request: Request, body: bytes, media: str = "application/json", status: int = 200) -> Response:
    """An answer as Scrapy gives it to a spider."""
    kind = HtmlResponse if "html" in media else Response
    return kind(request.url, body=body, headers={"Content-Type": media}, status=status, request=request)
