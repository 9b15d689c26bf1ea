"""Forgejo and Gitea: the repositories of organisations and users, of topics, or of a whole instance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, model_validator

from harvester.errors import BudgetSpent, ForgeError
from harvester.forges.forgejo import payload
from harvester.forges.forgejo.client import ABSENT, PAGE, SEARCH, Forgejo
from harvester.forges.forgejo.harvest import Inside
from harvester.forges.sweep import BROKEN_SERVER, ForgeWords, Found
from harvester.model import Issue, Page, RawItem, Run, Unit
from harvester.net import Net, Tokens
from spiders.base import Look
from spiders.forge import ForgeParams, ForgeSpider, one_by_one

_MOVES_SHARE = 0.02


class ForgejoParams(ForgeParams):
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
    named_at: ClassVar[str | None] = "/repos"
    words: ClassVar[ForgeWords] = payload.WORDS
    files_want_token: ClassVar[bool] = False
    Client: ClassVar[type[Forgejo]] = Forgejo
    Params: ClassVar[type[ForgejoParams]] = ForgejoParams
    params: ForgejoParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        url = self.params.url
        # http is spoken by the simulated web only, where any word is a token
        given = ["simulated"] if self.files_want_token and url.startswith("http:") else net.tokens_for(url)
        tokens = Tokens.authorization(url, given, scheme="token")
        self.concurrency = self.params.concurrency
        self.client = self.Client(net.session(f"forgejo:{urlsplit(url).hostname}", tokens), url=url)
        asked = self.params
        self.reads_files = asked.files and (bool(tokens) or not self.files_want_token)
        self._inside = Inside(
            self.client, files=self.reads_files, languages=asked.languages, releases=asked.releases, paths=asked.paths
        )
        self.sweep = self.sweep_of(self.words, host=self.client.host, files=self.reads_files)

    def first_units(self) -> Iterable[Unit]:
        """The first page of each organisation, user and topic, or of the instance, in order of ids."""
        page = {"limit": str(PAGE), "page": "1"}
        search = page | {"sort": "id", "order": "asc", "private": "false"}
        for login in dict.fromkeys(self.params.organisations):
            yield _unit(f"/orgs/{quote(login, safe='')}/repos", page)
        for login in dict.fromkeys(self.params.users):
            yield _unit(f"/users/{quote(login, safe='')}/repos", page)
        for topic in dict.fromkeys(self.params.topics):
            yield _unit(SEARCH, search | {"q": topic, "topic": "true"})
        if self.params.whole_instance:
            yield _unit(SEARCH, search)

    def looks(self) -> Iterable[Look]:
        """What an organisation or user has, and what moved last with a topic or in the instance."""
        root, one = f"{self.params.url.rstrip('/')}/api/v1", "limit=1"
        for login in dict.fromkeys(self.params.organisations):
            yield Look(f"{root}/orgs/{quote(login, safe='')}/repos?{one}", {})
        for login in dict.fromkeys(self.params.users):
            yield Look(f"{root}/users/{quote(login, safe='')}/repos?{one}", {})
        newest = f"{root}{SEARCH}?sort=updated&order=desc&{one}"
        for topic in dict.fromkeys(self.params.topics):
            yield Look(f"{newest}&topic=true&q={quote(topic, safe='')}", {})
        if self.params.whole_instance:
            yield Look(newest, {})

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
            if error.status not in ABSENT or path == SEARCH:
                raise
            return Page(unit=unit, issues=(Issue.of("owner-missing", place=path, value=path.split("/")[2]),))
        found = self._looked_into(page.repositories, of_organisation=path.startswith("/orgs/"))
        if found.stopped_by is not None:
            if not (isinstance(found.stopped_by, BudgetSpent) and found.items):
                raise found.stopped_by
            # what was read is kept, so that a small budget gets on: it is known when the page is asked again
            part = int(unit.data.get("part", 1)) + 1
            again = Unit(f"{unit.key.partition('#')[0]}#{part}", {**unit.data, "part": part})
            return self.sweep.page(unit, found, next_units=(again,))
        received = seen + len(page.repositories)
        following, number = page.following, int(query["page"])
        names = [repr(one.get("id") if isinstance(one, dict) else one) for one in page.repositories]
        if following and (not self.brings_new(names, listing=listing) or number >= self.params.max_pages):
            found.issues.append(self.left(listing, pages=number, most=self.params.max_pages))
            following = None
        return self.sweep.page(
            unit,
            found,
            next_units=(_unit(path, following, seen=received),) if following else (),
            listing=listing,
            total=page.total,
            seen=None if page.following else received,
        )

    def confirm(self, unit: Unit, items: Sequence[RawItem]) -> Page:
        """Ask for each repository by its id, which stays when it is renamed or goes to another owner."""
        there, gone = [], []
        for item in items:
            try:
                name = self.sweep.before([item.key])[item.key].told.get("full_name")
                repository = self.client.repository(item.key.rpartition(":")[2], name=name)
            except BudgetSpent:
                raise
            except ForgeError as error:
                if error.status in BROKEN_SERVER:
                    raise
                continue  # refused: it may be there
            if repository is None or not payload.is_public(repository):
                gone.append(item.key)
            else:
                there.append(repository)
        found = self._looked_into(there, unlisted=True)
        if found.stopped_by is not None:
            raise found.stopped_by
        found.gone = gone
        return self.sweep.page(unit, found)

    def led_to(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """See ForgeSpider."""
        return one_by_one(self.client.named, names)

    def shown(self, names: Sequence[str]) -> Mapping[str, Any]:
        """See ForgeSpider."""
        return one_by_one(self.client.named, names)

    def told(self, served: Any) -> Mapping[str, Any] | None:
        """See ForgeSpider. Whether its owner is an organisation would be a request more."""
        return payload.with_owner(payload.listed(served), organisation=None) if payload.is_public(served) else None

    def _looked_into(
        self, repositories: Sequence[Any], *, of_organisation: bool = False, unlisted: bool = False
    ) -> Found:
        """Repositories with their details, against what is stored of them."""

        def listed(one: Any) -> Mapping[str, Any] | None:
            if not payload.is_public(one) or one.get("id") is None:
                return None
            if of_organisation:
                self._inside.organisations[payload.login(one["owner"])] = True
            told = payload.listed(one)
            self.sweep.key(told)
            return told

        issues: list[Issue] = []
        shown = self.sweep.readable(issues, repositories, listed)
        found = self.sweep.compare(shown, self._inside.again, unlisted=unlisted)
        self.sweep.look_inside(found, self._inside.look, unread=self._inside.unread)
        found.issues += issues
        return found


def _unit(path: str, query: Mapping[str, str], *, seen: int = 0) -> Unit:
    data = {"path": path, "query": dict(query), "seen": seen}
    return Unit(f"{path}?{urlencode(sorted(query.items()))}", data)
