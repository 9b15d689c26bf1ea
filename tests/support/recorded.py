"""Sources with recorded answers: a case is harvested by the real spider, in a process of its own, and shown plain.

The form of a case is told in tests/sources/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import PlainTextResponse, Response
from support.apart import apart

from harvester.catalogue import codec
from harvester.config import Settings
from harvester.model import Issue, Page, RawItem, Reading, Severity, Source, Unit, UnitFailed
from harvester.net import Net
from harvester.scrapy_process import crawl
from simulators.exchange import Ask, Host
from simulators.server import ThreadedServer
from simulators.web import create_app

FOLDER = Path(__file__).parents[1] / "sources"
_JSON = {"content-type": "application/json"}


@dataclass(slots=True)
class Harvested:
    """Everything that a crawl brought, in memory."""

    items: list[tuple[RawItem, Reading]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    failures: list[UnitFailed] = field(default_factory=list)


@dataclass(slots=True)
class Kept:
    """A frontier that keeps what comes in memory."""

    result: Harvested = field(default_factory=Harvested)

    def forges(self) -> Mapping[str, str]:
        return {}

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:  # noqa: ARG002
        return list(first)

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:  # noqa: ARG002
        return {}

    def brought(self) -> Sequence[RawItem]:
        return ()

    def unseen(self, *, limit: int) -> Sequence[RawItem]:  # noqa: ARG002
        return ()

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        return {}

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:  # noqa: ARG002
        return ()

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        for page, items in pages:
            self.result.items += items
            self.result.issues += page.issues

    def unit_failed(self, failed: UnitFailed) -> None:
        self.result.failures.append(failed)


@dataclass(slots=True)
class Answers(Host):
    """The recorded answers of one host, and what was asked in vain."""

    entries: list[Mapping[str, Any]]
    folder: Path
    given: list[int] = field(default_factory=list)
    in_vain: list[str] = field(default_factory=list)

    def answer(self, ask: Ask) -> Response:
        """The next answer to this request; the last one again."""
        fitting = [place for place, entry in enumerate(self.entries) if _fits(entry, ask)]
        if not fitting:
            if ask.path != "/robots.txt":
                self.in_vain.append(_shown(ask))
            return PlainTextResponse("No such answer was recorded.\n", 404)
        place = next((place for place in fitting if place not in self.given), fitting[-1])
        self.given.append(place)
        entry = self.entries[place]
        body = (self.folder / entry["body"]).read_bytes() if "body" in entry else b""
        if "encoding" in entry:
            body = body.decode().encode(entry["encoding"])
        return Response(body, entry.get("status", 200), headers=dict(entry.get("headers", _JSON)))

    def unasked(self) -> list[str]:
        """Addresses of answers that nobody asked for."""
        return [entry["url"] for place, entry in enumerate(self.entries) if place not in self.given]


@dataclass(frozen=True)
class Case:
    """A folder with a source and its answers."""

    folder: Path

    @property
    def name(self) -> str:
        """SPIDER or SPIDER/CASE."""
        return self.folder.relative_to(FOLDER).as_posix()

    @property
    def spider(self) -> str:
        """The kind of source."""
        return self.name.partition("/")[0]

    @cached_property
    def told(self) -> dict[str, Any]:
        """source.json."""
        told: dict[str, Any] = json.loads((self.folder / "source.json").read_text(encoding="utf-8"))
        return told

    @property
    def expected(self) -> Any:
        """expected.json."""
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    @property
    def missing(self) -> list[str]:
        """Files that the case needs and has not."""
        wanted = ["source.json", "expected.json"]
        if not (self.folder / "source.json").is_file() or "simulated" not in self.told:
            wanted.append("answers/answers.json")
        return [name for name in wanted if not (self.folder / name).is_file()]

    def source(self) -> Source:
        """The source as an operator would have added it."""
        about = {name: value for name, value in self.told.items() if name != "simulated"}
        return Source(**{"name": self.spider.replace("_", "-"), "spider": self.spider, "title": self.spider} | about)

    def hosts(self) -> dict[str, Host]:
        """The simulated hosts, and one for each that has recorded answers."""
        hosts: dict[str, Host] = {}
        if "simulated" in self.told:
            module, _, function = self.told["simulated"].partition(":")
            hosts |= getattr(import_module(module), function)()
        index = self.folder / "answers" / "answers.json"
        entries = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else []
        for host in {_host(entry["url"]) for entry in entries}:
            hosts[host] = Answers([entry for entry in entries if _host(entry["url"]) == host], index.parent)
        return hosts

    def harvest(self) -> tuple[Harvested, list[str], list[str]]:
        """What a crawl brought, what it asked in vain, and the answers that it asked not for."""
        hosts = self.hosts()
        harvested = crawled(self.source(), hosts)
        recorded = [host for host in hosts.values() if isinstance(host, Answers)]
        in_vain = [line for host in recorded for line in host.in_vain]
        return harvested, in_vain, [line for host in recorded for line in host.unasked()]


def cases(spider: str | None = None) -> Iterator[Case]:
    """The cases of one spider or of all."""
    for path in sorted((FOLDER / spider if spider else FOLDER).rglob("source.json")):
        yield Case(path.parent)


def crawled(source: Source, hosts: Mapping[str, Host]) -> Harvested:
    """What a crawl of a source brings, where these hosts are the web."""
    with ThreadedServer(create_app(hosts)) as server:
        return apart(_crawl, source, server.address)


def shown(harvested: Harvested) -> dict[str, Any]:
    """What was harvested as plain values, unknown ones left out: what expected.json holds."""
    items = [
        {"key": raw.key, "format": raw.format, "url": raw.url, **_reading(reading)}
        for raw, reading in sorted(harvested.items, key=lambda item: item[0].key)
    ]
    issues = sorted((_issue(issue) for issue in harvested.issues), key=str)
    failures = sorted(
        ({"unit": failed.unit.key, "status": failed.status, "final": failed.final} for failed in harvested.failures),
        key=str,
    )
    return {"items": items, "issues": issues, "failures": failures}


def _reading(reading: Reading) -> dict[str, Any]:
    plain = codec.plain(reading)
    for record in plain.get("records", ()):
        for name in ("identifiers", "suggests"):
            if name in record:
                record[name] = [f"{each['scheme']}:{each['value']}" for each in record[name]]
    if "issues" in plain:
        plain["issues"] = [_issue(issue) for issue in reading.issues]
    return dict(plain)


def _issue(issue: Issue) -> dict[str, Any]:
    plain = {name: value for name, value in codec.plain(issue).items() if name != "args"}
    return plain | ({"severity": issue.severity.value} if issue.severity is Severity.WARNING else {})


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _fits(entry: Mapping[str, Any], ask: Ask) -> bool:
    parts = urlsplit(entry["url"])
    return (
        entry.get("method", "GET") == ask.method
        and (parts.path or "/") == ask.path
        and dict(parse_qsl(parts.query, keep_blank_values=True)) == ask.query
        and all(text.encode() in ask.body for text in entry.get("request", ()))
    )


def _shown(ask: Ask) -> str:
    query = "&".join(f"{name}={value}" for name, value in ask.query.items())
    body = f" {ask.body.decode('utf-8', 'replace')}" if ask.body else ""
    return f"{ask.method} {ask.root}{ask.path}{'?' if query else ''}{query}{body}"


def _crawl(source: Source, address: str) -> Harvested:
    """Crawl as runs do, and as `apart` wants it: once in a process."""
    settings = Settings(simulated_web=address, github_token="invented", log_level="ERROR")
    kept = Kept()
    net = Net.of(settings)
    outcome = crawl(source, settings=settings, frontier=kept, net=net)
    net.close()
    if outcome.errors:
        raise RuntimeError(f"the crawl of {source.name}: {outcome.errors} errors stand in the log")
    return kept.result
