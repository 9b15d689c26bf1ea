"""Tokens with which programs act for an account, each with what it may do, an end, and its last use.

A token comes here as its digest alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.people import Account, session_id, write_audit
from harvester.catalogue.schema_doors import api_token
from harvester.errors import CatalogueError, CatalogueUnavailable, NotFound

SCOPES = ("read", "decide", "operate")
"""What a token may do: read what waits, decide it, queue runs of sources."""
MOST = 20
"""Of one account."""
LONGEST_NAME = 60
LONGEST_DAYS = 366
_TELLS = timedelta(minutes=5)  # how often a token that is used says so


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token that has not ended. `id` is the beginning of its digest, by which it cannot be found."""

    id: str
    login: str
    name: str
    scopes: tuple[str, ...]
    made: datetime
    ends: datetime
    used: datetime | None

    @property
    def told(self) -> str:
        """How the audit names it."""
        return f"token {self.id}: {self.name}"


class ApiTokens:
    """Which programs act for whom."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def make(self, digest: str, login: str, name: str, scopes: Sequence[str], days: int) -> None:
        """Add a token. CatalogueError: it has no name or scope, lasts too long, or is one too many."""
        name, moment = name.strip(), now()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise CatalogueError("a token needs a name", remedy=f"use a line of at most {LONGEST_NAME} characters")
        if not scopes or not set(scopes) <= set(SCOPES):
            raise CatalogueError("a token needs to be let do something", remedy="known are " + ", ".join(SCOPES))
        if not 1 <= days <= LONGEST_DAYS:
            raise CatalogueError(f"a token cannot last {days} days", remedy=f"use 1 to {LONGEST_DAYS}")
        mine = sa.select(sa.func.count()).where(api_token.c.login == login)
        may = [scope for scope in SCOPES if scope in scopes]
        ends = moment + timedelta(days=days)
        with self._db.write() as connection:
            connection.execute(sa.delete(api_token).where(api_token.c.ends_at < moment))
            if connection.execute(mine).scalar_one() >= MOST:
                raise CatalogueError(f"{login!r} has {MOST} tokens", remedy="end one first")
            values = {"digest": digest, "login": login, "name": name, "scopes": " ".join(may)}
            connection.execute(sa.insert(api_token).values(**values, made_at=moment, ends_at=ends))
            after = {"token": session_id(digest), "name": name, "scopes": may, "ends": ends.isoformat()}
            write_audit(connection, actor=login, action="token made", subject=f"account:{login}", after=after)

    def end(self, token_id: str, *, actor: str, login: str | None = None) -> None:
        """End a token at once, of `login` where that is given. Raises NotFound."""
        mine = sa.func.substr(api_token.c.digest, 1, len(token_id)) == token_id
        gone = sa.delete(api_token).where(mine, *([api_token.c.login == login] if login is not None else []))
        with self._db.write() as connection:
            rows = connection.execute(gone.returning(api_token)).all() if len(token_id) >= 16 else []
            if not rows:
                raise NotFound(f"no token {token_id!r}")
            for row in rows:
                before = {"token": session_id(row.digest), "name": row.name}
                subject = f"account:{row.login}"
                write_audit(connection, actor=actor, action="token ended", subject=subject, before=before)

    def all(self, login: str | None = None) -> list[ApiToken]:
        """Those that have not ended, of one account or of all, by login, the newest first."""
        query = sa.select(api_token).where(api_token.c.ends_at > now())
        if login is not None:
            query = query.where(api_token.c.login == login)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(api_token.c.login, api_token.c.made_at.desc())).all()
        return [_token(row) for row in rows]

    def use(self, digest: str) -> tuple[Account, ApiToken] | None:
        """For whom a token acts, who may sign in; None: there is no such token, or it has ended."""
        account, moment = schema.account, now()
        query = sa.select(api_token, account.c.password_hash, account.c.role).join(account)
        query = query.where(api_token.c.digest == digest, api_token.c.ends_at > moment, account.c.active)
        with self._db.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.used_at is None or moment > row.used_at + _TELLS:
            used = sa.update(api_token).where(api_token.c.digest == digest).values(used_at=moment)
            with suppress(CatalogueUnavailable), self._db.write() as connection:  # then the next use says so
                connection.execute(used)
        return Account(login=row.login, password_hash=row.password_hash, role=row.role, active=True), _token(row)


def _token(row: sa.Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        id=session_id(row.digest),
        login=row.login,
        name=row.name,
        scopes=tuple(row.scopes.split()),
        made=row.made_at,
        ends=row.ends_at,
        used=row.used_at,
    )
