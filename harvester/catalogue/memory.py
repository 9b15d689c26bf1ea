"""What runs remember of earlier answers, so that an unchanged page costs a 304."""

from __future__ import annotations

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, now
from harvester.net.memory import Remembered


class CatalogueMemory:
    """Implements harvester.net.memory.Memory."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._known: set[str] | None = None

    def recall(self, url: str) -> Remembered | None:
        """The answer that the URL last gave, with its validators."""
        table = schema.remembered
        if self._known is None:  # asked once a process: most pages of a first harvest were never seen
            with self._db.read() as connection:
                self._known = set(connection.execute(sa.select(table.c.url)).scalars())
        if url not in self._known:
            return None
        with self._db.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.url == url)).one_or_none()
        if row is None:
            return None
        return Remembered(
            etag=row.etag,
            last_modified=row.last_modified,
            status=row.status,
            headers=row.headers,
            body=codec.decompress(row.body),
        )

    def remember(self, url: str, answer: Remembered) -> None:
        """Keep an answer in the place of the earlier one."""
        values = {
            "etag": answer.etag,
            "last_modified": answer.last_modified,
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": codec.compress(answer.body),
            "at": now(),
        }
        if self._known is not None:
            self._known.add(url)
        insert = self._db.insert(schema.remembered).values(url=url, **values)
        with self._db.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["url"], set_=values))
