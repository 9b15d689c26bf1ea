"""Reasons are stored as codes and said in the reader's language."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.runs.reasons import CODES, reason, say

ARGUMENTS = ("first thing", "second thing")


def places(code: str, language: str) -> set[str]:
    """The numbers of the arguments that a sentence shows."""
    said = say(reason(code, *ARGUMENTS), language)
    return {text for text in ARGUMENTS if text in said}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_said_in_both_languages_with_the_same_arguments(code: str) -> None:
    english, french = (say(reason(code, *ARGUMENTS), language) for language in ("en", "fr"))
    assert english != french
    assert "|" not in english + french
    assert not set("{}") & set(english + french)
    assert places(code, "en") == places(code, "fr")


def test_a_language_that_is_not_spoken_here_gets_english() -> None:
    assert say(reason("stopped"), "de") == say(reason("stopped"), "en")


def test_an_unknown_code_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="unknown reason 'sunspots'"):
        reason("sunspots", 7)


@pytest.mark.parametrize("stored", ["written by hand", "sunspots|7", "", "fell|3", "|"])
def test_what_is_no_known_code_is_shown_as_it_is(stored: str) -> None:
    assert say(stored) == say(stored, "fr") == stored


def test_a_long_argument_is_cut() -> None:
    assert len(reason("unit-failed", "page=1", "x" * 5000)) < 400


@given(st.text(alphabet=string.printable), st.text(alphabet=string.printable))
def test_arguments_come_back_whatever_they_hold(unit: str, why: str) -> None:
    said = say(reason("unit-failed", unit, why))
    assert said == f"{unit.replace('|', '/')} could not be asked: {why.replace('|', '/')}"
