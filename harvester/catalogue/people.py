"""Who may sign in, and the append-only audit: who did what to what, before and after, and why.

Passwords and session tokens come here as hashes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.schema_doors import api_token, door_link
from harvester.errors import CatalogueError, CatalogueUnavailable, LastOperator, NotFound

MACHINE = "harvester"
"""The actor of what happens without a person."""
COMMAND_LINE = "command line"
"""The actor of what somebody does with the command, who has no account there."""
DEMO = "demo"
"""The actor of what the demo sets up: accounts whose passwords are public, sources of a simulated web."""


VIA: ContextVar[str | None] = ContextVar("via", default=None)
"""By which token a program acts for somebody while it is answered: each line of the audit from there says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line. `subject` is "software:ID", "source:NAME", "account:LOGIN", "run:ID", "index:ENGINE"; `via` is the
    token with which a program did it in the actor's name, or None.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    before: Any
    after: Any
    why: str | None
    via: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSought:
    """Which lines of the audit are looked for: texts that they hold, "" for whatever; `exactly` is a whole subject."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    q: str = ""
    exactly: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> LogSought:
        """The filters that an address means."""
        names = ("actor", "action", "subject", "q")
        return cls(**{name: str(said.get(name) or "").strip()[:100] for name in names})

    @property
    def query(self) -> str:
        """The filters as an address carries them."""
        said = {name: getattr(self, name) for name in ("actor", "action", "subject", "q")}
        return urlencode({name: text for name, text in said.items() if text})

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What a line has to hold."""
        table = schema.audit.c
        held = (
            (table.actor, self.actor),
            (table.action, self.action),
            (table.subject, self.subject),
            (table.why, self.q),
        )
        among = [column.icontains(text, autoescape=True) for column, text in held if text]
        return [*among, table.subject == self.exactly] if self.exactly else among


