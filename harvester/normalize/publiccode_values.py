"""Typed values out of a publiccode.yml with today's keys; what is wrong with them is collected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from harvester.model import LangMap
from harvester.normalize.languages import tag
from harvester.normalize.personal import without_mail
from harvester.normalize.publiccode_keys import todays
from harvester.normalize.urls import web_address

_LONGEST_TEXT = 20_000  # characters
_MAIL = re.compile(r"\S+@\S+")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path of the modern file."""

    code: str
    message: str
    path: Path
    error: bool
    value: str | None
    remedy: str | None


@dataclass(slots=True)
class Faults:
    """Collects what is wrong."""

    found: list[Fault] = field(default_factory=list)

    def add(
        self, code: str, message: str, path: Path, *, error: bool = False, value: Any = None, remedy: str | None = None
    ) -> None:
        """Add one; values are cut, and mail addresses are not repeated."""
        shown = None if value is None else _MAIL.sub("(address)", str(value))[:200]
        self.found.append(Fault(code, message, path, error, shown, remedy))


class Getter:
    """Typed values of a mapping; a wrong type is a fault, and unknown."""

    def __init__(self, value: Mapping[str, Any], faults: Faults) -> None:
        self._value = value
        self._faults = faults

    def mapping(self, key: str) -> Mapping[str, Any]:
        found = self._value.get(key)
        if isinstance(found, Mapping):
            return found
        if found not in (None, [], ""):
            self._wrong(key, "a mapping", found)
        return {}

    def descriptions(self) -> Mapping[str, Any]:
        """description by language; drafts of 0.1 had a list of them, and some files have one bare text."""
        found = self._value.get("description")
        if isinstance(found, str) and found.strip():
            self._wrong("description", "a mapping", found)
            return {"shortDescription": found}
        if isinstance(found, list):
            self._wrong("description", "a mapping", found)
            return {key: text for part in reversed(found) if isinstance(part, Mapping) for key, text in part.items()}
        return self.mapping("description")

    def text(self, key: str) -> str | None:
        found = self._value.get(key)
        if isinstance(found, dict | list):
            self._wrong(key, "text", found)
        return plain(found)

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._value.get(key)
        if isinstance(found, str):
            if key != "isBasedOn":
                self._wrong(key, "a list", found)
            found = [found]
        elif isinstance(found, Mapping):
            self._wrong(key, "a list", found)
            return ()
        items = found if isinstance(found, list) else []
        return tuple(dict.fromkeys(text for text in map(plain, items) if text))

    def address(self, key: str) -> str | None:
        text = self.text(key)
        address = web_address(text)
        if text and address is None:
            self._faults.add(
                "bad-url",
                f"{key} is no http or https address",
                (key,),
                error=True,
                value=text,
                remedy="write https://…",
            )
        return address

    def word(self, key: str, vocabulary: Mapping[str, Any], of_old: Mapping[str, str]) -> str | None:
        text = self.text(key)
        if text is None:
            return None
        if text in vocabulary:
            return text
        known = {code.lower(): code for code in vocabulary} | dict(of_old)
        modern = known.get(text.lower())
        self._faults.add(
            "unknown-term",
            f"{key} is none of the standard's terms",
            (key,),
            error=modern is None,
            value=text,
            remedy="one of " + ", ".join(vocabulary),
        )
        return modern

    def date(self, key: str) -> date | None:
        text = self.text(key)
        if text is None:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self._faults.add("bad-date", f"{key} is no date", (key,), error=True, value=text, remedy="YYYY-MM-DD")
            return None

    def _wrong(self, key: str, wanted: str, found: Any) -> None:
        kind = "a mapping" if isinstance(found, Mapping) else "a list" if isinstance(found, list) else "text"
        self._faults.add("wrong-type", f"{key} is {kind}, not {wanted}", (key,), error=True, remedy=f"write {wanted}")


class Descriptions:
    """description: by language, or (in the oldest files) for no stated one."""

    def __init__(self, value: Mapping[str, Any], faults: Faults) -> None:
        self.by_tag: dict[str, dict[str, Any]] = {}
        loose = {todays(key): inner for key, inner in value.items() if not isinstance(inner, Mapping)}
        for key, inner in value.items():
            if not isinstance(inner, Mapping):
                continue
            language = tag(key)
            if language is None:
                faults.add(
                    "unknown-language",
                    f"description.{key[:40]} is no language tag",
                    ("description", key),
                    error=True,
                    remedy="use a BCP 47 tag such as en or fr",
                )
            texts = {todays(sub): text for sub, text in inner.items()}
            if not plain(texts.get("shortDescription")):
                where = ("description", key, "shortDescription")
                faults.add("missing", f"{'.'.join(where)[:80]} is missing", where, error=True, remedy="say it briefly")
            self.by_tag.setdefault(language or "und", texts)
        if loose:
            self.by_tag.setdefault("und", loose)

    def map(self, key: str) -> LangMap:
        found = {language: plain(texts.get(key)) for language, texts in self.by_tag.items()}
        return {language: without_mail(text)[:_LONGEST_TEXT] for language, text in found.items() if text}

    def lists(self, key: str) -> LangMap:
        found: dict[str, str] = {}
        for language, texts in self.by_tag.items():
            items = texts.get(key)
            lines = [line for line in map(plain, items if isinstance(items, list) else []) if line]
            if lines:
                found[language] = without_mail("\n".join(line.replace("\n", " ") for line in lines))[:_LONGEST_TEXT]
        return found

    def any(self, key: str) -> str | None:
        return next((text for texts in self.by_tag.values() if (text := plain(texts.get(key)))), None)

    def address(self, key: str) -> str | None:
        return next((found for texts in self.by_tag.values() if (found := web_address(texts.get(key)))), None)


def plain(value: Any) -> str | None:
    """A scalar as text without outer spaces and NULs; None for nothing, a list or a mapping."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).replace("\0", "").strip() or None
