"""From the question as it was asked to a looser one, step by step, until something is found.

Filters are no part of it: the step is the first at which the words alone find a software.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harvester.assess.concepts import label
from harvester.assess.phrases import stems
from harvester.model import ALSO, Shelf
from harvester.search.engine import Engine
from harvester.search.hits import is_pinned
from harvester.search.query import DEFAULT_SIZE, SORTS, Query
from harvester.search.result import Hit, Result
from harvester.search.spelling import corrected
from harvester.search.words import STEPS, question

_ALL, _SAID, _MOST = STEPS
_LADDER = ((_ALL, False), (_SAID, False), (_ALL, True), (_SAID, True), (_MOST, False), (_MOST, True))
ASIDE = "aside"
"""The name of a step that found something only among what is set aside."""


@dataclass(frozen=True, slots=True)
class Reached:
    """`query` is what was searched, `totals` what each step tried finds among the filters.

    `step` is the first that finds something without filters, ASIDE where only what is set aside answers. `listed` is
    how many answers of the toolbox at that step, or pinned for the question, stand before what follows them, where
    something does. `instead_of` is
    the query as it was typed, where a word that nothing holds was replaced by the nearest known one.
    """

    query: Query
    result: Result
    totals: Mapping[str, int] = field(default_factory=dict)
    step: str = _ALL
    listed: int = 0
    instead_of: Query | None = None

    @property
    def meant(self) -> tuple[str, ...]:
        """The codes of the concepts that the question names (harvester.assess.concepts)."""
        asked = question(self.query.text, _ALL).clauses
        return tuple(clause.concept.code for clause in asked if clause.concept)

    def searched_as(self, language: str) -> tuple[str, ...]:
        """What they are called in a language, where the question does not call them so itself."""
        said = stems(self.query.text)
        return tuple(name for code in self.meant if not _within(stems(name := label(code, language)), said))

    @property
    def loosened(self) -> bool:
        """Whether not every word was asked for, or not only among what is listed."""
        return self.step != _ALL

    @property
    def left_out(self) -> tuple[str, ...]:
        """The words of the question that were not asked for at all, as they were typed."""
        kept = question(self.query.text, self.query.step).clauses
        every = question(self.query.text, _ALL).clauses
        return tuple(word for clause in every if clause not in kept for word in clause.words)

    def looser(self, hit: Hit) -> bool:
        """Whether a hit answers less of the question than the step that was reached."""
        return STEPS.index(hit.step) > STEPS.index(self.query.step)


def climb(engine: Engine, query: Query) -> Reached:
    """What a query finds, step by step; where a word finds nothing, of the nearest known one."""
    reached = _climb(engine, query)
    if query.as_typed or not query.text or (reached.step == _ALL and reached.result.total):
        return reached
    text = corrected(engine, query)
    if text is None:
        return reached
    other = _climb(engine, replace(query, text=text))
    return replace(other, instead_of=query) if other.result.total else reached


def _climb(engine: Engine, query: Query) -> Reached:
    """The answer at the first step that finds something, at the strictest where none does.

    Where the toolbox's answers would fill no page, what was set aside and what answers less stands after them, on every
    page, of every size, and in exports. What is set aside is looked through before words are left out by halves: who
    asks for it by its name finds it.
    """
    strict = engine.search(query)
    reached = Reached(query, strict, {_ALL: strict.total}, listed=strict.total)
    if not query.text or _unfiltered(engine, query, strict.total) >= DEFAULT_SIZE:
        return reached
    totals: dict[str, int] = {}
    asked = set()
    for step, aside in _LADDER:
        rung = replace(query, step=step, aside=aside)
        words = question(query.text, step)
        if (words, aside) in asked or (aside and query.selections.get(ALSO)):  # nothing to leave out, or to add
            continue
        asked.add((words, aside))
        found = strict.total if rung == query else engine.total(rung)
        name = ASIDE if aside else step
        totals.setdefault(name, found)
        if _unfiltered(engine, rung, found):
            return _from(engine, rung, Reached(rung, strict, totals, name, 0 if aside else found))
    return replace(reached, totals=totals)


def _from(engine: Engine, rung: Query, reached: Reached) -> Reached:
    """What is shown of a step: its answers, and in the order of relevance whatever answers less after them."""
    if rung.sort != SORTS[0]:
        return replace(reached, result=engine.search(rung))
    wider = replace(rung, further=True, aside=not rung.selections.get(ALSO))
    result = engine.search(wider)
    if not reached.listed:
        return replace(reached, query=wider, result=result)
    top = result if wider.page == 1 else engine.search(replace(wider, page=1, size=DEFAULT_SIZE))
    return replace(reached, query=wider, result=result, listed=reached.listed + _only_pinned(rung, top))


def _only_pinned(rung: Query, top: Result) -> int:
    """How many stand first because an editor pinned them, and not among the answers of a step: set aside, or looser."""
    chosen, strict = rung.selections.get(ALSO), STEPS.index(rung.step)
    return sum(
        not (chosen or hit.document["shelf"] == Shelf.LISTED) or STEPS.index(hit.step) > strict
        for hit in top.hits
        if is_pinned(rung, hit.document)
    )


def _unfiltered(engine: Engine, query: Query, found: int) -> int:
    """How many the words alone find: filters change nothing of how a question is answered."""
    kept = {name: values for name, values in query.selections.items() if name == ALSO}
    return found if len(kept) == len(query.selections) else engine.total(replace(query, selections=kept, page=1))


def _within(name: Sequence[str], said: Sequence[str]) -> bool:
    return any(tuple(said[place : place + len(name)]) == tuple(name) for place in range(len(said)))
