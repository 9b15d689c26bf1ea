"""What Wikidata says of an item (format "wikidata"): rows of a SPARQL answer, one for each value.

The payload is `{"asked": "Q1", "item": "Q1", "software": true, "rows": [{"what", "value", "language"?, "label"?,
"spdx"?, "date"?,
"rank"?, "end"?}]}`, as spiders.wikidata makes it of the answer's bindings. `item` is another one where the item that
was asked for was merged into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from harvester.model import Organisation, RawItem, Reading
from harvester.normalize.draft import Draft, opened, skipped
from harvester.normalize.languages import tag
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import moment, text

PRIORITY = 50
_PREFERRED = ("en", "fr", "it", "de", "es", "mul")
_CATALOGUES = {"framalibre": "framalibre"}


@reads("wikidata", version=4)
def read(raw: RawItem) -> Reading:
    """One record; an item that is no software, or of which nothing is known, is skipped."""
    begun = opened(raw)
    if isinstance(begun, Reading):
        return begun
    entry, payload = begun
    listed = payload.get("rows")
    rows = [row for row in (listed if isinstance(listed, list) else ()) if isinstance(row, Mapping)]
    if not rows:
        return skipped("Wikidata says nothing of this item")
    if payload.get("software") is not True:
        return skipped("no software, as Wikidata has it")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(row.get("what")), []).append(row)
    entry.wikidata(payload.get("item"), place="item")
    if payload.get("asked") != payload.get("item"):
        entry.wikidata(payload.get("asked"), place="asked")
    _fill(entry, found, raw.fetched_at)
    return entry.reading(read.name, priority=PRIORITY)


def _fill(entry: Draft, found: Mapping[str, list[Mapping[str, Any]]], now: datetime) -> None:
    values = entry.values
    labels = _by_language(found.get("label", ()))
    values["name"] = next((labels[name] for name in _PREFERRED if name in labels), None) or next(
        iter(labels.values()), None
    )
    entry.describe(_by_language(found.get("description", ())))
    for row in _holding(found.get("repository", ()), now):
        entry.repository(row.get("value"), place="P1324")
    for row in found.get("website", ()):
        entry.website(row.get("value"), place="P856")
    entry.licenses([row.get("spdx") or row.get("label") for row in found.get("license", ())], place="P275")
    values["programming_languages"] = _labels(found.get("language", ()))
    values["logo"] = next((web_address(row.get("value")) for row in found.get("logo", ())), None)
    values["organisations"] = tuple(
        Organisation(name) for row in found.get("developer", ()) if (name := text(row.get("label")))
    )
    for what, catalogue in _CATALOGUES.items():
        for row in found.get(what, ()):
            entry.crosswalk(catalogue, row.get("value"), place=what)
    stated = _holding(found.get("version", ()), now)
    versions = [(moment(row.get("date")), text(row.get("value"))) for row in stated]
    dated = sorted((when, version) for when, version in versions if when and version)
    if dated:
        values["release_date"], values["software_version"] = dated[-1][0].date(), dated[-1][1]
    elif len(versions) == 1:
        values["software_version"] = versions[0][1]


def _holding(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    """The statements that hold, preferred ones first: what is deprecated is wrong, and what has ended is no more. Rows
    without a rank are what Wikidata itself gives as best."""
    holding = [row for row in rows if _rank(row) != "DeprecatedRank" and not _ended(row, now)]
    return sorted(holding, key=lambda row: _rank(row) != "PreferredRank")


def _rank(row: Mapping[str, Any]) -> str:
    return str(row.get("rank") or "").rpartition("#")[2]


def _ended(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether it has an end that is not to come; an unknown end is one."""
    return bool(row.get("end")) and (moment(row.get("end")) or now) <= now


def _by_language(rows: Any) -> dict[str, str]:
    """Texts by tag; "mul", a label for every language, stays as it is."""
    said: dict[str, str] = {}
    for row in rows:
        language, words = text(row.get("language")) or "und", text(row.get("value"))
        if words:
            said.setdefault(language if language == "mul" else tag(language) or "und", words)
    return said


def _labels(rows: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows if (name := text(row.get("label")))))
