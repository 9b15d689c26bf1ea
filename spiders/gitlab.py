"""GitLab: the projects of groups (with their subgroups) and users, with a topic, or of a whole instance.

Listings are swept a hundred projects a page and compared with what is stored; what is new, or changed where only its
files tell how, is asked for many at a time. GraphQL is used where the instance serves it, REST where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, model_validator

from harvester.errors import BudgetSpent, FetchError
from harvester.forges.gitlab import harvest
from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab.client import GitLab, first_page
from harvester.forges.gitlab.graphql import ListedPage
from harvester.forges.gitlab.harvest import Projects
from harvester.forges.gitlab.items import Listed
from harvester.forges.gitlab.payload import WORDS, WantedParts
from harvester.forges.sweep import Before, Found, Now
from harvester.model import Issue, Page, RawItem, Run, Unit
from harvester.net import Net, Tokens
from harvester.normalize import repository
from spiders.base import Look
from spiders.forge import ForgeParams, ForgeSpider, one_by_one


class GitLabParams(ForgeParams):
    """`topics` are listings of their own. `files`: read publiccode.yml, README and the like; None: not for a whole
    instance. `languages`: None with the files. `licenses`: ask each project for its licence (a request for each that is
    new or changed). `graphql`: False asks by REST alone. `concurrency` is units in flight.
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
    concurrency: int = Field(1, ge=1, le=4)

    @model_validator(mode="after")
    def _something_is_asked(self) -> GitLabParams:
        if not (self.groups or self.users or self.topics or self.whole_instance):
            raise ValueError("name groups, users or topics, or set whole_instance")
        return self

    @property
    def wanted(self) -> WantedParts:
        """What is wanted of each project beside what a listing shows."""
        files = not self.whole_instance if self.files is None else self.files
        languages = files if self.languages is None else self.languages
        return WantedParts(files=files, languages=languages, license=self.licenses, paths=self.paths)

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
    confirm_batch = harvest.BATCH
    named_at = "/projects"
    Params: ClassVar[type[GitLabParams]] = GitLabParams
    params: GitLabParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        at = urlsplit(self.params.url)
        tokens = Tokens.private(self.params.url, net.tokens_for(self.params.url))
        self.concurrency = self.params.concurrency
        session = net.session(f"gitlab:{at.hostname}", tokens)
        self.client = GitLab(session, url=self.params.url, user_agent=net.user_agent)
        wanted, graphql = self.params.wanted, self.params.graphql
        self.sweep = self.sweep_of(WORDS, host=self.client.host, files=wanted.files)
        self.projects = Projects(self.client, wanted=wanted, stored=self._stored_of, graphql=graphql)

    def _stored_of(self, projects: Sequence[Mapping[str, Any]]) -> Sequence[Before]:
        """What is stored of each, whatever it is called: one that two listings show is there twice."""
        keys = [self.sweep.key(told) for told in projects]
        before = self.sweep.before(keys)
        return [before[key] for key in keys]

    def first_units(self) -> Iterable[Unit]:
        """The first page of each listing."""
        for kind, name in self.params.listings():
            yield harvest.first_unit(kind, name)

    def looks(self) -> Iterable[Look]:
        """What moved last in each group, of each user and topic, or in the instance."""
        newest = {"order_by": "last_activity_at", "per_page": "1"}
        for kind, name in self.params.listings():
            place = {"group": f"groups/{quote(name, safe='')}/", "user": f"users/{quote(name, safe='')}/"}.get(kind, "")
            query = newest | ({"topic": name} if kind == "topic" else {})
            yield Look(f"{self.params.url.rstrip('/')}/api/v4/{place}projects?{urlencode(query)}", {})

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
            return Page(unit=unit, next_units=(harvest.first_unit_by_rest(unit, path=path, query=query),))
        served = self.client.projects(path, query)
        issues: list[Issue] = []
        projects = tuple(self.sweep.readable(issues, served.projects, self._from_rest))
        following = {"path": path, "query": dict(served.following)} if served.following else None
        made = self._listed(unit, ListedPage(projects=projects, total=served.total), following=following)
        return replace(made, issues=(*made.issues, *issues))

    def _from_rest(self, project: Mapping[str, Any]) -> Listed:
        """A project of REST, whose number is one."""
        listed = gitlab_items.from_rest(project)
        return replace(listed, fields={**listed.fields, "id": listed.number})

    def _listed(self, unit: Unit, page: ListedPage, *, following: Mapping[str, Any] | None) -> Page:
        """What a page of a listing brings: what changed, what is as stored, and whose inside is to be asked."""
        seen = int(unit.data["seen"]) + len(page.projects) + len(page.broken) + len(page.unnamed)
        forks: list[str] = []
        found = self._compared(page.projects, forks)
        self.sweep.readable(found.issues, page.unnamed, gitlab_items.from_graphql)
        listing, number = f"{unit.data['kind']}:{unit.data['name']}", int(unit.data["page"])
        names = [*(self.sweep.key(listed.fields) for listed in page.projects), *map(str, page.broken)]
        if following and (not self.brings_new(names, listing=listing) or number >= self.params.max_pages):
            found.issues.append(self.left(listing, pages=number, most=self.params.max_pages))
            following = None
        wanted = {**found.ask, **{str(number): [] for number in page.broken}}
        after = harvest.units_after(unit, following, seen=seen, wanted=wanted, forks=forks, batch=self._batch)
        return self.sweep.page(
            unit,
            found,
            next_units=after,
            listing=listing,
            total=page.total,
            seen=None if following else seen,
        )

    @property
    def _batch(self) -> int:
        return harvest.BATCH if self.projects.graphql else harvest.BATCH_REST

    def _compared(self, projects: Iterable[Listed], forks: list[str]) -> Found:
        """Projects against what is stored; `found.ask` by number, the paths of missing files or what REST listed.
        Fills the keys of `forks`, whose origins may have moved."""
        shown = {self.sweep.key(listed.fields): listed for listed in projects if listed.public}
        paths: dict[str, Sequence[str]] = {}

        def again(told: Mapping[str, Any], before: Before) -> Now | None:
            key = self.sweep.key(told)
            now, paths[key] = self.projects.settled(shown[key], before)
            if now is not None and shown[key].forked:
                forks.append(key)
            return now

        found = self.sweep.compare([listed.fields for listed in shown.values()], again)
        graphql = self.projects.graphql is not None
        found.ask = {
            str(shown[key].number): list(paths[key]) if graphql else dict(told) for key, told in found.ask.items()
        }
        return found

    def _kept(self, unit: Unit, projects: Iterable[Now], *, gone: Sequence[str] = (), unlisted: bool = False) -> Page:
        """The page of a unit that looked into projects."""
        found = Found(gone=list(gone), unlisted=unlisted)
        keyed = {self.sweep.key(now.told): now for now in projects}
        for key, before in self.sweep.before(list(keyed)).items():
            self.sweep.keep(found, keyed[key], before)
        return self.sweep.page(unit, found)

    def _origins(self, unit: Unit) -> Page:
        """Forks whose origin has moved since they were stored."""
        forks = [one.told for one in self.sweep.before(unit.data["forks"]).values()]
        moved = self.projects.with_moved_origins([told for told in forks if told.get("forked_from_project")])
        return self._kept(unit, moved)

    def _inside(self, unit: Unit) -> Page:
        """Projects with what is inside them. One that has gone meanwhile is left out: `confirm` asks for it."""
        wanted: Mapping[str, Any] = unit.data["wanted"]
        numbers = [int(number) for number in wanted]
        paths = [path for known in wanted.values() if isinstance(known, list) for path in known]
        found = self.projects.numbered(numbers, paths=paths)
        if found is None and len(numbers) > harvest.BATCH_REST:
            return Page(unit=unit, next_units=harvest.inside_units(unit.key, wanted, batch=harvest.BATCH_REST))
        if found is None:
            fields = {int(number): known for number, known in wanted.items() if isinstance(known, dict)}
            asked = (self.projects.alone(number, listed=fields.get(number)) for number in numbers)
            found = [now for now in asked if now is not None]
        return self._kept(unit, found)

    def confirm(self, unit: Unit, items: Sequence[RawItem]) -> Page:
        """Ask for each of these projects: by number, many at a time, and those that are not shown so one by one."""
        names = {item.key: self._name(item) for item in items}
        numbers = [name for name in names.values() if isinstance(name, int)]
        shown = (self.projects.numbered(numbers) if numbers else None) or ()
        found = {self.sweep.key(now.told): now for now in shown}
        gone = []
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
        return self._kept(unit, found.values(), gone=gone, unlisted=True)

    def led_to(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """See ForgeSpider."""
        return one_by_one(self.client.project, names)

    def shown(self, names: Sequence[str]) -> Mapping[str, Any]:
        """See ForgeSpider."""
        return one_by_one(self.client.project, names)

    def told(self, served: Any) -> Mapping[str, Any] | None:
        """See ForgeSpider."""
        listed = self._from_rest(served)
        return listed.fields if listed.public else None

    def _name(self, item: RawItem) -> int | str:
        """What a project is asked by: its number, or its path where numbers mean nothing."""
        stored = repository.stored(item)
        told = stored.told if stored else {}
        numbered = "id" not in self.params.placeholders and isinstance(told.get("id"), int)
        return int(told["id"]) if numbered else str(told.get("path_with_namespace"))

    @classmethod
    def forecast(cls, params: Any, *, known: int, last: Run | None) -> Mapping[str, int] | None:
        """Requests of a run, by endpoint; of a first one as far as an earlier attempt told how much there is."""
        asked = cls.Params.model_validate(params)
        projects = known or (last.counts.total if last is not None else None)
        if not projects:
            return None
        host = urlsplit(asked.url).hostname or ""
        return harvest.predicted(
            host,
            [kind for kind, _ in asked.listings()],
            projects=projects,
            looked_into=ceil(known * harvest.CHANGED_SHARE) if known else projects,
            wanted=asked.wanted,
            graphql=harvest.by_graphql(host, last.spent if last is not None else None, allowed=asked.graphql),
        )
