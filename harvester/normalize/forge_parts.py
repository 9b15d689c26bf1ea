"""What the forges' readers share: a repository's record beside that of the publiccode.yml in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harvester.errors import InputError
from harvester.model import Basis, Identifier, Issue, Outcome, RawItem, Reading, Record
from harvester.normalize import publiccode
from harvester.normalize.values import (
    country_of,
    flag,
    inferred,
    mapping,
    moment,
    number,
    payload_of,
    prose,
    text,
    texts,
)

__all__ = [
    "PRIORITY",
    "country_of",
    "flag",
    "inferred",
    "mapping",
    "moment",
    "number",
    "payload_of",
    "prose",
    "reading",
    "text",
    "texts",
]

PRIORITY = 40


def reading(raw: RawItem, repository: Record, file: Any, *, address: str, identifiers: Sequence[Identifier]) -> Reading:
    """The repository's record, and that of its publiccode.yml {"path", "text"} when it can be read.

    What the file says of use cases replaces what would be concluded from the repository's description. Where the
    source asks for files only (context "publiccode_only"), a repository without one is skipped, and one whose file
    cannot be read is refused.
    """
    only = bool(raw.context.get("publiccode_only"))
    found = mapping(file)
    if not found:
        if only:
            return Reading(outcome=Outcome.SKIPPED, reason="no publiccode.yml")
        return Reading(outcome=Outcome.READ, records=(repository,))
    without = Outcome.REFUSED if only else Outcome.READ
    kept = () if only else (repository,)
    path = text(found.get("path")) or "publiccode.yml"
    content = found.get("text")
    if not isinstance(content, str):
        issue = Issue(code="no-text", message=f"{path} is no text, or too large", place=path, remedy="at most 256 KiB")
        return Reading(outcome=without, records=kept, issues=(issue,))
    try:
        parsed = publiccode.parse(content)
    except InputError as error:
        return Reading(outcome=without, records=kept, issues=(publiccode.refusal(error, place=path),))
    country = country_of(raw)
    defaults = {"countries": (country,)} if country else {}
    record, issues = publiccode.record_of(parsed, repository=address, identifiers=identifiers, defaults=defaults)
    if record.fields.use_cases and repository.basis.get("use_cases") is Basis.INFERRED:
        repository = replace(
            repository,
            fields=replace(repository.fields, use_cases=()),
            basis={name: basis for name, basis in repository.basis.items() if name != "use_cases"},
            because={name: why for name, why in repository.because.items() if name != "use_cases"},
        )
    return Reading(outcome=Outcome.READ, records=(repository, record), issues=(*parsed.issues, *issues))
