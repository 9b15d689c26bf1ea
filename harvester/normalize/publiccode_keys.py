"""publiccode.yml's keys: today's names for the spellings of all versions, and which must be there.

Source: the standard's core schema, versions 0.1 to 0.5, and the spellings that published files use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_KNOWN = (
    "publiccodeYmlVersion name applicationSuite url landingURL isBasedOn softwareVersion releaseDate logo"
    " monochromeLogo inputTypes outputTypes platforms categories usedBy fundedBy roadmap developmentStatus softwareType"
    " intendedAudience description legal maintenance localisation dependsOn organisation it IT"
    # inside these
    " countries unsupportedCountries scope localisedName genericName shortDescription longDescription documentation"
    " apiDocumentation features screenshots videos awards license mainCopyrightOwner repoOwner authorsFile type"
    " contractors contacts localisationReady availableLanguages open proprietary hardware uri tags"
)
_BY_FOLD = {re.sub(r"[^a-z]", "", key.lower()): key for key in reversed(_KNOWN.split())}
_ALSO = {
    "publiccodeyamlversion": "publiccodeYmlVersion",
    "landingpage": "landingURL",
    "localizationready": "localisationReady",
    "localization": "localisation",
    "organization": "organisation",
    "licence": "license",
    "intendedaudiences": "intendedAudience",
    "category": "categories",
    "freetags": "tags",
    "shortdesc": "shortDescription",
    "longdesc": "longDescription",
    "upstreamurl": "isBasedOn",
}

REQUIRED = (
    ("publiccodeYmlVersion",),
    ("name",),
    ("url",),
    ("platforms",),
    ("developmentStatus",),
    ("softwareType",),
    ("description",),
    ("legal", "license"),
    ("maintenance", "type"),
    ("localisation", "localisationReady"),
    ("localisation", "availableLanguages"),
)
"""Keys that every version requires."""

MAINTENANCE_TYPES = ("internal", "contract", "community", "none")
SOFTWARE_TYPES_OF_OLD = {
    "standalone": "standalone/other",
    "standalone/mobile": "standalone/mobile",
    "softwareaddon": "addon",
    "add-on": "addon",
}
STATUSES_OF_OLD = {"alpha": "development", "production": "stable", "end-of-life": "obsolete", "prototype": "concept"}


def todays(key: str) -> str:
    """Today's spelling of a key ("landing-url", "landingUrl" and "landingURL" are one); unknown keys stay."""
    folded = re.sub(r"[^a-z]", "", key.lower())
    return key if key in ("it", "IT") else _BY_FOLD.get(folded) or _ALSO.get(folded) or key


def modernized(value: Mapping[str, Any]) -> tuple[dict[str, Any], dict[tuple[str, ...], tuple[str, ...]]]:
    """The file with today's keys (two levels; languages of `description` are left), and where each was written."""
    modern: dict[str, Any] = {}
    written: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, inner in value.items():
        name = todays(key)
        if name in modern and name != key:
            continue  # the right spelling is there, too
        written[(name,)] = (key,)
        if isinstance(inner, dict) and name not in ("description", "it", "IT", "dependsOn"):
            modern[name] = {}
            for sub, leaf in inner.items():
                modern[name].setdefault(todays(sub), leaf)
                written.setdefault((name, todays(sub)), (key, sub))
        else:
            modern[name] = inner
    return modern, written
