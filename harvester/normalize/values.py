"""Values out of payloads of any shape: text that UTF-8 holds, numbers that a database holds, or None."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from harvester.model import Issue, LangMap, RawItem
from harvester.normalize.canonical import sound_json
from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag
from harvester.normalize.personal import without_mail
from harvester.normalize.urls import web_address

SHORT = 500
"""Characters of a short description; what is longer is a long one."""
_LONGEST = 20_000  # characters
_MOST_LABELS = 200
_SENTENCE = re.compile(r"[.!?。]\s")
_TYPES = {dict: "object", list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def payload_of(raw: RawItem) -> dict[str, Any] | Issue:
    """The payload as a JSON object without the fields that the source serves as placeholders, or why it is none."""
    try:
        value = sound_json(raw.payload)
    except ValueError as error:
        return Issue.of("json-syntax", why=error)
    if not isinstance(value, dict):
        return Issue.of("json-form", found=type_of(value))
    for path in raw.context.get("placeholders") or ():
        _leave_out(value, str(path))
    return value


def _leave_out(value: dict[str, Any], path: str) -> None:
    """Take out what stands at a path ("id", "namespace.kind")."""
    head, _, rest = path.partition(".")
    if not rest:
        value.pop(head, None)
    elif isinstance(inner := value.get(head), dict):
        _leave_out(inner, rest)


def type_of(value: Any) -> str:
    """What JSON calls it, as a code: "object", "list", "text", "number", "boolean" or "null"."""
    return _TYPES.get(type(value), "null")


def text(value: Any) -> str | None:
    """A text that UTF-8 can hold, without NULs and outer spaces, or None."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip() or None


def prose(value: Any) -> str | None:
    """A text for people to read, without the mail addresses in it, or None."""
    found = text(value)
    return without_mail(found) if found else None


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


def page(value: Any) -> str | None:
    """An http(s) address, also of texts by language, or None."""
    return web_address(one_of(value))


def is_placeholder(said: str) -> bool:
    """Whether a text stands where a description was asked for and says nothing ("No description available...")."""
    return len(said) < 60 and " ".join(said.lower().split()).strip(" .…!-[]()*_") in _placeholders()


@cache
def _placeholders() -> frozenset[str]:
    """The table of such texts, whatever their language."""
    table = json.loads(
        (resources.files("harvester.normalize") / "data/no_description.json").read_text(encoding="utf-8")
    )
    return frozenset(text for texts in table.values() for text in texts)


def described(texts: LangMap) -> tuple[LangMap, LangMap]:
    """(short, long): a text that is no short one is the long description, and its first sentence the short one.
    A placeholder is none."""
    short, long = {}, {}
    for language, said in texts.items():
        if is_placeholder(said):
            continue
        if len(said) <= SHORT:
            short[language] = said
            continue
        long[language] = said[:_LONGEST]
        end = _SENTENCE.search(said, 20, SHORT)
        short[language] = said[: end.start() + 1] if end else said[:SHORT].rsplit(None, 1)[0] + "…"
    return short, long


def labels(value: Any) -> tuple[str, ...]:
    """Labels in a list, or in one text with commas between them; objects give their name; each once."""
    items: Iterable[Any] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    items = list(items)[:_MOST_LABELS]
    names = (text(mapping(item).get("name")) if isinstance(item, Mapping) else prose(item) for item in items)
    return tuple(dict.fromkeys(name[:200] for name in names if name and name.strip("\u200b ")))


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, each once."""
    items = value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(found for item in items if (found := text(item))))


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC, or None."""
    written = text(value)
    if written is None:
        return None
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        return None
    try:
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except OverflowError:
        return None


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


def number(value: Any) -> int | None:
    """A whole number that a database holds, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def flag(value: Any) -> bool | None:
    """True, False, or None for anything else."""
    return value if isinstance(value, bool) else None


def country_of(raw: RawItem) -> str | None:
    """The country that the source is configured with, as its code."""
    return alpha2(text(raw.context.get("country")))
