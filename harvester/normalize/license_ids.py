"""SPDX's own identifiers, from data/spdx.json, which tools.spdx_ids keeps up to date."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

_RENAMED = {
    "BSD-2-Clause-FreeBSD": "BSD-2-Clause-Views",
    "BSD-2-Clause-NetBSD": "BSD-2-Clause",
    "Nokia-Qt-exception-1.1": "Qt-LGPL-exception-1.1",
    "StandardML-NJ": "SMLNJ",
    "bzip2-1.0.5": "bzip2-1.0.6",
}
"""Deprecated ids, and the id that SPDX names in their place. A bare GNU version ("GPL-3.0") is not among them: nobody
said whether later versions hold, and to say "only" in its place would be a guess."""


@cache
def listed() -> dict[str, tuple[str, ...]]:
    """SPDX's list: "licenses", "deprecated" (ids of licences, too) and "exceptions"."""
    text = (resources.files("harvester.normalize") / "data" / "spdx.json").read_text(encoding="utf-8")
    return {kind: tuple(names) for kind, names in json.loads(text).items()}


@cache
def ids() -> dict[str, str]:
    """Every licence's id, deprecated ones included, by its lower-cased spelling, in today's."""
    names = listed()["licenses"] + listed()["deprecated"]
    return {name.lower(): _RENAMED.get(name) or or_later(name) or name for name in names}


@cache
def exceptions() -> dict[str, str]:
    """Every exception's id by its lower-cased spelling. Ids that merely end so ("MPL-2.0-no-copyleft-exception") are
    licences'."""
    return {name.lower(): _RENAMED.get(name, name) for name in listed()["exceptions"]}


def or_later(written: str) -> str | None:
    """ "GPL-2.0-or-later" of "GPL-2.0+", which is how SPDX wrote it once; None for anything else."""
    if not written.endswith("+"):
        return None
    todays = f"{written[:-1]}-or-later"
    return next((name for name in listed()["licenses"] if name.lower() == todays.lower()), None)
