"""Licences as SPDX expressions, or None: never a guess."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from license_expression import ExpressionError, ExpressionParseError, get_spdx_licensing

_LONGEST = 200  # characters; what is longer is prose
_NOISE = re.compile(r"[\s,;:()\"'’«»_/.-]+")
_FILLER = frozenset(
    ("the", "a", "license", "licence", "licensed", "licenza", "lizenz", "under", "version", "v", "la", "sous")
)


@cache
def _licensing() -> Any:
    return get_spdx_licensing()


@cache
def _known() -> dict[str, str]:
    """Every SPDX id by its folded spelling, and our aliases."""
    aliases = json.loads(
        (resources.files("harvester.normalize") / "data" / "license_aliases.json").read_text(encoding="utf-8")
    )
    table = {_fold(name): spdx_id for spdx_id, names in aliases.items() for name in names}
    for key in _licensing().known_symbols:
        if not key.startswith("LicenseRef-"):
            table.setdefault(_fold(key), key)
    return table


def _fold(text: str) -> str:
    """Lower case, without punctuation and filler; "v3.0", "version 3" and "3" are one."""
    lowered = re.sub(r"\bv(?:ersion)?\.?\s*(?=\d)", " ", text.lower())
    lowered = re.sub(r"(?<=[a-z])v(?=\d)", " ", lowered)
    lowered = re.sub(r"(?<=\d)\.0\b", "", lowered)
    words = [word for word in _NOISE.split(lowered) if word and word not in _FILLER]
    return " ".join(words)


@lru_cache(maxsize=8192)
def spdx(text: str | None) -> str | None:
    """The SPDX expression that a licence's id or name certainly means, or None.

    Ids in any letter case, expressions with AND, OR and WITH, and names of our table are understood. A family without
    its version ("GPL", "BSD"), "other", prose and LicenseRef- are None.
    """
    written = (text or "").strip()
    if not written or len(written) > _LONGEST:
        return None
    expression = _expression(written)
    if expression is not None:
        return expression
    found = _known().get(_fold(written))
    return _expression(found) if found else None


def _expression(text: str) -> str | None:
    try:
        parsed = _licensing().parse(text, validate=True, strict=True)
    except (ExpressionError, ExpressionParseError, ValueError, TypeError, AttributeError):
        return None
    if parsed is None:
        return None
    rendered = str(parsed)
    return None if "LicenseRef-" in rendered or "NOASSERTION" in rendered.upper() else rendered
