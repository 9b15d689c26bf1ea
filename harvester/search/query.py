"""A query: what the page's URL, the API and both engines mean by it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from harvester.errors import SearchError
from harvester.model import ALSO, FACETS, Reason, Shelf
from harvester.search import box
from harvester.search.words import STEPS
from index_mappings import ORDERS

UNKNOWN = "unknown"
"""The facet value of a software whose sources do not say."""

SORTS = tuple(ORDERS)
MAX_CHARACTERS = 500
MAX_WORDS = 200
MAX_SIZE = 100
MAX_REACH = 10_000
MAX_VALUES = 100
DEFAULT_SIZE = 20
VALUES_LISTED = 30


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for.

    `text` is plain words, all of which must occur, and "phrases in quotation marks". `selections` holds the values
    chosen of each facet: values of one facet widen, facets narrow. `language` ("en" or "fr") chooses the texts that
    are shown and favours matches in them; it never changes which softwares are found. `values` is how many values of a
    facet are listed beside the chosen ones, `step` how much of the text must be found (harvester.search.words.STEPS);
    with `aside` what is set aside is searched as well, after the toolbox; with `further` what answers less of the text
    stands after what answers more (harvester.search.weights). They are no part of addresses. With `as_typed` no word is
    replaced by a known one (harvester.search.spelling).

    Raises SearchError that names the limit: 500 characters, 200 words, 100 values chosen, 100 hits a page, and
    10,000 hits in reach of paging.
    """

    text: str = ""
    selections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    size: int = DEFAULT_SIZE
    language: str = "en"
    values: int = VALUES_LISTED
    step: str = STEPS[0]
    aside: bool = False
    further: bool = False
    as_typed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _plain(self.text))
        object.__setattr__(self, "selections", _selections(self.selections))
        _check_text(self.text)
        if self.sort not in SORTS:
            raise SearchError(
                f"sort={self.sort!r} is unknown",
                remedy=f"one of {', '.join(SORTS)}",
                reason=Reason.of("limit.value", name="sort", value=self.sort),
            )
        if not 1 <= self.size <= MAX_SIZE:
            raise SearchError(
                f"size={self.size} is out of range",
                remedy=f"1 to {MAX_SIZE} hits a page",
                reason=Reason.of("limit.size", n=MAX_SIZE),
            )
        if self.page < 1 or self.page * self.size > MAX_REACH:
            raise SearchError(
                f"page={self.page} of {self.size} hits is out of reach",
                remedy=f"paging ends at hit {MAX_REACH:,}; narrow the search instead",
                reason=Reason.of("limit.reach", n=MAX_REACH),
            )

    def __hash__(self) -> int:
        chosen = tuple(self.selections.items())
        shown = (self.sort, self.page, self.size, self.language, self.values)
        return hash((self.text, chosen, shown, self.step, self.aside, self.further, self.as_typed))

    @property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """What a software must be: the selections, in the toolbox and on the shelves that were asked for beside it."""
        shelves = tuple(Shelf) if self.aside else (Shelf.LISTED.value, *self.selections.get(ALSO, ()))
        return {**self.selections, ALSO: tuple(str(one) for one in dict.fromkeys(shelves))}

    @classmethod
    def from_params(cls, pairs: Iterable[tuple[str, str]], *, language: str = "en") -> Query:
        """The query that a URL's parameters mean: q, the facets' names (repeated), sort, page, size, as_typed.

        What q chooses of facets (`license:MIT`) is chosen.

        Other parameters are none of ours and are left alone. Raises SearchError as the constructor does.
        """
        single: dict[str, str] = {}
        chosen: dict[str, list[str]] = {}
        for name, value in pairs:
            if name == ALSO:
                chosen.setdefault(name, []).extend(value.split(","))
            elif name in FACETS:
                chosen.setdefault(name, []).append(value)
            else:
                single[name] = value
        text, said = box.chosen(single.get("q", ""))
        for name, value in said:
            chosen.setdefault(name, []).append(value)
        return cls(
            text=text,
            selections={name: tuple(values) for name, values in chosen.items()},
            sort=single.get("sort") or "relevance",
            page=_number("page", single.get("page"), 1),
            size=_number("size", single.get("size"), DEFAULT_SIZE),
            language=language,
            as_typed=single.get("as_typed") == "1",
        )

    def to_params(self, selections: Mapping[str, tuple[str, ...]] | None = None) -> list[tuple[str, str]]:
        """The parameters that mean this query, defaults left out; `from_params` gives it back.

        With `selections`, of the query that has these instead, though they may pass the limit.
        """
        chosen = self.selections if selections is None else selections
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FACETS for value in chosen.get(name, ())]
        if self.sort != "relevance":
            pairs.append(("sort", self.sort))
        if self.page != 1:
            pairs.append(("page", str(self.page)))
        if self.size != DEFAULT_SIZE:
            pairs.append(("size", str(self.size)))
        return [*pairs, ("as_typed", "1")] if self.as_typed else pairs


def _selections(given: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    unknown = sorted(set(given) - set(FACETS))
    if unknown:
        raise SearchError(f"{unknown[0]!r} is no facet", remedy=f"one of {', '.join(FACETS)}")
    kept = {name: tuple(dict.fromkeys(filter(None, map(_plain, given.get(name, ()))))) for name in FACETS}
    if sum(map(len, kept.values())) > MAX_VALUES:
        raise SearchError(
            "too many values are chosen",
            remedy=f"at most {MAX_VALUES}",
            reason=Reason.of("limit.values", n=MAX_VALUES),
        )
    return MappingProxyType({name: values for name, values in kept.items() if values})


def _plain(text: str) -> str:
    """Composed, without what no keyboard types (control characters, lone surrogates), spaces as one."""
    composed = unicodedata.normalize("NFC", text)
    typed = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in composed)
    return " ".join(typed.split())


def _check_text(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise SearchError(
            f"the search has {len(text):,} characters",
            remedy=f"at most {MAX_CHARACTERS}",
            reason=Reason.of("limit.characters", n=MAX_CHARACTERS),
        )
    words = len(text.split())
    if words > MAX_WORDS:
        raise SearchError(
            f"the search has {words} words",
            remedy=f"at most {MAX_WORDS}",
            reason=Reason.of("limit.words", n=MAX_WORDS),
        )


def _number(name: str, value: str | None, default: int) -> int:
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise SearchError(
            f"{name}={value!r} is no number",
            remedy=f"a whole number such as {name}={default}",
            reason=Reason.of("limit.value", name=name, value=value),
        )
    return int(value)
