"""What of a repository has to be asked beside its listing, and what tells that it may have changed.

A listing costs a request for fifty repositories and tells by itself of changes that move no time stamp. `updated_at`
moves with every push and every change of settings; then the root folder is asked for, whose ids tell which files
changed. Languages are asked again only when the commit is another one (or the first language is), releases when
their number or `updated_at` moved. So one thing goes unnoticed until the next push: a release that is deleted and
another published in its place between two looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harvester.forges.forgejo import payload as items
from harvester.forges.forgejo.client import Forgejo

_MOVES = ("updated_at", "default_branch", "empty")
"""Attributes of which one is another than before when files may have changed."""
_DETAILS = ("head", "files", "languages", "release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Completes listed repositories through `client`, as far as each kind of detail is wanted."""

    client: Forgejo
    files: bool
    languages: bool
    releases: bool

    def completed(self, listed: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
        """The repository's payload. `before` is the stored one. Raises FetchError when something cannot be had."""
        made = {**listed, "formerly": items.names_before(listed, before)}
        moved = before is None or any(listed.get(name) != before.get(name) for name in (*_MOVES, "incomplete"))
        if self.files:
            made |= self._files(made, before, moved=moved)
        if self.languages:
            made["languages"] = self._languages(made, before, moved=moved)
        if self.releases:
            made["release"] = self._release(made, before, moved=moved)
        return made

    def unread(self, listed: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
        """The payload of a repository whose details could not be had now: those of before, to be asked again."""
        kept = {name: before[name] for name in _DETAILS if name in before} if before else {}
        return {**listed, "formerly": items.names_before(listed, before), **kept, "incomplete": True}

    def _files(self, made: Mapping[str, Any], before: Mapping[str, Any] | None, *, moved: bool) -> dict[str, Any]:
        if before is not None and not moved and "files" in before:
            return {"head": before["head"], "files": before["files"]}
        name, branch = str(made.get("full_name")), made.get("default_branch")
        tree = None if made.get("empty") or not branch else self.client.tree(name, str(branch))
        if tree is None:
            return {"head": None, "files": []}
        texts = dict(items.texts_by_oid(before))
        paths = items.wanted_files(tree.files)
        small = [path for path in paths if (tree.files[path].size or 0) <= items.most_bytes(path)]
        for path, content in self.client.files(
            name, [path for path in small if tree.files[path].oid not in texts]
        ).items():
            texts[tree.files[path].oid] = items.text_of(content, path)
        files = [{"path": path, "oid": tree.files[path].oid, "text": texts.get(tree.files[path].oid)} for path in paths]
        return {"head": tree.head, "files": files}

    def _languages(self, made: Mapping[str, Any], before: Mapping[str, Any] | None, *, moved: bool) -> Any:
        if made.get("empty") or made.get("language") == "":  # the first of them: there are none
            return []
        if before is not None and "languages" in before:
            pushed = made.get("head") != before.get("head") if self.files and "head" in before else moved
            if not pushed and made.get("language") == before.get("language"):
                return before["languages"]
        return self.client.languages(str(made.get("full_name")))

    def _release(self, made: Mapping[str, Any], before: Mapping[str, Any] | None, *, moved: bool) -> Any:
        count = made.get("release_counter")
        if count == 0:
            return None
        if before is not None and "release" in before and not moved and count == before.get("release_counter"):
            return before["release"]
        return items.release_of(self.client.latest_release(str(made.get("full_name"))))
