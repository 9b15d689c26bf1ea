"""From what an instance shows of a project, and what is stored of it, to what is stored or is still to be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from harvester.forges.gitlab.items import Details, Listed, may_hold_files
from harvester.forges.gitlab.queries import Parts
from harvester.forges.sweep import Before, ForgeWords, Now
from harvester.normalize import repository
from harvester.normalize.repository import File, is_publiccode
from harvester.normalize.urls import canonical_repository

WORDS = ForgeWords(format="gitlab", number="id", name="path_with_namespace", address="web_url")
_LICENSE = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[._-].*)?", re.IGNORECASE)
_DECLARED = re.compile(r"""^url:[ \t]*["']?([^\s"']+)""", re.MULTILINE)
_CARRIED = ("languages", "latest_release", "license", "license_files")
"""Parts that a listing of REST does not show."""
_SETTLED = timedelta(hours=2)
"""GitLab moves `last_activity_at` once an hour at the most: a push soon after another one moves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedParts:
    """What a source wants of its projects. `license` costs a request for each that is new or changed; `paths` are files
    below the root."""

    files: bool = False
    languages: bool = False
    license: bool = False
    paths: tuple[str, ...] = ()

    @property
    def parts(self) -> Parts:
        """What of it GraphQL can tell."""
        return Parts(files=self.files, languages=self.languages, below=self.paths if self.files else ())

    @property
    def anything(self) -> bool:
        """Whether a listing of REST does not show all of it."""
        return self.files or self.languages or self.license

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of what is stored of a project that was asked for all of it."""
        license = ("license", *(("license_files",) if self.files else ())) if self.license else ()
        return (*(("latest_release",) if self.files else ()), *license)


@dataclass(frozen=True, slots=True)
class Alone:
    """What a project was asked for by itself: what it was forked from, and by REST its licence if that was wanted."""

    forked_from: Mapping[str, Any] | None
    mirror: bool | None
    license: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A project as it is now; it lacks the texts of the files at `missing`, its origin where it is a `fork` of one that
    is not known, and where `alone` what only the project itself tells in REST."""

    now: Now
    missing: tuple[str, ...] = ()
    fork: bool = False
    alone: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing has to be asked."""
        return not self.missing and not self.fork and not self.alone


def unmoved(listed: Listed, before: Before, *, wanted: WantedParts) -> bool:
    """Whether what REST's listing does not show is as it is stored: nobody pushed since, by what the listing tells."""
    told, raw = before.told, before.raw
    if raw is None or not before.current or any(key not in told for key in wanted.keys):
        return False
    if wanted.languages and told.get("languages") is None:
        return not may_hold_files(listed.fields)
    if any(listed.fields.get(name) != told.get(name) for name in ("last_activity_at", "default_branch")):
        return False
    active = listed.fields.get("last_activity_at")
    try:
        return active is None or raw.fetched_at - datetime.fromisoformat(active) > _SETTLED
    except (TypeError, ValueError):
        return True


def carried(listed: Listed, before: Before, *, wanted: WantedParts) -> Now:
    """A project whose inside is as it is stored."""
    kept = {*wanted.keys, *(("languages",) if wanted.languages else ())}
    had = {key: before.told[key] for key in _CARRIED if key in before.told and key in kept}
    return Now({"languages": None, **listed.fields, **had}, before.held)


def compose(listed: Listed, before: Before, *, wanted: WantedParts, alone: Alone | None = None) -> Composed:
    """A project whose inside was shown (`listed.details`); texts that are stored are not missing."""
    details = listed.details or Details()
    told = dict(listed.fields)
    fork = _told_alone(told, listed, before, alone)
    held, missing = _files(details, before, wanted) if wanted.files else (None, ())
    open_to_us = may_hold_files(listed.fields)
    if wanted.files:
        told["latest_release"] = details.release if open_to_us else None
    shown = wanted.languages and open_to_us and details.languages is not None
    told["languages"] = list(details.languages or ()) if shown else None
    ask_alone = False
    if wanted.license:
        found = {name: oid for name, oid in sorted((details.entries or {}).items()) if _LICENSE.fullmatch(name)}
        if wanted.files:
            told["license_files"] = found
        same = "license" in before.told and wanted.files and before.told.get("license_files") == found
        told["license"] = alone.license if alone else before.told.get("license")
        ask_alone = alone is None and not same
    return Composed(now=Now(told, held), missing=missing, fork=fork, alone=ask_alone)


def may_be_mirror(now: Now) -> bool:
    """Whether a project's publiccode.yml names another repository, and nobody told whether it mirrors that one."""
    root = [file.plain or "" for file in now.held or () if "/" not in file.path and is_publiccode(file.path)]
    found = _DECLARED.search(root[0]) if root and now.told.get("mirror") is None else None
    here = canonical_repository(str(now.told.get("web_url")))
    return found is not None and canonical_repository(found[1]) not in (None, here)


def _told_alone(told: dict[str, Any], listed: Listed, before: Before, alone: Alone | None) -> bool:
    """Fill in what GraphQL's listing does not tell; True where the origin of a fork has to be asked."""
    if listed.forked is None:
        return False
    if alone is not None:
        told |= {"forked_from_project": alone.forked_from, "mirror": alone.mirror}
        return False
    origin = before.told.get("forked_from_project") if listed.forked else None
    told |= {"forked_from_project": origin, "mirror": before.told.get("mirror")}
    return listed.forked and origin is None


def _files(details: Details, before: Before, wanted: WantedParts) -> tuple[tuple[File, ...] | None, tuple[str, ...]]:
    if details.entries is None:
        return None, ()
    known = {(file.path, file.oid): file for file in before.repository.files()}
    files, missing = [], []
    for path in repository.wanted(details.entries, wanted.paths):
        oid = details.entries[path]
        if (path, oid) in details.texts:
            files.append(File.of(path, details.texts[path, oid], oid=oid))
        elif (path, oid) in known:
            files.append(known[path, oid])
        else:
            missing.append(path)
    return tuple(files), tuple(missing)
