"""What a run stores: pages in one transaction each, fenced by the run's attempt; and earlier answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.records import PageStore, ReadItem, stored_raw
from harvester.errors import Fenced
from harvester.model import FORMER, LEADS_TO, Page, RawItem, RunCounts, Unit
from harvester.net.memory import Remembered

ASK_AGAIN = timedelta(days=30)
"""After which a forge is asked again where an address leads that only others list."""
StoredPage = tuple[Page, Sequence[ReadItem]]


def fence(connection: sa.Connection, run_id: int, attempt: int) -> None:
    """Lock the run's row for this attempt. Raises Fenced when another attempt, or an operator, took it over."""
    run = schema.run
    mine = connection.execute(
        sa.update(run)
        .where(run.c.id == run_id, run.c.attempt == attempt, run.c.state == "running")
        .values(heartbeat_at=now())
    )
    if mine.rowcount != 1:
        raise Fenced(f"run {run_id}, attempt {attempt}, was taken over or stopped: nothing was stored")


class Harvest:
    """The frontier and the store of runs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open_units(self, run_id: int, attempt: int, first: Iterable[Unit], *, confirms: bool = False) -> list[Unit]:
        """The units still to be asked, in order; a run without any begins with `first`. Raises Fenced.

        `confirms`: what this run is not shown is absent only where its source says so (`Page.gone`).
        """
        unit = schema.unit
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            known = connection.execute(sa.select(sa.func.count()).where(unit.c.run == run_id)).scalar_one()
            if not known:
                _open(connection, self._db, run_id, first, after=0)
                connection.execute(sa.update(schema.run).where(schema.run.c.id == run_id).values(confirms=confirms))
            # a failed unit is asked again by the next attempt, unless asking cannot help
            connection.execute(
                sa.update(unit)
                .where(unit.c.run == run_id, unit.c.state == "failed", unit.c.final.is_(False))
                .values(state="open")
            )
            rows = connection.execute(
                sa.select(unit.c.key, unit.c.data)
                .where(unit.c.run == run_id, unit.c.state == "open")
                .order_by(unit.c.position, unit.c.key)
            )
            return [Unit(row.key, row.data) for row in rows]

    def known(self, run_id: int, keys: Sequence[str]) -> dict[str, RawItem]:
        """Of these keys of the run's source the items as they are stored; none that is gone or erased."""
        raw = schema.raw_item
        with self._db.read() as connection:
            query = _stored_items(run_id)
            return {
                row.key: stored_raw(row)
                for some in chunks(keys)
                for row in connection.execute(query.where(raw.c.key.in_(some)))
            }

    def brought(self, run_id: int) -> list[RawItem]:
        """The items that the run stored so far, none that is erased."""
        with self._db.read() as connection:
            query = _stored_items(run_id).where(schema.raw_item.c.last_run == run_id)
            return [stored_raw(row) for row in connection.execute(query)]

    def unseen(self, run_id: int, *, limit: int) -> list[RawItem]:
        """Items of earlier runs that this run was neither shown nor told to be absent, in order of their keys."""
        raw = schema.raw_item
        untold = sa.or_(raw.c.absent_run.is_(None), raw.c.absent_run != run_id)
        query = _stored_items(run_id).where(raw.c.last_run != run_id, untold).order_by(raw.c.key).limit(limit)
        with self._db.read() as connection:
            return [stored_raw(row) for row in connection.execute(query)]

    def claimed(self, source: str, host: str, *, limit: int) -> list[str]:
        """Addresses of repositories at `host` that only records of other sources bear, and none that a forge told.

        Those first that `source` never asked its forge about, then those asked longest ago; none of the last weeks, but
        for what led to a repository that was not stored then, and is now.
        """
        raw, record, name, unit, run = schema.raw_item, schema.record, schema.identifier, schema.unit, schema.run
        of_forge = name.alias("of_forge")
        told = sa.exists().where(of_forge.c.record == record.c.id, of_forge.c.scheme == "forge")
        known = sa.case((sa.or_(raw.c.source == source, told), 1), else_=0)
        addresses = (
            sa.select(name.c.value)
            .join(record, name.c.record == record.c.id)
            .join(raw, record.c.raw_item == raw.c.id)
            .where(name.c.scheme == "repo", name.c.value.startswith(f"https://{host}/", autoescape=True))
            .where(record.c.active, raw.c.gone_at.is_(None))
            .group_by(name.c.value)
            .having(sa.func.max(known) == 0)
        )
        asked = (
            sa.select(unit.c.key, unit.c.data, unit.c.closed_at)
            .join(run, unit.c.run == run.c.id)
            .where(run.c.source == source, unit.c.key.startswith(FORMER, autoescape=True), unit.c.state == "closed")
            .order_by(unit.c.closed_at)
        )
        with self._db.read() as connection:
            rows = {row.key.removeprefix(FORMER): row for row in connection.execute(asked)}
            last = {address: row.closed_at for address, row in rows.items()}
            led = {address: key for address, row in rows.items() if (key := row.data.get(LEADS_TO))}
            there: set[str] = set()
            for some in chunks(sorted(set(led.values()))):
                stored = sa.select(raw.c.key).where(
                    raw.c.source == source, raw.c.key.in_(some), raw.c.gone_at.is_(None)
                )
                there.update(connection.execute(stored).scalars())
            found = connection.execute(addresses).scalars().all()
        never = datetime.min.replace(tzinfo=UTC)
        due = [one for one in found if last.get(one, never) < now() - ASK_AGAIN or led.get(one) in there]
        return sorted(due, key=lambda one: (last.get(one, never), one))[:limit]

    def store(self, run_id: int, attempt: int, pages: Sequence[StoredPage]) -> None:
        """Store pages, close their units and open the next ones: all of it or nothing. Raises Fenced."""
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            source = connection.execute(sa.select(schema.run.c.source).where(schema.run.c.id == run_id)).scalar_one()
            PageStore(connection, self._db, run_id=run_id, source=source).store(pages)
            following = [unit for page, _ in pages for unit in page.next_units]
            if following:
                last = connection.execute(
                    sa.select(sa.func.max(schema.unit.c.position)).where(schema.unit.c.run == run_id)
                ).scalar()
                _open(connection, self._db, run_id, following, after=last or 0)
            _close(connection, self._db, run_id, [page.unit for page, _ in pages])
            totals = [page.total for page, _ in pages if page.total is not None]
            if totals:
                connection.execute(sa.update(schema.run).where(schema.run.c.id == run_id).values(total=max(totals)))

    def unit_failed(
        self,
        run_id: int,
        attempt: int,
        unit: Unit,
        *,
        reason: str,
        status: int | None = None,
        url: str | None = None,
        final: bool = False,
        capped: bool = False,
    ) -> None:
        """Keep why a unit could not be asked. It is asked again by the next attempt unless `final`.

        A `capped` one stays open: nothing is wrong with it.
        """
        table = schema.unit
        with self._db.write() as connection:
            fence(connection, run_id, attempt)
            values = {
                "state": "open" if capped else "failed",
                "error": reason[:2000],
                "status": status,
                "url": url,
                "final": final,
            }
            # the unit may be unknown yet: the page that opens it can be stored after it was asked
            insert = self._db.insert(table).values(**_row(run_id, unit), **values, tries=1)
            again = {**values, "tries": table.c.tries + 1}
            connection.execute(
                insert.on_conflict_do_update(index_elements=["run", "key"], set_=again, where=table.c.state != "closed")
            )

    def failures(self, run_id: int) -> list[tuple[str, str, int | None]]:
        """The units that failed: key, reason, HTTP status."""
        unit = schema.unit
        with self._db.read() as connection:
            rows = connection.execute(
                sa.select(unit.c.key, unit.c.error, unit.c.status)
                .where(unit.c.run == run_id, unit.c.state == "failed")
                .order_by(unit.c.position)
            )
            return [(row.key, row.error, row.status) for row in rows]

    def counts(self, run_id: int, *, requests: int = 0) -> RunCounts:
        """What the run has brought so far, counted from what is stored (so a killed attempt's work counts too)."""
        with self._db.read() as connection:
            return counts(connection, run_id, requests=requests)


