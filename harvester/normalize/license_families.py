"""Families of licences, by what they ask of those who pass the work on."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from license_expression import ExpressionError, get_license_index, get_spdx_licensing

PERMISSIVE, WEAK, STRONG = "permissive", "weak-copyleft", "strong-copyleft"
PUBLIC_DOMAIN, EUPL = "public-domain", "eupl"
_FROM_LEAST = (PUBLIC_DOMAIN, PERMISSIVE, WEAK, EUPL, STRONG)
"""By what they ask, the least first. The EUPL stands apart: strong, and compatible with weaker ones by its own list."""
_CATEGORIES = {
    "Public Domain": PUBLIC_DOMAIN,
    "Permissive": PERMISSIVE,
    "Copyleft Limited": WEAK,
    "Copyleft": STRONG,
}
_CORRECTED = {
    "CECILL-1.0": STRONG, "CECILL-1.1": STRONG, "CECILL-2.0": STRONG, "CECILL-2.1": STRONG, "CECILL-C": WEAK,
    "EUPL-1.0": EUPL, "EUPL-1.1": EUPL, "EUPL-1.2": EUPL, "LPPL-1.3c": WEAK, "LiLiQ-P-1.1": PERMISSIVE,
    "LiLiQ-R-1.1": WEAK, "LiLiQ-Rplus-1.1": STRONG, "WTFPL": PERMISSIVE,
    "MPL-2.0-no-copyleft-exception": WEAK, "GPL-2.0-with-classpath-exception": WEAK, "GPL-2.0-with-GCC-exception": WEAK,
    "GPL-3.0-with-GCC-exception": WEAK, "GPL-2.0-with-autoconf-exception": STRONG, "eCos-2.0": WEAK, "wxWindows": WEAK,
    "GPL-3.0-with-autoconf-exception": STRONG, "GPL-2.0-with-bison-exception": STRONG,
    "GPL-2.0-with-font-exception": STRONG, "ESA-PL-permissive-2.4": PERMISSIVE, "ESA-PL-weak-copyleft-2.4": WEAK,
    "ESA-PL-strong-copyleft-2.4": STRONG,
}  # fmt: skip
"""Where the library's categories differ from what the licences say of themselves, or it takes them for exceptions or
does not know them."""
_LATER = re.compile(r"(?<=\d)\+(?=[\s)]|$)")  # the library knows the sign for some licences only
_LINKING = frozenset(
    (
        "Classpath-exception-2.0 GCC-exception-2.0 GCC-exception-3.1 LLGPL OpenJDK-assembly-exception-1.0"
        " Universal-FOSS-exception-1.0 WxWindows-exception-3.1 eCos-exception-2.0 freertos-exception-2.0"
        " GPL-3.0-linking-exception GPL-3.0-linking-source-exception u-boot-exception-2.0"
    ).split()
)
"""Exceptions that let other works link to a strong copyleft one."""


def family_of(expression: str) -> str | None:
    """The family of an SPDX expression; None with a licence of none of them (a non-commercial one, say), and for what
    is no expression.

    Of alternatives (OR) the least demanding counts, for one may choose; of what holds together (AND) the most
    demanding.
    """
    try:
        return _of(_licensing().parse(_LATER.sub("", expression)))
    except ExpressionError:
        return None


def _of(part: Any) -> str | None:
    operator = getattr(part, "operator", "").strip().upper()
    if operator in ("AND", "OR"):
        known = [inner for inner in part.args if operator == "AND" or not _is_ref(inner)]
        families = [_of(inner) for inner in known]
        ranks = [_FROM_LEAST.index(one) for one in families if one is not None]
        if len(ranks) < len(families):
            return None
        return _FROM_LEAST[max(ranks) if operator == "AND" else min(ranks)]
    exception = getattr(part, "exception_symbol", None)
    if exception is not None:
        found = _of(part.license_symbol)
        return WEAK if found == STRONG and exception.key in _LINKING else found
    return _of_id(getattr(part, "key", ""))


def _is_ref(part: Any) -> bool:
    """A licence of one file only, which nobody has to choose."""
    return str(getattr(part, "key", "")).startswith("LicenseRef-")


def _of_id(key: str) -> str | None:
    base = key.removesuffix("+")
    return _CORRECTED.get(base) or _CATEGORIES.get(_category().get(base, ""))


@cache
def _licensing() -> Any:
    return get_spdx_licensing()  # some 0.1 s each time


@cache
def _category() -> dict[str, str]:
    """The library's category of every SPDX id."""
    found: dict[str, str] = {}
    for entry in get_license_index():
        for key in (entry.get("spdx_license_key"), *entry.get("other_spdx_license_keys", ())):
            if key and not entry.get("is_exception"):
                found.setdefault(key, entry["category"])
    return found
