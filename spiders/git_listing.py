"""What cgit and gitweb have in common: an index of repositories, a page for each, and its files as they are.

A page is asked for where the index does not say all; a repository that the index shows with the same last change
as it is stored is asked for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from pydantic import Field
from scrapy.http import Request, Response

from harvester.errors import InputError
from harvester.model import Issue, Page, RawItem, Unit
from harvester.net.counting import without_query
from harvester.normalize.canonical import canonical_json
from spiders.base import Params, WebSpider
from spiders.html import text_of

PUBLICCODE = "publiccode.yml"
_MOST_BYTES = 256 * 1024
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
"""What gitweb's pages begin with, although they are read as HTML."""


class GitListingParams(Params):
    """`url` is the index. `clone_prefix` and a repository's path are its clone address; without it each repository's
    page is asked. `publiccode`: ask each repository that changed for its publiccode.yml, where robots.txt allows it.
    """

    url: str = Field(pattern=r"^https?://[^/?#]+")
    clone_prefix: str | None = Field(None, pattern=r"^(https?|git)://[^/?#]+")
    publiccode: bool = False
    publisher: str | None = None
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    max_pages: int = Field(200, ge=1, le=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A repository in an index. `path` is how the instance names it, `page` its own page.

    `last_change` is ISO 8601, None where it is not told to the day. Nobody's name or address is in it.
    """

    path: str
    page: str
    description: str | None = None
    section: str | None = None
    last_change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a repository's own page says beside the index."""

    clone: tuple[str, ...] = ()
    description: str | None = None
    last_change: str | None = None


class GitListingSpider(WebSpider):
    """Subclasses read the pages of one kind of server."""

    default_schedule = "47 5 * * 1"
    system: ClassVar[str]
    Params: ClassVar[type[GitListingParams]] = GitListingParams
    params: GitListingParams

    def listing(self, response: Response) -> tuple[Sequence[Listed], str | None]:
        """The repositories of an index's page and the address of the next one. InputError: it is none."""
        raise NotImplementedError

    def own_page(self, response: Response) -> Own:
        """What a repository's page says. InputError: it is none."""
        raise NotImplementedError

    def file_url(self, page: str, path: str) -> str:
        """Where a file of the repository with this page is, as it is."""
        raise NotImplementedError

    def first_units(self) -> Iterable[Unit]:
        """The first page of the index."""
        yield _unit("list", self.params.url, number=1)

    def request(self, unit: Unit) -> Request:
        """A page of the index, a repository's page, or a file; the last two need not be there."""
        absent_too = {} if unit.data["ask"] == "list" else {"handle_httpstatus_list": [404, 410]}
        return Request(str(unit.data["url"]), headers={"Accept": "text/html,*/*;q=0.5"}, meta=absent_too)

    def page(self, response: Response, unit: Unit) -> Page:
        """The repositories that are complete, and what is to be asked for the others."""
        match unit.data["ask"]:
            case "list":
                return self._index(response, unit)
            case "own":
                if response.status != 200:
                    return Page(unit=unit, issues=(_missing(unit),))
                own = self.own_page(response)
                payload = dict(unit.data["payload"])
                payload["clone"] = list(own.clone)
                payload["description"] = own.description or payload["description"]
                payload["last_change"] = payload["last_change"] or own.last_change
                return self._completed([payload], unit)
            case _:
                files = [{"path": PUBLICCODE, "text": _text(response)}] if _is_file(response) else []
                return Page(unit=unit, raw_items=(self._raw({**unit.data["payload"], "files": files}),))

    def _index(self, response: Response, unit: Unit) -> Page:
        repositories, following = self.listing(response)
        payloads = {listed.path: self._payload(listed) for listed in repositories}
        known = self.frontier.known([self._key(path) for path in payloads])
        seen, complete, asks = [], [], []
        for path, payload in payloads.items():
            if self._is_stored(payload, known.get(self._key(path))):
                seen.append(self._key(path))
            elif self.params.clone_prefix is not None:
                complete.append({**payload, "clone": self._derived(payload)})
            elif urlsplit(payload["page"]).hostname == urlsplit(self.params.url).hostname:
                asks.append(_unit("own", payload["page"], payload=payload))
            else:
                complete.append({**payload, "clone": []})  # an index may show other servers' repositories
        page = self._completed(complete, unit)
        next_units, issues = self._following(following, unit, repeats=not self.brings_new(payloads))
        return replace(
            page, seen=tuple(seen), next_units=(*page.next_units, *asks, *next_units), issues=(*page.issues, *issues)
        )

    def _is_stored(self, payload: Mapping[str, Any], known: RawItem | None) -> bool:
        """Whether the index shows it as it is stored, and as one that was not touched since."""
        if known is None or not payload["last_change"] or known.context != self._context():
            return False
        stored = json.loads(known.payload)
        same = all(stored.get(name) == payload[name] for name in payload)
        derived = self.params.clone_prefix is None or stored.get("clone") == self._derived(payload)
        return same and derived and ("files" in stored) is self.params.publiccode

    def _derived(self, payload: Mapping[str, Any]) -> list[str]:
        """The clone addresses that the source's parameter tells."""
        return [f"{self.params.clone_prefix}".rstrip("/") + f"/{payload['path']}"]

    def _completed(self, payloads: Sequence[dict[str, Any]], unit: Unit) -> Page:
        """Items of repositories that nothing more is asked for, and units for the files of the others."""
        if not self.params.publiccode:
            return Page(unit=unit, raw_items=tuple(map(self._raw, payloads)))
        known = self.frontier.known([self._key(payload["path"]) for payload in payloads])
        items, asks = [], []
        for payload in payloads:
            raw = known.get(self._key(payload["path"]))
            stored = json.loads(raw.payload) if raw is not None else {}
            untouched = payload["last_change"] and payload["last_change"] == stored.get("last_change")
            if untouched and "files" in stored:
                items.append(self._raw({**payload, "files": stored["files"]}))
            else:
                asks.append(_unit("file", self.file_url(payload["page"], PUBLICCODE), payload=payload))
        return Page(unit=unit, raw_items=tuple(items), next_units=tuple(asks))

    def _payload(self, listed: Listed) -> dict[str, Any]:
        return {
            "system": self.system,
            "path": listed.path,
            "page": listed.page,
            "description": listed.description,
            "section": listed.section,
            "last_change": listed.last_change,
        }

    def _key(self, path: str) -> str:
        return f"{urlsplit(self.params.url).netloc}/{path}"

    def _raw(self, payload: Mapping[str, Any]) -> RawItem:
        return RawItem(
            key=self._key(str(payload["path"])),
            format="git-listing",
            payload=canonical_json(dict(payload)),
            url=str(payload["page"]),
            fetched_at=datetime.now(UTC),
            context=self._context(),
        )

    def _context(self) -> Mapping[str, Any]:
        told = {"country": self.params.country, "publisher": self.params.publisher}
        return {name: value for name, value in told.items() if value}

    def _following(self, url: str | None, unit: Unit, *, repeats: bool) -> tuple[tuple[Unit, ...], tuple[Issue, ...]]:
        if url is None:
            return (), ()
        number = int(unit.data["number"]) + 1
        if number <= self.params.max_pages and not repeats:
            return (_unit("list", url, number=number),), ()
        issue = Issue.of("paging-trap", place="url", value=url, pages=number - 1)
        return (), (issue,)


def soup_of(response: Response) -> BeautifulSoup:
    """The page. InputError: it is no HTML."""
    kind = (response.headers.get("Content-Type") or b"text/html").decode("latin-1").lower()
    if "html" not in kind or not response.body.strip():
        beginning = response.body[:60].decode("utf-8", "replace")
        raise InputError(f"{without_query(response.url)} answered {kind} where a web page was expected: {beginning!r}")
    return BeautifulSoup(_XML.sub("", text_of(response)), "lxml")


def words_of(tag: Tag | None) -> str | None:
    """A tag's text, None where there is none."""
    return (" ".join(tag.get_text(" ").split()) or None) if tag is not None else None


def description_of(text: str | None) -> str | None:
    """A description; None for git's own default, also where it is cut."""
    return None if text is None or text.startswith("Unnamed repository; edit this file") else text


def path_below(url: str, index: str) -> str:
    """How an instance names the repository with this page: its path below the index's."""
    path, root = unquote(urlsplit(url).path).strip("/"), unquote(urlsplit(index).path).strip("/")
    return path.removeprefix(root + "/") if root else path


def _unit(ask: str, url: str, **more: Any) -> Unit:
    return Unit(f"{ask}:{url}", {"ask": ask, "url": url, **more})


def _missing(unit: Unit) -> Issue:
    return Issue.of("repository-missing", place=str(unit.data["url"]), value=unit.data["payload"]["path"])


def _is_file(response: Response) -> bool:
    """Whether it is the file; servers show a page about its absence, some of them with 200."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
    return response.status == 200 and "html" not in kind


def _text(response: Response) -> str | None:
    if len(response.body) > _MOST_BYTES:
        return None
    try:
        return response.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