def audit_line(
    *, actor: str, action: str, subject: str, before: Any = None, after: Any = None, why: str | None = None
) -> dict[str, Any]:
    """A line as a row of the table, for those who add many at once."""
    return {
        "at": now(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "before": before,
        "after": after,
        "why": why,
        "via": VIA.get(),
    }


def write_audit(
    connection: sa.Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    before: Any = None,
    after: Any = None,
    why: str | None = None,
) -> None:
    """Add a line, in the transaction that makes the change."""
    row = audit_line(actor=actor, action=action, subject=subject, before=before, after=after, why=why)
    connection.execute(sa.insert(schema.audit), row)


class Audit:
    """Reads the audit."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, *, actor: str, action: str, subject: str, before: Any = None, after: Any = None) -> None:
        """Add a line about what is not in the catalogue: an index. What is in it writes its line as it changes."""
        with self._db.write() as connection:
            write_audit(connection, actor=actor, action=action, subject=subject, before=before, after=after)

    def recent(self, limit: int = 100, *, subject: str | None = None) -> list[AuditLine]:
        """The newest lines first."""
        return self.lines(limit, sought=LogSought(exactly=subject or ""))

    def lines(self, limit: int, *, sought: LogSought, before: int = 0) -> list[AuditLine]:
        """The newest lines that are sought, first; with `before` those older than the line of this id."""
        table = schema.audit
        query = sa.select(table).where(*sought.conditions()).order_by(table.c.id.desc()).limit(limit)
        if before:
            query = query.where(table.c.id < before)
        with self._db.read() as connection:
            return [
                AuditLine(
                    id=row.id,
                    at=row.at,
                    actor=row.actor,
                    action=row.action,
                    subject=row.subject,
                    before=row.before,
                    after=row.after,
                    why=row.why,
                    via=row.via,
                )
                for row in connection.execute(query)
            ]

    def count(self) -> int:
        """How many lines there are."""
        with self._db.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(schema.audit)).scalar_one()


ROLES = ("reviewer", "operator")
"""An operator may do all that a reviewer may. Whoever has no account is a visitor."""
VISITOR = "visitor"
"""The role of an account that a provider of identities made, until an operator gives it another."""
RESERVED = (MACHINE, COMMAND_LINE, DEMO, VISITOR)
"""Names in which the log tells of what was done without an account."""
NO_PASSWORD = "!"
"""How what is stored for a password begins where there is none: it is random, and hash of nothing."""


SESSION_AGE = timedelta(hours=12)
"""After which a session ends, whatever happens."""
SESSION_IDLE = timedelta(hours=1)
"""After which one ends in which nothing was asked."""
_OF_HASH = 16
_TELLS = timedelta(minutes=5)  # how often one that is used says so: a page that is read should seldom write


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who signs in. `password_hash` is argon2's encoded form."""

    login: str
    password_hash: str
    role: str
    active: bool

    @property
    def has_password(self) -> bool:
        """Whether it signs in with a password; else with a provider of identities alone."""
        return not self.password_hash.startswith(NO_PASSWORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A browser that is signed in. `id` is the beginning of its token's hash, by which the token cannot be found."""

    id: str
    login: str
    began: datetime


class Accounts:
    """Who may sign in, and who is signed in."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, login: str, password_hash: str, role: str, *, actor: str = COMMAND_LINE) -> None:
        """Add an account, or give an existing one a new password and role; its sessions end.

        Raises CatalogueError for an unknown role, LastOperator where nobody would be left who may change accounts.
        """
        check_role(role)
        table = schema.account
        insert = self._db.insert(table).values(
            login=login, password_hash=password_hash, role=role, active=True, created_at=now()
        )
        again = {"password_hash": password_hash, "role": role, "active": True}
        with self._db.write() as connection:
            row = connection.execute(sa.select(table).where(table.c.login == login)).one_or_none()
            _keep_an_operator(connection, login, again)
            connection.execute(insert.on_conflict_do_update(index_elements=["login"], set_=again))
            connection.execute(sa.delete(schema.session).where(schema.session.c.login == login))
            _end_resets(connection, login)
            before = {"role": row.role, "active": row.active} if row else None
            after, subject = {"role": role, "active": True}, f"account:{login}"
            write_audit(connection, actor=actor, action="account set", subject=subject, before=before, after=after)

    def are_the_demos(self) -> bool:
        """Whether the demo ever set up accounts here: only it does so under its name, and the audit forgets nothing."""
        table = schema.audit
        query = sa.select(table.c.id).where(table.c.action == "account set", table.c.actor == DEMO).limit(1)
        with self._db.read() as connection:
            return connection.execute(query).first() is not None

    def get(self, login: str) -> Account | None:
        """The account, or None."""
        with self._db.read() as connection:
            row = connection.execute(sa.select(schema.account).where(schema.account.c.login == login)).one_or_none()
        return account_of(row) if row is not None else None

    def all(self) -> list[Account]:
        """Every account, by login."""
        with self._db.read() as connection:
            return [account_of(row) for row in connection.execute(sa.select(schema.account).order_by("login"))]

    def disable(self, login: str, *, actor: str) -> None:
        """Refuse the account from now on; its sessions end at once. Raises NotFound."""
        self.change(login, "account disabled", actor=actor, active=False)

    def give_role(self, login: str, role: str, *, actor: str) -> None:
        """Let somebody do more or less than before; their sessions end. Raises as `change`, and for an unknown role."""
        check_role(role)
        self.change(login, "account role", actor=actor, role=role)

    def change(self, login: str, action: str, *, actor: str = COMMAND_LINE, **values: Any) -> None:
        """Give columns of an account new values; its sessions end at once. Raises NotFound, LastOperator."""
        with self._db.write() as connection:
            change_account(connection, login, action, actor=actor, **values)

    def sessions(self, login: str | None = None) -> list[OpenSession]:
        """The sessions that have not ended, of one account or of all, the newest first."""
        table = schema.session
        query = sa.select(table).where(table.c.expires_at > now()).order_by(table.c.created_at.desc())
        if login is not None:
            query = query.where(table.c.login == login)
        with self._db.read() as connection:
            return [
                OpenSession(id=session_id(row.token_hash), login=row.login, began=row.created_at)
                for row in connection.execute(query)
            ]

    def end_sessions(self, login: str, *, actor: str, one: str | None = None, but: str | None = None) -> int:
        """End the sessions of an account at once, in every process: one by its id, or those that are not `but`.

        The answer is how many there were; where there was none, nothing is noted.
        """
        table = schema.session
        ending = sa.delete(table).where(table.c.login == login)
        if one is not None:
            ending = ending.where(sa.func.substr(table.c.token_hash, 1, _OF_HASH) == one)
        if but is not None:
            ending = ending.where(sa.func.substr(table.c.token_hash, 1, _OF_HASH) != but)
        with self._db.write() as connection:
            ended = connection.execute(ending).rowcount
            if ended:
                subject = f"account:{login}"
                write_audit(connection, actor=actor, action="sessions ended", subject=subject, after={"ended": ended})
        return ended

    def open_session(self, login: str, token_hash: str, expires: datetime) -> None:
        """Remember a session by the hash of its token."""
        with self._db.write() as connection:
            connection.execute(sa.delete(schema.session).where(schema.session.c.expires_at < now()))
            connection.execute(
                sa.insert(schema.session).values(
                    token_hash=token_hash, login=login, created_at=now(), expires_at=expires
                )
            )

    def session(self, token_hash: str) -> Account | None:
        """The active account of a session that has not expired, which lasts longer by being asked for."""
        account, session, moment = schema.account, schema.session, now()
        query = (
            sa.select(account, session.c.created_at.label("began"), session.c.expires_at)
            .join(session, session.c.login == account.c.login)
            .where(session.c.token_hash == token_hash, session.c.expires_at > moment, account.c.active)
        )
        with self._db.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        until = min(row.began + SESSION_AGE, moment + SESSION_IDLE)
        if until > row.expires_at + _TELLS:
            longer = sa.update(session).where(session.c.token_hash == token_hash).values(expires_at=until)
            with suppress(CatalogueUnavailable), self._db.write() as connection:  # then the next page says so
                connection.execute(longer)
        return account_of(row)

    def close_session(self, token_hash: str) -> None:
        """Sign out."""
        with self._db.write() as connection:
            connection.execute(sa.delete(schema.session).where(schema.session.c.token_hash == token_hash))


def change_account(connection: sa.Connection, login: str, action: str, *, actor: str, **values: Any) -> None:
    """As `Accounts.change`, in an open transaction."""
    table = schema.account
    after = {name: value for name, value in values.items() if name != "password_hash"}
    row = connection.execute(sa.select(table).where(table.c.login == login)).one_or_none()
    if row is None:
        raise NotFound(f"no account {login!r}")
    _keep_an_operator(connection, login, values)
    connection.execute(sa.update(table).where(table.c.login == login).values(**values))
    end_sessions_but(connection, login, None)
    if "password_hash" in values:
        _end_resets(connection, login)
    before = {name: getattr(row, name) for name in after} or None
    write_audit(connection, actor=actor, action=action, subject=f"account:{login}", before=before, after=after)


def _end_resets(connection: sa.Connection, login: str) -> None:
    """End links that would give the account another password than the one that it just got."""
    connection.execute(sa.delete(door_link).where(door_link.c.login == login))


def end_tokens(connection: sa.Connection, login: str) -> None:
    """End what an account's programs sign in with: who is given a new password may have lost more than that."""
    connection.execute(sa.delete(api_token).where(api_token.c.login == login))


def end_sessions_but(connection: sa.Connection, login: str, but: str | None) -> None:
    """End an account's sessions in an open transaction, except the one of this id."""
    table = schema.session
    ending = sa.delete(table).where(table.c.login == login)
    if but is not None:
        ending = ending.where(sa.func.substr(table.c.token_hash, 1, _OF_HASH) != but)
    connection.execute(ending)


def session_id(token_hash: str) -> str:
    """What a session is called on a page: the first sixteen of the 64 signs of its token's hash."""
    return token_hash[:_OF_HASH]


def check_role(role: str) -> None:
    """Raises CatalogueError for an unknown role."""
    if role not in ROLES:
        raise CatalogueError(f"role {role!r} is unknown", remedy="use " + " or ".join(ROLES))


def _keep_an_operator(connection: sa.Connection, login: str, values: Mapping[str, Any]) -> None:
    """Raises LastOperator where the change would leave nobody who may change accounts.

    The rows stay locked until the change is made: of two operators who disable each other, one is refused.
    """
    if values.get("active", True) and values.get("role", "operator") == "operator":
        return
    table = schema.account
    query = sa.select(table.c.login).where(table.c.role == "operator", table.c.active).order_by("login")
    operators = connection.execute(query.with_for_update()).scalars().all()
    if list(operators) == [login]:
        raise LastOperator(
            f"{login!r} is the last operator who may sign in", remedy="make somebody else an operator first"
        )


def account_of(row: sa.Row[tuple[object, ...]]) -> Account:
    """An account as its row tells it."""
    return Account(login=row.login, password_hash=row.password_hash, role=row.role, active=row.active)
