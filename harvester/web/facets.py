"""What a search shows beside its hits: facets whose values toggle themselves, chips, sorts, pages. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from harvester.model import FACETS, ValueType
from harvester.search.query import UNKNOWN, VALUES_LISTED, Query
from harvester.search.result import Facet, Result
from harvester.words import ENGLISH, Formatter

SELDOM = 0.03
"""A facet that fewer of the results state is closed: its name and count are shown."""
AT_FIRST = 5
"""How many values a facet shows before "n more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A facet's value as pages and API show it. `share` is its part of the largest count, 0 to 100."""

    value: str
    label: str
    count: int
    selected: bool
    toggle_url: str
    share: int

    @property
    def unknown(self) -> bool:
        """Whether it stands for "not stated"."""
        return self.value == UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A facet: its values, most frequent first and "not stated" last; `others` more have been left out.

    `stated` is how many results have a value, `closed` whether these are too few to show their values at once.
    """

    name: str
    label: str
    values: tuple[Value, ...]
    others: int
    stated: int = 0
    closed: bool = False

    @property
    def first(self) -> tuple[Value, ...]:
        """Those shown at once: the first five, and every chosen one."""
        return tuple(value for place, value in enumerate(self.values) if place < AT_FIRST or value.selected)

    @property
    def rest(self) -> tuple[Value, ...]:
        """Those behind "n more"."""
        return tuple(value for place, value in enumerate(self.values) if place >= AT_FIRST and not value.selected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A chosen value above the results, and the address without it."""

    facet: str
    label: str
    url: str


class Addresses:
    """Addresses of searches below one path, the URL being the state."""

    def __init__(self, path: str, *, language: str | None = None, explain: bool = False) -> None:
        """`language` stays in addresses that have it in no other way, where it is not English; `explain` in those of
        the list itself, where the reasons of its order are shown."""
        self._path = path
        self._kept = [("lang", language)] if language not in (None, ENGLISH) else []
        self._shows = [("explain", "1")] if explain else []

    def of(self, query: Query, *, path: str | None = None) -> str:
        """The address of a query, below this path or another one."""
        return self._at(query.to_params(), path=path)

    def _at(self, params: Iterable[tuple[str, str]], *, path: str | None = None) -> str:
        encoded = urlencode([*params, *([*self._shows, *self._kept] if path is None else [])])
        return (path or self._path) + (f"?{encoded}" if encoded else "")

    def toggled(self, query: Query, facet: str, value: str) -> str:
        """The address with a value chosen, or not chosen any more; always the first page."""
        chosen = query.selections.get(facet, ())
        kept = tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)
        return self._at(replace(query, page=1).to_params({**query.selections, facet: kept}))

    def sorted_by(self, query: Query, sort: str) -> str:
        """The address in another order."""
        return self.of(replace(query, sort=sort, page=1))

    def paged(self, query: Query, page: int) -> str:
        """The address of another page."""
        return self.of(replace(query, page=page))

    def cleared(self, query: Query) -> str:
        """The address with the words kept and no filter."""
        return self.of(replace(query, selections={}, page=1))


Labels = Callable[[str, str], str]


def labels(formatter: Formatter, source_titles: Mapping[str, str]) -> Labels:
    """Labels of facets' values in the formatter's language."""
    words = formatter.words
    by_type: Mapping[ValueType, Callable[[str], str]] = {
        ValueType.COUNTRY: formatter.country,
        ValueType.LANGUAGE: formatter.language,
    }

    def label(facet: str, value: str) -> str:
        declared = FACETS[facet]
        if value == UNKNOWN:
            return words("unknown")
        if declared.vocabulary:
            return formatter.term(declared.vocabulary, value)
        if not declared.fields:
            return source_titles.get(value, value)
        if value in declared.fixed:
            own = f"{facet}.{value}"
            return words(own if words.known(own) else f"flag.{value}")
        return by_type.get(declared.type, str)(value)

    return label


def groups(result: Result, query: Query, *, label: Labels, words: Callable[[str], str], at: Addresses) -> list[Group]:
    """The result's facets in the order of FACETS."""
    order = {name: place for place, name in enumerate(FACETS)}
    found = sorted(result.facets, key=lambda facet: order[facet.name])
    return [_group(facet, query, result.total, label=label, words=words, at=at) for facet in found]


def called(result: Result, text: str, *, label: Labels, most: int = VALUES_LISTED) -> Result:
    """The result with only the facets' values whose label holds the text, accents and case set aside.

    Of each facet the first values are listed; the others that are called so are counted.
    """
    wanted, found = folded(text), []
    for facet in result.facets:
        values = tuple(value for value in facet.values if wanted in folded(label(facet.name, value.value)))
        found.append(Facet(facet.name, values[:most], len(values[most:])))
    return replace(result, facets=tuple(found))


def _group(
    facet: Facet, query: Query, total: int, *, label: Labels, words: Callable[[str], str], at: Addresses
) -> Group:
    largest = max((one.count for one in facet.values), default=0) or 1
    values = tuple(
        Value(
            value=one.value,
            label=label(facet.name, one.value),
            count=one.count,
            selected=one.selected,
            toggle_url=at.toggled(query, facet.name, one.value),
            share=round(100 * one.count / largest),
        )
        for one in sorted(facet.values, key=lambda one: one.value == UNKNOWN)
    )
    stated = total - sum(one.count for one in facet.values if one.value == UNKNOWN)
    return Group(
        name=facet.name,
        label=words(f"facet.{facet.name}"),
        values=values,
        others=facet.others,
        stated=stated,
        closed=stated < SELDOM * total and not query.selections.get(facet.name),
    )


def chips(query: Query, *, label: Labels, words: Callable[[str], str], at: Addresses) -> list[Chip]:
    """The chosen values, in the order of FACETS."""
    return [
        Chip(facet=words(f"facet.{name}"), label=label(name, value), url=at.toggled(query, name, value))
        for name in FACETS
        for value in query.selections.get(name, ())
    ]


def hidden_inputs(query: Query) -> Iterable[tuple[str, str]]:
    """What the search box keeps when other words are searched."""
    return [(name, value) for name, value in query.to_params() if name not in ("q", "page")]


def without_one(query: Query) -> list[tuple[str, str, Query]]:
    """Each chosen value with the query that lifts it, to say what it costs; at most eight."""
    found = []
    for name in FACETS:
        for value in query.selections.get(name, ()):
            kept = tuple(one for one in query.selections[name] if one != value)
            selections = {key: values for key, values in {**query.selections, name: kept}.items() if values}
            found.append((name, value, replace(query, selections=selections, page=1)))
    return found[:8]


def folded(text: str) -> str:
    """The text without accents and case."""
    apart = unicodedata.normalize("NFKD", text.strip())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
