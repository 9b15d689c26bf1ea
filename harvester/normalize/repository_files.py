"""The metadata files of one repository, each read by its own format: one record a file, its key the file's path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from harvester.errors import InputError
from harvester.model import Identifier, Issue, Record
from harvester.normalize import publiccode, readme
from harvester.normalize.metadata_file import FoundAt, RecordOf, refusal
from harvester.normalize.readers import readers
from harvester.normalize.repository import KEPT_BYTES, METADATA, File, format_of, is_publiccode

_SPELLINGS = next(row.names for row in METADATA if row.format == "publiccode")
_MOST_FILES = 40
_MOST = f"{KEPT_BYTES // 1024} KiB"


def repository_files(files: Sequence[File], place: FoundAt) -> tuple[tuple[Record, ...], tuple[Issue, ...]]:
    """The records of a repository's files, and their issues, whose places begin with the path.

    publiccode.yml may stand in any folder, the others at the root. The README gives a record only where no other file
    has a long description.
    """
    records: list[Record] = []
    issues: list[Issue] = []
    declared = sorted((file for file in files if is_publiccode(file.path)), key=_rank)
    others = sorted((file for file in files if _record_of(file.path) is not None), key=lambda file: file.path)
    about_all = _main(declared)
    for file in (*declared[:_MOST_FILES], *others):
        part = file in declared and file is not about_all
        record, found = _read(file, place, part=part)
        records += [record] if record else []
        issues += found
    if len(declared) > _MOST_FILES:
        declared_at = declared[_MOST_FILES].path
        issues.append(Issue.of("too-many-files", place=declared_at, count=len(declared), most=_MOST_FILES))
    if not any(record.fields.long_description for record in records):
        records += _from_readme(files, place)
    return tuple(records), tuple(issues)


def _rank(file: File) -> tuple[int, int, str]:
    return file.path.count("/"), _SPELLINGS.index(file.path.rpartition("/")[2].lower()), file.path


def _main(declared: Sequence[File]) -> File | None:
    """The file that describes the whole repository: the one at its root, or the only one."""
    return declared[0] if declared and ("/" not in declared[0].path or len(declared) == 1) else None


def _read(file: File, place: FoundAt, *, part: bool) -> tuple[Record | None, Sequence[Issue]]:
    path, content = file.path, file.plain
    if content is None or file.cut:
        return None, (Issue.of("too-large" if file.cut else "no-text", place=path, most=_MOST),)
    record_of = _record_of(path)
    if record_of is None:
        return _publiccode(path, content, place, part=part)
    try:
        record, issues = record_of(content, place)
    except InputError as error:
        return None, (_at(path, refusal(error)),)
    return replace(record, key=path) if record else None, [_at(path, issue) for issue in issues]


def _record_of(path: str) -> RecordOf | None:
    """What makes a file's record by itself: `record_of` of the module that reads its format. None for publiccode.yml
    and READMEs, which are read together with what else there is, and for what is no metadata."""
    format = format_of(path)
    reader = readers().get(format) if format not in (None, "publiccode", "readme") else None
    found: RecordOf | None = getattr(import_module(reader.function.__module__), "record_of", None) if reader else None
    return found


def _publiccode(path: str, content: str, place: FoundAt, *, part: bool) -> tuple[Record | None, Sequence[Issue]]:
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


def _of_part(record: Record, place: FoundAt) -> Record:
    """The record of a file that describes one folder among several: a thing of its own, related to the repository."""
    folder = record.key.rpartition("/")[0]
    whole = next((one for one in place.identifiers if one.scheme == "repo"), None)
    if not folder or whole is None:
        return record
    return replace(record, identifiers=(Identifier("repo", f"{whole.value}#{folder}"),), suggests=(whole,))


def _from_readme(files: Sequence[File], place: FoundAt) -> list[Record]:
    for file in sorted(files, key=lambda file: file.path):
        if file.plain and format_of(file.path) == "readme":
            record = readme.record_of(file.plain, path=file.path, identifiers=place.identifiers)
            if record is not None:
                return [record]
    return []


def _at(path: str, issue: Issue) -> Issue:
    return replace(issue, place=f"{path}: {issue.place}" if issue.place else path)
