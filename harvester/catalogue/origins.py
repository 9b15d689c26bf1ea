"""The origins of copies that no source lists: repositories that are known through their copies alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.harvest import ASK_AGAIN
from harvester.model import COPIED, Record
from harvester.normalize.urls import canonical_repository


class Origins:
    """What forges name as the parents of forks, and the catalogue does not have."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def unlisted(self, host: str, *, limit: int) -> dict[str, list[str]]:
        """Addresses of repositories at `host` that copies alone name, with the names of the bodies whose copies those
        are. A person's copies propose nothing.

        Those first that most bodies copied; none that any source asked its forge about in the last weeks, whatever the
        answer was.
        """
        with self._db.read() as connection:
            copied = _copied(connection, host)
            wanted = copied.keys() - _asked(connection) - _there(connection, sorted(copied))
        ranked = sorted((copied[one] for one in wanted), key=lambda one: (-len(one.bodies), one.address))
        return {one.address: sorted(one.bodies.values()) for one in ranked[:limit]}


@dataclass(frozen=True, slots=True)
class _Copied:
    """What forks are of, and the names of the bodies that have these, by how they are compared."""

    address: str
    bodies: dict[str, str] = field(default_factory=dict)


def _copied(connection: sa.Connection, host: str) -> dict[str, _Copied]:
    """What the forks of bodies are of, by address in lower case."""
    record, raw = schema.record, schema.raw_item
    named = record.c.data.contains(f'"is_based_on":"https://{host}/', autoescape=True)
    query = sa.select(record.c.data).select_from(record.join(raw)).where(record.c.active, raw.c.gone_at.is_(None))
    found: dict[str, _Copied] = {}
    for data in connection.execute(query.where(named)).scalars():
        fields = codec.load(Record, data).fields
        address = canonical_repository(fields.is_based_on or "")
        if address is None or not fields.fork or not fields.organisations:
            continue
        body = fields.organisations[0].name
        found.setdefault(address.lower(), _Copied(address)).bodies.setdefault(body.casefold(), body)
    return found


def _there(connection: sa.Connection, addresses: Sequence[str]) -> set[str]:
    """Those of these addresses that a record bears, in whatever letter case."""
    name, record = schema.identifier, schema.record
    lower = sa.func.lower(name.c.value)
    found: set[str] = set()
    for some in chunks(addresses):
        query = (
            sa.select(lower)
            .select_from(name.join(record))
            .where(name.c.scheme == "repo", name.c.strong, record.c.active, lower.in_(some))
        )
        found.update(connection.execute(query).scalars())
    return found


def _asked(connection: sa.Connection) -> set[str]:
    """The addresses that were asked for in the last weeks."""
    unit = schema.unit
    since: datetime = now() - ASK_AGAIN
    query = sa.select(unit.c.key).where(
        unit.c.key.startswith(COPIED, autoescape=True), unit.c.state == "closed", unit.c.closed_at >= since
    )
    return {key.removeprefix(COPIED).lower() for key in connection.execute(query).scalars()}
