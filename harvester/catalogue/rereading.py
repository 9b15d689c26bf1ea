"""Reading again what is stored, without asking the network: for a better reader."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from harvester.catalogue import schema
from harvester.catalogue.database import Database
from harvester.catalogue.harvest import stored_raw
from harvester.catalogue.pages import PageStore
from harvester.model import RawItem, Reading

_BATCH = 200


class Rereading:
    """Puts stored raw items through a reader again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reread(self, source: str, read: Callable[[RawItem], Reading]) -> tuple[int, int]:
        """(items read, items whose records changed) of one source. Erased payloads and gone items are left alone."""
        raw, payload = schema.raw_item, schema.payload
        seen = changed = last = 0
        while True:
            query = (
                sa.select(raw, payload.c.body)
                .join(payload, payload.c.digest == raw.c.digest)
                .where(raw.c.source == source, raw.c.id > last, raw.c.gone_at.is_(None), payload.c.body.is_not(None))
                .order_by(raw.c.id)
                .limit(_BATCH)
            )
            with self._db.write() as connection:
                rows = connection.execute(query).all()
                if not rows:
                    return seen, changed
                for row in rows:
                    store = PageStore(connection, self._db, run_id=row.last_run, source=source)
                    item = stored_raw(row)
                    changed += store.reread(row.id, item, read(item))
                    seen += 1
                    last = row.id
