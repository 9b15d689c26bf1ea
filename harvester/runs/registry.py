"""The default registry: real sources with their terms and schedules, for an operator to add and accept.

It is data (data/registry.yml), no code: a source here runs only once it was added and accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from harvester.model import LangMap, Source, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A source that the registry knows: not yet accepted, its titles by language, and what to know first."""

    source: Source
    titles: LangMap
    note: str | None = None


@cache
def offers() -> Mapping[str, Offer]:
    """Every source of the registry by its name, in the registry's order."""
    text = (resources.files("harvester.runs") / "data" / "registry.yml").read_text(encoding="utf-8")
    return {name: _offer(name, about) for name, about in yaml.safe_load(text).items()}


def known_of(spider: str) -> Source | None:
    """The source that a kind is named after; None for a kind of which the registry has none, or several.

    Its publisher, terms and least count stand here, and not in the kind's class.
    """
    found = [offer.source for offer in offers().values() if offer.source.spider == spider]
    return found[0] if len(found) == 1 else None


def _offer(name: str, about: Mapping[str, Any]) -> Offer:
    source = Source(
        name=name,
        spider=about["spider"],
        title=about["title"]["en"],
        params=about.get("params", {}),
        publisher=about["publisher"],
        country=about.get("country"),
        terms=Terms(**about["terms"]),
        schedule=about["schedule"],
        timezone=about["timezone"],
        least=about["least"],
        accepted=False,
    )
    return Offer(source=source, titles=about["title"], note=about.get("note"))
