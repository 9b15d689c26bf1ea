"""Catalogues that are files or lists: each address is asked once, and its answer is cut into entries. No spider of its
own.

A large file is kept in parts, so that no transaction is that of all of it. A part is a unit, made of the keys whose
digest falls to it: it stays the same when the file changed before an interrupted run goes on, and one request then
answers all the parts of a file that are still open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zlib import crc32

from pydantic import Field
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from harvester.errors import FetchError, HarvesterError, InputError
from harvester.model import Issue, Page, RawItem, Unit, UnitFailed
from harvester.model.bounds import FILES
from harvester.net.counting import without_query
from harvester.normalize.canonical import canonical_json, parse_json
from harvester.normalize.languages import tag
from harvester.normalize.values import text
from harvester.normalize.yaml_safe import decode
from spiders.base import Params, WebSpider

ADDRESS = r"^https?://[^/?#]+(/[^#]*)?$"
_HTML = (b"<!doctype html", b"<html", b"<head", b"<?xml")
_LONGEST_KEY = 300
_LONGEST_DATE = 60
PART = 250
"""About so many items a part."""


class FilesParams(Params):
    """`country` and `publisher` are of the catalogue's entries, `language` is that of its texts."""

    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    publisher: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a file: what names it there for good, its bytes, where a person sees it, what reading needs.

    `apart` tells it from others of the same key (what it is called, of an address that several give): so a change of
    their order changes nothing. None as a key: it has no id where entries have one.
    """

    key: str | None
    payload: bytes
    url: str
    context: Mapping[str, Any] = field(default_factory=dict)
    apart: str = ""


class FilesSpider(WebSpider):
    """Asks `addresses`, one unit each; `entries` cuts an answer."""

    bounds = FILES
    format: ClassVar[str]
    accept: ClassVar[str] = "application/json"
    has_ids: ClassVar[bool] = False  # True: keys are the catalogue's ids, of which no two entries may have one

    def addresses(self) -> Iterable[str]:
        """The files' addresses."""
        raise NotImplementedError

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The entries of one file; what is wrong with it goes to `issues`. InputError: it is no such file."""
        raise NotImplementedError

    def first_units(self) -> Iterable[Unit]:
        """One for each file."""
        for url in dict.fromkeys(self.addresses()):
            yield Unit(f"file:{url}", {"url": url})

    async def start(self) -> AsyncIterator[Any]:
        """One request for each file, whatever of it is open."""
        files: dict[str, list[Unit]] = {}
        for unit in self.frontier.open_units(self.first_units()):
            files.setdefault(str(unit.data["url"]), []).append(unit)
        self.waiting_n = len(files)
        for first, *also in files.values():
            yield self._ask(first).replace(cb_kwargs={"unit": first, "also": also})

    def _answered(self, response: Response, unit: Unit, also: Sequence[Unit] = ()) -> Iterator[Any]:
        try:
            page = self.bounded(self.page(response, unit), others_wait=self.waiting_n > 0)
        except HarvesterError as error:
            final = not isinstance(error, FetchError)
            for each in (unit, *also):
                yield UnitFailed(each, str(error), response.status, response.url, final=final)
            return
        parts = [each for each in (unit, *also) if "part" in each.data]
        for each in (unit, *also):
            if "part" in each.data:
                continue
            if len(page.raw_items) <= PART:
                yield replace(page, unit=each)
                continue
            opened = _parts(each, len(page.raw_items))
            parts += opened
            further = (*page.next_units, *opened)
            yield replace(page, unit=each, raw_items=(), next_units=further, total=len(page.raw_items))
        for part in {part.key: part for part in parts}.values():
            yield Page(unit=part, raw_items=tuple(raw for raw in page.raw_items if _falls_to(raw, part)))
        self.waiting_n += len(page.next_units)
        for following in page.next_units:
            yield self._ask(following)

    def _failed(self, failure: Failure) -> Iterator[UnitFailed]:
        request: Request = failure.request  # type: ignore[attr-defined]
        for failed in super()._failed(failure):
            for unit in (failed.unit, *request.cb_kwargs.get("also", ())):
                yield replace(failed, unit=unit)

    def request(self, unit: Unit) -> Request:
        """The file itself."""
        return Request(str(unit.data["url"]), headers={"Accept": self.accept})

    def page(self, response: Response, unit: Unit) -> Page:
        """Every entry of the file as it is. InputError: the answer is no such file, or an empty one.

        An empty file fails its unit: to the catalogue it would mean that everything in it is gone.
        """
        url = str(unit.data["url"])
        issues: list[Issue] = []
        as_of = _last_modified(response)
        entries = list(self.entries(response.body, url=url, issues=issues))
        raw_items = tuple(replace(item, as_of=as_of) for item in self._items(entries, issues))
        if not raw_items:
            what = f"{without_query(url)} lists nothing"
            raise InputError(what, place=url, remedy="look at the address; what was known before is kept")
        return Page(unit=unit, raw_items=raw_items, issues=tuple(issues))

    def context(self, **more: Any) -> dict[str, Any]:
        """What every entry's reading needs, unknown values left out. For a spider that takes `FilesParams`."""
        params = self.params if isinstance(self.params, FilesParams) else FilesParams()
        known = {
            "country": params.country or self.source.country,
            "publisher": params.publisher or self.source.publisher,
            "language": tag(params.language),
            **more,
        }
        return {name: value for name, value in known.items() if value}

    def _items(self, entries: Sequence[Entry], issues: list[Issue]) -> Iterator[RawItem]:
        """Entries as raw items, each with a key of its own, so that none is lost."""
        now = datetime.now(UTC)
        called: defaultdict[str, set[str]] = defaultdict(set)
        for entry in entries:
            called[_key(entry)].add(entry.apart)
        seen: Counter[str] = Counter()
        for place, entry in enumerate(entries):
            key = _key(entry)
            if len(called[key]) > 1 and (apart := text(entry.apart)):
                key = f"{key}~{apart}"[:_LONGEST_KEY]
            seen[key] += 1
            if self.has_ids and seen[key] > 1:
                issues.append(_twice(key, place))
            yield RawItem(
                key=key if seen[key] == 1 else f"{key}~{seen[key]}",
                format=self.format,
                payload=entry.payload,
                url=entry.url,
                fetched_at=now,
                context=entry.context,
            )


