"""What is inside a project, asked by REST: a request for its root, one for each file that is not stored, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harvester.forges.gitlab import items as gitlab_items
from harvester.forges.gitlab.client import GitLab
from harvester.forges.gitlab.items import Details, Listed, may_hold_files
from harvester.forges.gitlab.payload import Alone, WantedParts
from harvester.forges.sweep import Before
from harvester.normalize import repository


def by_itself(forge: GitLab, project: int | str, *, wanted: WantedParts) -> tuple[Listed, Alone]:
    """The project as it answers for itself. Raises ForgeError, 404 when it is absent."""
    served = forge.project(project, license=wanted.license)
    listed = gitlab_items.from_rest(served)
    fields = listed.fields
    return listed, Alone(fields["forked_from_project"], fields["mirror"], served.get("license"))


def look_inside(forge: GitLab, name: int | str, listed: Listed, before: Before, *, wanted: WantedParts) -> Listed:
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
