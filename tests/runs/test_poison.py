"""Entries that are wrong in thirty ways, among a thousand that are right: set aside with the reason, and read when
they are mended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.responses import Response
from support.runs import Runs, running
from support.web import HOST, entry, source

from harvester.catalogue import schema
from harvester.model import Judgement, RunState
from simulators.exchange import Ask, as_json
from simulators.sim_italia import Italia

_TEXT = str(entry(0)["publiccodeYml"])
_WRONG: tuple[Any, ...] = (5, [5], {"a": [1]}, True, None)
NO_ENTRIES: tuple[Any, ...] = (7, "entry", None, [], True, {}, {"id": 5}, {"id": ["x"]}, {"id": ""}, {"id": None})
"""What has no id to be known by: it is told of its page."""
UNREADABLE: Mapping[str, Mapping[str, Any]] = {
    **{f"text is {wrong!r}": {"publiccodeYml": wrong} for wrong in _WRONG},
    "text is empty": {"publiccodeYml": " \n"},
    "text is no mapping": {"publiccodeYml": "- a\n- b\n"},
    "text ends in a quotation": {"publiccodeYml": 'name: "Tool'},
    "text is indented with tabs": {"publiccodeYml": "a:\n\tb: c\n"},
    "text makes an object": {"publiccodeYml": "name: !!python/object/apply:os.getcwd []\n"},
    "text refers without end": {"publiccodeYml": "a: &a [x]\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(99))},
    "text is deep": {"publiccodeYml": "a: " + "[" * 5000 + "]" * 5000},
    "text is large": {"publiccodeYml": _TEXT + "#" + "x" * 300_000},
    "text is markup": {"publiccodeYml": "<!doctype html><title>404</title>"},
}
"""What is known by its id, and refused."""
BEARABLE: Mapping[str, Mapping[str, Any]] = {
    **{f"url is {wrong!r}": {"url": wrong} for wrong in _WRONG},
    "text has a name twice": {"publiccodeYml": _TEXT + "name: Another\n"},
}
"""What is read all the same."""


def _poisoned() -> list[Any]:
    harmed = [{**entry(10_000 + n), **changes} for n, changes in enumerate([*UNREADABLE.values(), *BEARABLE.values()])]
    return [*NO_ENTRIES, *harmed]


@dataclass
class Poisoned:
    """A catalogue whose pages hold some of these entries beside their own."""

    entries: list[dict[str, Any]]
    added: Sequence[Any] = field(default_factory=_poisoned)

    def answer(self, ask: Ask) -> Response:
        answer = Italia(self.entries).answer(ask)
        page = json.loads(bytes(answer.body))
        pages = -(-len(self.entries) // ask.number("page[size]", 25))
        first = next(n for n, one in enumerate(self.entries) if one["id"] == page["data"][0]["id"])
        turn = first * pages // len(self.entries)
        page["data"][1:1] = self.added[turn::pages]
        return as_json(page)


def outcomes(runs: Runs) -> dict[str, int]:
    raw = schema.raw_item
    query = sa.select(raw.c.outcome, sa.func.count()).group_by(raw.c.outcome)
    with runs.catalogue.database.read() as connection:
        return {str(outcome): int(count) for outcome, count in connection.execute(query)}


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_entries_that_are_wrong_in_thirty_ways_are_set_aside_and_read_when_they_are_mended(
    tmp_path: Path, count: int
) -> None:
    kinds = len(UNREADABLE) + len(BEARABLE)
    assert len(NO_ENTRIES) + kinds == 30
    web = Poisoned([entry(n) for n in range(count)])
    made = source(trusted=True)
    told = {"spider": made.spider, "params": {**made.params, "page_size": count // 10}, "trusted": True}
    with running({HOST: web}, tmp_path, told) as runs:
        run = runs.harvest()
        assert (run.state, run.judgement) == (RunState.FINISHED, Judgement.GOOD), run.reasons
        assert (run.counts.units_closed, run.counts.units_open) == (10, 0)
        assert outcomes(runs) == {"read": count + len(BEARABLE), "refused": len(UNREADABLE)}
        good = {f"Tool {n}" for n in range(count)}
        published = {str(one.fields.name) for one in runs.catalogue.software.published(2 * count)}
        assert good <= published
        issues = runs.issues()
        assert issues.count("entry-without-id") == len(NO_ENTRIES)
        web.added = [entry(10_000 + n) for n in range(kinds)]
        again = runs.harvest()
        assert (again.judgement, again.counts.refused, again.counts.gone) == (Judgement.GOOD, 0, 0)
        assert outcomes(runs) == {"read": count + kinds}
        assert runs.issues() == []


def test_every_entry_that_is_refused_says_why_and_where(tmp_path: Path) -> None:
    web = Poisoned([entry(n) for n in range(60)])
    with running({HOST: web}, tmp_path, {"spider": "developers_italia", "params": source().params}) as runs:
        runs.harvest()
        raw, issue = schema.raw_item, schema.issue
        why = (
            sa.select(raw.c.key, sa.func.count(issue.c.id))
            .outerjoin(issue, sa.and_(issue.c.raw_item == raw.c.id, issue.c.active, issue.c.severity == "error"))
            .where(raw.c.outcome == "refused")
            .group_by(raw.c.key)
        )
        with runs.catalogue.database.read() as connection:
            told = {str(key): int(count) for key, count in connection.execute(why)}
        assert len(told) == len(UNREADABLE)
        assert all(told.values()), told
