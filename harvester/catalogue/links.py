"""Links that an operator hands over: an invitation to an account, or a new password for one. Each is used once.

A link comes here as its token's digest alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now
from harvester.catalogue.factors import forget_factor
from harvester.catalogue.people import COMMAND_LINE, change_account, check_role, end_tokens, session_id, write_audit
from harvester.catalogue.schema_doors import door_link
from harvester.errors import Conflict, NotFound

_GONE = "the link was used, was withdrawn, or has ended"
_REMEDY = "ask whoever gave it for another"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLink:
    """A link that can be used. An invitation has a `role`, a reset a `login`. `id` is the beginning of its digest."""

    id: str
    login: str | None
    role: str | None
    made_by: str
    ends: datetime


class DoorLinks:
    """Links that let somebody in."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def invite(self, digest: str, role: str, ends: datetime, *, actor: str) -> None:
        """Let whoever has the link make an account of this role. Raises CatalogueError for an unknown role."""
        check_role(role)
        after = {"role": role, "ends": ends.isoformat()}
        with self._db.write() as connection:
            self._add(connection, digest, actor, ends, role=role)
            subject = f"invitation:{session_id(digest)}"
            write_audit(connection, actor=actor, action="invitation made", subject=subject, after=after)

    def reset(self, digest: str, login: str, ends: datetime, *, actor: str) -> None:
        """Let whoever has the link give an account a new password; an earlier link ends.

        Raises NotFound, Conflict where the account is disabled.
        """
        with self._db.write() as connection:
            found = sa.select(schema.account.c.active).where(schema.account.c.login == login)
            active = connection.execute(found).scalar_one_or_none()
            if active is None:
                raise NotFound(f"no account {login!r}")
            if not active:
                raise Conflict(f"the account {login!r} is disabled: no link lets it in", remedy="enable it first")
            connection.execute(sa.delete(door_link).where(door_link.c.login == login))
            self._add(connection, digest, actor, ends, login=login)
            after, subject = {"ends": ends.isoformat()}, f"account:{login}"
            write_audit(connection, actor=actor, action="reset link made", subject=subject, after=after)

    def withdraw(self, link_id: str, *, actor: str) -> None:
        """End a link that was not used. Raises NotFound."""
        gone = sa.delete(door_link).where(sa.func.substr(door_link.c.digest, 1, len(link_id)) == link_id)
        with self._db.write() as connection:
            row = connection.execute(gone.returning(door_link)).one_or_none() if len(link_id) >= 16 else None
            if row is None:
                raise NotFound(f"no link {link_id!r}")
            before = {"role": row.role, "login": row.login}
            subject = f"invitation:{link_id}" if row.login is None else f"account:{row.login}"
            write_audit(connection, actor=actor, action="link withdrawn", subject=subject, before=before)

    def all(self) -> list[DoorLink]:
        """Those that can be used, the next to end first."""
        with self._db.read() as connection:
            return [_link(row) for row in connection.execute(_usable().order_by(door_link.c.ends_at))]

    def get(self, digest: str) -> DoorLink | None:
        """The link of this digest, where it can be used."""
        with self._db.read() as connection:
            row = connection.execute(_usable().where(door_link.c.digest == digest)).one_or_none()
        return _link(row) if row is not None else None

    def join(self, digest: str, login: str, password_hash: str) -> None:
        """Use an invitation: make an account of that name. Raises NotFound, Conflict where the name is taken.

        Names that differ by case alone are one, since people would take them for one.
        """
        with self._db.write() as connection:
            link = self._use(connection, digest)
            taken = {name.casefold() for name in connection.execute(sa.select(schema.account.c.login)).scalars()}
            if link.role is None or login.casefold() in taken:
                raise Conflict(f"the name {login!r} is taken", remedy="choose another")
            values = {"login": login, "password_hash": password_hash, "role": link.role, "active": True}
            connection.execute(sa.insert(schema.account).values(**values, created_at=now()))
            after, subject = {"role": link.role, "active": True, "invited by": link.made_by}, f"account:{login}"
            write_audit(connection, actor=login, action="account set", subject=subject, after=after)

    def renew(self, digest: str, password_hash: str) -> str:
        """Use a reset: the account has a new password, and no second factor or token any more; its login.

        Raises NotFound.
        """
        with self._db.write() as connection:
            link = self._use(connection, digest)
            if link.login is None:
                raise NotFound(_GONE, remedy=_REMEDY)
            forget_factor(connection, link.login, actor=link.login)
            end_tokens(connection, link.login)
            change_account(connection, link.login, "account password", actor=link.login, password_hash=password_hash)
            return link.login

    @staticmethod
    def _use(connection: sa.Connection, digest: str) -> DoorLink:
        row = connection.execute(_usable().where(door_link.c.digest == digest)).one_or_none()
        used = connection.execute(sa.delete(door_link).where(door_link.c.digest == digest)).rowcount
        if row is None or not used:  # of two at once one deletes it
            raise NotFound(_GONE, remedy=_REMEDY)
        return _link(row)

    @staticmethod
    def _add(connection: sa.Connection, digest: str, actor: str, ends: datetime, **what: str) -> None:
        connection.execute(sa.delete(door_link).where(door_link.c.ends_at < now()))
        values = {"digest": digest, "made_by": actor, "made_at": now(), "ends_at": ends, **what}
        connection.execute(sa.insert(door_link).values(**values))


def _usable() -> sa.Select[tuple[object, ...]]:
    """Links that have not ended, of accounts that may sign in, made by somebody who may still make them."""
    account = schema.account
    may = sa.select(account.c.login).where(account.c.active)
    makers = may.where(account.c.role == "operator")
    return sa.select(door_link).where(
        door_link.c.ends_at > now(),
        sa.or_(door_link.c.login.is_(None), door_link.c.login.in_(may)),
        sa.or_(door_link.c.made_by == COMMAND_LINE, door_link.c.made_by.in_(makers)),
    )


def _link(row: sa.Row[tuple[object, ...]]) -> DoorLink:
    return DoorLink(id=session_id(row.digest), login=row.login, role=row.role, made_by=row.made_by, ends=row.ends_at)
