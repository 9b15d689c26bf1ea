"""What operators are told of without asking, and on which ways they were told already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec
from harvester.catalogue.database import Database
from harvester.catalogue.schema_notices import notice, notice_told
from harvester.model.notice import Notice, NoticeEnd, NoticeKind, Trouble

_notice, _told = notice, notice_told
BEGAN, ENDED = "began", "ended"


@dataclass(frozen=True, slots=True)
class Untold:
    """What one way of telling has still to say: what went wrong, and of what it told before, what ended."""

    began: Sequence[Notice]
    ended: Sequence[Notice]

    def __bool__(self) -> bool:
        return bool(self.began or self.ended)


class Notices:
    """One notice for each trouble of a source, from its beginning to its end; none is told twice on the same way."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(
        self,
        found: Mapping[str, Mapping[NoticeKind, Trouble]],
        moment: datetime,
        *,
        watched: Collection[str],
        unknown: Collection[tuple[str, NoticeKind]] = (),
    ) -> None:
        """Begin a notice for each trouble that has none, and end those whose trouble is over. `found` is by source;
        of a source that is not `watched` nothing is known; one that is `unknown` goes on as it is."""
        there = {(source, kind): one for source, troubles in found.items() for kind, one in troubles.items()}
        with self._db.read() as connection:
            if _open(connection).keys() - set(unknown) == there.keys():
                return  # as nearly always: nobody has to wait for it
        with self._db.write() as connection:
            open_ = _open(connection)
            for (source, kind), number in open_.items():
                if (source, kind) not in there and (source, kind) not in unknown:
                    end = NoticeEnd.MENDED if source in watched else NoticeEnd.UNWATCHED
                    over = sa.update(_notice).where(_notice.c.id == number)
                    connection.execute(over.values(ended_at=moment, end=end.value))
            for source, kind in sorted(there.keys() - open_.keys()):
                made = self._db.insert(_notice).values(
                    source=source, kind=kind.value, data=codec.dump(there[source, kind]), began_at=moment
                )
                connection.execute(made.on_conflict_do_nothing())

    def recent(self, limit: int) -> Sequence[Notice]:
        """The newest: first those that last, then those that ended, each from the last that began."""
        lasts = _notice.c.ended_at.is_(None)
        query = sa.select(_notice).order_by(lasts.desc(), _notice.c.id.desc()).limit(limit)
        with self._db.read() as connection:
            return [_notice_of(row) for row in connection.execute(query)]

    def untold(self, way: str) -> Untold:
        """What this way has still to tell. What began and ended before it could be told is not told any more."""
        with self._db.read() as connection:
            return self._untold(connection, way)

    def take(self, way: str, moment: datetime) -> Untold:
        """The same, marked as told: who takes it tells it, or gives it `back`. No two take the same."""
        with self._db.write() as connection:
            found = self._untold(connection, way)
            mine: dict[str, set[int]] = {BEGAN: set(), ENDED: set()}
            for phase, some in ((BEGAN, found.began), (ENDED, found.ended)):
                for one in some:
                    made = self._db.insert(_told).values(notice=one.id, phase=phase, way=way, at=moment)
                    made = made.on_conflict_do_nothing().returning(_told.c.notice)
                    if connection.execute(made).first() is not None:
                        mine[phase].add(one.id)
            return Untold(
                [one for one in found.began if one.id in mine[BEGAN]],
                [one for one in found.ended if one.id in mine[ENDED]],
            )

    def back(self, way: str, untold: Untold) -> None:
        """It could not be told: the next to take may try again."""
        with self._db.write() as connection:
            for phase, some in ((BEGAN, untold.began), (ENDED, untold.ended)):
                for one in some:
                    of_it = (_told.c.notice == one.id, _told.c.phase == phase, _told.c.way == way)
                    connection.execute(sa.delete(_told).where(*of_it))

    def _untold(self, connection: sa.Connection, way: str) -> Untold:
        def told(phase: str) -> Any:
            return sa.exists().where(_told.c.notice == _notice.c.id, _told.c.phase == phase, _told.c.way == way)

        began = sa.select(_notice).where(_notice.c.ended_at.is_(None), ~told(BEGAN)).order_by(_notice.c.id)
        ended = sa.select(_notice).where(_notice.c.ended_at.is_not(None), told(BEGAN), ~told(ENDED))
        return Untold(
            [_notice_of(row) for row in connection.execute(began)],
            [_notice_of(row) for row in connection.execute(ended.order_by(_notice.c.id))],
        )


def _open(connection: sa.Connection) -> dict[tuple[str, NoticeKind], int]:
    query = sa.select(_notice.c.id, _notice.c.source, _notice.c.kind).where(_notice.c.ended_at.is_(None))
    return {(row.source, NoticeKind(row.kind)): row.id for row in connection.execute(query)}


def _notice_of(row: Any) -> Notice:
    return Notice(
        id=row.id,
        source=row.source,
        trouble=codec.load(Trouble, row.data),
        began_at=row.began_at,
        ended_at=row.ended_at,
        end=NoticeEnd(row.end) if row.end else None,
    )
