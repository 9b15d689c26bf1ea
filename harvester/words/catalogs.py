"""Words by key in each language, from gettext catalogs: `locale/fr.po` is French, and all that makes it a language.

A message id is a stable key ("search.total"). The English catalog holds the English words (but for the issues', which
stand in the table of their codes), and what another language lacks is said in English. The file's name is the
language's tag in addresses ("fr", "pt-BR"); its header's `Language` is the locale of numbers, dates and names, and its
`Plural-Forms` choose among a message's forms.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from string import Formatter as Placeholders

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal
from babel.support import Translations
from markupsafe import Markup

from harvester.errors import InputError
from harvester.model.issue import ISSUES

ENGLISH = "en"
ENGLISH_MARKS = "\ue002\ue003"
"""Before and after words that a page says in English for want of a translation."""
_MOST_PREFERENCES = 20
_PREFERENCE = re.compile(
    r"\s*([a-z]{1,8}(?:-[a-z0-9]{1,8}){0,4})\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE
)


class Words:
    """Looks words up in one language. A key that nobody knows is an error: nothing is shown untranslated."""

    def __init__(
        self, language: str, locale: Locale, texts: tuple[Translations, ...], *, marks_english: bool = False
    ) -> None:
        self.language = language
        self.locale = locale
        self._texts = texts
        self._marks_english = marks_english

    def marking_english(self) -> Words:
        """The same, with what is said in English for want of a translation between two marks (ENGLISH_MARKS)."""
        return Words(self.language, self.locale, self._texts, marks_english=True)

    def __call__(self, key: str, /, **values: object) -> str:
        """The words of `key`, with {names} filled in; `n` chooses the plural, and numbers have separators."""
        return self._pattern(key, values.get("n")).format_map(self._filled(values))

    def html(self, key: str, /, **values: object) -> Markup:
        """The same for words that hold markup of ours (never data's): what is filled in is escaped."""
        return Markup(self._pattern(key, values.get("n"))).format_map(self._filled(values))

    def known(self, key: str) -> bool:
        """Whether there are words for `key`."""
        return any(texts.gettext(key) != key for texts in self._texts)

    def number(self, value: float) -> str:
        """A number with the language's separators: 2,184, or with narrow spaces in French."""
        return _decimal(value, self.locale)

    def _pattern(self, key: str, n: object) -> str:
        for place, texts in enumerate(self._texts):
            found = texts.ngettext(key, key, n) if isinstance(n, int) else key
            if found == key:
                found = texts.gettext(key)
            if found != key:
                return found.join(ENGLISH_MARKS) if place and self._marks_english else found
        raise KeyError(key)

    def _filled(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: _decimal(value, self.locale) if _is_number(value) else value for name, value in values.items()}


class Catalogs(Mapping[str, Words]):
    """The languages of a folder of catalogs by tag, English first, then by tag."""

    def __init__(self, folder: Traversable) -> None:
        """InputError: a catalog cannot be used; the message names file, key and what is wrong."""
        files = {file.name.removesuffix(".po"): file for file in folder.iterdir() if file.name.endswith(".po")}
        if ENGLISH not in files:
            raise InputError(f"no {ENGLISH}.po in {folder}", remedy="put it there: every language falls back to it")
        read = {tag: _read(files[tag]) for tag in (ENGLISH, *sorted(set(files) - {ENGLISH}))}
        for code, kind in ISSUES.items():
            read[ENGLISH].add(f"issue.{code}.message", kind.message)
            read[ENGLISH].add(f"issue.{code}.remedy", kind.remedy)
        for tag, catalog in read.items():
            _check(catalog, against=read[ENGLISH], file=files[tag].name)
        texts = {tag: _compiled(catalog) for tag, catalog in read.items()}
        self._words = {
            tag: Words(tag, catalog.locale or Locale(ENGLISH), tuple(dict.fromkeys((texts[tag], texts[ENGLISH]))))
            for tag, catalog in read.items()
        }

    def __getitem__(self, language: str) -> Words:
        return self._words[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def choose(self, accept_language: str) -> str:
        """The language of ours that an Accept-Language header (RFC 9110, 12.5.4) likes best, else English."""
        return negotiate_locale(_preferred(accept_language), list(self._words), sep="-") or ENGLISH


@cache
def packaged() -> Catalogs:
    """The languages that the harvester comes with."""
    return Catalogs(resources.files("harvester.words") / "locale")


def _read(file: Traversable) -> Catalog:
    try:
        catalog = read_po(io.BytesIO(file.read_bytes()), abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{file.name} is no gettext catalog: {error}", remedy="mend it, or take it away") from error
    if catalog.locale is None:
        remedy = 'write its locale into the header, like "Language: pt_BR\\n"'
        raise InputError(f"{file.name} names no known language", remedy=remedy)
    return catalog


def _check(catalog: Catalog, *, against: Catalog, file: str) -> None:
    """That a translation fills in only what the English words fill in, so that no page breaks on it."""
    for message in catalog:
        english = against.get(message.id)
        if not message.id or english is None:
            continue
        given = {name for text in _forms(english) for name in _names(text, file)}
        for text in _forms(message):
            strange = _names(text, file) - given
            if strange:
                told = ", ".join(sorted(f"{{{name}}}" for name in strange))
                raise InputError(f"{file}: {_key(message)} fills in {told}, which nobody gives: {text!r}")


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _names(text: str, file: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Placeholders().parse(text) if name is not None}
    except ValueError as error:
        raise InputError(f"{file}: {text!r}: {error}", remedy="write a brace that fills nothing in twice") from error


def _compiled(catalog: Catalog) -> Translations:
    """The catalog as gettext looks messages up: fuzzy and empty ones left out."""
    binary = io.BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return Translations(binary)


def _preferred(header: str) -> list[str]:
    """The tags of an Accept-Language header, the best liked first; at most twenty, and what is none left out."""
    found = (_PREFERENCE.fullmatch(part) for part in header[:2000].split(",")[:_MOST_PREFERENCES])
    liked = [(float(one[2] or 1), one[1].lower()) for one in found if one]
    return [tag for weight, tag in sorted(liked, key=lambda one: -one[0]) if weight]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache(maxsize=4096)
def _decimal(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale)
