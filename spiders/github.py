"""GitHub: every public repository of the owners named, and what searches find, a query of several at a time.

A unit is an owner, a page of an owner's listing, a page of a search, or a few repositories whose details are wanted.
Units of one kind are asked together, as many as one query may hold.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from math import ceil
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

import requests
from pydantic import AfterValidator, Field, model_validator

from harvester.errors import FetchError, ForgeError, InputError
from harvester.forges.github import harvest, payload, publishers
from harvester.forges.github.client import API_URL, GitHub, web_host
from harvester.forges.github.harvest import BEGIN, MOST_FOUND, Repositories, Window, owner_of
from harvester.forges.github.queries import MAX_PAGE_SIZE, Listing
from harvester.forges.sweep import Found
from harvester.model import Issue, Page, RawItem, Run, Unit
from harvester.net import Net, Tokens
from spiders.base import Former, Look
from spiders.forge import ForgeParams, ForgeSpider


def _login(value: str) -> str:
    if not publishers.LOGIN.fullmatch(value):
        raise ValueError(f"{value!r} is no login of GitHub: give the name alone, without https://github.com/")
    return value


def _search(value: str) -> str:
    try:
        harvest.refuse_dates(value)
    except InputError as error:
        raise ValueError(str(error)) from error
    return value


class GitHubParams(ForgeParams):
    """Where to look: `owners`, `publishers` (the URL of a file that names owners, of whose `groups` some may be
    chosen), `topics`, `search` (GitHub's words for repositories) and `code_search` (for files: an aid to discovery,
    never an inventory).

    `page_size` repositories are asked for at once.
    """

    owners: tuple[Annotated[str, AfterValidator(_login)], ...] = ()
    publishers: str | None = Field(None, pattern="^https?://")
    groups: tuple[str, ...] = ()
    topics: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")], ...] = ()
    search: tuple[Annotated[str, AfterValidator(_search)], ...] = ()
    code_search: tuple[str, ...] = ()
    api_url: str = API_URL
    page_size: int = Field(MAX_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)
    origins: int = Field(300, ge=0, le=1000)

    @model_validator(mode="after")
    def _somewhere(self) -> GitHubParams:
        if not (self.owners or self.publishers or self.topics or self.search or self.code_search):
            raise ValueError("name owners, publishers, topics, search or code_search")
        return self


class GitHubSpider(ForgeSpider):
    """GitHub, or a GitHub Enterprise by its `api_url`."""

    name = "github"
    title = "GitHub"
    documented_api = True
    concurrency = 1
    confirm_batch = MAX_PAGE_SIZE
    Params: ClassVar[type[GitHubParams]] = GitHubParams
    params: GitHubParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        params = self.params
        api = urlsplit(params.api_url)
        # http is spoken by the simulated web only, and its GitHub wants a token as well: any word does
        given = net.tokens_for(params.api_url) if api.scheme == "https" else ["simulated"]
        self.session = net.session(f"github:{api.hostname}", Tokens.authorization(params.api_url, given))
        self.client = GitHub(
            self.session, api_url=params.api_url, user_agent=net.user_agent, page_size=params.page_size
        )
        self.sweep = self.sweep_of(payload.WORDS, host=self.client.host)
        self.repositories = Repositories(self.client, self.sweep, paths=params.paths)
        self._owners: set[str] = set()
        self._missing: set[str] = set()
        self._wanted: set[str] = set()

    def first_units(self) -> Iterable[Unit]:
        """Owners, each once whatever its letter case, and searches from GitHub's beginning until today."""
        params = self.params
        if params.publishers:
            yield Unit(f"publishers:{params.publishers}", {"kind": "publishers"})
        yield from self._owner_units(params.owners)
        for query in (*(f"topic:{topic}" for topic in params.topics), *params.search):
            yield harvest.search_unit(Window(query, BEGIN, datetime.now(UTC).date()))
        for query in params.code_search:
            yield harvest.code_unit(query, 1)

    def looks(self) -> Iterable[Look]:
        """The file of publishers, what each owner pushed to last; the API itself for a search."""
        if self.params.publishers:
            yield Look(self.params.publishers, {})
        for owner in dict.fromkeys(self.params.owners):
            yield Look(f"{self.params.api_url.rstrip('/')}/users/{owner}/repos?sort=pushed&per_page=1", {})
        if not (self.params.publishers or self.params.owners):  # GitHub's search is asked sparingly
            yield Look(f"{self.params.api_url.rstrip('/')}/rate_limit", {})

    def take(self, waiting: deque[Unit]) -> Sequence[Unit]:
        """The first unit and others of its kind. See ForgeSpider."""
        return harvest.take(waiting, details=self.params.page_size)

    def ask_all(self, asked: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        """One query, or a few where it was too much or files are wanted. See ForgeSpider."""
        kind = asked[0].data["kind"]
        if kind == "owner" and len(asked) > 1:
            yield from self._sizes(asked)
        elif kind in ("owner", "listing"):
            yield from self._listings(asked)
        elif kind == "details":
            yield from self._details(asked)
        else:
            ask = {"search": self._search, "code": self._code, "publishers": self._publishers}[kind]
            yield from ((unit, ask(unit)) for unit in asked)

    def confirm(self, unit: Unit, items: Sequence[RawItem]) -> Page:
        """By node id: what is found has another name or owner now, or left the listings. See ForgeSpider."""
        found = self.repositories.confirmed(items)
        before = {raw.key: owner_of(raw) for raw in items}
        moved = {
            before[key]: owner_of(raw)
            for key, raw in found.items.items()
            if before.get(key, "").lower() in self._missing and owner_of(raw) != before[key]
        }
        found.issues += [harvest.renamed(old, new) for old, new in moved.items()]
        return self._page(unit, found, following=self._owner_units(moved.values()))

    @classmethod
    def own_hosts(cls, params: GitHubParams) -> Sequence[str]:
        """The one that people know by its API's, and those that an operator names. See HarvestSpider."""
        return (web_host(params.api_url), *params.hosts)

    @classmethod
    def former(cls, params: GitHubParams) -> Former:
        """A query for a hundred names. See ForgeSpider."""
        host = cls.own_hosts(params)[0]
        return Former(host, f"{urlsplit(params.api_url).hostname} graphql", most=300, batch=MAX_PAGE_SIZE, points=True)

    @classmethod
    def copied(cls, params: GitHubParams) -> Former | None:
        """A query for a hundred names. See ForgeSpider."""
        return replace(cls.former(params), most=params.origins) if cls.seeks_origins(params) else None

    def led_to(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """GitHub follows renames. See ForgeSpider."""
        return self.client.named([name for name in names if name.count("/") == 1])

    def shown(self, names: Sequence[str]) -> Mapping[str, Any]:
        """One query for a hundred. See ForgeSpider."""
        return self.client.origins([name for name in names if name.count("/") == 1])

    def told(self, served: Any) -> Mapping[str, Any] | None:
        """See ForgeSpider."""
        return None if served.get("isPrivate") else payload.sweep(served)

    def _sizes(self, asked: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        left = {unit.data["login"]: unit for unit in asked}
        for size in self.client.owners(list(left)):
            unit = left.pop(size.login)
            listing = Listing(size.login, first=min(size.total, MAX_PAGE_SIZE))
            self._note(size.login, size.issues)
            following = (harvest.listing_unit(listing),) if size.total else ()
            found = Found(issues=list(size.issues))
            yield unit, self._page(unit, found, following=following, listing=size.login, total=size.total)
        self._refuse(list(left))

    def _listings(self, asked: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        listings = [harvest.listing_of(unit) for unit in asked]
        left = {(listing.login, listing.after): unit for listing, unit in zip(listings, asked, strict=True)}
        for page in self.client.repositories(listings):
            unit = left.pop((page.listing.login, page.listing.after))
            self._note(page.listing.login, page.issues)
            following = [harvest.listing_unit(page.following)] if page.following else []
            found = self.repositories.listed(page.nodes)
            found.issues += page.issues
            yield unit, self._page(unit, found, following=following, listing=page.listing.login, total=page.total)
        self._refuse([login for login, _ in left])

    def _details(self, asked: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        ids = list(dict.fromkeys(identifier for unit in asked for identifier in unit.data["ids"]))
        found, keys = self.repositories.detailed(ids)
        self._wanted.difference_update(ids)
        left = set(found.items) - set(keys.values())  # whoever lost a name
        for unit in asked:
            mine = found.only([*(keys[one] for one in unit.data["ids"] if one in keys), *left])
            mine.issues, found.issues, left = found.issues, [], set()
            yield unit, self._page(unit, mine)

    def _search(self, unit: Unit) -> Page:
        data = unit.data
        window = Window(data["query"], date.fromisoformat(data["since"]), date.fromisoformat(data["until"]))
        page = self.client.search(window.text(), after=data["after"])
        halves = [harvest.search_unit(half) for half in window.halves()]
        if data["after"] is None and page.total > MOST_FOUND and halves:
            return Page(unit=unit, next_units=tuple(halves))
        found = self.repositories.listed(page.nodes)
        found.issues += page.issues
        if page.total > MOST_FOUND:
            found.issues.append(window.capped(page.total))
        following = harvest.search_unit(window, after=page.following, number=data["number"] + 1)
        return self._page(unit, found, following=[following] if page.following else [])

    def _code(self, unit: Unit) -> Page:
        query, number = unit.data["query"], int(unit.data["page"])
        page = self.client.code(query, page=number)
        found = Found(ask={one: {"id": one} for one in page.repositories})
        if number == 1 and (page.total > MOST_FOUND or not page.whole):
            found.issues.append(harvest.not_all(query, page.total))
        more = page.received == MAX_PAGE_SIZE and number * MAX_PAGE_SIZE < min(page.total, MOST_FOUND)
        return self._page(unit, found, following=[harvest.code_unit(query, number + 1)] if more else [])

    def _publishers(self, unit: Unit) -> Page:
        url = str(self.params.publishers)
        try:
            answer = self.session.get(url, headers=self.client.headers_for(url), timeout=30)
        except requests.RequestException as error:
            raise FetchError(f"{url}: {type(error).__name__}", url=url) from error
        if answer.status_code != 200:
            raise FetchError(f"{url} answered {answer.status_code}", url=url, status=answer.status_code)
        found = publishers.read(answer.content, host=self.client.host, groups=self.params.groups)
        return Page(unit=unit, next_units=tuple(self._owner_units(found.logins)), issues=tuple(found.issues))

    def _page(
        self, unit: Unit, found: Found, *, following: Iterable[Unit] = (), listing: str = "", total: int | None = None
    ) -> Page:
        """What was found, and units for the details of what is to be looked into."""
        ids = dict.fromkeys(str(told["id"]) for told in found.ask.values())
        wanted = [identifier for identifier in ids if identifier not in self._wanted]
        self._wanted.update(wanted)
        details = [harvest.details_unit(wanted[at : at + MAX_PAGE_SIZE]) for at in range(0, len(wanted), MAX_PAGE_SIZE)]
        return self.sweep.page(unit, found, next_units=(*following, *details), listing=listing, total=total)

    def _owner_units(self, logins: Iterable[str]) -> Iterator[Unit]:
        for login in logins:
            if login.lower() not in self._owners:
                self._owners.add(login.lower())
                yield Unit(f"owner:{login.lower()}", {"kind": "owner", "login": login})

    def _note(self, login: str, issues: Sequence[Issue]) -> None:
        """Keep that an owner was not found."""
        if any(issue.code == "owner-missing" for issue in issues):
            self._missing.add(login.lower())

    def _refuse(self, logins: Sequence[str]) -> None:
        """Raises ForgeError for owners of whom GitHub gave nothing, however little was asked."""
        if logins:
            url = self.client.requester.graphql_url
            raise ForgeError(f"{url} gave nothing of {', '.join(logins[:5])}", url=url, remedy="try again later")

    def closed(self, _reason: str) -> None:
        """Scrapy's hook at the end: what the run cost in points of GitHub's hourly budget, among Scrapy's stats."""
        if self.crawler.stats is not None:
            self.crawler.stats.set_value("github/points", self.client.points)

    @classmethod
    def forecast(cls, params: GitHubParams, *, known: int, last: Run | None) -> Mapping[str, int] | None:
        """What a run would send, by endpoint; None where owners are still to be found by files or searches."""
        if not known and not params.owners:
            return None
        changed = harvest.changed_share(last.counts if last else None)
        repositories = known or harvest.TYPICAL_OWNER * len(params.owners)
        detailed = ceil(changed * known) if known else repositories
        owners = len(params.owners) or ceil(known / harvest.TYPICAL_OWNER)
        spent = harvest.predicted(repositories, owners=owners, detailed=detailed)
        host = urlsplit(params.api_url).hostname
        searched = {f"{host} rest /search": 10 * len(params.code_search)} if params.code_search else {}
        return {f"{host} graphql": spent.requests, f"{host} graphql points": spent.points, **searched}
