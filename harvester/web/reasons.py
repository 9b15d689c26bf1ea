"""Reasons that the machine gives as codes ("known-publisher|italia"), said in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from harvester.web.pages import term
from harvester.words import Formatter, Words


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words, and what it counts: "+0.45" or "+40"."""

    words: str
    points: str


def relevance_reasons(reasons: Iterable[tuple[float, str]], formatter: Formatter) -> list[Reason]:
    """Why something is thought to be civic, the weightiest first."""
    return [Reason(_relevance(text, formatter.words), formatter.weight(weight)) for weight, text in reasons]


def _relevance(text: str, words: Words) -> str:
    code, _, argument = text.partition("|")
    if code != "use-case":
        return said("relevance", text, words)
    use_case, _, because = argument.partition(": ")
    label = term("use_case", use_case, words.language)
    why = f" ({words('record.because', words=because)})" if because else ""
    return words("relevance.use-case", value=label) + why


def health_reasons(reasons: Iterable[tuple[float, str]], formatter: Formatter) -> list[Reason]:
    """Why something is thought to be alive or not."""
    found = []
    for points, text in reasons:
        rounded = round(points)
        sign = "+" if rounded >= 0 else "−"
        code, _, argument = text.partition("|")
        if code in ("last-change", "last-release"):
            argument = formatter.ago(datetime.combine(date.fromisoformat(argument), time(), UTC))
        found.append(Reason(said("health", f"{code}|{argument}", formatter.words), f"{sign}{abs(rounded)}"))
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
