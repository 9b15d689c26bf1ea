"""The governor's ledger: on PostgreSQL a table of the catalogue, on SQLite a small file of its own beside it.

Of its own, since a crawl's long transaction must not keep anybody from asking for a turn. What it holds is of the
moment, so nothing of it is synchronized to the disk: a machine that lost its power begins with an empty one.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from harvester.catalogue.database import DAMAGED, Database
from harvester.catalogue.schema import NAMING
from harvester.errors import CatalogueUnavailable
from harvester.net.ledger import Entries, Entry, T

metadata = sa.MetaData(naming_convention=NAMING)
_table = sa.Table(
    "governor",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("data", sa.Text, nullable=False),  # JSON, see harvester.net.ledger
)
_POSTGRESQL_LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(number), extract(epoch FROM clock_timestamp()) AS now"
    " FROM unnest(CAST(:numbers AS bigint[])) AS number"
)


class CatalogueLedger:
    """Implements harvester.net.ledger.Ledger. Its clock is PostgreSQL's, or this machine's; `clock` is for tests."""

    def __init__(self, database: Database, *, clock: Callable[[], float] | None = None) -> None:
        self._db = database
        self._clock = clock

    @classmethod
    def beside(cls, catalogue: Database, *, clock: Callable[[], float] | None = None) -> CatalogueLedger:
        """The ledger of a catalogue's installation; `close` it apart from the catalogue."""
        if not catalogue.is_sqlite:
            return cls(Database(catalogue.url), clock=clock)
        file = Path(catalogue.url.database or ":memory:").with_suffix(".governor.sqlite")
        try:
            return cls(_sqlite(file), clock=clock)
        except CatalogueUnavailable as error:
            if error.what != DAMAGED:
                raise
            # what a loss of power left of it
            for name in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
                name.unlink(missing_ok=True)
            return cls(_sqlite(file), clock=clock)

    def change(self, keys: Sequence[str], step: Callable[[Entries, float], T]) -> T:
        """See harvester.net.ledger.Ledger."""
        wanted = sorted(set(keys))
        with self._db.write() as connection:
            moment = time.time() if self._db.is_sqlite else _locked(connection, wanted)
            query = sa.select(_table.c.key, _table.c.data).where(_table.c.key.in_(wanted))
            before = dict(connection.execute(query).all())
            entries: dict[str, Entry] = {key: json.loads(before.get(key, "{}")) for key in wanted}
            result = step(entries, self._clock() if self._clock else moment)
            self._keep(connection, before, entries)
            return result

    def read(self, prefix: str) -> Entries:
        """See harvester.net.ledger.Ledger."""
        query = sa.select(_table.c.key, _table.c.data).where(_table.c.key.startswith(prefix, autoescape=True))
        with self._db.read() as connection:
            return {key: json.loads(data) for key, data in connection.execute(query)}

    def close(self) -> None:
        """Close all connections."""
        self._db.close()

    def _keep(self, connection: sa.Connection, before: dict[str, str], entries: dict[str, Entry]) -> None:
        after = {key: json.dumps(entry, separators=(",", ":")) for key, entry in entries.items() if entry}
        changed = [{"key": key, "data": data} for key, data in after.items() if data != before.get(key)]
        if changed:
            insert = self._db.insert(_table)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["key"], set_={"data": insert.excluded.data}), changed
            )
        gone = [key for key in before if key not in after]
        if gone:
            connection.execute(sa.delete(_table).where(_table.c.key.in_(gone)))


def _locked(connection: sa.Connection, keys: Sequence[str]) -> float:
    """Lock these keys until the transaction ends, and tell the time of then.

    On SQLite writers take turns anyway. Rows that come and go cannot be locked in one order, numbers can.
    """
    numbers = sorted(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True) for key in keys)
    return float(connection.execute(_POSTGRESQL_LOCK, {"numbers": numbers}).all()[-1].now)


def _sqlite(file: Path) -> Database:
    database = Database(f"sqlite:///{file}", synchronous="OFF")
    with database.write() as connection:
        metadata.create_all(connection)
    return database
