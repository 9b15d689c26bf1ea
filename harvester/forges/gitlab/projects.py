"""Projects of one instance with everything that a source wants of them, at the smallest number of requests."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from harvester.errors import FetchError
from harvester.forges.gitlab import payload as gitlab_payload
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.graphql import GraphQL, GraphQLRefused, ListedPage
from harvester.forges.gitlab.inside import by_itself, look_inside
from harvester.forges.gitlab.items import Listed
from harvester.forges.gitlab.payload import Alone, Wanted, compose

_ABSENT = (404, 410)
_log = logging.getLogger(__name__)

Payload = Mapping[str, Any]
Stored = Callable[[Sequence[Mapping[str, Any]]], Sequence[Payload | None]]
"""For the fields of some projects, the payload that is stored of each."""


class Projects:
    """Asks GraphQL as long as the instance serves it (`graphql`), then REST. Blocking. Its methods raise FetchError."""

    def __init__(self, forge: GitLab, *, wanted: Wanted, stored: Stored, graphql: bool = True) -> None:
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

    def settled(
        self, listed: Listed, stored: Payload | None, *, fetched_at: datetime
    ) -> tuple[Payload | None, Sequence[str]]:
        """The payload of a listed project; or None, and the paths of files that are to be asked first.

        `fetched_at` is when `stored` was.
        """
        wanted = self.wanted
        if listed.details is None and wanted != Wanted():
            if stored and gitlab_payload.unmoved(listed, stored, fetched_at=fetched_at, wanted=wanted):
                return gitlab_payload.carried(listed, stored, wanted=wanted), ()
            return None, ()
        if self._cut(listed):
            return None, ()
        composed = compose(listed, stored, wanted=wanted)
        return (composed.payload, ()) if composed.whole else (None, composed.missing)

    def numbered(self, numbers: Sequence[int], *, paths: Iterable[str] = ()) -> list[Payload] | None:
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

    def alone(self, name: int | str, *, listed: Payload | None = None) -> Payload | None:
        """A project by number or path, by REST alone; None when it is absent (404, 410), or not public.

        `listed` are its fields where REST's listing showed them.
        """
        try:
            if listed is not None and not self.wanted.license:
                return self._inside(name, Listed(fields=listed), None)
            found, alone = by_itself(self.forge, name, wanted=self.wanted)
        except FetchError as error:
            if error.status in _ABSENT:
                return None
            raise
        return self._inside(name, found, alone) if found.public else None

    def _inside(self, name: int | str, listed: Listed, alone: Alone | None) -> Payload:
        (stored,) = self._stored([listed.fields])
        if self.wanted != Wanted():
            listed = look_inside(self.forge, name, listed, stored, wanted=self.wanted)
        return compose(listed, stored, wanted=self.wanted, alone=alone).payload

    def with_moved_origins(self, forks: Sequence[Payload]) -> list[Payload]:
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
        return [payload for number in moved if (payload := self.alone(number)) is not None]

    def _cut(self, listed: Listed) -> bool:
        """Whether the root has more files than GraphQL showed: only REST pages through them."""
        return self.wanted.files and listed.details is not None and not listed.details.whole

    def _whole(self, graphql: GraphQL, page: ListedPage) -> list[Payload]:
        """Payloads of the projects of a page, with the texts and whatever else it did not show."""
        shown = [listed for listed in page.projects if listed.public and not self._cut(listed)]
        stored = self._stored([listed.fields for listed in shown])
        missing = {
            listed.number: compose(listed, before, wanted=self.wanted).missing
            for listed, before in zip(shown, stored, strict=True)
        }
        payloads = []
        for listed, before in zip(graphql.with_texts(shown, missing), stored, strict=True):
            composed = compose(listed, before, wanted=self.wanted)
            if composed.alone:
                _, alone = by_itself(self.forge, listed.number, wanted=self.wanted)
                composed = compose(listed, before, wanted=self.wanted, alone=alone)
            payloads.append(composed.payload)
        rest = [*page.broken, *(listed.number for listed in page.projects if listed.public and self._cut(listed))]
        return payloads + [payload for number in rest if (payload := self.alone(number)) is not None]
