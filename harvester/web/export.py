"""A list of results as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harvester.search.engine import Engine
from harvester.search.query import MAX_REACH, MAX_SIZE, Query
from harvester.web import texts

COLUMNS = (
    "id",
    "name",
    "description",
    "organisations",
    "countries",
    "use_cases",
    "kind",
    "license",
    "languages",
    "programming_languages",
    "development_status",
    "date_modified",
    "used_by",
    "publiccode",
    "sources",
    "page",
)
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """A value as text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe."""
    if value is None:
        return ""
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "'" + text if text.startswith(_STARTS_FORMULA) else text


def rows(engine: Engine, query: Query, *, site: str) -> Iterator[str]:
    """The lines of the CSV, at most 10,000 results, the first line naming the columns."""
    yield _written(COLUMNS)
    page = replace(query, page=1, size=MAX_SIZE)
    for number in range(1, MAX_REACH // MAX_SIZE + 1):
        result = engine.search(replace(page, page=number))
        for hit in result.hits:
            yield _written(cell(value) for value in _values(hit.document, query.language, site))
        if number >= result.pages:
            return


def _values(shown: Mapping[str, Any], language: str, site: str) -> Iterator[object]:
    for column in COLUMNS:
        if column == "description":
            yield str(texts.best(shown["short_description"], language).html)
        elif column == "page":
            yield f"{site}/{language}/software/{shown['id']}/{shown['slug']}"
        else:
            yield shown[column]


def _written(cells: Iterator[str] | tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
