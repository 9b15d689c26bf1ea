"""Connections to SQLite (WAL) or PostgreSQL behind one engine, reading and writing told apart, and locks with a lease.

On SQLite a deferred transaction that begins to write late fails at once in spite of the busy timeout, so writing ones
begin IMMEDIATE.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from harvester.catalogue import schema
from harvester.catalogue.writers import WritersElsewhere, WritersHere
from harvester.errors import CatalogueError, CatalogueUnavailable, SettingsError
from harvester.log import masked

_PATIENCE_S = 30.0  # of commands and crawls, while somebody else holds the database
_DIAL_S = 10  # for a new connection of theirs to PostgreSQL
_FORM_S = 5.0  # of a form of a page, as what waits for is mostly a crawl that stores something
_SLOW_S = 10.0  # a query of a page may take, on PostgreSQL
_HELD = ("another process holds it", "try again in a moment")
DAMAGED = "its file is damaged or no database"
_DAMAGED = (DAMAGED, "bring back a backup, or move the file away to begin anew")
_UNREADABLE = ("its file cannot be read or written", "is it there, and may this user read and write it and its folder?")
_SQLITE = {
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_READONLY: (
        "it may only be read",
        "may this user write its file and folder, and its disk be written?",
    ),
    sqlite3.SQLITE_IOERR: _UNREADABLE,
    sqlite3.SQLITE_CANTOPEN: _UNREADABLE,
    sqlite3.SQLITE_PERM: _UNREADABLE,
    sqlite3.SQLITE_FULL: ("its disk is full", "make room"),
}
"""What is wrong with the file, and what to do; any other code is a fault of ours."""
_POSTGRESQL = {
    "55P03": _HELD,  # lock_timeout
    "57014": ("it takes too long", "is it overloaded, or does another process hold its tables?"),  # statement_timeout
    "53100": ("its disk is full", "make room"),
    "25006": ("it may only be read", "is this a copy that follows another server, or was it made read-only?"),
    "42501": ("its account may not do this", "give the account of HARVESTER_DATABASE the rights on its tables"),
    "XX001": ("its data are damaged", "bring back a backup"),
    "XX002": ("its data are damaged", "rebuild its indexes (REINDEX), or bring back a backup"),
}
"""The same by PostgreSQL's codes of errors."""
_SILENCE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)
_SILENT = ("it does not answer", "is it there, and is HARVESTER_DATABASE its address?")
_EMPTY = ("it holds no catalogue", "bring back a backup, or start a command that makes its tables")
_TAKEN_AWAY = ("its file was taken away", "bring it back, or start anew")
_MIGRATION_LOCK = 5_318_008  # any number, the same for every process of an installation
_MIGRATION_S = 600.0  # of tries, while others use the tables
_GIVE_WAY_S = 2.0
_MIGRATING = threading.Lock()  # Alembic keeps its context in a global
_WAL_WAIT_S = 10.0
LONGEST_LEASE = timedelta(minutes=15)
"""Nobody takes a longer one."""
_CHUNK = 400  # rows an IN list, within SQLite's limit on parameters


