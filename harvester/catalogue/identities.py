"""Accounts that sign in with a provider of identities (OIDC): known by issuer and subject alone, never by an e-mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.people import (
    NO_PASSWORD,
    RESERVED,
    ROLES,
    VISITOR,
    Account,
    account_of,
    change_account,
    check_role,
    write_audit,
)
from harvester.catalogue.schema_doors import identity, oidc_start
from harvester.errors import CatalogueError

START_AGE = timedelta(minutes=10)
"""Within which somebody comes back from the provider."""
_MOST_STARTED = 10_000
_MOST_WITHOUT_ROLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A sign-in that was begun: what its answer has to hold, and where it leads."""

    nonce: str
    verifier: str
    going_to: str


class Identities:
    """Whom a provider means."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, digest: str, started: Started) -> None:
        """Remember a sign-in by its state's digest. CatalogueError: so many were begun that none can be added."""
        values = {"nonce": started.nonce, "verifier": started.verifier, "going_to": started.going_to}
        count = sa.select(sa.func.count()).select_from(oidc_start)
        with self._db.write() as connection:
            connection.execute(sa.delete(oidc_start).where(oidc_start.c.ends_at < now()))
            if connection.execute(count).scalar_one() >= _MOST_STARTED:
                raise CatalogueError("too many sign-ins were begun", remedy="try again in ten minutes")
            ends = now() + START_AGE
            connection.execute(sa.insert(oidc_start).values(digest=digest, ends_at=ends, **values))

    def finish(self, digest: str) -> Started | None:
        """What was begun with a state, once; None: nothing was, or it was used, or ended."""
        gone = sa.delete(oidc_start).where(oidc_start.c.digest == digest).returning(oidc_start)
        with self._db.write() as connection:
            row = connection.execute(gone).one_or_none()
        if row is None or row.ends_at < now():
            return None
        return Started(nonce=row.nonce, verifier=row.verifier, going_to=row.going_to)

    def account(self, issuer: str, subject: str, *, name: str, role: str | None) -> Account:
        """The account of a subject, made where there is none, of the role that the provider tells.

        `name` is what a new account is called, where nobody is called so; it finds no account. A `role` None says
        nothing: a new account may do no more than a visitor until an operator gives it a role, and one keeps what it
        has. CatalogueError: too many wait for a role. LastOperator: the role would leave no operator.
        """
        if role not in (None, VISITOR):
            check_role(str(role))
        found = sa.select(identity.c.login).where(identity.c.issuer == issuer, identity.c.subject == subject)
        with self._db.write() as connection:
            login = connection.execute(found).scalar_one_or_none()
            if login is None:
                login = self._add(connection, issuer, subject, name=name, role=role or VISITOR)
            mine = sa.select(schema.account).where(schema.account.c.login == login)
            account = account_of(connection.execute(mine).one())
            if role is not None and account.role != role:
                change_account(connection, login, "account role", actor=login, role=role)
                account = account_of(connection.execute(mine).one())
        return account

    def logins(self) -> set[str]:
        """Those that a provider knows."""
        with self._db.read() as connection:
            return set(connection.execute(sa.select(identity.c.login)).scalars())

    @staticmethod
    def _add(connection: sa.Connection, issuer: str, subject: str, *, name: str, role: str) -> str:
        table = schema.account
        waiting = sa.select(sa.func.count()).where(table.c.role.not_in(ROLES), table.c.active)
        if role == VISITOR and connection.execute(waiting).scalar_one() >= _MOST_WITHOUT_ROLE:
            raise CatalogueError("too many accounts wait for a role", remedy="an operator has to look at them")
        taken = {one.casefold() for one in connection.execute(sa.select(table.c.login)).scalars()} | set(RESERVED)
        number, login = 1, name
        while login.casefold() in taken:
            number += 1
            login = f"{name}-{number}"
        values = {"login": login, "password_hash": NO_PASSWORD + secrets.token_urlsafe(32), "role": role}
        connection.execute(sa.insert(table).values(**values, active=True, created_at=now()))
        connection.execute(sa.insert(identity).values(issuer=issuer, subject=subject, login=login, since=now()))
        after = {"role": role, "active": True, "issuer": issuer, "subject": subject}
        write_audit(connection, actor=login, action="account set", subject=f"account:{login}", after=after)
        return login