def counts(connection: sa.Connection, run_id: int, *, requests: int = 0) -> RunCounts:
    """RunCounts of one run, from the tables."""
    raw, record, issue, unit, run = schema.raw_item, schema.record, schema.issue, schema.unit, schema.run
    row = connection.execute(sa.select(run.c.source, run.c.total).where(run.c.id == run_id)).one()
    seen = sa.and_(raw.c.source == row.source, raw.c.last_run == run_id)
    outcomes: dict[str, int] = dict(
        connection.execute(sa.select(raw.c.outcome, sa.func.count()).where(seen).group_by(raw.c.outcome)).all()
    )
    new = connection.execute(sa.select(sa.func.count()).where(seen, raw.c.first_run == run_id)).scalar_one()
    moved = connection.execute(sa.select(sa.func.count()).where(seen, raw.c.changed_run == run_id)).scalar_one()
    records = connection.execute(
        sa.select(sa.func.count()).select_from(record.join(raw)).where(seen, record.c.active)
    ).scalar_one()
    issues = connection.execute(
        sa.select(sa.func.count()).where(issue.c.source == row.source, issue.c.last_run == run_id, issue.c.active)
    ).scalar_one()
    gone = connection.execute(
        sa.select(sa.func.count()).where(
            raw.c.source == row.source, raw.c.gone_at.is_not(None), raw.c.changed_run == run_id
        )
    ).scalar_one()
    unseen = connection.execute(
        sa.select(sa.func.count()).where(raw.c.source == row.source, raw.c.gone_at.is_(None), raw.c.last_run < run_id)
    ).scalar_one()
    units: dict[str, int] = dict(
        connection.execute(
            sa.select(unit.c.state, sa.func.count()).where(unit.c.run == run_id).group_by(unit.c.state)
        ).all()
    )
    entries = sum(outcomes.values())
    return RunCounts(
        entries=entries,
        read=outcomes.get("read", 0),
        refused=outcomes.get("refused", 0),
        skipped=outcomes.get("skipped", 0),
        new=new,
        changed=moved - new,
        unchanged=entries - moved,
        gone=gone,
        unseen=unseen,
        records=records,
        issues=issues,
        requests=requests,
        units_open=units.get("open", 0) + units.get("failed", 0),
        units_closed=units.get("closed", 0),
        total=row.total,
    )