def now() -> datetime:
    """The time, UTC and aware, to the millisecond (both databases keep that much)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Database:
    """An engine with `read()` and `write()` transactions. `synchronous` is SQLite's pragma of that name.

    `answer_s`: who asks waits no longer for a database that somebody else holds, or that is frozen; without it, as long
    as commands and crawls do. To store something may take longer (a crawl stores something, too).
    """

    def __init__(self, url: str | sa.URL, *, synchronous: str = "NORMAL", answer_s: float | None = None) -> None:
        try:
            parsed = sa.make_url(url)
        except (sa.exc.ArgumentError, ValueError):
            raise SettingsError(
                f"HARVESTER_DATABASE={masked(str(url))!r} is no database URL",
                remedy="for example sqlite:///data/catalogue.sqlite or postgresql+psycopg://user@host/name",
            ) from None
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise SettingsError(
                f"HARVESTER_DATABASE names {parsed.get_backend_name()!r}", remedy="use sqlite or postgresql+psycopg"
            )
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.shown = masked(parsed.render_as_string(hide_password=True))
        if self.is_sqlite and parsed.database:
            try:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise SettingsError(
                    f"the catalogue's folder {str(Path(parsed.database).parent)!r} cannot be made: {error.strerror}",
                    remedy="HARVESTER_DATA chooses another",
                ) from None
        asked = {} if self.is_sqlite or answer_s or "connect_timeout" in parsed.query else {"connect_timeout": _DIAL_S}
        self.engine = sa.create_engine(
            parsed,
            pool_pre_ping=not self.is_sqlite,
            connect_args=asked,
            hide_parameters=True,  # a log needs no password's hash, and no page of somebody's text
        )
        self._read_s = answer_s or _PATIENCE_S
        self._write_s = max(answer_s, _FORM_S) if answer_s else _PATIENCE_S
        self._damage: str | None = None  # what an earlier question ran into, in a part that others may not touch
        named = parsed.database if self.is_sqlite else None
        self._file = Path(named) if named and named != ":memory:" else None
        self._identity: tuple[int, int] | None = None  # of the file that is open: device and inode
        self._turns: AbstractContextManager[None] = nullcontext()
        self._elsewhere: WritersElsewhere | None = None
        if self.is_sqlite:
            self._turns = WritersHere(self._write_s if answer_s else None, self._held)
            if self._file is not None:
                waiting = self._file.with_name(f"{self._file.name}-next")
                self._elsewhere = WritersElsewhere(waiting, self._write_s, self._held)
            prepare = partial(_prepare_sqlite, synchronous=synchronous, patience_s=self._read_s)
            sa.event.listen(self.engine, "connect", prepare)
            sa.event.listen(self.engine, "connect", self._remember_file)
            sa.event.listen(self.engine, "begin", partial(_begin_sqlite, read_s=self._read_s, write_s=self._write_s))
        elif answer_s:
            _impatient(self.engine, answer_s)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads. Raises CatalogueUnavailable."""
        with self._available(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes: all of it is stored, or nothing. Who waits for one, threads and processes, has it
        in turn.

        Raises CatalogueUnavailable.
        """
        with (
            self._available(),
            self._turns,
            self.engine.connect().execution_options(writes=True) as connection,
        ):
            with self._elsewhere or nullcontext():
                begun = connection.begin()
            with begun:
                yield connection

    def alone(self, connection: sa.Connection, name: str) -> None:
        """Wait until no other transaction is alone by this name; until this one ends, no other is.

        On SQLite a transaction that writes is alone anyway.
        """
        if not self.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _number(name)})

    def insert(self, table: sa.Table) -> Any:
        """The dialect's INSERT, which knows ON CONFLICT."""
        return (sqlite.insert if self.is_sqlite else postgresql.insert)(table)

    def migrate(self, revision: str | None = None) -> None:
        """Bring the tables to the newest migration, or to an earlier one: all of it, or nothing.

        Safe when several processes start at once, and beside those that work: on PostgreSQL a change of a table waits
        for who uses it, and everybody else behind it, so it gives way after a moment and is tried again. Raises
        CatalogueUnavailable, also for tables that are newer than this program, or not its own.
        """
        deadline = time.monotonic() + _MIGRATION_S
        while True:
            try:
                return self._migrate(revision)
            except CatalogueUnavailable as error:
                if self.is_sqlite or error.what != _HELD[0] or time.monotonic() > deadline:
                    raise
            time.sleep(_GIVE_WAY_S)

    def _migrate(self, revision: str | None) -> None:
        from harvester.catalogue import migrations  # a crawl, which does not migrate, need not wait for it

        with (
            _MIGRATING,
            self._available(),
            self._turns,
            self.engine.connect().execution_options(writes=True) as connection,
            _keys_unenforced(connection) if self.is_sqlite else nullcontext(),
            connection.begin(),
        ):
            if not self.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_GIVE_WAY_S:g}s'"))
            done = migrations.upgrade(connection, revision)
            if isinstance(done, tuple):
                raise self._unavailable(done, "")
            if done and self.is_sqlite:
                _check_keys(connection)

    def lay_apart(self, name: str, script: str) -> None:
        """Have a library's tables in a schema of PostgreSQL of their own, made by its script where there are none.

        Safe when several processes start at once. Raises CatalogueUnavailable.
        """
        with self.write() as connection:
            self.alone(connection, f"schema {name}")
            there = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
            if connection.execute(there, {"name": name}).scalar() is None:
                cursor = connection.connection.cursor()
                for statement in (f'CREATE SCHEMA "{name}"', f'SET LOCAL search_path TO "{name}"', script):
                    cursor.execute(statement)
                cursor.close()

    def connecting(self, schema: str) -> dict[str, Any]:
        """What a library that connects by itself has to know (psycopg's words), to find its tables in its schema."""
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return {"conninfo": address, "kwargs": {"options": f"-c search_path={schema}", "connect_timeout": _DIAL_S}}

    @contextmanager
    def _available(self) -> Iterator[None]:
        """Errors of the database become ours here; what is a fault of ours stays as it is."""
        self._same_file()
        try:
            yield
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.Error) as error:
            found = self._wrong(error)
            if found is None:
                raise
            told = next(iter(str(getattr(error, "orig", None) or error).splitlines()), "")
            if found == _DAMAGED:
                self._damage = told
            raise self._unavailable(found, told) from error

    def check(self) -> None:
        """Raises CatalogueUnavailable where the database cannot be used, or was found to be damaged and still is."""
        with self.read() as connection:
            if not self.is_sqlite or self._damage is None:
                connection.execute(sa.select(schema.source.c.name).limit(1)).all()
                return
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise self._unavailable(_DAMAGED, self._damage)
        self._damage = None

    def _held(self) -> CatalogueUnavailable:
        return self._unavailable(_HELD, "")

    def _unavailable(self, found: tuple[str, str], told: str) -> CatalogueUnavailable:
        what, remedy = found
        return CatalogueUnavailable(
            f"the catalogue at {self.shown} cannot be used, {what}{f': {told}' * bool(told)}", what=what, remedy=remedy
        )

    def _wrong(self, error: Exception) -> tuple[str, str] | None:
        """What is wrong with the database, and what to do; None for a fault of ours (one table that is missing)."""
        cause = getattr(error, "orig", None) or error
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            return _SQLITE.get(code) or (_EMPTY if "no such table" in str(cause) and self._empty() else None)
        if code := _POSTGRESQL.get(getattr(cause, "sqlstate", None) or ""):
            return code
        if isinstance(error, _SILENCE):
            return _SILENT
        return _EMPTY if isinstance(error, sa.exc.ProgrammingError) and self._empty() else None

    def _empty(self) -> bool:
        with self.engine.connect() as connection:
            return not sa.inspect(connection).get_table_names()

    def _same_file(self) -> None:
        """SQLite would go on in a file that was deleted, and lose what it writes: a restored one is opened anew."""
        if self._file is None or self._identity is None:
            return
        there = _identity(self._file)
        if there == self._identity:
            return
        self.engine.dispose()
        if there is None:
            raise self._unavailable(_TAKEN_AWAY, "")
        self._identity = None

    def _remember_file(self, _connection: Any, _record: Any) -> None:
        if self._file is not None:
            for file in (self._file, *(self._file.with_name(self._file.name + end) for end in ("-wal", "-shm"))):
                _close_to_others(file)
            self._identity = _identity(self._file)

    def close(self) -> None:
        self.engine.dispose()
        if self._elsewhere is not None:
            self._elsewhere.close()


