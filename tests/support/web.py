"""A slow catalogue with the API of Developers Italia on loopback, that keeps what it was asked and can misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import PlainTextResponse, Response

from harvester.model import Source
from simulators.exchange import Ask, as_json
from simulators.server import ThreadedServer
from simulators.sim_italia import Italia
from simulators.web import create_app

HOST = "catalogue.test"
PAGE_SIZE = 5


def entry(number: int, *, name: str | None = None) -> dict[str, Any]:
    """An entry with a publiccode.yml of its own repository."""
    url = f"https://forge.test/bodies/tool-{number}"
    text = (
        "publiccodeYmlVersion: '0.4'\n"
        f"name: {name or f'Tool {number}'}\n"
        f"url: {url}.git\n"
        "platforms: [web]\ncategories: [data-analytics]\ndevelopmentStatus: stable\nsoftwareType: standalone/web\n"
        f"description:\n  en:\n    shortDescription: What tool {number} does for a town.\n    features: [counting]\n"
        "legal:\n  license: AGPL-3.0-only\n"
        "maintenance:\n  type: internal\n"
        "localisation:\n  localisationReady: true\n  availableLanguages: [en]\n"
    )
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "url": f"{url}.git",
        "aliases": [],
        "publiccodeYml": text,
        "active": True,
        "createdAt": f"2024-01-01T00:00:00.{number:03d}Z",
        "updatedAt": "2024-06-01T00:00:00Z",
    }


def source(**changes: Any) -> Source:
    """The source that asks this catalogue."""
    params = {"api": f"http://{HOST}/v1", "page_size": PAGE_SIZE}
    return Source(**({"name": "towns", "spider": "developers_italia", "title": "Towns", "params": params} | changes))


@dataclass(slots=True)
class SlowCatalogue:
    """`asked` are the cursors in the order they were asked; `when[n]` is called as the n-th request comes in.

    `delay_s` is how much longer an answer takes; `broken` answers in the place of the listing, from the request
    `broken_from` on.
    """

    entries: list[dict[str, Any]]
    asked: list[str] = field(default_factory=list)
    when: dict[int, Callable[[], None]] = field(default_factory=dict)
    broken: Callable[[Ask], Response] | None = None
    broken_from: int = 1
    delay_s: float = 0.0
    address: str = ""

    def answer(self, ask: Ask) -> Response:
        """A page, or what `broken` says."""
        self.asked.append(ask.query.get("page[after]", ""))
        number = len(self.asked)
        time.sleep(self.delay_s)
        if (call := self.when.pop(number, None)) is not None:
            call()
        if self.broken is not None and number >= self.broken_from:
            return self.broken(ask)
        return Italia(self.entries).answer(ask)


def says(status: int, text: str, media: str = "text/html") -> Callable[[Ask], Response]:
    """An answer that is no page of the listing."""
    return lambda _: PlainTextResponse(text, status, media_type=media)


def empty(_: Ask) -> Response:
    """A listing without entries."""
    return as_json({"data": [], "links": {"prev": None, "next": None}})


@contextmanager
def slow_catalogue(pages: int = 12, *, delay_s: float = 0.04) -> Iterator[SlowCatalogue]:
    """A catalogue of so many pages on loopback; its `address` is to be HARVESTER_SIMULATED_WEB."""
    catalogue = SlowCatalogue([entry(number) for number in range(pages * PAGE_SIZE)])
    with ThreadedServer(create_app({HOST: catalogue}, latency_s=delay_s)) as server:
        catalogue.address = server.address
        yield catalogue


def eventually(condition: Callable[[], Any], within_s: float = 20.0) -> Any:
    """Wait for a condition and return what it gave; fails after `within_s`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        threading.Event().wait(0.02)
    raise AssertionError(f"this did not come within {within_s} s")
