"""From the question as it was asked to a looser one, step by step, until something is found.

Filters are no part of it: the step is the first at which the words alone find a software.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.assess.concepts import label
from harvester.assess.phrases import stems
from harvester.model import ALSO
from harvester.search.engine import Engine
from harvester.search.query import DEFAULT_SIZE, SORTS, Query
from harvester.search.result import Result
from harvester.search.words import STEPS, question

_ALL, _SAID, _MOST = STEPS
_LADDER = ((_ALL, False), (_SAID, False), (_ALL, True), (_SAID, True), (_MOST, False), (_MOST, True))
ASIDE = "aside"
"""The name of a step that found something only among what is set aside."""


@dataclass(frozen=True, slots=True)
class Reached:
    """`query` is what was asked at the step that is shown, `totals` what each step tried finds among the filters.

    `listed` is how many answers of the toolbox stand before those that were set aside, where both are shown.
    """

    query: Query
    result: Result
    totals: Mapping[str, int]
    listed: int = 0

    @property
    def meant(self) -> tuple[str, ...]:
        """The codes of the concepts that the question names (harvester.assess.concepts)."""
        asked = question(self.query.text, self.query.step).clauses
        return tuple(clause.concept.code for clause in asked if clause.concept)

    def searched_as(self, language: str) -> tuple[str, ...]:
        """What they are called in a language, where the question does not call them so itself."""
        said = stems(self.query.text)
        return tuple(name for code in self.meant if not _within(stems(name := label(code, language)), said))

    @property
    def step(self) -> str:
        """The step's name: how many of the words were asked for, or that only what is set aside answers."""
        return ASIDE if self.query.aside and not self.listed else self.query.step

    @property
    def loosened(self) -> bool:
        """Whether not every word was asked for, or not only among what is listed."""
        return self.step != STEPS[0]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The words of the question that were not asked for at all, as they were typed."""
        kept = question(self.query.text, self.query.step).clauses
        every = question(self.query.text, STEPS[0]).clauses
        return tuple(word for clause in every if clause not in kept for word in clause.words)


def climb(engine: Engine, query: Query) -> Reached:
    """The answer at the first step that finds something; at the strictest where none does.

    What is set aside is searched before words are left out by halves: who asks for it by its name finds it. It also
    goes on where the toolbox's answers end on the first page.
    """
    first: Reached | None = None
    totals: dict[str, int] = {}
    asked = set()
    for step, aside in _LADDER:
        rung = replace(query, step=step, aside=aside)
        words = question(query.text, step)
        if (words, rung.filters[ALSO]) in asked or (aside and not query.text):  # nothing to leave out, or to add
            continue
        asked.add((words, rung.filters[ALSO]))
        result = engine.search(rung)
        reached = Reached(rung, result, totals)
        totals.setdefault(reached.step, result.total)
        first = first or reached
        if result.total or not query.text or _words_find(engine, rung):
            return _continued(engine, reached)
    assert first is not None
    return first


def _continued(engine: Engine, reached: Reached) -> Reached:
    """Where the toolbox's answers fill no page, what was set aside and answers as well stands after them; so on every
    page, of every size, and in exports."""
    query, listed = reached.query, reached.result.total
    if (
        query.aside
        or not query.text
        or query.selections.get(ALSO)
        or query.sort != SORTS[0]
        or not 0 < listed < DEFAULT_SIZE
    ):
        return reached
    wider = replace(query, aside=True)
    result = engine.search(wider)
    return Reached(wider, result, reached.totals, listed) if result.total > listed else reached


def _words_find(engine: Engine, query: Query) -> bool:
    """Whether filters alone are why nothing is found."""
    return bool(query.selections) and engine.search(replace(query, selections={}, page=1, size=1)).total > 0


def _within(name: Sequence[str], said: Sequence[str]) -> bool:
    return any(tuple(said[place : place + len(name)]) == tuple(name) for place in range(len(said)))