def _close_to_others(file: Path) -> None:
    """Leave a file, as an earlier version made it, to its owner alone; who is not the owner cannot."""
    with suppress(OSError):
        mode = file.stat().st_mode & 0o777
        if mode & 0o077:
            file.chmod(mode & 0o700)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _impatient(engine: sa.Engine, answer_s: float) -> None:
    """Connections that nobody waits for without end: a server that is frozen keeps them, and says nothing.

    What is asked before anything else ("are you there?") has to be answered within half of `answer_s`, a new connection
    in two seconds (libpq's least), and a query that the server works on within ten.
    """
    import psycopg

    class Impatient(psycopg.Connection[Any]):
        answer_s = _SLOW_S

        def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
            try:
                return super().wait(gen, *args, **{"timeout": self.answer_s, **options})
            except psycopg.errors._WaitTimeout as error:
                self.pgconn.finish()  # it is in the middle of something: nobody can use it any more
                raise psycopg.OperationalError(f"no answer within {self.answer_s:g} s") from error

    def connect(_dialect: Any, _record: Any, args: Any, options: Any) -> Any:
        limits = f"-c lock_timeout={int(1000 * answer_s)} -c statement_timeout={int(1000 * _SLOW_S)}"
        chosen = f"{options.get('options', '')} {limits}"
        return Impatient.connect(*args, **{"connect_timeout": 2, **options, "options": chosen})

    def ping(connection: Any) -> bool:
        connection.answer_s = answer_s / 2
        try:
            return known(connection)
        except psycopg.OperationalError as error:
            if isinstance(error.__cause__, psycopg.errors._WaitTimeout):  # a new connection would wait once more
                raise sa.exc.OperationalError("", {}, error) from error
            raise
        finally:
            connection.answer_s = _SLOW_S

    known = engine.dialect.do_ping
    engine.dialect.do_ping = ping  # type: ignore[assignment, method-assign]
    sa.event.listen(engine, "do_connect", connect)


