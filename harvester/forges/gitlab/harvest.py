"""A harvest of a GitLab: the units that it is cut into, what it will cost, and the projects with everything that a
source wants of them, at the smallest number of requests. Only `Projects` asks the network.

A page of a listing is a unit that has a `kind` and a `name` (see `gitlab.first_page`), how many projects came before it
(`seen`), and what of those is still to be asked, which waits until it is much: whose inside (`wanted`: by number, the
paths of files that are missing, or what REST listed) and which forks' origins (`forks`: their keys). `after` is
GraphQL's cursor, `path` and `query` are REST's; the first page has neither.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any
from urllib.parse import urlencode

from harvester.errors import FetchError
from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab import payload
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.graphql import GraphQL, GraphQLRefused, ListedPage
from harvester.forges.gitlab.items import Details, Listed, may_hold_files
from harvester.forges.gitlab.payload import Alone, WantedParts, compose
from harvester.forges.gitlab.queries import MAX_PAGE_SIZE
from harvester.forges.sweep import Before, Now
from harvester.model import Unit
from harvester.normalize import repository

BATCH = 100
"""Projects a unit that asks for what is inside them."""
BATCH_REST = 20
"""The same where each costs requests of its own, so that no unit takes minutes."""


def first_unit(kind: str, name: str) -> Unit:
    """The first page of a listing."""
    return _listing({"kind": kind, "name": name, "page": 1, "seen": 0, "wanted": {}, "forks": []})


def first_unit_by_rest(unit: Unit, *, path: str, query: Mapping[str, str]) -> Unit:
    """The first page of a listing by REST, after GraphQL was refused in the middle of it."""
    kept = {key: value for key, value in unit.data.items() if key != "after"}
    return _listing({**kept, "page": 1, "seen": 0, "path": path, "query": dict(query)})


def units_after(
    unit: Unit,
    following: Mapping[str, Any] | None,
    *,
    seen: int,
    wanted: Mapping[str, Any],
    forks: Sequence[str],
    batch: int,
) -> tuple[Unit, ...]:
    """What follows a page of a listing: what is to be asked of its projects and of those before, and its next page.

    `following` is the place of the next page; `batch` is projects a unit that asks for their inside.
    """
    wanted, forks = {**unit.data["wanted"], **wanted}, [*unit.data["forks"], *forks]
    later: dict[str, Any] = {"page": unit.data["page"] + 1, "wanted": {}, "forks": []}
    if following and len(wanted) < BATCH:
        later["wanted"], wanted = wanted, {}
    if following and len(forks) < BATCH:
        later["forks"], forks = forks, []
    units = inside_units(unit.key, wanted, batch=batch)  # before the next page, so that a preview need not list it all
    if forks:
        units += (Unit(f"origins of {unit.key}", {"forks": forks}),)
    return (*units, _listing({**unit.data, **following, **later, "seen": seen})) if following else units


def inside_units(of: str, wanted: Mapping[str, Any], *, batch: int) -> tuple[Unit, ...]:
    """What is inside projects that the unit `of` showed."""
    numbers = list(wanted)
    batches = [numbers[start : start + batch] for start in range(0, len(numbers), batch)]
    return tuple(
        Unit(f"inside:{some[0]}+{len(some) - 1} of {of}", {"wanted": {number: wanted[number] for number in some}})
        for some in batches
    )


def _listing(data: Mapping[str, Any]) -> Unit:
    place = f"after={data['after']}" if "after" in data else urlencode(sorted(data.get("query", {}).items()))
    return Unit(f"{data['kind']}:{data['name']}?{place}", dict(data))


CHANGED_SHARE = 0.02
"""Of known projects, how many changed inside since the last harvest: some two in a hundred from day to day."""
_FILES_EACH = 1.2
"""Metadata files and READMEs of a project, in the mean."""
_BY_KIND = {"group": "/groups", "user": "/users", "topic": "/projects", "instance": "/projects"}


def predicted(
    host: str, kinds: Sequence[str], *, projects: int, looked_into: int, wanted: WantedParts, graphql: bool
) -> Mapping[str, int]:
    """Requests by endpoint ("gitlab.com graphql") for listings of these kinds that hold so many projects together.

    `looked_into` is how many of them are new, or changed where only their inside tells how. By REST each of those costs
    its root, its release, its languages and each file.
    """
    found: dict[str, int] = {}
    share = ceil(projects / max(1, len(kinds)))  # the listings hold alike as far as anybody knows
    inside = wanted.files or wanted.languages
    for kind in kinds:
        by_graphql = graphql and kind != "user"
        endpoint = f"{host} graphql" if by_graphql else f"{host} rest {_BY_KIND[kind]}"
        found[endpoint] = found.get(endpoint, 0) + max(1, ceil(share / MAX_PAGE_SIZE))
    if graphql and inside and looked_into:
        found[f"{host} graphql"] = found.get(f"{host} graphql", 0) + ceil(looked_into / MAX_PAGE_SIZE)
    each = 0.0 if graphql else (2 + _FILES_EACH) * wanted.files + wanted.languages
    alone = ceil(looked_into * (each + wanted.license))
    if alone:
        found[f"{host} rest /projects"] = found.get(f"{host} rest /projects", 0) + alone
    return found


def by_graphql(host: str, spent: Mapping[str, int] | None, *, allowed: bool) -> bool:
    """Whether the next run will be answered by GraphQL, by what the last one spent: refused, it was asked but once."""
    if not allowed or not spent:
        return allowed
    rest = sum(count for endpoint, count in spent.items() if endpoint.startswith(f"{host} rest"))
    return not (rest and spent.get(f"{host} graphql", 0) <= 1)


_ABSENT = (404, 410)
_log = logging.getLogger(__name__)

Told = Mapping[str, Any]
Stored = Callable[[Sequence[Told]], Sequence[Before]]
"""For the fields of some projects, what is stored of each."""


class Projects:
    """Asks GraphQL as long as the instance serves it (`graphql`), then REST. Blocking. Its methods raise FetchError."""

    def __init__(self, forge: GitLab, *, wanted: WantedParts, stored: Stored, graphql: bool = True) -> None:
        self.forge = forge
        self.graphql: GraphQL | None = GraphQL(forge) if graphql else None
        self.wanted = wanted
        self._stored = stored

    def refuse(self, refused: GraphQLRefused) -> None:
        """This instance does not serve our GraphQL: the rest of the run goes by REST."""
        if self.graphql is not None:
            _log.warning("%s is asked by REST from here on: %s", self.forge.host, refused)
        self.graphql = None

    def shown(self, kind: str, name: str, *, after: str | None) -> ListedPage | None:
        """A page of a listing by GraphQL; None: it is to be asked by REST. See `gitlab.first_page`."""
        graphql, parts = self.graphql, self.wanted.parts
        if graphql is None or kind == "user":  # it does not show a stranger what a user holds
            return None
        try:
            if kind == "group":
                return graphql.group(name, after=after, parts=parts)
            return graphql.instance(after=after, parts=parts, topic=name or None)
        except GraphQLRefused as refused:
            self.refuse(refused)
            return None

    def settled(self, listed: Listed, before: Before) -> tuple[Now | None, Sequence[str]]:
        """A listed project as it is now; or None, and the paths of files that are to be asked first."""
        wanted = self.wanted
        if listed.details is None and wanted.anything:
            unmoved = payload.unmoved(listed, before, wanted=wanted)
            return (payload.carried(listed, before, wanted=wanted) if unmoved else None), ()
        if self._cut(listed):
            return None, ()
        composed = compose(listed, before, wanted=wanted)
        return (composed.now, ()) if composed.whole else (None, composed.missing)

    def numbered(self, numbers: Sequence[int], *, paths: Iterable[str] = ()) -> list[Now] | None:
        """Projects by number, by GraphQL; `paths` are of files that some of them lack. None: ask `alone`.

        Those that are absent, or not public, are left out.
        """
        if self.graphql is None:
            return None
        by_use = [path for path, _ in Counter(paths).most_common()]
        try:
            page = self.graphql.numbered(numbers, parts=self.wanted.parts, paths=by_use)
            return self._whole(self.graphql, page)
        except GraphQLRefused as refused:
            self.refuse(refused)
            return None

    def alone(self, name: int | str, *, listed: Told | None = None) -> Now | None:
        """A project by number or path, by REST alone; None when it is absent (404, 410), or not public.

        `listed` are its fields where REST's listing showed them.
        """
        try:
            if listed is not None and not self.wanted.license:
                return self._inside(name, Listed(fields=listed), None)
            found, alone = _by_itself(self.forge, name, wanted=self.wanted)
        except FetchError as error:
            if error.status in _ABSENT:
                return None
            raise
        return self._inside(name, found, alone) if found.public else None

    def _inside(self, name: int | str, listed: Listed, alone: Alone | None) -> Now:
        (before,) = self._stored([listed.fields])
        if self.wanted.anything:
            listed = _look_inside(self.forge, name, listed, before, wanted=self.wanted)
        return compose(listed, before, wanted=self.wanted, alone=alone).now

    def with_moved_origins(self, forks: Sequence[Told]) -> list[Now]:
        """Of forks those whose origin is not where they say, as they are now: GraphQL's listing is silent on it."""
        if self.graphql is None:
            return []
        told = {fork["id"]: fork["forked_from_project"] for fork in forks}
        try:
            found = self.graphql.addresses(sorted({origin["id"] for origin in told.values()}))
        except GraphQLRefused as refused:
            self.refuse(refused)
            return []
        moved = [number for number, origin in told.items() if found.get(origin["id"]) != origin]
        return [now for number in moved if (now := self.alone(number)) is not None]

    def _cut(self, listed: Listed) -> bool:
        """Whether the root has more files than GraphQL showed: only REST pages through them."""
        return self.wanted.files and listed.details is not None and not listed.details.whole

    def _whole(self, graphql: GraphQL, page: ListedPage) -> list[Now]:
        """The projects of a page, with the texts and whatever else it did not show."""
        shown = [listed for listed in page.projects if listed.public and not self._cut(listed)]
        stored = self._stored([listed.fields for listed in shown])
        first = {
            listed.number: compose(listed, before, wanted=self.wanted)
            for listed, before in zip(shown, stored, strict=True)
        }
        forks = [number for number, composed in first.items() if composed.fork and not composed.alone]
        origins = graphql.origins(forks)
        missing = {number: composed.missing for number, composed in first.items()}
        found = []
        for listed, before in zip(graphql.with_texts(shown, missing), stored, strict=True):
            told = Alone(origins[listed.number], None) if listed.number in origins else None
            composed = compose(listed, before, wanted=self.wanted, alone=told)
            if composed.fork or composed.alone or payload.may_be_mirror(composed.now):
                _, alone = _by_itself(self.forge, listed.number, wanted=self.wanted)
                composed = compose(listed, before, wanted=self.wanted, alone=alone)
            found.append(composed.now)
        rest = [*page.broken, *(listed.number for listed in page.projects if listed.public and self._cut(listed))]
        return found + [now for number in rest if (now := self.alone(number)) is not None]


