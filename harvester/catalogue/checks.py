"""The last check of each source: what was found, when, and by whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database
from harvester.catalogue.sources import Sources
from harvester.errors import Conflict
from harvester.model import Reason, Source
from harvester.model.check import Checked, CheckFinding

_check = schema.source_check


class SourceChecks:
    """Kept beside the sources, one a source; to ask is not to change, so that only what is accepted is audited."""

    def __init__(self, database: Database, sources: Sources) -> None:
        self._db = database
        self._sources = sources

    def keep(self, checked: Checked) -> None:
        """Keep a check in the place of the one before."""
        values = {"at": checked.at, "data": codec.dump(checked)}
        made = self._db.insert(_check).values(source=checked.source, **values)
        with self._db.write() as connection:
            connection.execute(made.on_conflict_do_update(index_elements=["source"], set_=values))

    def of(self, source: str) -> Checked | None:
        """The last check of a source, None where there was none."""
        with self._db.read() as connection:
            data = connection.execute(sa.select(_check.c.data).where(_check.c.source == source)).scalar_one_or_none()
        return None if data is None else codec.load(Checked, data)

    def all(self) -> dict[str, Checked]:
        """The last check of each source that has one."""
        with self._db.read() as connection:
            rows = connection.execute(sa.select(_check.c.data)).scalars()
            return {one.source: one for one in (codec.load(Checked, data) for data in rows)}

    def due(self, moment: datetime, every: timedelta, *, again: timedelta) -> str | None:
        """A source that is harvested and was neither added nor checked for so long, that of the oldest check first.

        One of whose addresses one look found nothing is looked at a second time after `again`.
        """
        looked = [one for one in self.all().values() if one.gone_since and one.finding is CheckFinding.SILENT]
        twice = [one.source for one in looked if one.at <= moment - again]
        table = schema.source
        since = sa.func.coalesce(_check.c.at, table.c.created_at)
        query = (
            sa.select(table.c.name, table.c.data)
            .outerjoin(_check, _check.c.source == table.c.name)
            .where(table.c.enabled, sa.or_(since < moment - every, table.c.name.in_(twice)))
            .order_by(since)
        )
        with self._db.read() as connection:
            for row in connection.execute(query):
                source = codec.load(Source, row.data)
                if source.removed is None and not source.rests(moment):
                    return source.name
        return None

    def accept(self, source: str, actor: str) -> tuple[Source, Source]:
        """Change a source as its last check proposes; returns it before and after. Raises NotFound, or Conflict where
        nothing is proposed."""
        self._sources.get(source)
        with self._db.write() as connection:
            data = connection.execute(sa.select(_check.c.data).where(_check.c.source == source)).scalar_one_or_none()
            checked = None if data is None else codec.load(Checked, data)
            if checked is None or not checked.proposed:
                raise Conflict(f"no change of {source!r} is proposed", reason=Reason("conflict.unproposed"))
            connection.execute(sa.delete(_check).where(_check.c.source == source))
            return self._sources._change(connection, source, actor, **checked.proposed)
