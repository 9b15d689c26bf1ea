"""What the readers of metadata files share: a file in its place, its bytes as JSON, and why one cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from harvester.errors import InputError
from harvester.model import Identifier, Issue, Outcome, RawItem, Reading
from harvester.normalize.canonical import sound_json
from harvester.normalize.draft import FoundAt
from harvester.normalize.urls import canonical_repository, repository_url
from harvester.normalize.values import country_of, prose, text, type_of
from harvester.normalize.yaml_safe import YamlDocument, decode

MOST_CHARACTERS = 1024 * 1024

Content = bytes | str
ReadingOf = Callable[[Content, FoundAt], Reading]
"""What a file means in its place. InputError: it cannot be read."""


def read_file(raw: RawItem, reading_of: ReadingOf) -> Reading:
    """A bare file as an item of its own. context: {"repository": the address it was found in, or null}."""
    return attempted(reading_of, raw.payload, place_of(raw))


def place_of(raw: RawItem) -> FoundAt:
    """Where a bare file was found."""
    repository = text(raw.context.get("repository"))
    canonical = canonical_repository(repository) if repository else None
    return FoundAt(
        repository=repository_url(repository) if repository else None,
        identifiers=(Identifier("repo", canonical),) if canonical else (),
        country=country_of(raw),
    )


def attempted(reading_of: ReadingOf, content: Content, found: FoundAt) -> Reading:
    """What a file means; refused where it cannot be read."""
    try:
        return reading_of(content, found)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error),))


class Unread(InputError):
    """A file that cannot be read, with the issue that says why."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(
            issue.message,
            place=issue.place,
            line=issue.line,
            column=issue.column,
            value=issue.value,
            remedy=issue.remedy,
        )
        self.issue = issue


def refusal(error: InputError, *, place: str | None = None) -> Issue:
    """The issue of a file that could not be read at all."""
    if isinstance(error, Unread):
        return error.issue
    code = {"not JSON: ": "json-syntax", "not YAML: ": "yaml-syntax"}.get(error.message[:10], "yaml-form")
    why = error.message.removeprefix("not JSON: ").removeprefix("not YAML: ")
    return Issue.of(
        code,
        place=place or error.place,
        line=error.line,
        column=error.column,
        value=prose(error.value) if error.value else None,
        why=f"{why} ({error.remedy})" if error.remedy else why,
    )


def json_value(content: Content, *, most: int = MOST_CHARACTERS) -> tuple[Any, tuple[Issue, ...]]:
    """The value of a JSON file, and the issue of a guessed encoding. Raises InputError with line and column."""
    if len(content) > most:
        raise Unread(Issue.of("too-large", line=1, column=1, most=f"{most // 1024} KiB"))
    found, guessed = decode(content) if isinstance(content, bytes) else (content, False)
    found = found.removeprefix("\ufeff")
    try:
        value = sound_json(found.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}",
            line=error.lineno,
            column=error.colno,
            remedy="the file is cut off" if error.pos >= len(found.rstrip()) else "mend the syntax at this place",
        ) from None
    except ValueError as error:
        raise InputError(f"not JSON: {error}"[:200], line=1, column=1, remedy="write plain JSON") from None
    issue = Issue.of("charset")
    return value, (issue,) if guessed else ()


def json_object(content: Content) -> tuple[dict[str, Any], tuple[Issue, ...]]:
    """`json_value` that has to be an object."""
    value, issues = json_value(content)
    if not isinstance(value, dict):
        raise Unread(Issue.of("json-form", line=1, column=1, found=type_of(value)))
    return value, issues


def duplicate_keys(document: YamlDocument) -> Iterator[Issue]:
    """An issue of every key that stands twice."""
    for name, line, column in document.duplicates:
        yield Issue.of("duplicate-key", place=name[:80], line=line, column=column)
