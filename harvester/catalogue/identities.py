"""Ids of software, and the strong identifiers that its records bring."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.model import Identifier


def mint() -> str:
    """A new software's id: opaque, for ever, and short enough for a URL (60 random bits)."""
    return "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(12))


def identifiers_of(connection: sa.Connection, software_id: str) -> tuple[Identifier, ...]:
    """The strong identifiers of a software's records."""
    member, name = schema.membership, schema.identifier
    query = (
        sa.select(name.c.scheme, name.c.value)
        .join(member, member.c.record == name.c.record)
        .where(member.c.software == software_id, name.c.strong)
        .distinct()
        .order_by(name.c.scheme, name.c.value)
    )
    return tuple(Identifier(row.scheme, row.value) for row in connection.execute(query))