def _row(run_id: int, unit: Unit, position: int = 0) -> dict[str, Any]:
    return {"run": run_id, "key": unit.key, "position": position, "data": dict(unit.data)}


def _open(connection: sa.Connection, db: Database, run_id: int, units: Iterable[Unit], *, after: int) -> None:
    rows = [_row(run_id, unit, after + place) | {"state": "open"} for place, unit in enumerate(units, 1)]
    if rows:
        connection.execute(db.insert(schema.unit).on_conflict_do_nothing(), rows)


def _close(connection: sa.Connection, db: Database, run_id: int, units: Iterable[Unit]) -> None:
    """Close units, also those that nobody opened yet: pages are read side by side and may be stored out of order."""
    table = schema.unit
    values = {"state": "closed", "closed_at": now(), "error": None}
    insert = db.insert(table)
    again = {**values, "tries": table.c.tries + 1}
    rows = [_row(run_id, unit) | values | {"tries": 1} for unit in units]
    if rows:
        connection.execute(insert.on_conflict_do_update(index_elements=["run", "key"], set_=again), rows)


def _stored_items(run_id: int) -> sa.Select[Any]:
    """The items of a run's source that are neither gone nor erased, with their payloads."""
    raw, payload = schema.raw_item, schema.payload
    source = sa.select(schema.run.c.source).where(schema.run.c.id == run_id).scalar_subquery()
    return (
        sa.select(raw, payload.c.body)
        .join(payload, raw.c.digest == payload.c.digest)
        .where(raw.c.source == source, raw.c.gone_at.is_(None), payload.c.body.is_not(None))
    )


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
