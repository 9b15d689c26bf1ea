"""Raw items and what was read of them: stored page by page, read again, and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.issues import IssueWriter
from harvester.catalogue.opt_out import ERASED, without_erased
from harvester.catalogue.people import COMMAND_LINE, write_audit
from harvester.model import Issue, Outcome, Page, RawItem, Reading, Record, Severity

_REREAD_AT_ONCE = 200
_TERMS_AT_ONCE = 500
_raw, _record, _issue = schema.raw_item, schema.record, schema.issue
ReadItem = tuple[RawItem, Reading]


class PageStore:
    """Stores pages inside one open transaction. An item that did not change costs one line of a bulk update."""

    def __init__(self, connection: sa.Connection, database: Database, *, run_id: int, source: str) -> None:
        self._connection = connection
        self._db = database
        self._run = run_id
        self._source = source
        self._now = now()
        self._keeps_former = False

    def store(self, pages: Sequence[tuple[Page, Sequence[ReadItem]]]) -> None:
        """Store the items of all pages, what the source confirmed as absent, and the pages' own issues."""
        self._keeps_former = self._run > 0  # what a person let in, or a better reader says, is judged by no run
        brought = [(raw, reading) for _, read in pages for raw, reading in read]
        items = {raw.key: (raw, reading) for raw, reading in without_erased(self._connection, brought)}
        known = self._known(list(items))
        digests = {key: codec.raw_digest(raw) for key, (raw, _) in items.items()}
        moved = [key for key in items if key not in known or _changed(known[key], digests[key])]
        self._payloads({digests[key]: items[key][0].payload for key in moved})
        ids = {key: row.id for key, row in known.items()}
        ids |= self._insert([key for key in moved if key not in known], items, digests)
        self._update([key for key in moved if key in known], items, digests, ids)
        self._still_there([ids[key] for key in items if key in known])
        self._dated({ids[key]: items[key][0].as_of for key in items if key in known})
        self._seen([key for page, _ in pages for key in page.seen])
        self._versions([(ids[key], digests[key]) for key in moved])
        # what cannot be read, or is skipped now, keeps what was read of it until the run was judged (see Absence)
        read = [key for key in moved if items[key][1].outcome is Outcome.READ]
        self._records({ids[key]: items[key][1].records for key in read}, new=set(moved) - set(known), ids=ids)
        issues = IssueWriter(self._connection, self._db, run_id=self._run, source=self._source, at=self._now)
        issues.of_items({ids[key]: (items[key][0].url, items[key][1].issues) for key in moved})
        issues.of_pages([issue for page, _ in pages for issue in page.issues])
        self._confirm_gone([key for page, _ in pages for key in page.gone])

    def reread(self, raw_id: int, raw: RawItem, reading: Reading) -> bool:
        """Put a better reader's word in the place of the earlier one; True when it differs.

        An item that no reader could read before either keeps what was read of it when one could.
        """
        table = schema.raw_item
        ((_, reading),) = without_erased(self._connection, [(raw, reading)])
        before = self._fingerprint(raw_id)
        outcome = self._connection.execute(sa.select(table.c.outcome).where(table.c.id == raw_id)).scalar_one()
        self._connection.execute(
            sa.update(table).where(table.c.id == raw_id).values(outcome=reading.outcome, reason=reading.reason)
        )
        if reading.outcome is Outcome.READ or reading.outcome.value != outcome:
            self._records({raw_id: reading.records}, new=set(), ids={raw.key: raw_id})
        issues = IssueWriter(self._connection, self._db, run_id=self._run, source=self._source, at=self._now)
        issues.of_items({raw_id: (raw.url, reading.issues)})
        return before != self._fingerprint(raw_id)

    def _fingerprint(self, raw_id: int) -> list[Any]:
        record = schema.record
        query = sa.select(record.c.key, record.c.digest, record.c.active).where(record.c.raw_item == raw_id)
        return [tuple(row) for row in self._connection.execute(query.order_by(record.c.key))]

    def _known(self, keys: Sequence[str]) -> dict[str, Any]:
        raw = schema.raw_item
        columns = (raw.c.id, raw.c.key, raw.c.digest, raw.c.gone_at)
        found: dict[str, Any] = {}
        for some in chunks(keys):
            query = sa.select(*columns).where(raw.c.source == self._source, raw.c.key.in_(some))
            found.update((row.key, row) for row in self._connection.execute(query))
        return found

    def _payloads(self, bodies: Mapping[str, bytes]) -> None:
        rows = [{"digest": digest, "body": codec.compress(body), "size": len(body)} for digest, body in bodies.items()]
        if rows:
            self._connection.execute(self._db.insert(schema.payload).on_conflict_do_nothing(), rows)

    def _row(self, raw: RawItem, reading: Reading, digest: str) -> dict[str, Any]:
        return {
            "format": raw.format,
            "digest": digest,
            "url": raw.url,
            "context": dict(raw.context),
            "outcome": reading.outcome.value,
            "reason": reading.reason,
            "as_of": raw.as_of,
            "changed_at": self._now,
            "changed_run": self._run,
        }

    def _insert(self, keys: Sequence[str], items: Mapping[str, ReadItem], digests: Mapping[str, str]) -> dict[str, int]:
        first = {
            "source": self._source,
            "first_seen": self._now,
            "last_seen": self._now,
            "first_run": self._run,
            "last_run": self._run,
        }
        rows = [self._row(*items[key], digests[key]) | first | {"key": key} for key in keys]
        if not rows:
            return {}
        raw = schema.raw_item
        return dict(self._connection.execute(sa.insert(raw).returning(raw.c.key, raw.c.id), rows).all())

    def _update(
        self, keys: Sequence[str], items: Mapping[str, ReadItem], digests: Mapping[str, str], ids: Mapping[str, int]
    ) -> None:
        rows = [self._row(*items[key], digests[key]) | {"row": ids[key], "gone_at": None} for key in keys]
        if rows:
            raw = schema.raw_item
            columns: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "row"}
            self._connection.execute(sa.update(raw).where(raw.c.id == sa.bindparam("row")).values(columns), rows)

    def _seen(self, keys: Sequence[str]) -> None:
        """Keys that were listed as they are stored. One that is not stored after all was not seen."""
        raw = schema.raw_item
        for some in chunks(keys):
            query = sa.select(raw.c.id).where(
                raw.c.source == self._source, raw.c.key.in_(some), raw.c.gone_at.is_(None)
            )
            self._still_there(self._connection.execute(query).scalars().all())

    def _still_there(self, ids: Sequence[int]) -> None:
        raw, issue, record = schema.raw_item, schema.issue, schema.record
        for some in chunks(ids):
            back = sa.select(record.c.id).join(raw).where(raw.c.id.in_(some), raw.c.missing_runs > 0, record.c.active)
            self._mark_dirty(self._connection.execute(back).scalars().all())  # what is absent contradicts nobody
            seen = {"last_seen": self._now, "last_run": self._run}
            self._connection.execute(
                sa.update(raw).where(raw.c.id.in_(some)).values(**seen, missing_runs=0, absent_run=None)
            )
            self._connection.execute(sa.update(issue).where(issue.c.raw_item.in_(some), issue.c.active).values(**seen))

    def _dated(self, dates: Mapping[int, datetime | None]) -> None:
        """What a source says as it did is of its newer date."""
        raw = schema.raw_item
        for date in {date for date in dates.values() if date is not None}:
            for some in chunks([raw_id for raw_id, of in dates.items() if of == date]):
                self._connection.execute(sa.update(raw).where(raw.c.id.in_(some)).values(as_of=date))

    def _versions(self, moved: Sequence[tuple[int, str]]) -> None:
        rows = [{"raw_item": raw_id, "run": self._run, "digest": digest, "at": self._now} for raw_id, digest in moved]
        if rows:
            self._connection.execute(self._db.insert(schema.raw_version).on_conflict_do_nothing(), rows)

    def _records(self, by_raw: Mapping[int, Sequence[Record]], *, new: set[str], ids: Mapping[str, int]) -> None:
        fresh = {ids[key] for key in new}
        old = self._old_records([raw_id for raw_id in by_raw if raw_id not in fresh])
        before_of: dict[int, list[tuple[str, Any]]] = {}
        for (owner, key), row in old.items():
            before_of.setdefault(owner, []).append((key, row))
        inserts: list[tuple[int, Record, str, str]] = []
        dirty: list[int] = []
        for raw_id, records in by_raw.items():
            kept = set()
            mine = dict(before_of.get(raw_id, ()))
            formerly = _renamed(mine, [record.key for record in records])
            for record in records:
                data = codec.dump(record)
                digest = codec.digest(data)
                key = formerly.get(record.key, record.key)
                before = mine.get(key)
                if before is None:
                    inserts.append((raw_id, record, data, digest))
                    continue
                kept.add(key)
                if before.digest != digest or not before.active:
                    self._change_record(before, record, data, digest)
                    dirty.append(before.id)
            for key, before in mine.items():
                if key not in kept and before.active:
                    self._drop_record(before.id)
                    dirty.append(before.id)
        dirty += self._insert_records(inserts)
        self._mark_dirty(dirty)

    def _old_records(self, raw_ids: Sequence[int]) -> dict[tuple[int, str], Any]:
        record = schema.record
        columns = (record.c.id, record.c.raw_item, record.c.key, record.c.digest, record.c.version, record.c.active)
        rows = (
            row
            for some in chunks(raw_ids)
            for row in self._connection.execute(sa.select(*columns).where(record.c.raw_item.in_(some)))
        )
        return {(row.raw_item, row.key): row for row in rows}

    def _insert_records(self, records: Sequence[tuple[int, Record, str, str]]) -> list[int]:
        if not records:
            return []
        table = schema.record
        rows = [
            {
                "raw_item": raw_id,
                "key": record.key,
                "reader": record.reader,
                "version": 1,
                "digest": digest,
                "data": data,
                "active": True,
                "first_seen": self._now,
                "changed_at": self._now,
            }
            for raw_id, record, data, digest in records
        ]
        ids = self._connection.execute(sa.insert(table).returning(table.c.id, sort_by_parameter_order=True), rows)
        made = [row.id for row in ids]
        names = [
            name
            for record_id, (_, record, _, _) in zip(made, records, strict=True)
            for name in _names(record_id, record)
        ]
        if names:
            self._connection.execute(sa.insert(schema.identifier), names)
        return made

    def _change_record(self, before: Any, record: Record, data: str, digest: str) -> None:
        table, identifier = schema.record, schema.identifier
        self._connection.execute(
            sa.update(table)
            .where(table.c.id == before.id)
            .values(
                key=record.key,
                reader=record.reader,
                version=before.version + 1,
                digest=digest,
                data=data,
                active=True,
                changed_at=self._now,
                **({"former": sa.func.coalesce(table.c.former, table.c.data)} if self._keeps_former else {}),
            )
        )
        # those who shared an identifier that goes must be resolved again, too
        self._mark_dirty(neighbours(self._connection, [before.id]))
        self._connection.execute(sa.delete(identifier).where(identifier.c.record == before.id))
        names = _names(before.id, record)
        if names:
            self._connection.execute(sa.insert(identifier), names)

    def _drop_record(self, record_id: int) -> None:
        table = schema.record
        self._mark_dirty(neighbours(self._connection, [record_id]))
        self._connection.execute(
            sa.update(table).where(table.c.id == record_id).values(active=False, changed_at=self._now)
        )

    def _mark_dirty(self, record_ids: Iterable[int]) -> None:
        rows = [{"record": record_id} for record_id in set(record_ids)]
        if rows:
            self._connection.execute(self._db.insert(schema.dirty_record).on_conflict_do_nothing(), rows)

    def _confirm_gone(self, keys: Sequence[str]) -> None:
        raw = schema.raw_item
        for some in chunks(keys):
            self._connection.execute(
                sa.update(raw)
                .where(raw.c.source == self._source, raw.c.key.in_(some), raw.c.last_run != self._run)
                .values(absent_run=self._run)
            )