def _last_modified(response: Response) -> datetime | None:
    """The date that the server says the file is of; none where it says none, or one that cannot be yet."""
    said = (response.headers.get("Last-Modified") or b"").decode("latin-1")[:_LONGEST_DATE]
    try:
        found = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC) if found <= datetime.now(UTC) + timedelta(days=1) else None


def _key(entry: Entry) -> str:
    if entry.key is None:
        return f"without an id: {sha256(entry.payload).hexdigest()[:16]}"
    return (text(entry.key) or "entry")[:_LONGEST_KEY]


def _parts(unit: Unit, items: int) -> tuple[Unit, ...]:
    count = -(-items // PART)
    return tuple(
        Unit(f"{unit.key} part {number} of {count}", {**unit.data, "part": number, "of": count})
        for number in range(count)
    )


def _falls_to(raw: RawItem, part: Unit) -> bool:
    return crc32(raw.key.encode("utf-8", "replace")) % int(part.data["of"]) == int(part.data["part"])


def text_of(body: bytes, *, url: str, issues: list[Issue]) -> str:
    """The text of an answer. A guessed charset is told in an issue. InputError: a web page, or nothing at all."""
    where = without_query(url)
    if not body.strip():
        raise InputError(f"{where} answered nothing", place=url, remedy="ask again later")
    if body.lstrip()[:40].lower().startswith(_HTML):
        beginning = body.lstrip()[:60].decode("utf-8", "replace")
        raise InputError(
            f"{where} answered a web page where a file was expected: {beginning!r}",
            place=url,
            remedy="open the address in a browser, and correct it in the source",
        )
    written, guessed = decode(body)
    if guessed:
        issues.append(Issue.of("charset", value=where))
    return written


def json_of(body: bytes, *, url: str, issues: list[Issue]) -> Any:
    """The value of a JSON answer. FetchError where it ends early, InputError that says what was found instead."""
    written = text_of(body, url=url, issues=issues)
    where = without_query(url)
    try:
        return parse_json(written.removeprefix("\ufeff").encode())
    except ValueError as error:
        if written.lstrip("\ufeff \n\r\t")[:1] in "[{" and written.rstrip()[-1:] not in "]}":
            raise FetchError(
                f"{where}: the answer ends early, after {len(body)} bytes",
                url=url,
                remedy="harvest again; if it stays so, tell the publisher",
            ) from None
        ending = written.rstrip()[-60:]
        raise InputError(
            f"{where} answered no JSON, or a part of it: {error}; it ends with {ending!r}"[:500],
            place=url,
            remedy="ask again; if it stays so, tell the publisher",
        ) from None


def list_of(value: Any, *names: str, url: str) -> list[Any]:
    """The list that an answer is, or holds under one of the names. InputError that says what was found."""
    if isinstance(value, Mapping):
        found = next((value[name] for name in names if name in value), None)
        keys = ", ".join(sorted(map(str, value))[:8]) or "an empty object"
    else:
        found, keys = value, type(value).__name__
    if not isinstance(found, list):
        wanted = " or ".join((*map(repr, names), "a bare list"))
        raise InputError(
            f"{without_query(url)}: no list of entries, wanted {wanted}; found {keys}"[:500],
            place=names[0] if names else url,
            remedy="compare the answer with the kind of source it is configured as",
        )
    return found


def json_entry(value: Any) -> bytes:
    """An entry's canonical bytes; one that is no JSON after all (an infinity) as its text, so that reading refuses
    it."""
    try:
        return canonical_json(value)
    except ValueError:
        return repr(value)[:1000].encode("utf-8", "replace")


def stem(url: str) -> str:
    """The name of a file without its ending: "projects" of https://x.example/data/projects.json."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return name.partition(".")[0] or (urlsplit(url).hostname or "file")


def id_of(entry: Any, name: str = "id") -> str | None:
    """An entry's id, a number or a text; None for what has none."""
    found = entry.get(name) if isinstance(entry, Mapping) else None
    return str(found) if isinstance(found, int | str) and str(found).strip() else None


def _twice(key: str, place: int) -> Issue:
    return Issue.of("twice", place=f"[{place}]", value=key)
