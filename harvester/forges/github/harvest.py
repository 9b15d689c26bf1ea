"""GitHub's repositories beside what earlier runs stored of them, at the smallest number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harvester.forges.github import payload
from harvester.forges.github.client import GitHub
from harvester.forges.sweep import Found, Sweep
from harvester.model import Issue, RawItem
from harvester.normalize import repository

Node = Mapping[str, Any]


class Repositories:
    """`paths` are files below the root that are read as well."""

    def __init__(self, client: GitHub, sweep: Sweep, *, paths: Sequence[str] = ()) -> None:
        self._client, self._sweep, self._paths = client, sweep, paths

    def listed(self, nodes: Iterable[Node]) -> Found:
        """What a listing comes to, without asking for more."""
        return self._sweep.compare(map(payload.sweep, nodes), payload.again)

    def detailed(self, ids: Sequence[str]) -> tuple[Found, Mapping[str, str]]:
        """What repositories come to whose details are asked for, and their keys by node id. One that is not there is
        not mentioned."""
        found, keys = Found(), dict[str, str]()
        for told in self._client.nodes(ids, paths=self._paths):
            found.issues += told.issues
            keys |= self._look_inside(found, told.found)
        return found, keys

    def confirmed(self, items: Sequence[RawItem]) -> Found:
        """What repositories come to that no listing showed: each is asked for by its node id."""
        keys = {str(identifier): raw.key for raw in items if (identifier := told_of(raw).get("id"))}
        found = Found()
        for told in self._client.nodes(list(keys), paths=self._paths):
            found.issues += told.issues
            found.gone += [keys[identifier] for identifier in told.absent]
            self._look_inside(found, told.found)
        return found

    def _look_inside(self, found: Found, nodes: Sequence[Node]) -> Mapping[str, str]:
        keyed = {self._sweep.key(payload.sweep(node)): node for node in nodes}
        before = self._sweep.before(list(keyed))
        wanted = {key: list(payload.wanted(node, self._paths)) for key, node in keyed.items()}
        every = [file for files in wanted.values() for file in files]
        files = {oid: file for one in before.values() for oid, file in one.repository.by_oid().items()}
        files |= payload.not_asked(every)
        files |= self._client.files([file for file in every if file.oid not in files])
        for key, node in keyed.items():
            now = payload.detailed(node, wanted[key], files)
            if now is None:
                found.issues.append(_lacking(node))
            else:
                self._sweep.keep(found, now, before[key])
        return {str(node["id"]): key for key, node in keyed.items()}


def told_of(raw: RawItem) -> Mapping[str, Any]:
    """What GitHub told of a repository that is stored."""
    stored = repository.stored(raw)
    return stored.told if stored else {}


def owner_of(raw: RawItem) -> str:
    """The login of a stored repository's owner."""
    return str((told_of(raw).get("owner") or {}).get("login") or "")


def _lacking(node: Node) -> Issue:
    return Issue.of(
        "partial-answer",
        place=str(node.get("nameWithOwner")),
        why="not all of its files came, and it is left as it was",
    )
