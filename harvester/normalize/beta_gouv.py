"""A digital service of beta.gouv.fr (format "beta-gouv"): YAML in front of Markdown, with the phases it went through.

Only the front matter is read; contacts in it never are. Incubator and sponsors are its organisations.
context: {"file": its path, whose name is the service's id}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from harvester.errors import InputError
from harvester.model import Basis, Organisation, Outcome, RawItem, Reading
from harvester.normalize.draft import Draft, skipped
from harvester.normalize.metadata_file import refusal
from harvester.normalize.readers import reads
from harvester.normalize.values import mapping, text, texts
from harvester.normalize.yaml_safe import decode, read_mapping

CATALOGUE = "beta.gouv.fr"
_FENCE = "---"
_STATUS_OF = {
    "investigation": "concept",
    "construction": "development",
    "acceleration": "beta",
    "consolidation": "stable",
    "opere": "stable",
    "abandon": "obsolete",
}
"""By phase, where one certainly means the other: a service that was handed over ("transfere") may be anything."""
_NEVER_BUILT = "abandon-investigation"


@reads("beta-gouv", version=3)
def read(raw: RawItem) -> Reading:
    """One record; what was given up before anything was built is skipped."""
    written, guessed = decode(raw.payload)
    try:
        told = read_mapping(_front(written)).value
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error, place="front matter"),))
    phase = _last_phase(told.get("phases"))
    if phase == _NEVER_BUILT:
        return skipped("given up before anything was built")
    entry = Draft()
    if guessed:
        entry.doubt("charset", place="file")
    _fill(entry, told)
    name = (text(raw.context.get("file")) or raw.key).rpartition("/")[2].removesuffix(".md")
    entry.crosswalk(CATALOGUE, name, place="file")
    status = _STATUS_OF.get(phase or "")
    entry.values["development_status"] = status
    reading = entry.reading(read.name, service=True, basis={"development_status": Basis.TRANSLATED} if status else {})
    if not status:
        return reading
    why = {"development_status": phase or ""}
    records = tuple(replace(record, because={**record.because, **why}) for record in reading.records)
    return replace(reading, records=records)


@cache
def _bodies() -> Mapping[str, str]:
    """The names of incubators and sponsors by their ids."""
    table: Mapping[str, str] = json.loads(
        (resources.files("harvester.normalize") / "data/beta_gouv_bodies.json").read_text(encoding="utf-8")
    )
    return table


def _fill(entry: Draft, told: Mapping[str, Any]) -> None:
    values = entry.values
    values["name"] = text(told.get("title"))
    entry.describe({"fr": told.get("mission")})
    entry.repositories(told.get("repository"), place="repository")
    entry.website(told.get("link"), place="link")
    values["categories"] = tuple(dict.fromkeys((*texts(told.get("thematiques")), *texts(told.get("usertypes")))))
    values["topics"] = texts(told.get("techno"))
    values["countries"] = ("FR",)
    ids = (text(told.get("incubator")), *(one.rpartition("/")[2] for one in texts(told.get("sponsors"))))
    entry.bodies(Organisation(name, None, "FR") for one in ids if one and (name := _bodies().get(one.lower())))


def _front(written: str) -> str:
    """The YAML between the first two fences."""
    lines = written.lstrip("\ufeff").splitlines(keepends=True)
    ends = [place for place, line in enumerate(lines) if line.rstrip() == _FENCE]
    if len(ends) < 2 or ends[0] != 0:
        raise InputError("the file does not begin with YAML between two lines of ---", line=1, column=1)
    return "\n" + "".join(lines[1 : ends[1]])  # the fence's line is kept, so that places are those of the file


def _last_phase(value: Any) -> str | None:
    """The phase that began last. Dates are ISO 8601 texts."""
    began = [
        (text(told.get("start")) or "", place, text(told.get("name")))
        for place, each in enumerate(value if isinstance(value, list) else ())
        if (told := mapping(each))
    ]
    return max(began)[2] if began else None
