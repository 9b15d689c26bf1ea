"""Ids of software, and the strong identifiers that are its own."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.codec import SoftwareData
from harvester.model import Identifier


def mint() -> str:
    """A new software's id: opaque, for ever, and short enough for a URL (60 random bits)."""
    return "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(12))


def identifiers_of(connection: sa.Connection, software_id: str) -> tuple[Identifier, ...]:
    """The strong identifiers that a software was found to have: not all that its records claim is its own."""
    data = connection.execute(sa.select(schema.software.c.data).where(schema.software.c.id == software_id))
    return tuple(sorted(codec.load(SoftwareData, data.scalar_one()).identifiers))