def neighbours(connection: sa.Connection, record_ids: Sequence[int]) -> list[int]:
    """The records that share a strong identifier with the given ones, themselves included."""
    name, other = schema.identifier, schema.identifier.alias()
    found = set(record_ids)
    for some in chunks(record_ids):
        # each identifier once: of a name that thousands bear there are as many rows as its bearers, not their square
        mine = (
            sa.select(name.c.scheme, name.c.value).where(name.c.record.in_(some), name.c.strong).distinct().subquery()
        )
        shared = sa.and_(mine.c.scheme == other.c.scheme, mine.c.value == other.c.value, other.c.strong)
        found.update(connection.execute(sa.select(other.c.record).select_from(mine.join(other, shared))).scalars())
    return sorted(found)


def _changed(row: Any, digest: str) -> bool:
    return row.digest != digest or row.gone_at is not None


def _renamed(before: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, str]:
    """By its key today the former key of a record: where one went and one came, a better reader calls it otherwise.

    So its software keeps the id, and the page its address.
    """
    went = [key for key, row in before.items() if row.active and key not in keys]
    came = [key for key in keys if key not in before]
    return {came[0]: went[0]} if len(went) == len(came) == 1 else {}


def _names(record_id: int, record: Record) -> list[dict[str, Any]]:
    strong = {(name.scheme, name.value): True for name in record.identifiers}
    weak = {(name.scheme, name.value): False for name in record.suggests}
    return [
        {"record": record_id, "scheme": scheme, "value": value, "strong": is_strong}
        for (scheme, value), is_strong in (weak | strong).items()
    ]


