"""What the readers of metadata files share: the place of a file, its JSON, and values that several formats have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from harvester.errors import InputError
from harvester.model import Fields, Identifier, Issue, LangMap, Outcome, RawItem, Reading, Record
from harvester.normalize.canonical import canonical_json, parse_json
from harvester.normalize.languages import tag
from harvester.normalize.urls import addresses_in, canonical_repository, repository_url, surely_repository, web_address
from harvester.normalize.values import country_of, mapping, moment, prose, text
from harvester.normalize.yaml_safe import YamlDocument, decode

MOST_CHARACTERS = 1024 * 1024
_SHORT = 500  # characters; what is longer is a long description
_LONGEST = 20_000  # characters
_MOST_LABELS = 200
_SENTENCE = re.compile(r"[.!?。]\s")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAt:
    """Where a file was found: the repository's address for people and its identifiers, or neither for a bare file."""

    repository: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a file is about, by where it was found and by the repository that it declares."""

    code_repository: str | None
    identifiers: tuple[Identifier, ...]
    suggests: tuple[Identifier, ...] = ()
    issues: tuple[Issue, ...] = ()


Content = bytes | str
RecordOf = Callable[[Content, FoundAt], tuple[Record | None, tuple[Issue, ...]]]
"""A file and its place give a record (None: it is about no software) and its faults; InputError: it cannot be read."""


def read_file(raw: RawItem, record_of: RecordOf) -> Reading:
    """A bare file as an item of its own. context: {"repository": the address it was found in, or null}."""
    repository = text(raw.context.get("repository"))
    canonical = canonical_repository(repository) if repository else None
    place = FoundAt(
        repository=repository_url(repository) if repository else None,
        identifiers=(Identifier("repo", canonical),) if canonical else (),
        country=country_of(raw),
    )
    try:
        record, issues = record_of(raw.payload, place)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error),))
    if record is None:
        return Reading(outcome=Outcome.SKIPPED, issues=issues, reason="it is about no software")
    return Reading(outcome=Outcome.READ, records=(record,), issues=issues)


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


def refusal(error: InputError, *, place: str | None = None, form: str = "file-form") -> Issue:
    """The issue of a file that could not be read at all."""
    if isinstance(error, Unread):
        return error.issue
    code = {"not JSON: ": "json-syntax", "not YAML: ": "yaml-syntax"}.get(error.message[:10], form)
    why = error.message if code == form else error.message[10:]
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
        raise Unread(Issue.of("too-large", line=1, column=1, most=f"{most} characters"))
    found, guessed = decode(content) if isinstance(content, bytes) else (content, False)
    found = found.removeprefix("\ufeff")
    try:
        value = parse_json(found.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())
        if "\\u" in found:  # an escape can hide half a character, which no database takes
            value = parse_json(canonical_json(value))
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}",
            line=error.lineno,
            column=error.colno,
            remedy="the file is cut off" if error.pos >= len(found.rstrip()) else "mend the syntax at this place",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}"[:200], line=1, column=1, remedy="write plain JSON") from None
    issue = Issue.of("charset")
    return value, (issue,) if guessed else ()


def json_object(content: Content) -> tuple[dict[str, Any], tuple[Issue, ...]]:
    """`json_value` that has to be an object."""
    value, issues = json_value(content)
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a single value")
        raise Unread(Issue.of("json-form", line=1, column=1, found=kind))
    return value, issues


def standing(declared: str | None, place: FoundAt, *, key: str) -> Standing:
    """Who the record is about. A declared repository other than the one the file stands in only suggests a pair.

    `key` is the file's own word for it, for the issue.
    """
    several = addresses_in(declared or "")
    if len(several) > 1:
        about = standing(several[0], place, key=key)
        issue = Issue.of("several-repositories", place=key, value=prose(declared), count=len(several))
        others = tuple(Identifier("repo", one) for url in several[1:] if (one := canonical_repository(url)))
        return replace(about, suggests=(*about.suggests, *others), issues=(*about.issues, issue))
    name = canonical_repository(declared) if declared else None
    sure = name is not None and declared is not None and surely_repository(declared)
    if place.repository is None:
        address = repository_url(declared) if declared and sure else None
        own = (Identifier("repo", name),) if name and sure else ()
        hint = (Identifier("repo", name),) if name and not sure else ()
        return Standing(code_repository=address, identifiers=(*place.identifiers, *own), suggests=hint)
    if name is None or name == canonical_repository(place.repository):
        return Standing(code_repository=place.repository, identifiers=place.identifiers)
    issue = Issue.of(
        "url-mismatch", place=key, value=prose(declared[:200]) if declared else None, repository=place.repository
    )
    return Standing(
        code_repository=place.repository,
        identifiers=place.identifiers,
        suggests=(Identifier("repo", name),),
        issues=(issue,),
    )


def record_of_file(
    key: str,
    reader: str,
    fields: Fields,
    about: Standing,
    *,
    suggests: Iterable[Identifier] = (),
    priority: int,
) -> Record:
    """The record of a file that stands where `about` says."""
    return Record(
        key=key,
        reader=reader,
        fields=fields,
        identifiers=about.identifiers,
        suggests=(*about.suggests, *suggests),
        priority=priority,
    )


def own_page(landing: str | None, about: Standing) -> str | None:
    """A page that is not the repository itself."""
    own = canonical_repository(about.code_repository) if about.code_repository else None
    return None if landing and own and canonical_repository(landing) == own else landing


def duplicate_keys(document: YamlDocument) -> Iterator[Issue]:
    """An issue of every key that stands twice."""
    for name, line, column in document.duplicates:
        yield Issue.of("duplicate-key", place=name[:80], line=line, column=column)


def localized(value: Any) -> LangMap:
    """A text, or texts by language ({"en": …, "fr": …}); a bare one is `und`."""
    if isinstance(value, Mapping):
        found = {tag(key): prose(inner) for key, inner in value.items() if isinstance(key, str)}
        return {language: said for language, said in found.items() if language and said}
    said = prose(value)
    return {"und": said} if said else {}


def one_of(value: Any) -> str | None:
    """One text of those by language, English first."""
    found = localized(value)
    return found.get("en") or next(iter(found.values()), None)


def described(texts: LangMap) -> tuple[LangMap, LangMap]:
    """(short, long): a text that is no short one is the long description, and its first sentence the short one."""
    short, long = {}, {}
    for language, said in texts.items():
        if len(said) <= _SHORT:
            short[language] = said
            continue
        long[language] = said[:_LONGEST]
        end = _SENTENCE.search(said, 20, _SHORT)
        short[language] = said[: end.start() + 1] if end else said[:_SHORT].rsplit(None, 1)[0] + "…"
    return short, long


def labels(value: Any) -> tuple[str, ...]:
    """Labels in a list, or in one text with commas between them; objects give their name; each once."""
    items: Iterable[Any] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    items = list(items)[:_MOST_LABELS]
    names = (text(mapping(item).get("name")) if isinstance(item, Mapping) else prose(item) for item in items)
    return tuple(dict.fromkeys(name[:200] for name in names if name and name.strip("\u200b ")))


def loose_moment(value: Any) -> datetime | None:
    """`moment`, and dates without leading zeros ("2018-9-3"), which inventories write."""
    found = moment(value)
    if found is not None or not isinstance(value, str):
        return found
    parts = _DAY.match(value.strip())
    try:
        return datetime(int(parts[1]), int(parts[2]), int(parts[3]), tzinfo=UTC) if parts else None
    except ValueError:
        return None


def day(value: Any) -> date | None:
    """The day of `loose_moment`."""
    found = loose_moment(value)
    return found.date() if found else None


def page(value: Any) -> str | None:
    """An http(s) address, also of texts by language, or None."""
    return web_address(one_of(value))
