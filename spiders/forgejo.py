"""Forgejo and Gitea: the repositories of organisations and users, of topics, or of a whole instance."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, model_validator

from harvester.errors import BudgetSpent, FetchError, ForgeError
from harvester.forges.forgejo import issues as forgejo_issues
from harvester.forges.forgejo import payload as forgejo_items
from harvester.forges.forgejo.client import ABSENT, PAGE, Forgejo
from harvester.forges.forgejo.details import Details
from harvester.forges.names import Names
from harvester.model import Issue, Page, RawItem, Run, Unit
from harvester.net import Net, Tokens
from harvester.normalize.canonical import canonical_json
from spiders.base import ForgeSpider, Params

_SEARCH = "/repos/search"
_BROKEN_SERVER = (None, 502, 503, 504)
"""No answer, or one of a proxy: not this repository but the server is in trouble."""
_MOVES_SHARE = 0.02
_MOST_UNREADABLE = 5  # repositories of a page, before the server is taken to be broken after all


class ForgejoParams(Params):
    """`files`, `languages`, `releases`: whether a repository that moved is asked for them: a request each, and one
    for each metadata file that changed. `concurrency` is units in flight.
    """

    url: str = Field("https://codeberg.org", pattern=r"^https?://[^/?#]+")
    organisations: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    whole_instance: bool = False
    files: bool = True
    languages: bool = True
    releases: bool = True
    country: str | None = None
    publisher: str | None = None
    placeholders: tuple[str, ...] = ()
    publiccode_only: bool = False
    concurrency: int = Field(1, ge=1, le=4)

    @model_validator(mode="after")
    def _something_is_asked(self) -> ForgejoParams:
        if not (self.organisations or self.users or self.topics or self.whole_instance):
            raise ValueError("name organisations, users or topics, or set whole_instance")
        return self


def requests_for(params: ForgejoParams) -> int:
    """What a repository that moved costs: its folder and mostly one file, its languages, its release."""
    return 2 * params.files + params.languages + params.releases


class ForgejoSpider(ForgeSpider):
    """One instance."""

    name = "forgejo"
    title = "Forgejo or Gitea"
    documented_api = True
    confirm_batch = 20
    Params: ClassVar[type[ForgejoParams]] = ForgejoParams
    params: ForgejoParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        url = self.params.url
        tokens = Tokens.authorization(url, net.tokens_for(url), scheme="token")
        self.concurrency = self.params.concurrency
        self.client = Forgejo(net.session(f"forgejo:{urlsplit(url).hostname}", tokens), url=url)
        self._details = Details(
            client=self.client,
            files=self.params.files,
            languages=self.params.languages,
            releases=self.params.releases,
        )
        self._totals: dict[str, int] = {}
        self._owners: dict[str, bool] = {}
        self._names = Names()

    def first_units(self) -> Iterable[Unit]:
        """The first page of each organisation, user and topic, or of the instance, in order of ids."""
        page = {"limit": str(PAGE), "page": "1"}
        search = page | {"sort": "id", "order": "asc", "private": "false"}
        for login in dict.fromkeys(self.params.organisations):
            yield _unit(f"/orgs/{quote(login, safe='')}/repos", page)
        for login in dict.fromkeys(self.params.users):
            yield _unit(f"/users/{quote(login, safe='')}/repos", page)
        for topic in dict.fromkeys(self.params.topics):
            yield _unit(_SEARCH, search | {"q": topic, "topic": "true"})
        if self.params.whole_instance:
            yield _unit(_SEARCH, search)

    @classmethod
    def forecast(cls, params: ForgejoParams, *, known: int, last: Run | None) -> Mapping[str, int] | None:
        """Requests of the next run by endpoint; None before the first, when nobody knows how much there is.

        A page for fifty repositories and one more for each further listing; and the details of as many repositories
        as the last run found changed, or of 2 % where no run tells.
        """
        if not known:
            return None
        listings = {
            "/orgs": len(params.organisations),
            "/users": len(params.users),
            "/repos": len(params.topics) + params.whole_instance,
        }
        told = last is not None and last.counts.unchanged > 0
        moved = last.counts.changed if last is not None and told else math.ceil(known * _MOVES_SHARE)
        spent = {kind: number for kind, number in listings.items() if number}
        spent[next(iter(spent))] += math.ceil(known / PAGE) - 1
        spent["/repos"] = spent.get("/repos", 0) + moved * requests_for(params)
        host = urlsplit(params.url).hostname
        return {f"{host} rest {kind}": number for kind, number in spent.items() if number}

    def ask(self, unit: Unit) -> Page:
        """A page of a listing, with the details of its repositories that moved."""
        path, query, seen = str(unit.data["path"]), dict(unit.data["query"]), int(unit.data.get("seen", 0))
        listing = f"{path}?q={query['q']}" if "q" in query else path
        try:
            page = self.client.repositories(path, query, seen=seen)
        except ForgeError as error:
            if error.status not in ABSENT or path == _SEARCH:
                raise
            return Page(unit=unit, issues=(forgejo_issues.owner_missing(path),))
        received = seen + len(page.repositories)
        found = self._composed(page.repositories, organisation=True if path.startswith("/orgs/") else None)
        if found.stopped_by is not None:
            if not (isinstance(found.stopped_by, BudgetSpent) and found.items):
                raise found.stopped_by
            # what was read is kept, so that a small budget gets on: it is known when the page is asked again
            part = int(unit.data.get("part", 1)) + 1
            again = Unit(f"{unit.key.partition('#')[0]}#{part}", {**unit.data, "part": part})
            return found.page(unit, next_units=(again,))
        if page.total is not None:
            self._totals[listing] = page.total
        if page.following is None and page.total is not None and received < page.total:
            found.issues.append(forgejo_issues.short_listing(listing, seen=received, total=page.total))
        repeats = bool(page.repositories) and page.repositories[0].get("id") == unit.data.get("first")
        if repeats:
            found.issues.append(forgejo_issues.paging_trap(listing, page=query["page"]))
        following = None if repeats else page.following
        first = page.repositories[0].get("id") if page.repositories else None
        return found.page(
            unit,
            next_units=(_unit(path, following, seen=received, first=first),) if following else (),
            total=sum(self._totals.values()) or None,
        )

    def confirm(self, unit: Unit, items: Sequence[RawItem]) -> Page:
        """Ask for each repository by its id, which stays when it is renamed or goes to another owner."""
        there, gone = [], []
        for item in items:
            try:
                repository = self.client.repository(item.key.rpartition(":")[2])
            except BudgetSpent:
                raise
            except ForgeError as error:
                if error.status in _BROKEN_SERVER:
                    raise
                continue  # refused: it may be there
            if repository is None or not forgejo_items.is_public(repository):
                gone.append(item.key)
            else:
                there.append(repository)
        found = self._composed(there, organisation=None)
        if found.stopped_by is not None:
            raise found.stopped_by
        return found.page(unit, gone=tuple(gone))

    def _composed(self, repositories: Sequence[Mapping[str, Any]], *, organisation: bool | None) -> _Found:
        """Repositories with their details, against what is stored of them."""
        found = _Found()
        public = [one for one in repositories if forgejo_items.is_public(one) and one.get("id") is not None]
        keys = {f"{self.client.host}:{one['id']}": one for one in public}
        known = self.frontier.known(list(keys))
        unreadable = 0
        for key, repository in keys.items():
            before = _payload(known.get(key))
            ours = organisation
            try:
                ours = self._is_organisation(repository, before) if ours is None else ours
                listed = forgejo_items.listed(repository, organisation=ours)
                payload = self._details.completed(listed, before)
            except FetchError as error:
                unreadable += 1
                server = isinstance(error, BudgetSpent) or error.status in _BROKEN_SERVER
                if server or unreadable > _MOST_UNREADABLE:
                    found.stopped_by = error
                    return found
                listed = forgejo_items.listed(repository, organisation=ours)
                payload = self._details.unread(listed, before)
                found.issues.append(forgejo_issues.unreadable(repository, error))
            self._keep(found, key, payload, known.get(key))
        return found

    def _keep(self, found: _Found, key: str, payload: dict[str, Any], known: RawItem | None) -> None:
        """Add one repository: to what is as it is stored, or to the items."""
        settled = self._names.settled(key, str(payload["full_name"]), payload)
        raw = self._raw(key, settled.pop(key))
        if known is not None and (raw.payload, raw.context) == (known.payload, known.context):
            found.seen.append(key)
        else:
            found.items.append(raw)
        for loser, other in settled.items():
            found.items = [item for item in found.items if item.key != loser] + [self._raw(loser, other)]
            found.seen = [seen for seen in found.seen if seen != loser]

    def _raw(self, key: str, payload: Mapping[str, Any]) -> RawItem:
        return RawItem(
            key=key,
            format="forgejo",
            payload=canonical_json(payload),
            url=str(payload.get("html_url") or f"{self.client.url}/{payload.get('full_name')}"),
            fetched_at=datetime.now(UTC),
            context=self._context(),
        )

    def _is_organisation(self, repository: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
        """Whether the owner is one: listings don't tell. A request for each owner that no stored item tells of."""
        owner = repository.get("owner") or {}
        login = str(owner.get("login") or owner.get("username"))
        told = (before or {}).get("owner") or {}
        if told.get("id") == owner.get("id") is not None and isinstance(told.get("organisation"), bool):
            self._owners.setdefault(login, told["organisation"])
        if login not in self._owners:
            self._owners[login] = self.client.organisation(login) is not None
        return self._owners[login]

    def _context(self) -> Mapping[str, Any]:
        params = self.params
        context: dict[str, Any] = {"host": self.client.host, "country": params.country, "publisher": params.publisher}
        context["publiccode_only"] = params.publiccode_only
        context["placeholders"] = sorted(params.placeholders)
        return {name: value for name, value in context.items() if value}


class _Found:
    """What composing repositories brought so far."""

    def __init__(self) -> None:
        self.items: list[RawItem] = []
        self.seen: list[str] = []
        self.issues: list[Issue] = []
        self.stopped_by: FetchError | None = None

    def page(
        self, unit: Unit, *, next_units: tuple[Unit, ...] = (), total: int | None = None, gone: tuple[str, ...] = ()
    ) -> Page:
        """All of it as the page of a unit."""
        return Page(
            unit=unit,
            raw_items=tuple(self.items),
            seen=tuple(self.seen),
            next_units=next_units,
            total=total,
            gone=gone,
            issues=tuple(self.issues),
        )


def _payload(raw: RawItem | None) -> Mapping[str, Any] | None:
    return json.loads(raw.payload) if raw is not None and raw.format == "forgejo" else None


def _unit(path: str, query: Mapping[str, str], *, seen: int = 0, first: int | None = None) -> Unit:
    data = {"path": path, "query": dict(query), "seen": seen, "first": first}
    return Unit(f"{path}?{urlencode(sorted(query.items()))}", data)
