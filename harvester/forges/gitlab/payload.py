"""From what an instance shows of a project, and what is stored of it, to its payload or what is still to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from harvester.forges.gitlab import files as gitlab_files
from harvester.forges.gitlab.items import Details, Listed, may_hold_files
from harvester.forges.gitlab.queries import Parts

_CARRIED = ("files", "languages", "latest_release", "license", "license_files")
"""Parts that a listing of REST does not show."""
_SETTLED = timedelta(hours=2)
"""GitLab moves `last_activity_at` once an hour at the most: a push soon after another one moves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a source wants of its projects. `license` costs a request for each that is new or changed."""

    files: bool = False
    languages: bool = False
    license: bool = False

    @property
    def parts(self) -> Parts:
        """What of it GraphQL can tell."""
        return Parts(files=self.files, languages=self.languages)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of a payload that has all of it."""
        license = ("license", *(("license_files",) if self.files else ())) if self.license else ()
        return (*(("files", "latest_release") if self.files else ()), *license)


@dataclass(frozen=True, slots=True)
class Alone:
    """What only the project itself tells, in REST: what it was forked from, and its licence if that was asked."""

    forked_from: Mapping[str, Any] | None
    mirror: bool | None
    license: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A payload; it lacks the texts of the files at `missing`, and `alone` what the project itself must be asked."""

    payload: Mapping[str, Any]
    missing: tuple[str, ...] = ()
    alone: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing has to be asked."""
        return not self.missing and not self.alone


def unmoved(listed: Listed, stored: Mapping[str, Any], *, fetched_at: datetime, wanted: Wanted) -> bool:
    """Whether what REST's listing does not show is as it is stored: nobody pushed since, by what the listing tells."""
    if any(key not in stored for key in wanted.keys) or (wanted.languages and stored.get("languages") is None):
        return not may_hold_files(listed.fields) and all(key in stored for key in wanted.keys)
    if any(listed.fields.get(name) != stored.get(name) for name in ("last_activity_at", "default_branch")):
        return False
    active = listed.fields.get("last_activity_at")
    try:
        return active is None or fetched_at - datetime.fromisoformat(active) > _SETTLED
    except (TypeError, ValueError):
        return True


def carried(listed: Listed, stored: Mapping[str, Any], *, wanted: Wanted) -> Mapping[str, Any]:
    """The payload of a project whose inside is as it is stored."""
    payload = dict(listed.fields)
    kept = {*wanted.keys, *(("languages",) if wanted.languages else ())}
    payload |= {key: stored[key] for key in _CARRIED if key in stored and key in kept}
    payload.setdefault("languages", None)
    return _with_former_paths(payload, stored)


def compose(
    listed: Listed, stored: Mapping[str, Any] | None, *, wanted: Wanted, alone: Alone | None = None
) -> Composed:
    """The payload of a project whose inside was shown (`listed.details`); texts that are stored are not missing."""
    stored = stored or {}
    details = listed.details or Details()
    payload = dict(listed.fields)
    ask_alone = _told_alone(payload, listed, stored, alone)
    missing: tuple[str, ...] = ()
    open_to_us = may_hold_files(listed.fields)
    if wanted.files:
        payload["files"], missing = _files(details, stored)
        payload["latest_release"] = details.release if open_to_us else None
    told = wanted.languages and open_to_us and details.languages is not None
    payload["languages"] = list(details.languages or ()) if told else None
    if wanted.license:
        names = gitlab_files.licenses(details.entries or ())
        found = {name: (details.entries or {})[name] for name in names}
        if wanted.files:
            payload["license_files"] = found
        same = "license" in stored and (stored.get("license_files") == found if wanted.files else False)
        payload["license"] = alone.license if alone else stored.get("license")
        ask_alone = ask_alone or (alone is None and not same)
    return Composed(payload=_with_former_paths(payload, stored), missing=missing, alone=ask_alone)


def _told_alone(payload: dict[str, Any], listed: Listed, stored: Mapping[str, Any], alone: Alone | None) -> bool:
    """Fill in what GraphQL does not tell; True where it has to be asked."""
    if listed.forked is None:
        return False
    if alone is not None:
        payload |= {"forked_from_project": alone.forked_from, "mirror": alone.mirror}
        return False
    origin = stored.get("forked_from_project") if listed.forked else None
    payload |= {"forked_from_project": origin, "mirror": stored.get("mirror")}
    return listed.forked and origin is None


def _files(details: Details, stored: Mapping[str, Any]) -> tuple[list[dict[str, Any]] | None, tuple[str, ...]]:
    if details.entries is None:
        return None, ()
    known = {(file["path"], file["oid"]): file["text"] for file in stored.get("files") or ()}
    files, missing = [], []
    for path in gitlab_files.paths(details.entries):
        oid = details.entries[path]
        if (path, oid) in details.texts:
            text = gitlab_files.kept_text(path, details.texts[path, oid])
        elif (path, oid) in known:
            text = known[path, oid]
        else:
            missing.append(path)
            text = None
        files.append({"path": path, "oid": oid, "text": text})
    return files, tuple(missing)


def _with_former_paths(payload: dict[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Note the path that the project had before, unless it is back there."""
    before, path = stored.get("path_with_namespace"), payload["path_with_namespace"]
    former = list(stored.get("formerly") or ())
    if before and before.lower() != path.lower():
        former.append(before)
    former = [one for one in dict.fromkeys(former) if one.lower() != path.lower()]
    return {**payload, "formerly": former} if former else payload
