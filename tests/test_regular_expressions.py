"""No regular expression of the house can be made slow by a text from outside."""

from __future__ import annotations

import re

import pytest
from support.expressions import GENERIC, LONG, Expression, expressions, pumps, spent_s

MOST_S = 0.1
"""Of processor time, for 64 KB."""
_AS_MANY_AS_MATTER = (" ", "a", "-", "a@")


def slow(expression: Expression, generic: tuple[str, ...], most_s: float = MOST_S) -> list[str]:
    """The ways of using an expression that some text makes slow, with its beginning."""
    found = []
    for way in expression.ways:
        for text in pumps(expression.pattern, generic):
            tries = (spent_s(expression.pattern, way, text, most_s) for _ in range(3))
            if all(spent > most_s for spent in tries):  # three: other work may have been in the way
                found.append(f"{expression.place} {way}: {text[:40]!r}")
                break
    return found


def test_no_expression_can_be_made_slow() -> None:
    assert [told for expression in expressions() for told in slow(expression, _AS_MANY_AS_MATTER)] == []


@pytest.mark.long
def test_no_expression_can_be_made_slow_by_any_pump() -> None:
    assert len(GENERIC) >= 40
    assert [told for expression in expressions() for told in slow(expression, GENERIC)] == []


@pytest.mark.parametrize(
    "written",
    [
        r"readme(?:[._-][a-z0-9_-]+)*",
        r"(?:\s*\x03[^\x03]*\x03[\s,/]*)+\Z",
        r"[.,;]+$",
    ],
)
def test_an_expression_that_is_slow_is_noticed(written: str) -> None:
    here = Expression("here", re.compile(written), ("fullmatch", "search"))
    assert slow(here, _AS_MANY_AS_MATTER, most_s=MOST_S / 20)


def test_expressions_are_found_wherever_they_stand() -> None:
    written = {expression.pattern.pattern for expression in expressions()}
    assert len(written) > 150
    assert any("expression" in place or "personal" in place for place in (each.place for each in expressions()))
    assert r"[\s,]+" in written, "in a call"
    assert r"x/[^/]+x" in written, "of pieces that a call knows"
    assert r"apache\.org/licenses/license-(\d\.\d)(?:\.(?:html|txt))?" in written, "in a table"
    assert len(next(pumps(re.compile("a")))) <= LONG + 2
