"""What cgit and gitweb have in common: an index of repositories, and of each a page, a folder, and files as they are.

A page is asked for where the index does not say all; a repository that the index shows with the same last change
as it is stored is asked for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from pydantic import Field
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from harvester.errors import InputError, RobotsRefused
from harvester.forges.sweep import Before, ForgeWords, Found, Now, Told
from harvester.model import Issue, Page, Unit, UnitFailed
from harvester.net.counting import without_query
from harvester.normalize import repository
from harvester.normalize.repository import MOST_BYTES, File, Repository
from spiders.base import WebSpider
from spiders.forge import ForgeParams
from spiders.html import text_of

WORDS = ForgeWords(format="git-listing", number="path", name="path", address="page")
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
"""What gitweb's pages begin with, although they are read as HTML."""


class GitListingParams(ForgeParams):
    """`url` is the index. `clone_prefix` and a repository's path are its clone address; without it each repository's
    page is asked. `files`: ask each repository that changed for its folder and for the metadata files in it, where
    robots.txt allows it.
    """

    url: str = Field(pattern=r"^https?://[^/?#]+")
    clone_prefix: str | None = Field(None, pattern=r"^(https?|git)://[^/?#]+")
    files: bool = False
    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    max_pages: int = Field(200, ge=1, le=2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A repository in an index. `path` is how the instance names it, `page` its own page.

    `last_change` is ISO 8601, None where it is not told to the day. Owners are not read: they are persons.
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as its folder shows it: git's id and the size in bytes, None where they are not told."""

    oid: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """What stands at the root of a repository: its files by their names, and its folders. Links are neither."""

    files: Mapping[str, Entry] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()


class GitListingSpider(WebSpider):
    """Subclasses read the pages of one kind of server."""

    default_schedule = "47 5 * * 1"
    system: ClassVar[str]
    Params: ClassVar[type[GitListingParams]] = GitListingParams
    params: GitListingParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        host = urlsplit(self.params.url).netloc
        self.sweep = self.params.sweep(WORDS, host=host, known=self.frontier.known, files=self.params.files)

    @classmethod
    def own_hosts(cls, params: Any) -> Sequence[str]:
        """The server's, where its repositories are cloned, and those that an operator names. See HarvestSpider."""
        given = [urlsplit(url).hostname for url in (params.url, params.clone_prefix or "")]
        return (*dict.fromkeys(host for host in given if host), *params.hosts)

    def listing(self, response: Response) -> tuple[Sequence[Listed], str | None]:
        """The repositories of an index's page and the address of the next one. InputError: it is none."""
        raise NotImplementedError

    def own_page(self, response: Response) -> Own:
        """What a repository's page says. InputError: it is none."""
        raise NotImplementedError

    def tree_url(self, page: str) -> str:
        """Where the root folder of the repository with this page is shown."""
        raise NotImplementedError

    def tree(self, response: Response) -> Tree:
        """What a root folder holds. InputError: it is none."""
        raise NotImplementedError

    def file_url(self, page: str, path: str) -> str:
        """Where a file of the repository with this page is, as it is."""
        raise NotImplementedError

    def first_units(self) -> Iterable[Unit]:
        """The first page of the index."""
        yield _unit("list", self.params.url, number=1)

    def request(self, unit: Unit) -> Request:
        """A page of the index; or a repository's page, folder or file, which need not be there."""
        absent_too = {} if unit.data["ask"] == "list" else {"handle_httpstatus_list": [404, 410]}
        return Request(str(unit.data["url"]), headers={"Accept": "text/html,*/*;q=0.5"}, meta=absent_too)

    def page(self, response: Response, unit: Unit) -> Page:
        """The repositories that are complete, and what is to be asked for the others."""
        if unit.data["ask"] == "list":
            repositories, following = self.listing(response)
            repeats = not self.brings_new(listed.path for listed in repositories)
            next_units, issues = self._following(following, unit, repeats=repeats)
            return self._compared(unit, map(self._told, repositories), next_units=next_units, issues=issues)
        made = Repository.of(unit.data["repository"])
        match unit.data["ask"]:
            case "own" if response.status != 200:
                path, url = made.told["path"], str(unit.data["url"])
                return Page(unit=unit, issues=(Issue.of("repository-missing", place=url, value=path),))
            case "own":
                return self._compared(unit, [_with_own(made.told, self.own_page(response))])
            case "tree":
                tree = self.tree(response) if response.status == 200 else Tree()  # nothing was pushed to it yet
                return self._with_files(unit, replace(made, held=()), self._wanted(tree))
        (path, oid, _), *left = unit.data["left"]
        if _is_file(response):
            made = replace(made, held=(*made.files(), File.of(path, response.body, oid=oid)))
        return self._with_files(unit, made, left)

    def _compared(
        self, unit: Unit, listed: Iterable[Told], *, next_units: Sequence[Unit] = (), issues: Sequence[Issue] = ()
    ) -> Page:
        found = self.sweep.compare(listed, self._again)
        found.issues += issues
        return self.sweep.page(unit, found, next_units=(*map(self._next, found.ask.values()), *next_units))

    def _again(self, told: Told, before: Before) -> Now | None:
        """The repository as far as nothing has to be asked: the index shows it as it is stored, and untouched since."""
        had, moment = before.told, told["last_change"]
        untouched = before.current and moment is not None and moment == had.get("last_change")
        if untouched and all(had.get(name) == value for name, value in told.items()):
            return Now(had, before.held)
        if "clone" not in told:
            return None
        if not self.params.files or not self._is_here(told):
            return Now(told)
        return Now(told, before.held) if untouched else None

    def _next(self, told: Told) -> Unit:
        """What is asked next of a repository: its page, and then its folder."""
        if "clone" not in told:
            return _of("own", str(told["page"]), Repository(told=told))
        return _of("tree", self.tree_url(str(told["page"])), Repository(told=told))

    def _wanted(self, tree: Tree) -> list[tuple[str, str | None, int | None]]:
        """Path, id and size of each file that is read; what is below the root may be there if its folder is."""
        paths = self.params.paths
        below = dict.fromkeys((path for path in paths if path.partition("/")[0] in tree.folders), Entry())
        there = {**tree.files, **below}
        return [(path, there[path].oid, there[path].size) for path in repository.wanted(there, paths)]

    def _with_files(self, unit: Unit, made: Repository, left: Sequence[Sequence[Any]]) -> Page:
        """Ask for the first of the files that are `left`, or complete the repository. Nobody is asked for those that
        are stored, or too large."""
        before, held = self._before(made.told), list(made.files())
        had, same = before.repository.by_oid(), _same(made.told, before)
        for place, (path, oid, size) in enumerate(left):
            if oid in had:
                held.append(replace(had[oid], path=path))
            elif path in same:
                held.append(same[path])
            elif (size or 0) > MOST_BYTES:
                held.append(File.of(path, None, oid=oid))
            else:
                url, so_far = self.file_url(str(made.told["page"]), path), replace(made, held=tuple(held))
                return Page(unit=unit, next_units=(_of("file", url, so_far, left=[list(one) for one in left[place:]]),))
        return self._complete(unit, Now(made.told, tuple(held)), before)

    def _complete(self, unit: Unit, now: Now, before: Before, *issues: Issue) -> Page:
        found = Found(issues=list(issues))
        self.sweep.keep(found, now, before)
        return self.sweep.page(unit, found)

    def _failed(self, failure: Failure) -> Iterator[Page | UnitFailed]:
        """A repository whose files robots.txt forbids is kept with those that it had."""
        unit: Unit = failure.request.cb_kwargs["unit"]  # type: ignore[attr-defined]
        if not isinstance(failure.value, RobotsRefused) or unit.data["ask"] not in ("tree", "file"):
            yield from super()._failed(failure)
            return
        told = Repository.of(unit.data["repository"]).told
        before = self._before(told)
        issue = Issue.of("robots-forbid", place=str(told["path"]))
        yield self._complete(unit, Now(told, before.held, whole=False), before, issue)

    def _before(self, told: Told) -> Before:
        key = self.sweep.key(told)
        return self.sweep.before([key])[key]

    def _told(self, listed: Listed) -> dict[str, Any]:
        """What the index tells, with the clone addresses where nothing has to be asked for them."""
        told: dict[str, Any] = {
            "system": self.system,
            "path": listed.path,
            "page": listed.page,
            "description": _description(listed.description),
            "section": None if "@" in (listed.section or "") else listed.section,
            "last_change": listed.last_change,
        }
        if self.params.clone_prefix is not None:
            told["clone"] = [f"{self.params.clone_prefix.rstrip('/')}/{listed.path}"]
        elif not self._is_here(told):
            told["clone"] = []
        return told

    def _is_here(self, told: Told) -> bool:
        """Whether a repository is this server's; an index may show other servers' as well."""
        return urlsplit(str(told["page"])).hostname == urlsplit(self.params.url).hostname

    def _following(self, url: str | None, unit: Unit, *, repeats: bool) -> tuple[tuple[Unit, ...], tuple[Issue, ...]]:
        if url is None:
            return (), ()
        number = int(unit.data["number"]) + 1
        if number <= self.params.max_pages and not repeats:
            return (_unit("list", url, number=number),), ()
        return (), (self.left("url", pages=number - 1, most=self.params.max_pages, value=url),)


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


def _description(text: str | None) -> str | None:
    """A description; None for git's own default, also where it is cut."""
    return None if text is None or text.startswith("Unnamed repository; edit this file") else text


def tree_of(page: Tag, *, mode: str, link: str, size: str, oid: Callable[[Tag], str | None] = lambda _: None) -> Tree:
    """A folder, by the selectors of what its rows tell. Links are left out: they show where they lead, and no text."""
    files, folders = {}, set()
    for row in page.select(f"tr:has(> {mode})"):
        kind, anchor = words_of(row.select_one(mode)) or "", row.select_one(link)
        if anchor is not None and kind.startswith("d"):
            folders.add(anchor.get_text())
        elif anchor is not None and kind.startswith("-"):
            told = words_of(row.select_one(size)) or ""
            files[anchor.get_text()] = Entry(oid(anchor), int(told) if told.isdecimal() else None)
    return Tree(files, frozenset(folders))


def path_below(url: str, index: str) -> str:
    """How an instance names the repository with this page: its path below the index's."""
    path, root = unquote(urlsplit(url).path).strip("/"), unquote(urlsplit(index).path).strip("/")
    return path.removeprefix(root + "/") if root else path


def _with_own(told: Told, own: Own) -> dict[str, Any]:
    return {
        **told,
        "clone": list(own.clone),
        "description": _description(own.description) or told["description"],
        "last_change": told["last_change"] or own.last_change,
    }


def _same(told: Told, before: Before) -> dict[str, File]:
    """The files that are whole and cannot have changed, where the index tells no ids: nothing was pushed since."""
    moment = told["last_change"]
    untouched = moment is not None and moment == before.told.get("last_change") and before.repository.asked
    return {
        file.path: file for file in before.repository.files() if untouched and file.text is not None and not file.cut
    }


def _unit(ask: str, url: str, **more: Any) -> Unit:
    return Unit(f"{ask}:{url}", {"ask": ask, "url": url, **more})


def _of(ask: str, url: str, made: Repository, **more: Any) -> Unit:
    """A unit that carries what is known of a repository, in the form in which it is stored."""
    return _unit(ask, url, repository=json.loads(made.payload()), **more)


def _is_file(response: Response) -> bool:
    """Whether it is the file; servers show a page about its absence, some of them with 200."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
    return response.status == 200 and "html" not in kind
