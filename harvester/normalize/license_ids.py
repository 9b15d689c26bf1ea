"""SPDX's own identifiers, as license-expression knows them."""

from __future__ import annotations

from functools import cache

from license_expression import get_spdx_licensing

_NOT_CERTAIN = frozenset(("GPL", "GPL 2.0", "GPL 2.0+", "BSD-2"))  # the library's own liberties


@cache
def symbols() -> tuple[dict[str, str], frozenset[str]]:
    """Every SPDX id, older ones included, by its lower-cased spelling; and which of them are exceptions."""
    found: dict[str, str] = {}
    exceptions = set()
    for key, symbol in get_spdx_licensing().known_symbols.items():
        if key.startswith("LicenseRef-"):
            continue
        found[key.lower()] = key
        if symbol.is_exception:
            exceptions.add(key)
        for alias in symbol.aliases:
            if not alias.startswith("LicenseRef-") and alias not in _NOT_CERTAIN:
                found.setdefault(alias.lower(), key)
    return found, frozenset(exceptions)


def ids() -> dict[str, str]:
    """Every id by its lower-cased spelling."""
    return symbols()[0]
