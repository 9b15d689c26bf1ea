"""Corrections: what a person says of a field instead of its sources. It holds whatever is harvested, until it is undone
or ends, and says so when its sources changed their minds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database
from harvester.catalogue.decisions import load_decisions, said_of
from harvester.catalogue.software import _load
from harvester.errors import InputError
from harvester.model import FIELDS, VOCABULARIES, Decision, DeclaredField, FieldKind, Operation, Software, ValueType
from harvester.normalize import languages, licenses, urls
from harvester.normalize.countries import alpha2
from harvester.resolve.values import from_json, to_json

LONGEST = 10_000
"""Characters of one value."""
_OPERATIONS = (Operation.SET, Operation.ADD, Operation.REMOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A correction that holds: `decision` with what its software is, and what the sources say of the field `now`."""

    decision: Decision
    software: Software
    now: list[Any]


class Corrections:
    """The list of what people corrected."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def locks(self, limit: int = 50, offset: int = 0, *, contested: bool = False) -> list[Lock]:
        """Corrections that hold, those first whose sources say otherwise than they did then, then the newest."""
        table = schema.decision
        query = sa.select(table.c.id).where(*_holding(contested))
        query = query.order_by(table.c.contested.desc(), table.c.id.desc()).limit(limit).offset(offset)
        with self._db.read() as connection:
            ids = list(connection.execute(query).scalars())
            decisions = {one.id: one for one in load_decisions(connection, ids)}
            softwares = {one.id: one for one in _load(connection, sorted({one.software for one in decisions.values()}))}
        return [
            Lock(decision=one, software=mine, now=said_of(mine.evidence.get(str(one.field), ())))
            for one in (decisions[each] for each in ids)
            for mine in [softwares[one.software]]
        ]

    def count(self, *, contested: bool = False) -> int:
        """How many corrections hold."""
        query = sa.select(sa.func.count()).select_from(schema.decision).where(*_holding(contested))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()


def _holding(contested: bool) -> list[sa.ColumnElement[bool]]:
    table = schema.decision
    held: list[sa.ColumnElement[bool]] = [
        table.c.operation.in_([one.value for one in _OPERATIONS]),
        table.c.undone_at.is_(None),
    ]
    return [*held, table.c.contested] if contested else held


def corrected(field: str, operation: Operation, value: Any) -> Any:
    """A correction's value as it is stored: the field's JSON, in the spelling of its vocabulary.

    InputError: it cannot be one of the field; the message says what could. None is for REMOVE alone: every value.
    """
    declared = FIELDS[field]
    if value is None and operation is Operation.REMOVE:
        return None
    if declared.kind is FieldKind.TEXT:
        if operation is Operation.REMOVE and isinstance(value, str):
            return value  # one language's text, by its tag
        said: Any = {_language(tag): text for tag, text in from_json(field, value).items()}
        if not said:
            raise InputError(f"{field} needs a text", place=field, remedy="write one, or remove the value")
        _short_enough(field, *said.values())
        return said
    several = declared.kind is FieldKind.UNION and isinstance(value, list | tuple)
    values = [_one(declared, each) for each in (value if several else [value])]
    if not values:
        raise InputError(f"{field} needs a value", place=field, remedy="give one, or remove the values")
    return values if several else values[0]


def _one(declared: DeclaredField, value: Any) -> Any:
    said = to_json(from_json(declared.name, value))
    if isinstance(said, str):
        _short_enough(declared.name, said)
        if declared.vocabulary and said not in VOCABULARIES[declared.vocabulary]:
            codes = ", ".join(VOCABULARIES[declared.vocabulary])
            raise InputError(f"{declared.name}: {said!r} is no term", place=declared.name, remedy=f"one of {codes}")
        spelled = _SPELLED.get(declared.name, _SPELLED_BY_TYPE.get(declared.type, str))(said)
        if spelled is None:
            raise InputError(f"{declared.name}: {said!r} cannot be its value", place=declared.name, remedy=_REMEDY)
        return spelled
    if isinstance(said, Mapping):
        _short_enough(declared.name, *(part for part in said.values() if isinstance(part, str)))
        for name, spell in (("country", alpha2), ("uri", urls.web_address)):
            if said.get(name) and spell(said[name]) is None:
                raise InputError(f"{declared.name}: {said[name]!r} is no {name}", place=declared.name, remedy=_REMEDY)
        if said.get("kind") and said["kind"] not in VOCABULARIES["organisation_kind"]:
            raise InputError(f"{declared.name}: {said['kind']!r} is no kind", place=declared.name, remedy=_REMEDY)
    return said


def _language(tag: str) -> str:
    spelled = tag if tag == "und" else languages.tag(tag)
    if spelled is None:
        raise InputError(f"{tag!r} is no language", remedy="give its tag of BCP 47, like fr or pt-BR")
    return spelled


def _short_enough(field: str, *texts: str) -> None:
    if any(len(text) > LONGEST for text in texts):
        raise InputError(f"{field} is longer than {LONGEST} characters", place=field, remedy="shorten it")


_REMEDY = "an SPDX expression, an address with https, a code of ISO 3166-1 or BCP 47, as its field holds"
_SPELLED: Mapping[str, Callable[[str], str | None]] = {"license": licenses.spdx, "code_repository": urls.repository_url}
_SPELLED_BY_TYPE: Mapping[ValueType, Callable[[str], str | None]] = {
    ValueType.ADDRESS: urls.web_address,
    ValueType.COUNTRY: alpha2,
    ValueType.LANGUAGE: languages.tag,
}