def _by_itself(forge: GitLab, project: int | str, *, wanted: WantedParts) -> tuple[Listed, Alone]:
    """The project as it answers for itself. Raises ForgeError, 404 when it is absent."""
    served = forge.project(project, license=wanted.license)
    listed = gitlab_items.from_rest(served)
    fields = listed.fields
    return listed, Alone(fields["forked_from_project"], fields["mirror"], served.get("license"))


def _look_inside(forge: GitLab, name: int | str, listed: Listed, before: Before, *, wanted: WantedParts) -> Listed:
    """The project with what a source wants of its inside. Asks for no text that is stored. Raises ForgeError."""
    fields = listed.fields
    if not may_hold_files(fields):
        return replace(listed, details=Details(entries={} if fields.get("empty_repo") else None))
    details = Details()
    if wanted.files:
        details = replace(details, entries=forge.entries(name, wanted.paths))
        released = forge.release(name)
        texts = _texts(forge, name, details, before, paths=wanted.paths)
        details = replace(details, texts=texts, release=gitlab_items.release(*released) if released else None)
    if wanted.languages:
        shares = forge.languages(name)
        details = replace(details, languages=None if shares is None else gitlab_items.by_share(shares))
    return replace(listed, details=details)


def _texts(
    forge: GitLab, name: int | str, details: Details, before: Before, *, paths: tuple[str, ...]
) -> Mapping[tuple[str, str], str | None]:
    entries = details.entries or {}
    known = {(file.path, file.oid) for file in before.repository.files()}
    wanted = repository.wanted(entries, paths)
    asked = [(path, entries[path]) for path in wanted if (path, entries[path]) not in known]
    return {(path, oid): forge.blob(name, oid) for path, oid in asked}
