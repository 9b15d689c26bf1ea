"""An inventory of the code.json kind taken apart: one release, one item."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from harvester.errors import InputError
from harvester.model import Issue
from harvester.normalize.metadata_file import json_value, refusal
from harvester.normalize.urls import canonical_repository
from harvester.normalize.values import one_of, text

_MOST_CHARACTERS = 64 * 1024 * 1024
_DEEPEST = 4  # levels of government above an agency's releases; Canada's inventory has two
_LISTS = ("releases", "projects")  # of schema 2 and 1
REPOSITORY_KEYS = ("repositoryURL", "repositoryUrl", "repository", "repoURL")
AGENCIES = {
    "CFPB": "Consumer Financial Protection Bureau",
    "DHS": "Department of Homeland Security",
    "DOC": "Department of Commerce",
    "DOD": "Department of Defense",
    "DOE": "Department of Energy",
    "DOI": "Department of the Interior",
    "DOJ": "Department of Justice",
    "DOL": "Department of Labor",
    "DOS": "Department of State",
    "DOT": "Department of Transportation",
    "ED": "Department of Education",
    "EOP": "Executive Office of the President",
    "EPA": "Environmental Protection Agency",
    "FEC": "Federal Election Commission",
    "FEMA": "Federal Emergency Management Agency",
    "GSA": "General Services Administration",
    "HHS": "Department of Health and Human Services",
    "HUD": "Department of Housing and Urban Development",
    "NARA": "National Archives and Records Administration",
    "NASA": "National Aeronautics and Space Administration",
    "NRC": "Nuclear Regulatory Commission",
    "NSA": "National Security Agency",
    "NSF": "National Science Foundation",
    "OPM": "Office of Personnel Management",
    "SBA": "Small Business Administration",
    "SSA": "Social Security Administration",
    "TREASURY": "Department of the Treasury",
    "USAID": "United States Agency for International Development",
    "USDA": "Department of Agriculture",
    "VA": "Department of Veterans Affairs",
}
"""Codes of US agencies, as their inventories name them."""


def releases(text: bytes, *, url: str) -> tuple[list[tuple[str, dict[str, Any]]], list[Issue]]:
    """(key, release) of every entry of an inventory, and what is wrong with the inventory itself.

    Read are schema 2 (`releases`), schema 1 (`projects`), a bare list, and inventories whose agencies stand under
    levels of government (Canada). A release gets its inventory's "agency" where it names none of its own. An entry
    that is no object is still an item, {"@value": what it is}, so that reading refuses it and it is counted.

    Keys are made of the repository (or the organisation) and the name, and stay the same whatever else is listed;
    of entries that share both, later ones are numbered in the order of the file. A file that is cut off, no JSON or
    no inventory gives no item at all, only issues of severity error: half an inventory must not look like a whole one.
    `url` is where the inventory was found, for its issues.
    """
    try:
        value, issues = json_value(text, most=_MOST_CHARACTERS)
    except InputError as error:
        return [], [refusal(error)]
    lists = list(_lists_in(value))
    if not lists:
        return [], [*issues, Issue.of("inventory-form", value=url)]
    problems, found, seen = list(issues), [], Counter[str]()
    for agency, place, entries in lists:
        if not isinstance(entries, list):
            problems.append(Issue.of("wrong-type", place=place, value=url, wanted="list"))
            continue
        for entry in entries:
            release = dict(entry) if isinstance(entry, dict) else {"@value": entry}
            if agency and isinstance(entry, dict) and not release.get("agency"):
                release["agency"] = agency
            key = _key(release)
            seen[key] += 1
            found.append((key if seen[key] == 1 else f"{key}~{seen[key]}", release))
    if not found and not problems:
        problems.append(Issue.of("inventory-empty", value=url))
    return found, problems


def _lists_in(value: Any, *, agency: str | None = None, place: str = "", depth: int = 0) -> Iterator[Any]:
    """(agency, place, entries) of every list of releases."""
    if isinstance(value, list) and depth == 0:
        yield None, "", value
    if not isinstance(value, dict):
        return
    named = one_of(value.get("agency")) or one_of(value.get("adminCode")) or agency
    own = [key for key in _LISTS if key in value]
    for key in own[:1]:
        yield named, f"{place}{key}", value[key]
    if not own and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _lists_in(inner, agency=text(key), place=f"{place}{key[:80]}.", depth=depth + 1)


def _key(release: dict[str, Any]) -> str:
    declared = next((said for key in REPOSITORY_KEYS if (said := one_of(release.get(key)))), None)
    owner = one_of(release.get("organization")) or one_of(release.get("agency")) or ""
    place = (canonical_repository(declared) or declared) if declared else owner
    name = re.sub(r"\s+", " ", one_of(release.get("name")) or "").strip().casefold()
    return f"{place[:300]}#{name[:200]}"
