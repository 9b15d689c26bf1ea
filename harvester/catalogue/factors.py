"""Second factors: an account's key of codes, and the codes that stand in for a phone that was lost.

The key is kept as it is, since codes are made of it; recovery codes come here as digests only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from harvester.catalogue.database import Database, now
from harvester.catalogue.people import change_account, end_sessions_but, end_tokens, write_audit
from harvester.catalogue.schema_doors import factor, recovery_code
from harvester.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """An account's second factor. `since` None: its key was shown, and no code of it came yet, so it is not asked."""

    login: str
    secret: str
    since: datetime | None
    codes: int

    @property
    def on(self) -> bool:
        """Whether a code of it is asked for."""
        return self.since is not None


class Factors:
    """Who has a second factor, and which of its codes were used."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, login: str) -> Factor | None:
        """The account's second factor, or None."""
        with self._db.read() as connection:
            row = connection.execute(sa.select(factor).where(factor.c.login == login)).one_or_none()
            mine = sa.select(sa.func.count()).where(recovery_code.c.login == login)
            codes = connection.execute(mine).scalar_one() if row is not None else 0
        return Factor(login=row.login, secret=row.secret, since=row.since, codes=codes) if row is not None else None

    def on(self) -> set[str]:
        """The logins of accounts whose codes are asked for."""
        with self._db.read() as connection:
            return set(connection.execute(sa.select(factor.c.login).where(factor.c.since.is_not(None))).scalars())

    def begin(self, login: str, secret: str) -> None:
        """Keep a key that its owner is shown; a code of it turns it on. Raises Conflict where one is on already."""
        insert = self._db.insert(factor).values(login=login, secret=secret, last_step=0)
        again = {"secret": insert.excluded.secret, "last_step": 0}
        with self._db.write() as connection:
            begun = insert.on_conflict_do_update(
                index_elements=["login"], set_=again, where=factor.c.since.is_(None)
            ).returning(factor.c.login)
            if connection.execute(begun).one_or_none() is None:
                raise Conflict(f"{login!r} has a second factor", remedy="take it off first")
            _say(connection, login, "second factor begun", actor=login, after={"on": False})

    def turn_on(self, login: str, secret: str, step: int, digests: Sequence[str], *, but: str) -> bool:
        """Ask for codes from now on: one of this key and step was shown. Other sessions than `but` end.

        False: another key was begun meanwhile, or it is on already.
        """
        mine = sa.update(factor).where(factor.c.login == login, factor.c.secret == secret, factor.c.since.is_(None))
        with self._db.write() as connection:
            if not connection.execute(mine.values(since=now(), last_step=step)).rowcount:
                return False
            _keep_codes(connection, login, digests)
            end_sessions_but(connection, login, but)
            _say(connection, login, "second factor on", actor=login, before={"on": False}, after={"on": True})
        return True

    def use_step(self, login: str, step: int) -> bool:
        """Take the code of a step: False where it, or a later one, was used before."""
        used = sa.update(factor).where(factor.c.login == login, factor.c.last_step < step, factor.c.since.is_not(None))
        with self._db.write() as connection:
            return bool(connection.execute(used.values(last_step=step)).rowcount)

    def use_code(self, login: str, digest: str) -> bool:
        """Take a recovery code, once."""
        mine = recovery_code.c
        with self._db.write() as connection:
            taken = connection.execute(sa.delete(recovery_code).where(mine.login == login, mine.digest == digest))
            if not taken.rowcount:
                return False
            left = connection.execute(sa.select(sa.func.count()).where(mine.login == login)).scalar_one()
            before, after = {"codes": left + 1}, {"codes": left}
            _say(connection, login, "recovery code used", actor=login, before=before, after=after)
        return True

    def new_codes(self, login: str, digests: Sequence[str]) -> None:
        """Other recovery codes instead of those that there were."""
        with self._db.write() as connection:
            _keep_codes(connection, login, digests)
            _say(connection, login, "recovery codes made", actor=login, after={"codes": len(digests)})

    def reset(self, login: str, password_hash: str, *, actor: str) -> bool:
        """Give an account a new password and take its second factor off at once; its sessions and tokens end.

        Whether it had a second factor. Raises NotFound.
        """
        with self._db.write() as connection:
            had = forget_factor(connection, login, actor=actor)
            end_tokens(connection, login)
            change_account(connection, login, "account password", actor=actor, password_hash=password_hash)
        return had

    def take_off(self, login: str, *, actor: str, but: str | None = None) -> bool:
        """Ask for no code any more; other sessions than `but` end. False: there was no second factor."""
        with self._db.write() as connection:
            return forget_factor(connection, login, actor=actor, but=but)


def forget_factor(connection: sa.Connection, login: str, *, actor: str, but: str | None = None) -> bool:
    """Take a second factor off in an open transaction; False: there was none."""
    since = connection.execute(sa.delete(factor).where(factor.c.login == login).returning(factor.c.since)).one_or_none()
    if since is None:
        return False
    connection.execute(sa.delete(recovery_code).where(recovery_code.c.login == login))
    end_sessions_but(connection, login, but)
    before, after = {"on": since.since is not None}, {"on": None}
    _say(connection, login, "second factor off", actor=actor, before=before, after=after)
    return True


def _keep_codes(connection: sa.Connection, login: str, digests: Sequence[str]) -> None:
    connection.execute(sa.delete(recovery_code).where(recovery_code.c.login == login))
    connection.execute(sa.insert(recovery_code), [{"login": login, "digest": one} for one in digests])


def _say(
    connection: sa.Connection, login: str, action: str, *, actor: str, before: object = None, after: object
) -> None:
    write_audit(connection, actor=actor, action=action, subject=f"account:{login}", before=before, after=after)
