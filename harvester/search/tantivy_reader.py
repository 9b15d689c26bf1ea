"""One commit of the embedded index, read: hits, counts, and what is worth keeping until the next commit."""

from __future__ import annotations

import json
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tantivy

from harvester.model import ALSO, FACETS, Shelf
from harvester.search import facets
from harvester.search.analysis import folded
from harvester.search.highlight import Highlighter
from harvester.search.hits import made
from harvester.search.query import MAX_REACH, Query
from harvester.search.result import Hit, Result, Suggestion
from harvester.search.tantivy_query import Asker
from harvester.search.words import question
from index_mappings import ORDERS

MOST_VALUES = 65_000  # of a facet: the counts are exact up to here
_KEPT = 64
_NEAR = 400  # hits: the first are ordered by tantivy itself, which for the thousandth takes a second

Address = Any
Counts = Mapping[str, Sequence[facets.Bucket]]


class TantivyReader:
    """Answers queries from one commit. Whatever is kept here is forgotten with it, so it can never be stale."""

    def __init__(self, searcher: tantivy.Searcher, asker: Asker) -> None:
        self._searcher = searcher
        self._asker = asker
        self._landings: dict[Query, Result] = {}
        self._all_counts: Counts | None = None
        self._in_toolbox: int | None = None
        self._ranks: dict[str, Mapping[tuple[int, int], int]] = {}
        self._ranking = threading.Lock()

    def count(self) -> int:
        return int(self._searcher.num_docs)

    def version(self, software: str) -> int | None:
        """The version that stands in the index; None: the software does not."""
        found = self._searcher.search(self._asker.term("id", software), 1, count=False).hits
        if not found:
            return None
        version = self._searcher.fast_field_values("version", [found[0][1]])[0]
        return None if version is None else int(version)

    def versions(self) -> dict[str, int]:
        """The versions that stand in the index, by software."""
        if not self.count():
            return {}
        found = self._searcher.search(tantivy.Query.all_query(), self.count(), count=False).hits
        addresses = [address for _, address in found]
        versions = self._searcher.fast_field_values("version", addresses)
        told = zip(addresses, versions, strict=True)
        return {self._document(address)["id"]: int(version or 0) for address, version in told}

    def search(self, query: Query) -> Result:
        started = time.perf_counter()
        landing = not query.text and not query.selections and not query.aside
        if landing and (kept := self._landings.get(query)):
            return kept
        result = self._answer(query, started)
        if landing and len(self._landings) < _KEPT:
            self._landings[query] = result
        return result

    def total(self, query: Query) -> int:
        words = self._asker.text(question(query.text, query.step), query.language)
        return _count(self._searcher.search(self._asker.filtered(words, query.filters), 1))

    def every(self, query: Query) -> Iterator[Mapping[str, Any]]:
        text = self._asker.asked(query)
        wanted = self._asker.filtered(text, query.filters)
        if text is None or query.sort != "relevance":
            return map(self._document, self._ordered(wanted, query.sort))
        found = self._searcher.search(wanted, max(1, self.count()), count=False)
        return (self._document(address) for _, address in found.hits)

    def after(self, query: Query, cursor: str) -> list[Hit]:
        words = self._asker.text(question(query.text, query.step), query.language)
        wanted, order = self._asker.filtered(words, query.filters), tantivy.Order.Asc
        most = max(1, self.count())
        found = self._searcher.search(wanted, most, count=False, order_by_field="id", order=order).hits
        # tantivy asks for no range of texts: the place is looked for by halves, in some twenty documents
        start = bisect_right(found, cursor, key=lambda hit: str(self._document(hit[1])["id"])) if cursor else 0
        highlighter = Highlighter(())
        page = found[start : start + query.size]
        return [made(query, 0.0, self._document(address), highlighter) for _, address in page]

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        typed = self._asker.typed(folded(text))
        order = tantivy.Order.Asc
        found = self._searcher.search(typed, limit, count=False, order_by_field="by_standing", order=order).hits
        documents = [self._document(address) for _, address in found]
        return [Suggestion(d["id"], d["slug"], d["name"]) for d in documents]

    def near(self, word: str, distance: int, limit: int) -> list[dict[str, Any]]:
        asked, order = self._asker.near(word, distance), tantivy.Order.Asc
        found = self._searcher.search(asked, limit, count=False, order_by_field="by_standing", order=order).hits
        return [self._document(address) for _, address in found]

    def _answer(self, query: Query, started: float) -> Result:
        text = self._asker.asked(query)
        total, found = self._hits(query, self._asker.filtered(text, query.filters), scored=text is not None)
        highlighter = Highlighter(question(query.text, "all").clauses)
        hits = tuple(made(query, score, document, highlighter) for score, document in found)
        return Result(
            total=total,
            of_all=self._listed(),
            hits=hits,
            facets=facets.facets(query, self._counts(query, text)),
            took_ms=(time.perf_counter() - started) * 1000,
            page=query.page,
            pages=-(-min(total, MAX_REACH) // query.size),
        )

    def _listed(self) -> int:
        """How many the toolbox holds."""
        if self._in_toolbox is None:
            listed = self._asker.filtered(None, {ALSO: (Shelf.LISTED.value,)})
            self._in_toolbox = _count(self._searcher.search(listed, 1))
        return self._in_toolbox

    def _hits(self, query: Query, wanted: tantivy.Query, *, scored: bool) -> tuple[int, list[tuple[float, Any]]]:
        offset = (query.page - 1) * query.size
        if scored and query.sort == "relevance":
            return self._best(wanted, offset, query.size)
        if offset + query.size > _NEAR:
            every = self._ordered(wanted, query.sort)
            return len(every), [(0.0, self._document(one)) for one in every[offset : offset + query.size]]
        found = self._searcher.search(
            wanted, query.size, offset=offset, order_by_field=ORDERS[query.sort], order=tantivy.Order.Asc
        )
        return _count(found), [(0.0, self._document(address)) for _, address in found.hits]

    def _ordered(self, wanted: tantivy.Query, sort: str) -> list[Address]:
        """All that is found, in the order of a sort: of how the whole index is sorted, which is found out once."""
        with self._ranking:
            ranks = self._ranks.get(sort)
            if ranks is None:
                ranks = self._ranks[sort] = self._sorted(ORDERS[sort])
        found = self._searcher.search(wanted, max(1, self.count()), count=False)
        return sorted((address for _, address in found.hits), key=lambda one: ranks[one.segment_ord, one.doc])

    def _sorted(self, field: str) -> dict[tuple[int, int], int]:
        every, order = tantivy.Query.all_query(), tantivy.Order.Asc
        found = self._searcher.search(every, max(1, self.count()), count=False, order_by_field=field, order=order)
        return {(one.segment_ord, one.doc): place for place, (_, one) in enumerate(found.hits)}

    def _best(self, wanted: tantivy.Query, offset: int, size: int) -> tuple[int, list[tuple[float, Any]]]:
        """The page of best scores, ties in the order of ids (tantivy itself breaks them by place in its files).

        Ties that reach over the page's end are read to their end: any of their softwares may belong on the page.
        """
        limit = offset + size + 1
        while True:
            found = self._searcher.search(wanted, limit)
            ranked: list[tuple[float, Address]] = found.hits
            if len(ranked) <= offset or len(ranked) < limit or ranked[-1][0] != ranked[offset + size - 1][0]:
                break
            limit *= 4
        page = ranked[offset : offset + size]
        if not page:
            return _count(found), []
        highest, lowest = page[0][0], page[-1][0]
        before = sum(score > highest for score, _ in ranked[:offset])
        group = [(score, self._document(address)) for score, address in ranked if lowest <= score <= highest]
        group.sort(key=lambda item: (-item[0], item[1]["id"]))
        return _count(found), group[offset - before : offset - before + size]

    def _document(self, address: Address) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._searcher.doc(address)["document"][0])
        return document

    def _counts(self, query: Query, text: tantivy.Query | None) -> Counts:
        """Counts of every facet, each without its own selections: one pass, and one more a facet with selections."""
        free = [name for name in FACETS if name not in query.filters]
        counts = dict(self._pass(text, query.filters, free))
        for name in query.filters:
            counts |= self._pass(text, facets.others_selected(query, name), [name])
        return counts

    def _pass(self, text: tantivy.Query | None, selections: Mapping[str, tuple[str, ...]], names: list[str]) -> Counts:
        if text is None and not selections:
            if self._all_counts is None:
                self._all_counts = self._aggregate(self._asker.filtered(None, {}), list(FACETS))
            return {name: self._all_counts[name] for name in names}
        return self._aggregate(self._asker.filtered(text, selections), names)

    def _aggregate(self, wanted: tantivy.Query, names: list[str]) -> Counts:
        terms = {name: {"terms": {"field": name, "size": MOST_VALUES, "segment_size": MOST_VALUES}} for name in names}
        counted = self._searcher.aggregate(wanted, terms) if names else {}
        return {name: counted[name]["buckets"] for name in names}


def _count(found: tantivy.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # it is there, its stub forgets it
