"""Who is at what: a reviewer who opens a candidate has it for ten minutes, and nobody else decides on it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.sought import QueueSought
from harvester.errors import Conflict
from harvester.model import Reason

LEASE = timedelta(minutes=10)
"""How long somebody has it who neither decides nor opens another."""
_RENEWED = timedelta(minutes=1)  # a page that is opened again should seldom write
_TRIES = 20
_TAKING = "claims"  # who claims ends claims of others, too: two at once would wait for each other
_TABLE = schema.claim


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskClaim:
    """Somebody is at a software, since a time and at most until another (UTC)."""

    software: str
    login: str
    at: datetime
    until: datetime
    name: str | None = None


class Claims:
    """The claims of all reviewers. Each has one at most."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, software_id: str, login: str) -> DeskClaim:
        """Claim it, and leave what else one has; tells whose it is now: another's who was faster keeps it."""
        with self._db.read() as connection:
            held = _held(connection, software_id)
        if held is not None and (held.login != login or held.until > now() + LEASE - _RENEWED):
            return held
        with self._db.write() as connection:
            self._db.alone(connection, _TAKING)
            return self._take(connection, software_id, login)

    def take_next(self, login: str, *, sought: QueueSought, after: str = "") -> str | None:
        """Claim what comes first in the queue and is nobody else's; `after`, where it still waits, before all others.

        Tells its id; None where nothing is left.
        """
        soft, moment = schema.software, now()
        taken = sa.select(_TABLE.c.software).where(_TABLE.c.login != login, _TABLE.c.until > moment)
        query = sa.select(soft.c.id).where(sought.condition(), soft.c.id.not_in(taken))
        with self._db.write() as connection:
            self._db.alone(connection, _TAKING)
            found = connection.execute(query.where(soft.c.id == after)).scalar_one_or_none() if after else None
            for _ in range(_TRIES):  # another may be faster at any of them
                if found is None:
                    found = connection.execute(query.order_by(*sought.ordered()).limit(1)).scalar_one_or_none()
                if found is None or self._take(connection, found, login).login == login:
                    break
                found = None
            if found is None:
                connection.execute(sa.delete(_TABLE).where(_TABLE.c.login == login))
            return found

    def leave(self, login: str) -> None:
        """Let go of what somebody has."""
        with self._db.write() as connection:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.login == login))

    def all(self) -> list[DeskClaim]:
        """Those that hold, the oldest first."""
        soft = schema.software
        query = sa.select(_TABLE, soft.c.name).join(soft).where(_TABLE.c.until > now()).order_by(_TABLE.c.at)
        with self._db.read() as connection:
            return [_claim(row) for row in connection.execute(query)]

    def _take(self, connection: sa.Connection, software_id: str, login: str) -> DeskClaim:
        moment = now()
        ended = sa.or_(_TABLE.c.until <= moment, sa.and_(_TABLE.c.login == login, _TABLE.c.software != software_id))
        # what is decided just now ends with that
        free = sa.select(_TABLE.c.software).where(ended).with_for_update(skip_locked=True)
        connection.execute(sa.delete(_TABLE).where(_TABLE.c.software.in_(free)))
        held = _held(connection, software_id)
        if held is not None and held.login != login:
            return held
        mine = DeskClaim(software=software_id, login=login, at=held.at if held else moment, until=moment + LEASE)
        insert = self._db.insert(_TABLE).values(software=software_id, login=login, at=mine.at, until=mine.until)
        put = insert.on_conflict_do_update(
            index_elements=["software"], set_={"until": mine.until}, where=_TABLE.c.login == login
        )
        if connection.execute(put.returning(_TABLE.c.login)).first() is None:
            return _held(connection, software_id) or mine
        return mine


def others(connection: sa.Connection, software_id: str, actor: str) -> Conflict | None:
    """Why somebody cannot decide on it now: another is at it."""
    held = _held(connection, software_id)
    if held is None or held.login == actor:
        return None
    return Conflict(
        f"{held.login} is at {software_id}",
        remedy="go on with another, or wait until that claim has ended",
        reason=Reason.of("conflict.claimed", who=held.login),
    )


def release(connection: sa.Connection, softwares: Sequence[str]) -> None:
    """End the claims of what is decided."""
    for some in chunks(softwares):
        connection.execute(sa.delete(_TABLE).where(_TABLE.c.software.in_(some)))


def _held(connection: sa.Connection, software_id: str) -> DeskClaim | None:
    query = sa.select(_TABLE).where(_TABLE.c.software == software_id, _TABLE.c.until > now())
    row = connection.execute(query).one_or_none()
    return _claim(row) if row is not None else None


def _claim(row: sa.Row[tuple[object, ...]]) -> DeskClaim:
    name = getattr(row, "name", None)
    return DeskClaim(software=row.software, login=row.login, at=row.at, until=row.until, name=name)