def stored_raw(row: Any) -> RawItem:
    """A raw item as it was fetched, from a row of raw_item joined with payload. Its payload must not be erased."""
    return RawItem(
        key=row.key,
        format=row.format,
        payload=codec.decompress(row.body),
        url=row.url,
        fetched_at=row.changed_at,
        context=row.context,
        as_of=row.as_of,
    )


class Rereading:
    """Puts stored raw items through a reader again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reread(self, source: str, read: Callable[[RawItem], Reading], *, actor: str = COMMAND_LINE) -> tuple[int, int]:
        """(items read, items whose records changed) of one source. Erased payloads and gone items are left alone.

        The first change writes a line of the audit: who is killed has left it, and what is as it was leaves none.
        """
        raw, payload = schema.raw_item, schema.payload
        seen = changed = last = 0
        told = False
        while True:
            query = (
                sa.select(raw, payload.c.body)
                .join(payload, payload.c.digest == raw.c.digest)
                .where(raw.c.source == source, raw.c.id > last, raw.c.gone_at.is_(None), payload.c.body.is_not(None))
                .where(raw.c.format != ERASED)
                .order_by(raw.c.id)
                .limit(_REREAD_AT_ONCE)
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
                if changed and not told:
                    write_audit(connection, actor=actor, action="entries read again", subject=f"source:{source}")
                    told = True


class Entries:
    """Reads what a run was shown, as it is stored now: a later run of the source takes its entries over."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def stored_bytes(self, source: str) -> int:
        """How many bytes of payloads all runs of a source brought that are still kept."""
        version, payload = schema.raw_version, schema.payload
        mine = sa.select(version.c.digest).join(_raw, _raw.c.id == version.c.raw_item).where(_raw.c.source == source)
        query = sa.select(sa.func.coalesce(sa.func.sum(payload.c.size), 0))
        with self._db.read() as connection:
            return int(
                connection.execute(query.where(payload.c.digest.in_(mine), payload.c.body.is_not(None))).scalar_one()
            )

    def read(self, run_id: int) -> Iterator[tuple[Record, ...]]:
        """The records of each entry that gave some."""
        query = (
            sa.select(_record.c.raw_item, _record.c.data)
            .join(_raw)
            .where(_of(run_id), _record.c.active)
            .order_by(_record.c.raw_item, _record.c.id)
        )
        with self._db.read() as connection:
            for _, rows in groupby(connection.execute(query), key=lambda row: row.raw_item):
                yield tuple(codec.load(Record, row.data) for row in rows)

    def skipped(self, run_id: int) -> dict[str, int]:
        """The reasons of the entries that were skipped, the most frequent first."""
        query = sa.select(_raw.c.reason, sa.func.count()).where(_of(run_id), _raw.c.outcome == Outcome.SKIPPED.value)
        with self._db.read() as connection:
            found = connection.execute(query.group_by(_raw.c.reason)).all()
        return {reason or "": count for reason, count in sorted(found, key=lambda row: (-row[1], row[0] or ""))}

    def refused(self, run_id: int) -> dict[str, int]:
        """The codes of the first error of each entry that was refused, the most frequent first."""
        query = (
            sa.select(_raw.c.id, _issue.c.data)
            .join(_issue, _issue.c.raw_item == _raw.c.id)
            .where(_of(run_id), _raw.c.outcome == Outcome.REFUSED.value)
            .where(_issue.c.active, _issue.c.severity == Severity.ERROR.value)
            .order_by(_raw.c.id, _issue.c.id)
        )
        found: dict[str, int] = {}
        with self._db.read() as connection:
            for _, rows in groupby(connection.execute(query), key=lambda row: row.id):
                code = codec.load(Issue, next(rows).data).code
                found[code] = found.get(code, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _of(run_id: int) -> sa.ColumnElement[bool]:
    source = sa.select(schema.run.c.source).where(schema.run.c.id == run_id).scalar_subquery()
    return sa.and_(_raw.c.source == source, _raw.c.last_run == run_id)


@dataclass(frozen=True, slots=True)
class DeclaredTerm:
    """One record's use of a term: `reader` as in Record ("sill/1"), `url` where a person can see the entry."""

    source: str
    reader: str
    term: str
    url: str


class DeclaredTerms:
    """Reads the categories of the records that stand."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, source: str | None = None) -> Iterator[DeclaredTerm]:
        """Every use of a category by a record that stands, in order of the records; of one source or of all."""
        record, raw = schema.record, schema.raw_item
        query = (
            sa.select(record.c.id, record.c.reader, record.c.data, raw.c.source, raw.c.url)
            .join_from(record, raw)
            .where(record.c.active)
            .order_by(record.c.id)
            .limit(_TERMS_AT_ONCE)
        )
        if source is not None:
            query = query.where(raw.c.source == source)
        last = 0
        while True:
            with self._db.read() as connection:
                rows = connection.execute(query.where(record.c.id > last)).all()
            if not rows:
                return
            for row in rows:
                for term in json.loads(row.data)["fields"].get("categories", ()):
                    yield DeclaredTerm(row.source, row.reader, term, row.url)
            last = rows[-1].id
