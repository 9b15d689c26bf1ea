"""Values of the facets that are concluded of a software: free to reuse, and by what kinds of bodies it is used. Pure.

They are read off what the sources say whenever an index is written, and stored nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from harvester.assess.organisations import folded
from harvester.model import FACETS, Organisation, Software
from harvester.normalize.license_families import family_of

_FREE, _OTHER, _NONE = "free", "other", "none"
_Of = Callable[[Software], Iterable[str]]
_CONCLUDED: dict[str, _Of] = {}


def facet_values(software: Software) -> dict[str, tuple[str, ...]]:
    """A software's values of each facet, each once; empty where the sources do not say."""
    return {
        name: tuple(dict.fromkeys(_CONCLUDED[name](software))) if declared.concluded else declared.values(software)
        for name, declared in FACETS.items()
    }


def _concludes(facet: str) -> Callable[[_Of], _Of]:
    def known(of: _Of) -> _Of:
        _CONCLUDED[facet] = of
        return of

    return known


@_concludes("license_family")
def _license_family(software: Software) -> Iterable[str]:
    if software.fields.license is None:
        return (_NONE,) if software.fields.has_license is False and not software.fields.license_text else ()
    family = _family(software.fields.license)
    return (_FREE, family) if family else (_OTHER,)


@_concludes("used_by")
def _user_kinds(software: Software) -> Iterable[str]:
    """By the names of those that use it: nothing is guessed of one that its name does not tell."""
    return [folded(Organisation(name)).kind or _OTHER for name in software.fields.used_by]


_family = lru_cache(maxsize=4096)(family_of)
