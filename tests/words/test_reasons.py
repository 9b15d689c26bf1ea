"""Reasons are stored as codes with arguments and said in the reader's language."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.catalogue import codec
from harvester.model import Reason
from harvester.words import Formatter, packaged, say

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def codes_in_code() -> Iterator[str]:
    """Every literal code that the code gives."""
    for path in (ROOT / "harvester").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            said = isinstance(node, ast.Call) and ast.unparse(node.func) in ("Reason", "Reason.of")
            if said and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def test_every_reason_that_is_given_has_words() -> None:
    given_codes = set(codes_in_code())
    assert len(given_codes) > 20
    assert [code for code in sorted(given_codes) if not packaged()["en"].known(code)] == []


@pytest.mark.parametrize(
    ("reason", "english", "french"),
    [
        (Reason("judged.stopped"), "stopped by an operator", "arrêtée par un opérateur"),
        (
            Reason.of("judged.fell", n=1, before=1200),
            "1 entry came, 1,200 in the last good run",
            "1 entrée est venue, 1\u202f200 lors de la dernière bonne collecte",
        ),
        (
            Reason.of("judged.capped-until", until="2026-11-23T14:00:00+00:00"),
            "the budget is spent; it goes on at 2026-11-23 14:00 UTC with what is left",
            "le budget est épuisé\u202f; elle reprendra à 2026-11-23 14:00 UTC avec ce qui reste",
        ),
        (
            Reason.of("health.last-change", day="2026-11-02"),
            "Last change 3 weeks ago",
            "Dernière modification il y a 3 semaines",
        ),
        (
            Reason.of("shelf.artefact", artefact="documentation", percent=12),
            "taken for: Documentation; of use to other bodies: 12 %",
            "pris pour\u00a0: Documents\u202f; utile à d’autres organismes\u00a0: 12\u00a0%",
        ),
    ],
)
def test_a_reason_is_said_in_both_languages(reason: Reason, english: str, french: str) -> None:
    said = [Formatter(packaged()[language], now=NOW).reason(reason) for language in ("en", "fr")]
    assert said == [english, french]


def test_a_language_that_is_not_spoken_here_gets_english() -> None:
    assert say(Reason("judged.stopped"), "de") == say(Reason("judged.stopped"), "en")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (Reason("sunspots"), "sunspots"),
        (Reason.of("sunspots", many=7, where="above"), "sunspots: 7, above"),
        (Reason.of("judged.fell", n=3), "judged.fell: 3"),
    ],
)
def test_what_has_no_words_is_shown_as_it_is(stored: Reason, shown: str) -> None:
    assert say(stored) == say(stored, "fr") == shown


def test_a_long_argument_is_cut() -> None:
    assert len(say(Reason.of("judged.unit-failed", unit="page=1", why="x" * 5000))) < 400


@given(st.text(alphabet=string.printable), st.text(alphabet=string.printable), st.integers(0, 10**6))
def test_what_is_stored_comes_back_whatever_it_holds(unit: str, why: str, n: int) -> None:
    reason = Reason.of("judged.unit-failed", unit=unit, why=why)
    assert codec.of_plain(Reason, codec.plain(reason)) == reason
    assert codec.load(Reason, codec.dump(Reason.of("judged.held", n=n))).args == {"n": n}
    assert say(reason) == f"{unit} could not be asked: {why}"
