"""What of a repository has to be asked beside its listing, and what tells that it may have changed.

A listing costs a request for fifty repositories and tells by itself of changes that move no time stamp. `updated_at`
moves with every push and every change of settings; then the root folder is asked for, whose ids tell which files
changed. Languages are asked again only when the commit is another one (or the first language is), releases when
their number or `updated_at` moved. So one thing goes unnoticed until the next push: a release that is deleted and
another published in its place between two looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harvester.forges.forgejo import payload
from harvester.forges.forgejo.client import Forgejo
from harvester.forges.sweep import Before, Now, Told
from harvester.normalize import repository
from harvester.normalize.repository import MOST_BYTES, File

_MOVES = ("updated_at", "default_branch", "empty")
"""Attributes of which one is another than before when files may have changed."""


class Inside:
    """Completes listed repositories through `client`, as far as each kind of detail is wanted."""

    def __init__(
        self, client: Forgejo, *, files: bool, languages: bool, releases: bool, paths: Sequence[str] = ()
    ) -> None:
        self._client, self._paths = client, paths
        self._files, self._languages, self._releases = files, languages, releases
        self.organisations: dict[str, bool] = {}
        """By login, whether an owner is one: listings don't tell."""

    def again(self, listed: Told, before: Before) -> Now | None:
        """The repository as far as nothing has to be asked; None: it has to be looked into."""
        ours = self._organisation(listed, before)
        if before.raw is None or ours is None or not before.current or self._due(listed, before):
            return None
        had = {name: before.told[name] for name in ("head", "languages", "release") if name in before.told}
        return Now(had | payload.with_owner(listed, organisation=ours), before.held)

    def look(self, listed: Told, before: Before) -> Now:
        """The repository with its details. Raises FetchError when something cannot be had."""
        ours, owner = self._organisation(listed, before), str(payload.login(listed["owner"]))
        if ours is None:
            ours = self.organisations[owner] = self._client.organisation(owner) is not None
        due = self._due(listed, before)
        made = payload.with_owner(listed, organisation=ours)
        held = before.held
        if self._files and ("files" in due or not before.current):
            made["head"], held = self._root(made, before)
        elif self._files:
            made["head"] = before.told.get("head")
        if self._languages:
            pushed = "languages" in due and (not self._files or made["head"] != before.told.get("head"))
            same = listed.get("language") == before.told.get("language") and "languages" in before.told
            made["languages"] = before.told["languages"] if same and not pushed else self._spoken(made)
        if self._releases:
            made["release"] = self._release(made) if "release" in due else before.told["release"]
        return Now(made, held if self._files else None)

    def unread(self, listed: Told, before: Before) -> Now:
        """A repository whose details could not be had now: those of before, to be asked again."""
        ours = self._organisation(listed, before)
        had = {name: before.told[name] for name in ("head", "languages", "release") if name in before.told}
        return Now(had | payload.with_owner(listed, organisation=ours), before.held, whole=False)

    def _organisation(self, listed: Told, before: Before) -> bool | None:
        """Whether the owner is one, None where nothing that is stored tells of it yet."""
        owner, told = listed["owner"], before.told.get("owner") or {}
        known = told.get("organisation") if told.get("id") == owner.get("id") is not None else None
        if isinstance(known, bool):
            self.organisations.setdefault(str(payload.login(owner)), known)
        return self.organisations.get(str(payload.login(owner)))

    def _due(self, listed: Told, before: Before) -> set[str]:
        """Which details may have changed since they were asked for, or never were."""
        whole = before.raw is not None and before.repository.asked is not None
        moved = not whole or any(listed.get(name) != before.told.get(name) for name in _MOVES)
        counted = listed.get("release_counter") != before.told.get("release_counter")
        spoken = listed.get("language") != before.told.get("language")
        return {
            name
            for name, wanted, due in (
                ("files", self._files, moved),
                ("languages", self._languages, moved or spoken or "languages" not in before.told),
                ("release", self._releases, moved or counted or "release" not in before.told),
            )
            if wanted and due
        }

    def _root(self, made: Mapping[str, Any], before: Before) -> tuple[str | None, tuple[File, ...]]:
        """The commit, and the files."""
        name, branch = str(made.get("full_name")), made.get("default_branch")
        tree = None if made.get("empty") or not branch else self._client.tree(name, str(branch))
        if tree is None:
            return None, ()
        below = [path for path in self._paths if path.partition("/")[0] in tree.folders]
        there = {**tree.files, **self._client.entries(name, below)}
        paths = repository.wanted(there, self._paths)
        had = before.repository.by_oid()
        new = [one for one in paths if there[one].oid not in had and (there[one].size or 0) <= MOST_BYTES]
        contents = self._client.files(name, new)
        files = []
        for path in paths:
            oid = there[path].oid
            file = had[oid] if oid in had else File.of(path, contents.get(path), oid=oid)
            files.append(replace(file, path=path))
        return tree.head, tuple(files)

    def _spoken(self, made: Mapping[str, Any]) -> list[str] | None:
        if made.get("empty") or made.get("language") == "":  # the first of them: there are none
            return []
        return self._client.languages(str(made.get("full_name")))

    def _release(self, made: Mapping[str, Any]) -> dict[str, Any] | None:
        if made.get("release_counter") == 0:
            return None
        return payload.release_of(self._client.latest_release(str(made.get("full_name"))))
