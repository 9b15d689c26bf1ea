"""Projects of one instance with everything that a source wants of them, at the smallest number of requests."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harvester.errors import FetchError
from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab import payload
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.graphql import GraphQL, GraphQLRefused, ListedPage
from harvester.forges.gitlab.items import Details, Listed, may_hold_files
from harvester.forges.gitlab.payload import Alone, WantedParts, compose
from harvester.forges.sweep import Before, Now
from harvester.normalize import repository

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
