"""Words in the visitor's language: two tables with the same keys, and how many makes which plural."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from markupsafe import Markup

LANGUAGES = ("en", "fr")
Entry = str | Mapping[str, str]


@cache
def table(language: str) -> Mapping[str, Entry]:
    """The words of one language by key; an entry that depends on a number has the forms "one" and "other"."""
    text = resources.files("harvester.web").joinpath("locale", f"{language}.json").read_text(encoding="utf-8")
    entries: dict[str, Entry] = json.loads(text)
    return entries


class Words:
    """Looks words up in one language. A key that is not there is an error: nothing is shown untranslated."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._table = table(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The words of `key`, with {names} filled in; `n` chooses the plural and is written with separators."""
        return self._pattern(key, values.get("n")).format_map(self._filled(values))

    def html(self, key: str, /, **values: object) -> Markup:
        """The same for words that hold markup of ours (never data's): what is filled in is escaped."""
        return Markup(self._pattern(key, values.get("n"))).format_map(self._filled(values))

    def known(self, key: str) -> bool:
        """Whether there are words for `key`."""
        return key in self._table

    def _pattern(self, key: str, n: object) -> str:
        entry = self._table[key]
        return entry if isinstance(entry, str) else entry["one" if self._is_one(n) else "other"]

    def _is_one(self, n: object) -> bool:
        number = abs(n) if isinstance(n, int) else 2
        return number < 2 if self.language == "fr" else number == 1

    def _filled(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: self.number(value) if _is_number(value) else value for name, value in values.items()}

    def number(self, value: object) -> str:
        """A whole number with the language's separators; a narrow space in French."""
        separator = "\u202f" if self.language == "fr" else ","
        return f"{value:,}".replace(",", separator)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def choose(accept_language: str) -> str:
    """The language of ours that an Accept-Language header likes best; English when it likes none."""
    best, best_weight = "en", 0.0
    for tag, weight in _preferences(accept_language):
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _preferences(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(",")[:20]:
        tag, _, parameter = part.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            yield tag.strip(), float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue
