"""Typed values out of a publiccode.yml with today's keys; what is wrong with them is collected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from harvester.model import LangMap
from harvester.normalize.languages import tag
from harvester.normalize.personal import without_mail, without_words_with_at
from harvester.normalize.publiccode_keys import todays
from harvester.normalize.urls import web_address

_LONGEST_TEXT = 20_000  # characters
_TEXTS = ("localisedName", "genericName", "shortDescription", "longDescription", "documentation", "apiDocumentation")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path of the modern file."""

    code: str
    path: Path
    value: str | None
    args: Mapping[str, str]


@dataclass(slots=True)
class Faults:
    """Collects what is wrong."""

    found: list[Fault] = field(default_factory=list)

    def add(self, code: str, path: Path, *, value: Any = None, **args: str) -> None:
        """Add one; values are cut, and mail addresses are not repeated."""
        shown = None if value is None else without_words_with_at(str(value)[:_LONGEST_TEXT])[:200]
        self.found.append(Fault(code, path, shown, args))


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
            self._wrong(key, "mapping")
        return {}

    def descriptions(self) -> Mapping[str, Any]:
        """description by language; drafts of 0.1 had a list of them, and some files have one bare text."""
        found = self._value.get("description")
        if isinstance(found, str) and found.strip():
            self._wrong("description", "mapping")
            return {"shortDescription": found}
        if isinstance(found, list):
            self._wrong("description", "mapping")
            return {key: text for part in reversed(found) if isinstance(part, Mapping) for key, text in part.items()}
        return self.mapping("description")

    def text(self, key: str) -> str | None:
        found = self._value.get(key)
        if isinstance(found, dict | list):
            self._wrong(key, "text")
        return plain(found)

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._value.get(key)
        if isinstance(found, str):
            if key != "isBasedOn":
                self._wrong(key, "list")
            found = [found]
        elif isinstance(found, Mapping):
            self._wrong(key, "list")
            return ()
        items = found if isinstance(found, list) else []
        return tuple(dict.fromkeys(text for text in map(plain, items) if text))

    def address(self, key: str) -> str | None:
        text = self.text(key)
        address = web_address(text)
        if text and address is None:
            self._faults.add("bad-url", (key,), value=text)
        return address

    def word(self, key: str, vocabulary: Collection[str], of_old: Mapping[str, str]) -> str | None:
        text = self.text(key)
        if text is None:
            return None
        if text in vocabulary:
            return text
        known = {code.lower(): code for code in vocabulary} | dict(of_old)
        modern = known.get(text.lower())
        if modern is None:
            self._faults.add("unknown-term", (key,), value=text, terms=", ".join(vocabulary))
        else:
            self._faults.add("old-term", (key,), value=text, term=modern)
        return modern

    def date(self, key: str) -> date | None:
        text = self.text(key)
        if text is None:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self._faults.add("bad-date", (key,), value=text)
            return None

    def _wrong(self, key: str, wanted: str) -> None:
        self._faults.add("wrong-type", (key,), wanted=wanted)


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
                faults.add("unknown-language", ("description", key), value=key)
            texts = {todays(sub): text for sub, text in inner.items()}
            if not plain(texts.get("shortDescription")):
                where = ("description", key, "shortDescription")
                faults.add("missing", where)
            for name in _TEXTS:
                if isinstance(texts.get(name), dict | list):
                    faults.add("wrong-type", ("description", key, name), wanted="text")
            if texts.get("features") not in (None, "") and not isinstance(texts.get("features"), list):
                faults.add("wrong-type", ("description", key, "features"), value=texts["features"], wanted="list")
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
            lines = [line for line in map(plain, items if isinstance(items, list) else [items]) if line]
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
