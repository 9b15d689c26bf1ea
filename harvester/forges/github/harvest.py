"""GitHub's repositories beside what earlier runs stored of them: what is as it was, what changed, what to ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harvester.forges.github import payload as github_items
from harvester.forges.github.client import GitHub
from harvester.forges.github.queries import Wanted
from harvester.forges.names import Names
from harvester.model import Issue, RawItem
from harvester.normalize.canonical import canonical_json, parse_json
from harvester.normalize.urls import canonical_repository

Known = Callable[[Sequence[str]], Mapping[str, RawItem]]
Node = Mapping[str, Any]


@dataclass(slots=True)
class Had:
    """`items` are new or changed, `seen` the keys of those that are as they are stored, `ask` the node ids of those
    whose details must be asked for, `gone` the keys of those that are there no more. `ids` are node ids by key."""

    items: list[RawItem] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    ask: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def of(self, ids: Sequence[str]) -> Had:
        """The part of these node ids, without issues."""
        mine = set(ids)
        return Had(
            items=[raw for raw in self.items if self.ids.get(raw.key) in mine],
            seen=[key for key in self.seen if self.ids.get(key) in mine],
        )


class Repositories:
    """Compares what GitHub tells with what `known` gives of earlier runs. `context` goes into every raw item.

    `paths` are files below the root that are read as well; `placeholders` fields that are served without meaning.
    """

    def __init__(
        self,
        client: GitHub,
        known: Known,
        *,
        context: Mapping[str, Any],
        placeholders: Sequence[str] = (),
        paths: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._known = known
        self._context = context
        self._placeholders = placeholders
        self._paths = paths
        self._names = Names()

    def listed(self, nodes: Iterable[Node]) -> Had:
        """What a listing comes to, without asking for more."""
        had = Had()
        swept = {self._key(flat): flat for flat in map(github_items.sweep, nodes)}
        known = self._known(list(swept))
        for key, flat in swept.items():
            stored = self._stored(key, known)
            now = github_items.again(stored, flat) if stored else None
            if now is None:
                had.ask.append(str(flat["id"]))
            else:
                self._settle(had, key, now, known)
        return had

    def detailed(self, ids: Sequence[str]) -> Had:
        """What repositories come to whose details are asked for. One that is not there is not mentioned."""
        had = Had()
        for told in self._client.nodes(ids, paths=self._paths):
            had.issues += told.issues
            self._found(had, told.found)
        return had

    def confirmed(self, items: Sequence[RawItem]) -> Had:
        """What repositories come to that no listing showed: each is asked for by its node id."""
        keys = {str(identifier): raw.key for raw in items if (identifier := _payload(raw).get("id"))}
        had = Had()
        for told in self._client.nodes(list(keys), paths=self._paths):
            had.issues += told.issues
            had.gone += [keys[identifier] for identifier in told.absent]
            self._found(had, told.found)
        return had

    def _found(self, had: Had, nodes: Sequence[Node]) -> None:
        keyed = {self._key(github_items.sweep(node)): node for node in nodes}
        known = self._known(list(keyed))
        stored = {key: self._stored(key, known) for key in keyed}
        wanted = {key: list(github_items.wanted(node, self._paths)) for key, node in keyed.items()}
        texts = self._texts(wanted, stored)
        for key, node in keyed.items():
            had.ids[key] = str(node["id"])
            files = _files(wanted[key], texts)
            if files is None:
                had.issues.append(_lacking(node))
            else:
                self._settle(had, key, github_items.payload(node, files, stored[key]), known)

    def _texts(
        self, wanted: Mapping[str, Sequence[Wanted]], stored: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, str | None]:
        """The texts by object id: those that are stored, and those that are asked for now."""
        texts = github_items.stored_texts(stored.values())
        every = [file for files in wanted.values() for file in files]
        texts |= {file.oid: None for file in every if github_items.too_large(file)}
        new = [file for file in every if file.oid not in texts]
        return texts | self._client.files(new)

    def _settle(self, had: Had, key: str, payload: Mapping[str, Any], known: Mapping[str, RawItem]) -> None:
        """Add a repository; whoever had its name before loses it as a former one: GitHub's redirect ends then."""
        settled = self._names.settled(key, str(payload["nameWithOwner"]), payload)
        self._put(had, self._raw(key, settled.pop(key)), known)
        for loser, other in settled.items():
            had.items = [raw for raw in had.items if raw.key != loser] + [self._raw(loser, other)]
            had.seen = [seen for seen in had.seen if seen != loser]
            had.ids[loser] = str(payload["id"])

    def _put(self, had: Had, raw: RawItem, known: Mapping[str, RawItem]) -> None:
        before = known.get(raw.key)
        if before is not None and (before.payload, before.context) == (raw.payload, raw.context):
            had.seen.append(raw.key)
        else:
            had.items.append(raw)

    def _stored(self, key: str, known: Mapping[str, RawItem]) -> dict[str, Any]:
        """The payload that is stored, empty where there is none."""
        return _payload(known[key]) if key in known else {}

    def _key(self, flat: Mapping[str, Any]) -> str:
        number = None if "databaseId" in self._placeholders else flat["databaseId"]
        url = self._url(flat)
        return f"{self._client.host}:{number}" if number is not None else canonical_repository(url) or url

    def _url(self, flat: Mapping[str, Any]) -> str:
        return flat["url"] or f"https://{self._client.host}/{flat['nameWithOwner']}"

    def _raw(self, key: str, item: Mapping[str, Any]) -> RawItem:
        return RawItem(
            key=key,
            format="github",
            payload=canonical_json(item),
            url=self._url(item),
            fetched_at=datetime.now(UTC),
            context=self._context,
        )


def owner_of(raw: RawItem) -> str:
    """The login of a stored repository's owner."""
    return str((_payload(raw).get("owner") or {}).get("login") or "")


def _files(wanted: Sequence[Wanted], texts: Mapping[str, str | None]) -> list[dict[str, Any]] | None:
    """The files as they are stored; None when one of them could not be had."""
    if any(file.oid not in texts for file in wanted):
        return None
    return [{"path": file.path, "oid": file.oid, "text": texts[file.oid]} for file in wanted]


def _payload(raw: RawItem) -> dict[str, Any]:
    value = parse_json(raw.payload)
    return value if isinstance(value, dict) else {}


def _lacking(node: Node) -> Issue:
    return Issue(
        code="partial-answer",
        message=f"GitHub did not give all files of {node.get('nameWithOwner')}: it is left as it was",
        place=str(node.get("nameWithOwner")),
        remedy="harvest again later",
    )
