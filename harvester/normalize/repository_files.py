"""The metadata files of one repository, each read by its own format: one record a file, its key the file's path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from harvester.model import Identifier, Issue, Record
from harvester.normalize import publiccode, readme
from harvester.normalize.draft import FoundAt
from harvester.normalize.metadata_file import ReadingOf, attempted
from harvester.normalize.readers import readers
from harvester.normalize.repository import METADATA, MOST_BYTES, File, format_of, is_publiccode

_SPELLINGS = next(row.names for row in METADATA if row.format == "publiccode")
_MOST_FILES = 40
_MOST = f"{MOST_BYTES // 1024} KiB"


def repository_files(files: Sequence[File], place: FoundAt) -> tuple[tuple[Record, ...], tuple[Issue, ...]]:
    """The records of a repository's files, and their issues, whose places begin with the path.

    publiccode.yml may stand in any folder, the others at the root. The README gives a record only where no other file
    has a long description.
    """
    records: list[Record] = []
    issues: list[Issue] = []
    declared = sorted((file for file in files if is_publiccode(file.path)), key=_rank)
    others = sorted((file for file in files if _reading_of(file.path) is not None), key=lambda file: file.path)
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
    if content is None or file.cut:  # cut: it was stored when only the beginning of each file was kept
        return None, (Issue.of("no-text", place=path, most=_MOST),)
    reading_of = _reading_of(path) or publiccode.reading_of
    reading = attempted(reading_of, content, place)
    record = replace(reading.records[0], key=path) if reading.records else None
    # the issues of a repository's own publiccode.yml have its keys alone for places
    whole = is_publiccode(path) and record is not None and "/" not in path and not part
    issues = reading.issues if whole else tuple(_at(path, issue) for issue in reading.issues)
    if record is None or not is_publiccode(path):
        return record, issues
    if "/" in path and record.suggests:  # in a folder, and about something else: a copy of what the repository uses
        return None, issues
    return _of_part(record, place) if part else record, issues


def _reading_of(path: str) -> ReadingOf | None:
    """What reads a file by itself: `reading_of` of the module that reads its format. None for publiccode.yml and
    READMEs, which are read together with what else there is, and for what is no metadata."""
    format = format_of(path)
    reader = readers().get(format) if format not in (None, "publiccode", "readme") else None
    found: ReadingOf | None = getattr(import_module(reader.function.__module__), "reading_of", None) if reader else None
    return found


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
