"""A preview: the first items of a source, read and shown, with nothing written."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from harvester.catalogue import Catalogue, codec
from harvester.config import Settings, load_settings
from harvester.errors import Fenced, FetchError
from harvester.log import configure_logging, redact
from harvester.model import Issue, Page, RawItem, Reading, Source, Unit
from harvester.net import Net, holders
from harvester.runs.execute import child_environment

_TIME_LIMIT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewItem:
    """One item as it came and as it was understood."""

    raw: RawItem
    reading: Reading


@dataclass(slots=True, kw_only=True)
class Preview:
    """The first items, what their pages say beside them, and what could not be asked."""

    items: list[PreviewItem] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; payloads are left out."""
        return {
            "items": [
                {"key": item.raw.key, "url": item.raw.url, "reading": codec.plain(item.reading)} for item in self.items
            ],
            "issues": [codec.plain(issue) for issue in self.issues],
            "failures": self.failures,
        }


@dataclass(slots=True)
class _Shelf:
    """Stands in the catalogue's place: keeps the first items in memory and asks no further units than it needs."""

    limit: int
    known_forges: Mapping[str, str] = field(default_factory=dict)
    result: Preview = field(default_factory=Preview)

    def forges(self) -> Mapping[str, str]:
        """See spiders.base.Frontier."""
        return self.known_forges

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:  # noqa: ARG002
        return list(first)[:1]

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:  # noqa: ARG002
        return {}

    def brought(self) -> Sequence[RawItem]:
        return ()

    def unseen(self, *, limit: int) -> Sequence[RawItem]:  # noqa: ARG002
        return ()

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:  # noqa: ARG002
        return ()

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        return {}

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        for page, items in pages:
            self.result.issues += page.issues
            for raw, reading in items[: self.limit - len(self.result.items)]:
                self.result.items.append(PreviewItem(raw=replace(raw, payload=b""), reading=reading))
        if len(self.result.items) >= self.limit:
            raise Fenced("enough was seen")

    def unit_failed(self, failed: Any) -> None:
        self.result.failures.append(redact(f"{failed.unit.key}: {failed.reason}"))


def preview(settings: Settings, source: Source, *, limit: int = 20, limit_s: float = _TIME_LIMIT_S) -> Preview:
    """Crawl in a child process until `limit` items came. Raises FetchError when that takes more than `limit_s`."""
    try:
        child = _crawl(settings, source, limit, limit_s)
    except subprocess.TimeoutExpired:
        raise FetchError(f"the preview of {source.name!r} took more than {limit_s:g} s") from None
    if child.returncode != 0:
        told = child.stderr.decode(errors="replace").strip().splitlines()
        raise FetchError(f"the preview of {source.name!r} ended with {child.returncode}: {told[-1] if told else ''}")
    return codec.load(Preview, child.stdout)


def _crawl(settings: Settings, source: Source, limit: int, limit_s: float) -> subprocess.CompletedProcess[bytes]:
    holder = f"preview:{secrets.token_hex(8)}"
    try:
        return subprocess.run(
            [sys.executable, "-m", "harvester.runs.preview", str(limit), holder],
            input=codec.dump(source).encode(),
            capture_output=True,
            timeout=limit_s,
            check=False,
            env=child_environment(settings),
        )
    finally:
        with _catalogue(settings) as catalogue:
            holders.free(catalogue.ledger, holder)
            holders.take_spent(catalogue.ledger, holder)


@contextmanager
def _catalogue(settings: Settings) -> Iterator[Catalogue]:
    """The installation's catalogue, whose ledger of hosts a preview shares with its runs."""
    catalogue = Catalogue.open(settings.database_url, migrate=False)
    try:
        yield catalogue
    finally:
        catalogue.close()


def look(settings: Settings, source: Source, *, limit: int, holder: str) -> Preview:
    """Crawl in this process (once a process) until `limit` items came."""
    from harvester.scrapy_process import crawl

    with _catalogue(settings) as catalogue:
        shelf = _Shelf(limit, catalogue.sources.forges())
        net = Net.of(settings, ledger=catalogue.ledger, holder=holder)
        crawl(source, settings=settings, frontier=shelf, net=net, most_items=limit)
        net.close()
    return shelf.result


def main(limit: int, holder: str) -> None:
    """Read a source from standard input, write its preview to standard output."""
    settings = load_settings()
    configure_logging("ERROR")
    source = codec.load(Source, sys.stdin.buffer.read())
    sys.stdout.buffer.write(codec.dump(look(settings, source, limit=limit, holder=holder)).encode())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2])
