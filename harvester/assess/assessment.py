"""What one software is, whether it is made for the public's business, and whether it belongs into the toolbox.

Three regressions, fitted by tools/fit.py on judged entries, read their weights from files that a person can read:
data/assessment.artefact.json, .civic.json and .toolbox.json, each a line for a feature (see features.py). Nobody fits
at harvest. Civic also looks at what the artefact probably is, toolbox at both. What a source declares of the artefact
goes before what is inferred.

A reason is (log odds that it adds, Reason), its code "assess.CODE": the weights of all features that rest on the same
words of the same place are one reason. Features that tell that something is missing add to the figure like others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from harvester.assess.features import Seen, Subject, features
from harvester.assess.phrases import load
from harvester.model import ARTEFACTS, Reason, Verdict

__all__ = ["Assessment", "Subject", "assess", "threshold"]

Weighed = tuple[float, Reason]

MOST_REASONS = 8
LEAST_WEIGHT = 0.02
"""Of a reason, in log odds: what adds less is not told."""
_OF_TYPE = {
    "addon": "addon",
    "library": "library",
    "configurationFiles": "configuration",
    "standalone/mobile": "application",
    "standalone/desktop": "application",
    "standalone/web": "application",
    "standalone/iot": "application",
}
"""publiccode.yml's softwareType; "standalone/backend" and "/other" are applications and libraries alike."""
_SAID_BY_NAME = frozenset({"name", "begins", "ends", "whole"})
_SAID_BY_HEAD = frozenset({"head", "noun", "opens"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """`artefact` is a code of ARTEFACTS; `artefact_declared`: a source said it. The reasons are (log odds, reason)."""

    artefact: str
    artefact_declared: bool
    artefact_reasons: tuple[Weighed, ...]
    civic: Verdict
    toolbox: Verdict


def assess(subject: Subject) -> Assessment:
    """What the weights say of it. Pure: the same subject gives the same answer on any day."""
    seen = features(subject)
    declared = declared_artefact(subject)
    chances = artefacts(seen)
    if declared:
        chances = {artefact: 1.0 if artefact == declared[0] else 0.0 for artefact in ARTEFACTS}
    artefact = max(ARTEFACTS, key=lambda one: chances[one])
    told = (0.0, declared[1]) if declared else None
    civic_seen = seen | with_artefacts(chances)
    civic = _verdict("civic", civic_seen)
    toolbox = _verdict("toolbox", civic_seen | with_civic(civic.value))
    return Assessment(
        artefact=artefact,
        artefact_declared=declared is not None,
        artefact_reasons=(told,) if told else _artefact_reasons(seen, artefact),
        civic=civic,
        toolbox=toolbox,
    )


def threshold() -> float:
    """The least toolbox figure of what is listed, chosen when the weights were fitted."""
    return float(_weights("toolbox")["threshold"])


def declared_artefact(subject: Subject) -> tuple[str, Reason] | None:
    """What a source says it is, and why: its software type, a product of a public incubator, a hosted service."""
    kind = subject.fields.software_type
    if kind in _OF_TYPE:
        return _OF_TYPE[kind], Reason.of("assess.declared-type", software_type=kind)
    if subject.fields.kind == "service":
        return "application", Reason.of("assess.declared-service")
    if any(reader == "beta-gouv" for _, reader in subject.sources):
        return "application", Reason.of("assess.declared-product")
    return None


def artefacts(seen: Mapping[str, Seen]) -> dict[str, float]:
    """How probable each artefact is; together 1."""
    table = _weights("artefact")
    scores = dict(table["bias"])
    for name, one in seen.items():
        for artefact, weight in table["weights"].get(name, {}).items():
            scores[artefact] += weight * one.value
    highest = max(scores.values())
    powers = {artefact: math.exp(scores[artefact] - highest) for artefact in ARTEFACTS}
    total = sum(powers.values())
    return {artefact: power / total for artefact, power in powers.items()}


def with_artefacts(chances: Mapping[str, float]) -> dict[str, Seen]:
    """The features that an artefact's probability is to what is judged next."""
    return {f"artefact:{artefact}": Seen(round(chance, 4), artefact) for artefact, chance in chances.items()}


def with_civic(value: float) -> dict[str, Seen]:
    """The feature that the civic figure is to the toolbox."""
    return {"civic:figure": Seen(value)}


@cache
def _weights(name: str) -> Any:
    return load(f"assessment.{name}.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A figure's weights by feature, in log odds, and how well it agreed with careful readers on folds it had not
    seen."""

    bias: float
    weights: Mapping[str, float]
    figures: Mapping[str, float]


def fitted(name: str) -> Fitted:
    """What "civic" or "toolbox" is concluded by."""
    table = _weights(name)
    return Fitted(bias=table["bias"], weights=table["weights"], figures=table["figures"]["five-fold"])


def _verdict(name: str, seen: Mapping[str, Seen]) -> Verdict:
    table = _weights(name)
    weights: Mapping[str, float] = table["weights"]
    parts = [(weights[feature] * one.value, feature, one) for feature, one in seen.items() if feature in weights]
    # the exact sum is the same whatever the order of the features
    odds = math.fsum([float(table["bias"]), *[part[0] for part in parts]])
    return Verdict(value=round(1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))), 4), reasons=_reasons(parts))


def _artefact_reasons(seen: Mapping[str, Seen], artefact: str) -> tuple[Weighed, ...]:
    """What speaks for this artefact before the mean of all."""
    weights = _weights("artefact")["weights"]
    share = 1 / len(ARTEFACTS)
    parts = []
    for name, one in seen.items():
        if told := weights.get(name):
            part = one.value * (told.get(artefact, 0.0) - share * sum(told.values()))
            if part > 0:
                parts.append((part, name, one))
    return _reasons(parts)


def _reasons(parts: Iterable[tuple[float, str, Seen]]) -> tuple[Weighed, ...]:
    sums: dict[tuple[str, str, str], float] = {}
    for weight, name, one in parts:
        if (told := _told(name)) is not None:
            code, argument, value = told
            key = (code, argument, value or one.said if argument else "")
            sums[key] = sums.get(key, 0.0) + weight
    heavy = [(-abs(weight), key, weight) for key, weight in sums.items() if not -LEAST_WEIGHT < weight < LEAST_WEIGHT]
    heavy.sort()
    return tuple([(round(weight, 3), _reason(*key)) for _, key, weight in heavy[:MOST_REASONS]])


@lru_cache(maxsize=1 << 14)
def _reason(code: str, argument: str, value: str) -> Reason:
    return Reason.of(code, **{argument: value}) if argument else Reason.of(code)


def reason_of(name: str, one: Seen) -> Reason | None:
    """A feature as a reason; None for what only tells that something is missing."""
    told = _told(name)
    return _reason(told[0], told[1], told[2] or one.said) if told else None


@lru_cache(maxsize=1 << 14)
def _told(name: str) -> tuple[str, str, str] | None:
    """A feature's code, the name of its argument, and its value where the feature itself holds it."""
    place, _, what = name.partition(":")
    if place in _SAID_BY_NAME:
        return "assess.name", "value", ""
    if place in _SAID_BY_HEAD:
        return "assess.head", "value", ""
    if place == "artefact":
        return "assess.artefact", "artefact", what
    if what in _MISSING:
        return None
    if place == "fact":
        return "assess.fact-" + what.replace(" ", "-"), "", ""
    return (f"assess.{place.replace(' ', '-')}", "value", "") if place in _PLACES else None


_MISSING = frozenset({"none", "of no known kind", "no licence"})
_PLACES = frozenset(
    "text word topic owner publisher body"
    " host site source list type status relation language stars worked-on civic".split()
)
