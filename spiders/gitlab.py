"""GitLab: the projects of groups (with their subgroups) and users, with a topic, or of a whole instance.

Listings are swept a hundred projects a page and compared with what is stored; what is new, or changed where only its
files tell how, is asked for many at a time. GraphQL is used where the instance serves it, REST where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from harvester.errors import BudgetSpent, FetchError
from harvester.forges.gitlab import forecast as gitlab_forecast
from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab import units
from harvester.forges.gitlab.client import GitLab, first_page, short_listing
from harvester.forges.gitlab.graphql import ListedPage
from harvester.forges.gitlab.items import Listed
from harvester.forges.gitlab.payload import Wanted
from harvester.forges.gitlab.projects import Projects
from harvester.forges.names import Names
from harvester.model import Page, RawItem, Run, Unit
from harvester.net import Net, Tokens
from harvester.normalize.canonical import canonical_json, parse_json
from spiders.base import ForgeSpider, Params


class GitLabParams(Params):
    """`topics` are listings of their own. `files`: read publiccode.yml, README and the like; None: not for a whole
    instance. `languages`: None with the files. `licenses`: ask each project for its licence (a request for each that is
    new or changed). `graphql`: False asks by REST alone. `placeholders` are payload fields that this instance serves
    without meaning. `concurrency` is units in flight.
    """

    url: str = "https://gitlab.com"
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    whole_instance: bool = False
    graphql: bool = True
    files: bool | None = None
    languages: bool | None = None
    licenses: bool = False
    country: str | None = None
    publisher: str | None = None
    placeholders: tuple[str, ...] = ()
    publiccode_only: bool = False
    concurrency: int = Field(1, ge=1, le=4)

    @model_validator(mode="after")
    def _something_is_asked(self) -> GitLabParams:
        if not (self.groups or self.users or self.topics or self.whole_instance):
            raise ValueError("name groups, users or topics, or set whole_instance")
        return self

    @property
    def wanted(self) -> Wanted:
        """What is wanted of each project beside what a listing shows."""
        files = not self.whole_instance if self.files is None else self.files
        languages = files if self.languages is None else self.languages
        return Wanted(files=files, languages=languages, license=self.licenses)

    def listings(self) -> Iterable[tuple[Literal["group", "user", "topic", "instance"], str]]:
        """What is listed: kind and name."""
        if self.whole_instance:
            yield "instance", ""
            return
        for group in dict.fromkeys(self.groups):
            yield "group", group.strip("/")
        for user in dict.fromkeys(self.users):
            yield "user", user
        for topic in dict.fromkeys(self.topics):
            yield "topic", topic


class GitLabSpider(ForgeSpider):
    """One GitLab instance."""

    name = "gitlab"
    title = "GitLab"
    documented_api = True
    confirm_batch = units.BATCH
    Params: ClassVar[type[GitLabParams]] = GitLabParams
    params: GitLabParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        at = urlsplit(self.params.url)
        tokens = Tokens.private(self.params.url, net.tokens_for(self.params.url))
        self.concurrency = self.params.concurrency
        self._totals: dict[str, int] = {}
        self._names = Names()
        session = net.session(f"gitlab:{at.hostname}", tokens)
        self.client = GitLab(session, url=self.params.url, user_agent=net.user_agent)
        wanted, graphql = self.params.wanted, self.params.graphql
        self.projects = Projects(self.client, wanted=wanted, stored=self._known, graphql=graphql)

    def first_units(self) -> Iterable[Unit]:
        """The first page of each listing."""
        for kind, name in self.params.listings():
            yield units.first(kind, name)

    def ask(self, unit: Unit) -> Page:
        """A page of a listing, or what is inside some projects.

        `Page.total` is what all listings that were asked so far have, as far as the instance counts.
        """
        data = unit.data
        if "kind" not in data:
            return self._origins(unit) if "forks" in data else self._inside(unit)
        kind, name = data["kind"], data["name"]
        page = None if "query" in data else self.projects.shown(kind, name, after=data.get("after"))
        if page is not None:
            return self._listed(unit, page, following={"after": page.following} if page.following else None)
        path, query = (data["path"], data["query"]) if "query" in data else first_page(kind, name)
        if "after" in data:  # GraphQL's cursor means nothing to REST: begin anew
            return Page(unit=unit, next_units=(units.anew(unit, path=path, query=query),))
        served = self.client.projects(path, query)
        projects = tuple(gitlab_items.from_rest(project) for project in served.projects)
        following = {"path": path, "query": dict(served.following)} if served.following else None
        return self._listed(unit, ListedPage(projects=projects, total=served.total), following=following)

    def _listed(self, unit: Unit, page: ListedPage, *, following: Mapping[str, Any] | None) -> Page:
        """What a page of a listing brings: what changed, what is as stored, and whose inside is to be asked."""
        listing = f"{unit.data['kind']}:{unit.data['name']}"
        if page.total is not None:
            self._totals[listing] = page.total
        seen = int(unit.data["seen"]) + len(page.projects) + len(page.broken)
        found = self._compared(page.projects)
        broken: dict[str, Any] = {str(number): [] for number in page.broken}
        following_units = units.after(
            unit, following, seen=seen, wanted={**found.wanted, **broken}, forks=found.forks, batch=self._batch
        )
        issues = []
        if not following and page.total is not None and seen < page.total:
            issues.append(short_listing(listing, seen=seen, total=page.total))
        return Page(
            unit=unit,
            raw_items=tuple(found.raw_items),
            seen=tuple(found.seen),
            next_units=following_units,
            total=sum(self._totals.values()) or None,
            issues=tuple(issues),
        )

    @property
    def _batch(self) -> int:
        return units.BATCH if self.projects.graphql else units.BATCH_REST

    def _compared(self, projects: Iterable[Listed]) -> units.Compared:
        found, payloads = units.Compared(), []
        shown = {self._key(listed.fields): listed for listed in projects if listed.public}
        stored = self.frontier.known(list(shown))
        for key, listed in shown.items():
            before = stored.get(key)
            fetched_at = before.fetched_at if before else datetime.now(UTC)
            payload, missing = self.projects.settled(listed, _payload(before), fetched_at=fetched_at)
            if payload is None:
                found.wanted[str(listed.number)] = list(missing) if self.projects.graphql else dict(listed.fields)
                continue
            if listed.forked:
                found.forks.append(key)
            payloads.append(payload)
        for item in self._items(payloads):
            before = stored.get(item.key)
            if before is not None and _alike(before, item):
                found.seen.append(item.key)
            else:
                found.raw_items.append(item)
        return found

    def _items(self, payloads: Iterable[Mapping[str, Any]]) -> tuple[RawItem, ...]:
        """These payloads, and those of other projects that lose a former path to one of them."""
        items: dict[str, RawItem] = {}
        for payload in payloads:
            settled = self._names.settled(self._key(payload), str(payload["path_with_namespace"]), payload)
            items |= {key: self._raw(kept) for key, kept in settled.items()}
        return tuple(items.values())

    def _origins(self, unit: Unit) -> Page:
        """Forks whose origin has moved since they were stored."""
        known = self.frontier.known(unit.data["forks"])
        forks = [payload for item in known.values() if (payload := _payload(item)) and payload["forked_from_project"]]
        return Page(unit=unit, raw_items=self._items(self.projects.with_moved_origins(forks)))

    def _inside(self, unit: Unit) -> Page:
        """Projects with what is inside them. One that has gone meanwhile is left out: `confirm` asks for it."""
        wanted: Mapping[str, Any] = unit.data["wanted"]
        numbers = [int(number) for number in wanted]
        paths = [path for known in wanted.values() if isinstance(known, list) for path in known]
        found = self.projects.numbered(numbers, paths=paths)
        if found is None and len(numbers) > units.BATCH_REST:
            return Page(unit=unit, next_units=units.inside(unit.key, wanted, batch=units.BATCH_REST))
        if found is None:
            fields = {int(number): known for number, known in wanted.items() if isinstance(known, dict)}
            asked = (self.projects.alone(number, listed=fields.get(number)) for number in numbers)
            found = [payload for payload in asked if payload is not None]
        return Page(unit=unit, raw_items=self._items(found))

    def confirm(self, unit: Unit, items: Sequence[RawItem]) -> Page:
        """Ask for each of these projects: by number, many at a time, and those that are not shown so one by one."""
        names = {item.key: self._name(item) for item in items}
        found = {}
        gone = []
        numbers = [name for name in names.values() if isinstance(name, int)]
        for payload in (self.projects.numbered(numbers) if numbers else None) or ():
            found[self._key(payload)] = payload
        for key, name in names.items():
            if key in found:
                continue
            try:
                alone = self.projects.alone(name)
            except BudgetSpent:
                raise
            except FetchError:
                continue  # the forge would not say
            if alone is None:
                gone.append(key)
            else:
                found[key] = alone
        return Page(unit=unit, raw_items=self._items(found.values()), gone=tuple(gone))

    def _name(self, item: RawItem) -> int | str:
        """What a project is asked by: its number, or its path where numbers mean nothing."""
        payload = _payload(item) or {}
        numbered = "id" not in self.params.placeholders and isinstance(payload.get("id"), int)
        return payload["id"] if numbered else str(payload["path_with_namespace"])

    def _known(self, projects: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any] | None]:
        keys = [self._key(fields) for fields in projects]
        known = self.frontier.known(keys)
        return [_payload(known.get(key)) for key in keys]

    def _key(self, fields: Mapping[str, Any]) -> str:
        if "id" not in self.params.placeholders:
            return f"{self.client.host}:{fields['id']}"
        return self._url(fields).lower()  # GitLab's paths ignore case

    def _url(self, fields: Mapping[str, Any]) -> str:
        return str(fields.get("web_url") or f"{self.params.url.rstrip('/')}/{fields['path_with_namespace']}")

    def _raw(self, payload: Mapping[str, Any]) -> RawItem:
        return RawItem(
            key=self._key(payload),
            format="gitlab",
            payload=canonical_json(payload),
            url=self._url(payload),
            fetched_at=datetime.now(UTC),
            context=self._context(),
        )

    def _context(self) -> Mapping[str, Any]:
        params = self.params
        context: dict[str, Any] = {"host": self.client.host, "country": params.country, "publisher": params.publisher}
        context["publiccode_only"] = params.publiccode_only
        context["placeholders"] = sorted(params.placeholders)
        return {name: value for name, value in context.items() if value}

    @classmethod
    def forecast(cls, params: Any, *, known: int, last: Run | None) -> Mapping[str, int] | None:
        """Requests of a run, by endpoint; of a first one as far as an earlier attempt told how much there is."""
        asked = cls.Params.model_validate(params)
        projects = known or (last.counts.total if last is not None else None)
        if not projects:
            return None
        host = urlsplit(asked.url).hostname or ""
        return gitlab_forecast.requests(
            host,
            [kind for kind, _ in asked.listings()],
            projects=projects,
            looked_into=ceil(known * gitlab_forecast.CHANGED_SHARE) if known else projects,
            wanted=asked.wanted,
            graphql=gitlab_forecast.by_graphql(host, last.spent if last is not None else None, allowed=asked.graphql),
        )


def _payload(item: RawItem | None) -> Mapping[str, Any] | None:
    if item is None:
        return None
    payload: Mapping[str, Any] = parse_json(item.payload)
    return payload


def _alike(one: RawItem, other: RawItem) -> bool:
    """Whether storing the one in the place of the other would change nothing."""
    return (one.payload, one.url, dict(one.context)) == (other.payload, other.url, dict(other.context))
