"""A list of results as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from harvester.errors import SearchError
from harvester.model import FIELDS, FieldKind, Place, fields_in
from harvester.search.engine import Engine
from harvester.search.query import Query
from harvester.web import texts
from harvester.words import Words

_log = logging.getLogger(__name__)

COLUMNS = ("id", *fields_in(Place.LIST), "sources", "terms", "page")
"""Fields by their names, as lists show them; `terms` are those of the sources: licence, whom to name, share alike."""

MARK = "\ufeff"
"""Tells spreadsheets that a CSV is UTF-8."""

_TOGETHER = 50  # rows that are sent at once: as much work as a page, and others have their turn after it

_FORMULA = re.compile("""(^|[;\t\r\n])([\\s"']*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n])""")
"""Where a cell would begin a formula, also where a spreadsheet takes semicolons for the ends of cells (as in French),
and where it takes full-width signs for theirs."""


def cell(value: object) -> str:
    """A value as text that no spreadsheet takes for a formula: what looks like one gets an apostrophe."""
    return _FORMULA.sub(r"\1\2'", _written(value))


def _written(value: object) -> str:
    """A value of JSON: several with semicolons between them, of an organisation its name."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return str(value["name"])
    return "; ".join(map(_written, value)) if isinstance(value, list) else str(value)


def rows(
    engine: Engine, query: Query, *, site: str, total: int, words: Words, terms: Mapping[str, str]
) -> Iterator[str]:
    """The lines of the CSV: the columns' names, then every result, however many there are; `terms` by source.

    Where the index fails on the way, when it is too late for another status, the last line says so in `words`, and how
    many of `total` there are.
    """
    yield MARK + _line(COLUMNS)
    done = 0
    try:
        for document in engine.every(query):
            yield _line(cell(value) for value in _values(document, query.language, site, terms))
            done += 1
    except SearchError as error:
        _log.error("an export ended after %d of %d: %s", done, total, error)
        yield _line([words("export.broken", n=done, total=total)])


def together(lines: Iterable[str]) -> Iterator[str]:
    """The same text in parts of some fifty lines."""
    rest = iter(lines)
    while part := "".join(islice(rest, _TOGETHER)):
        yield part


def _values(shown: Mapping[str, Any], language: str, site: str, terms: Mapping[str, str]) -> Iterator[object]:
    for column in COLUMNS:
        if column == "page":
            yield f"{site}/{language}/software/{shown['id']}/{shown['slug']}"
        elif column == "terms":
            yield [terms[name] for name in shown["sources"] if name in terms]
        elif column in FIELDS and FIELDS[column].kind is FieldKind.TEXT:
            yield str(texts.best(shown[column], language).html)
        else:
            yield shown[column]


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
