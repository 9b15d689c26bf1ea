"""Reasons that the machine gives as codes ("known-publisher|italia"), said in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harvester.web.format import Formatter
from harvester.web.i18n import Words


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words, and what it counts: "+0.45" or "+40"."""

    words: str
    points: str


def relevance_reasons(reasons: Iterable[tuple[float, str]], formatter: Formatter) -> list[Reason]:
    """Why something is thought to be civic, the weightiest first."""
    ranked = sorted(reasons, key=lambda one: -abs(one[0]))
    return [Reason(said("relevance", text, formatter.words), formatter.weight(weight)) for weight, text in ranked]


def health_reasons(reasons: Iterable[tuple[float, str]], formatter: Formatter) -> list[Reason]:
    """Why something is thought to be alive or not."""
    found = []
    for points, text in reasons:
        rounded = round(points)
        sign = "+" if rounded >= 0 else "−"
        found.append(Reason(said("health", text, formatter.words), f"{sign}{abs(rounded)}"))
    return found


def suggestion(reason: tuple[str, str], words: Words) -> str:
    """Why two might be the same."""
    return said("near", "|".join(reason), words)


def said(family: str, text: str, words: Words) -> str:
    """The words of "code|argument" in a family of keys; a code that has none yet is shown as it is."""
    code, _, argument = text.partition("|")
    key = f"{family}.{code}"
    if not words.known(key):
        return f"{code}: {argument}" if argument else code
    return words(key, value=argument)
