"""The metadata files of one repository, each read by its own format: one record a file, its key the file's path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harvester.errors import InputError
from harvester.model import Identifier, Issue, Record
from harvester.normalize import citation, civic_json, code_json, codemeta, publiccode, readme
from harvester.normalize.metadata_file import Place, RecordOf, refusal

_PUBLICCODE = ("publiccode.yml", "publiccode.yaml", ".publiccode.yml")
_FORMATS: dict[str, RecordOf] = {
    "codemeta.json": codemeta.record_of,
    "code.json": code_json.record_of,
    "civic.json": civic_json.record_of,
    "citation.cff": citation.record_of,
}
_MOST_FILES = 40
File = tuple[str, str | None]
"""(path, text); no text when it is none, or too large."""


def repository_files(files: Sequence[File], place: Place) -> tuple[tuple[Record, ...], tuple[Issue, ...]]:
    """The records of a repository's files, and their issues, whose places begin with the path.

    publiccode.yml may stand in any folder, the others at the root. The README gives a record only where no other file
    has a long description.
    """
    records: list[Record] = []
    issues: list[Issue] = []
    declared = sorted((file for file in files if is_publiccode(file[0])), key=_rank)
    others = sorted(file for file in files if "/" not in file[0] and name_of(file) in _FORMATS)
    about_all = _main(declared)
    for file in (*declared[:_MOST_FILES], *others):
        part = file in declared and file is not about_all
        record, found = _read(file, place, part=part)
        records += [record] if record else []
        issues += found
    if len(declared) > _MOST_FILES:
        issues.append(Issue.of("too-many-files", place=declared[_MOST_FILES][0], count=len(declared), most=_MOST_FILES))
    if not any(record.fields.long_description for record in records):
        records += _from_readme(files, place)
    return tuple(records), tuple(issues)


def is_publiccode(path: str) -> bool:
    """Whether a path is a publiccode.yml's, in any folder."""
    return path.rpartition("/")[2].lower() in _PUBLICCODE


def name_of(file: File) -> str:
    """The file's name without folders, in lower case."""
    return file[0].rpartition("/")[2].lower()


def _rank(file: File) -> tuple[int, int, str]:
    return file[0].count("/"), _PUBLICCODE.index(name_of(file)), file[0]


def _main(declared: Sequence[File]) -> File | None:
    """The file that describes the whole repository: the one at its root, or the only one."""
    return declared[0] if declared and ("/" not in declared[0][0] or len(declared) == 1) else None


def _read(file: File, place: Place, *, part: bool) -> tuple[Record | None, Sequence[Issue]]:
    path, content = file
    if content is None:
        issue = Issue.of("no-text", place=path, most="64 KiB")
        return None, (issue,)
    record_of = _FORMATS.get(name_of(file))
    if record_of is None:
        return _publiccode(path, content, place, part=part)
    try:
        record, issues = record_of(content, place)
    except InputError as error:
        return None, (_at(path, refusal(error)),)
    return replace(record, key=path) if record else None, [_at(path, issue) for issue in issues]


def _publiccode(path: str, content: str, place: Place, *, part: bool) -> tuple[Record | None, Sequence[Issue]]:
    try:
        parsed = publiccode.parse(content)
    except InputError as error:
        return None, (publiccode.refusal(error, place=path),)
    defaults = {"countries": (place.country,)} if place.country else {}
    record, found = publiccode.record_of(
        parsed, repository=place.repository, identifiers=place.identifiers, defaults=defaults
    )
    record, issues = replace(record, key=path), (*parsed.issues, *found)
    if "/" in path or part:
        issues = tuple(_at(path, issue) for issue in issues)
    if "/" in path and record.suggests:  # in a folder, and about something else: a copy of what the repository uses
        return None, issues
    return _of_part(record, place) if part else record, issues


def _of_part(record: Record, place: Place) -> Record:
    """The record of a file that describes one folder among several: a thing of its own, related to the repository."""
    folder = record.key.rpartition("/")[0]
    whole = next((one for one in place.identifiers if one.scheme == "repo"), None)
    if not folder or whole is None:
        return record
    return replace(record, identifiers=(Identifier("repo", f"{whole.value}#{folder}"),), suggests=(whole,))


def _from_readme(files: Sequence[File], place: Place) -> list[Record]:
    for file in sorted(files):
        if "/" not in file[0] and file[1] and name_of(file).split(".")[0] == "readme":
            record = readme.record_of(file[1], path=file[0], identifiers=place.identifiers)
            if record is not None:
                return [record]
    return []


def _at(path: str, issue: Issue) -> Issue:
    return replace(issue, place=f"{path}: {issue.place}" if issue.place else path)