def _prepare_sqlite(connection: Any, _record: Any, *, synchronous: str, patience_s: float) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(1000 * patience_s)}")
    _switch_to_wal(cursor, min(_WAL_WAIT_S, patience_s))
    cursor.execute(f"PRAGMA synchronous = {synchronous}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -32000")
    cursor.close()


@contextmanager
def _keys_unenforced(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, and cannot while others refer to it, unless keys are not enforced.

    It obeys this pragma outside of transactions only.
    """
    outside = connection.connection.cursor()
    outside.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        outside.execute("PRAGMA foreign_keys = ON")
        outside.close()


def _check_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise CatalogueError(
            f"{len(broken)} rows of the catalogue refer to none, the first in table {broken[0].table!r}:"
            " it was not upgraded",
            remedy="bring back a backup, or report it with the version that made this catalogue",
        )


def _switch_to_wal(cursor: Any, patience_s: float) -> None:
    """The busy timeout does not cover this pragma: two first starts at once have to take turns."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: sa.Connection, *, read_s: float, write_s: float) -> None:
    writes = connection.get_execution_options().get("writes", False)
    if read_s != write_s:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(1000 * (write_s if writes else read_s))}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def chunks(items: Sequence[Any], size: int = _CHUNK) -> Iterable[Sequence[Any]]:
    """Slices short enough for the databases' limit on parameters."""
    return (items[start : start + size] for start in range(0, len(items), size))


def over(until: sa.ColumnElement[Any], moment: Any) -> sa.ColumnElement[bool]:
    """Whether a lease has ended: it is past, or so far ahead that only a clock that went back since explains it."""
    return sa.or_(until < moment, until > moment + LONGEST_LEASE)


def _number(name: str) -> int:
    """A name as PostgreSQL wants it for an advisory lock: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(f"alone:{name}".encode()).digest()[:8], signed=True)


class Locks:
    """Named locks; a holder that stops renewing loses its lock when the lease ends."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._here = threading.Lock()

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Until the end of the `with` nobody else is alone by this name: no thread of this process, and on PostgreSQL
        no other process. It ends with the process, however that ends."""
        with self._here:
            if self._db.is_sqlite:
                yield
                return
            with self._db.read() as connection:
                self._db.alone(connection, name)
                yield

    def take(self, name: str, holder: str, lease_s: float) -> bool:
        """Take or renew; False while somebody else holds it."""
        table = schema.lock
        moment = now()
        until = moment + timedelta(seconds=lease_s)
        insert = self._db.insert(table).values(name=name, holder=holder, until=until)
        free = sa.or_(table.c.holder == holder, over(table.c.until, moment))
        with self._db.write() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["name"], set_={"holder": holder, "until": until}, where=free
                )
            )
            current = connection.execute(sa.select(table.c.holder).where(table.c.name == name)).scalar_one()
        return bool(current == holder)

    def holder(self, name: str) -> str | None:
        """Who holds the lock now."""
        table = schema.lock
        query = sa.select(table.c.holder).where(table.c.name == name, ~over(table.c.until, now()))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def release(self, name: str, holder: str) -> None:
        """Give it back."""
        table = schema.lock
        with self._db.write() as connection:
            connection.execute(sa.delete(table).where(table.c.name == name, table.c.holder == holder))
