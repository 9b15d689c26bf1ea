"""Records become software: one connected component after the other, always from the records, never from a merge.

The resolver reads what changed (dirty records), widens it to all records that strong identifiers or reviewers connect,
and writes membership, the new version and the indexes' dirt in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from harvester.assess.appraise import Around, appraise
from harvester.assess.helps import helps
from harvester.catalogue import codec, feed, schema
from harvester.catalogue.codec import SoftwareData
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.decisions import DecisionBook, joined, listing, said_of, same_and_different, verdict, withdrawn
from harvester.catalogue.issues import SharedNames
from harvester.catalogue.people import MACHINE, audit_line
from harvester.catalogue.policy import listed_from
from harvester.catalogue.records import neighbours
from harvester.catalogue.relations import RelationBook
from harvester.catalogue.sides import disputed, picking, published_of
from harvester.catalogue.software import Slugs, mint
from harvester.catalogue.traits import Traits
from harvester.model import REPOSITORY, Decision, Identifier, Issue, Record, SoftwareState, Source
from harvester.resolve.claims import Claimant, Settled, settle, shared_name
from harvester.resolve.components import assign, components, without_taken
from harvester.resolve.merge import Merged, SourcedRecord, merge
from harvester.resolve.trust import standing, waiting

_BATCH = 100
_CHANGE = sa.update(schema.software).where(schema.software.c.id == sa.bindparam("software_id"))


@dataclass(frozen=True, slots=True)
class _Loaded:
    sourced: SourcedRecord
    trusted: bool
    first_seen: Any
    item: int
    absent: bool
    let_in: bool = False
    waits: bool = False

    @property
    def counts(self) -> bool:
        """Whether its word counts in what is published (see resolve.trust)."""
        return self.trusted or self.let_in

    @property
    def vouches(self) -> bool:
        """Whether its source's trust publishes it: not what a reviewer is to be asked about."""
        record = self.sourced.record
        return self.trusted and record.question is None and record.proposed is None

    @property
    def claimant(self) -> Claimant:
        record = self.sourced.record
        return Claimant(self.sourced.source, self.item, record.fields.name, record.key == REPOSITORY, self.absent)

    def known_as(self, names: Sequence[Identifier]) -> _Loaded:
        record = replace(self.sourced.record, identifiers=tuple(names))
        return replace(self, sourced=replace(self.sourced, record=record))


class Resolver:
    """Makes software of dirty records."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def pending(self) -> int:
        """How many records wait."""
        with self._db.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(schema.dirty_record)).scalar_one()

    def resolve(self, progress: Callable[[int], None] | None = None) -> int:
        """Resolve what is dirty now; returns how many softwares changed. `progress` is told each batch's records."""
        changed, record = 0, schema.dirty_record.c.record
        with self._db.read() as connection:
            upto = connection.execute(sa.select(sa.func.coalesce(sa.func.max(record), -1))).scalar_one()
        query, after = sa.select(record).where(record <= upto).order_by(record).limit(_BATCH), -1
        while True:  # not what others make dirty meanwhile: this ends, however fast a crawl beside it stores
            with self._db.write() as connection:
                self._db.alone(connection, "resolving")  # two at once would make two softwares of one
                dirty = list(connection.execute(query.where(record > after)).scalars())
                if not dirty:
                    return changed
                after, work = dirty[-1], _Work(connection, self._db)
                changed += work.run(dirty)
                for some in chunks(sorted({*dirty, *work.affected})):  # all that is connected was resolved
                    connection.execute(sa.delete(schema.dirty_record).where(record.in_(some)))
            if progress is not None:
                progress(len(dirty))


def resolve_records(
    connection: sa.Connection,
    database: Database,
    records: Sequence[int],
    *,
    left: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> int:
    """Resolve the components that these records are in, now or until now. Returns how many softwares changed.

    `left` are softwares that records were just taken out of, each with these.
    """
    return _Work(connection, database).run(records, left)


class _Work:
    def __init__(self, connection: sa.Connection, database: Database) -> None:
        self._connection = connection
        self._db = database
        self._now = now()
        self.affected: Sequence[int] = ()
        self._dirty: list[tuple[str, int]] = []
        # written together: a statement for each software would take most of the time
        self._made: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._slugs = Slugs(connection)
        self._versions: list[dict[str, Any]] = []
        self._audit: list[dict[str, Any]] = []
        self._traits = Traits(connection)
        self._trusted: dict[str, bool] = {}
        self._listed_from = listed_from(connection)

    def run(self, records: Sequence[int], left: Mapping[str, Collection[int]] = MappingProxyType({})) -> int:
        affected, owners = self._widen(records)
        owners |= left.keys()
        self.affected = affected
        found = self._load(affected)
        membership = self._membership(affected)
        homes = self._membership(affected, "home")
        rows = self._software_rows(sorted(owners | set(homes.values())))
        dates = {owner: row.first_seen for owner, row in rows.items()}
        counting = {record_id: item for record_id, item in found.items() if item.counts}
        beside = _beside(counting, found)
        others = {one: item for one, item in found.items() if one not in counting and one not in beside}
        # what counts is settled by itself: who nobody let in joins nothing, parts nothing, and takes no name away
        settled = [_settled(some) for some in (counting, others)]
        named = {record_id: names for one in settled for record_id, names in one.names.items()}
        loaded = {record_id: found[record_id].known_as(names) for record_id, names in named.items()}
        self._tell_shared({record_id: lost for one in settled for record_id, lost in one.shared.items()}, found)
        book = DecisionBook.load(self._connection, chain.from_iterable(named.values()), owners)
        heir = joined(book.decisions)
        parted = book.parted(membership, heir)
        same, different = same_and_different(book.decisions, picking(parted, named, homes, heir))
        published = {**published_of(membership, rows, book.decisions, heir), **parted}
        groups = components(settled[0].names, same=same, different=different, published=published)
        disputes = disputed(settled[0].names, groups, apart=book.told_apart(membership))
        groups += components(settled[1].names, same=same, different=different, published=parted)
        homes = {record: home for record, home in homes.items() if "/" not in parted.get(record, "")}  # just split off
        assigned = assign(groups, membership, dates, homes=homes, mint=mint, survivors=book.survivors())
        former = self._former_ids(membership, found)
        taken = {software_id for _, software_id in assigned}
        known = RelationBook(self._connection, taken)
        self._traits.load(sorted(taken))
        for place, (group, software_id) in enumerate(assigned):
            waits = [found[one] for one in sorted(group) if one in counting and found[one].waits]
            waits += [found[one] for one, sibling in beside.items() if sibling in group and found[one].waits]
            work = _Component(
                [loaded[record_id] for record_id in sorted(group)],
                decisions=book.of(software_id, _names(loaded, group), others=taken, before=rows),
                counts=group <= counting.keys(),
                asks=bool(waits) or place in disputes,
            )
            self._put(software_id, work, rows, former, known)
        assigned = [
            (group | {one for one, sibling in beside.items() if sibling in group}, software_id)
            for group, software_id in assigned
        ]
        self._insert(schema.software, self._made)
        if self._changed:
            self._connection.execute(_CHANGE, self._changed)
        self._traits.store()
        self._insert(schema.software_slug, self._slugs.made)
        self._move(assigned, affected)
        for software_id in sorted(owners - taken):
            out = withdrawn(one for one in book.decisions if one.software == software_id)
            mine = {record_id for record_id, owner in membership.items() if owner == software_id}
            self._retire(software_id, assigned, mine | {*left.get(software_id, ())}, rows, withdrawn=out)
        self._insert(schema.software_version, self._versions)
        self._insert(schema.audit, self._audit)
        feed.mark_dirty(self._connection, self._db, self._dirty)
        return len(self._dirty)

    def _tell_shared(self, shared: Mapping[int, Sequence[Identifier]], found: Mapping[int, _Loaded]) -> None:
        """An issue at each entry for each name that it claims and that is nobody's own."""
        issues = {
            (found[record_id].item, name): shared_name(name) for record_id in shared for name in shared[record_id]
        }
        by_item: dict[int, list[Issue]] = {}
        for (item, _), issue in issues.items():
            by_item.setdefault(item, []).append(issue)
        SharedNames(self._connection, self._db, at=self._now).put(self.affected, by_item)

    def _insert(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(sa.insert(table), rows)

    def _widen(self, records: Sequence[int]) -> tuple[list[int], set[str]]:
        """All records connected with these, and the softwares they belong to until now."""
        known: set[int] = set()
        owners: set[str] = set()
        edge = set(records)
        while edge:
            known |= edge
            wider = set(neighbours(self._connection, sorted(edge)))
            mine = set(self._membership(sorted(edge | wider)).values())
            for some in chunks(sorted(mine - owners)):
                siblings = sa.select(schema.membership.c.record).where(schema.membership.c.software.in_(some))
                wider |= set(self._connection.execute(siblings).scalars())
            owners |= mine
            wider |= DecisionBook.linked_records(self._connection, sorted(edge))
            edge = wider - known
        return sorted(known), owners

    def _membership(self, records: Sequence[int], column: str = "software") -> dict[int, str]:
        member = schema.membership
        found: dict[int, str] = {}
        for some in chunks(records):
            query = sa.select(member.c.record, member.c[column]).where(member.c.record.in_(some))
            found.update(self._connection.execute(query).all())
        return found

    def _load(self, records: Sequence[int]) -> dict[int, _Loaded]:
        record, raw, source = schema.record, schema.raw_item, schema.source
        found: dict[int, _Loaded] = {}
        for some in chunks(records):
            query = (
                sa.select(
                    record.c.id,
                    record.c.raw_item,
                    record.c.data,
                    record.c.first_seen,
                    record.c.digest,
                    record.c.standing,
                    sa.case((record.c.held_by.is_not(None), record.c.former)).label("stands"),
                    record.c.declined,
                    raw.c.source,
                    raw.c.missing_runs,
                    source.c.data.label("settings"),
                )
                .select_from(record.join(raw).join(source))
                .where(record.c.id.in_(some), record.c.active)
            )
            for row in self._connection.execute(query):
                if row.settings not in self._trusted:
                    self._trusted[row.settings] = codec.load(Source, row.settings).trusted
                trusted, said, waits = self._trusted[row.settings], codec.load(Record, row.stands or row.data), False
                if not trusted:
                    let_in = codec.load(Record, row.standing) if row.standing is not None else None
                    waits = row.declined != row.digest and bool(waiting(said, let_in))
                    said = standing(said, let_in) if let_in is not None else said
                found[row.id] = _Loaded(
                    SourcedRecord(id=row.id, source=row.source, record=said),
                    trusted,
                    row.first_seen,
                    row.raw_item,
                    row.missing_runs > 0,
                    let_in=row.standing is not None,
                    waits=waits,
                )
        return found

    def _former_ids(
        self, membership: Mapping[int, str], found: Mapping[int, _Loaded]
    ) -> dict[str, dict[str, list[Identifier]]]:
        """By software and source the ids in catalogues of entries that are gone, but for those that others have now."""
        name, record, raw = schema.identifier, schema.record, schema.raw_item
        other, theirs = name.alias(), record.alias()
        taken = sa.exists().where(
            other.c.scheme == name.c.scheme,
            other.c.value == name.c.value,
            other.c.record == theirs.c.id,
            theirs.c.active,
        )
        former: dict[str, dict[str, list[Identifier]]] = {}
        for some in chunks(sorted(membership.keys() - found.keys())):
            query = (
                sa.select(name.c.record, name.c.scheme, name.c.value, raw.c.source)
                .select_from(name.join(record, name.c.record == record.c.id).join(raw))
                .where(name.c.record.in_(some), name.c.scheme == "catalogue", name.c.strong, ~taken)
                .order_by(name.c.value)
            )
            for row in self._connection.execute(query):
                by_source = former.setdefault(membership[row.record], {})
                by_source.setdefault(row.source, []).append(Identifier(row.scheme, row.value))
        return former

    def _software_rows(self, ids: Sequence[str]) -> dict[str, Any]:
        table = schema.software
        return {
            row.id: row
            for some in chunks(ids)
            for row in self._connection.execute(sa.select(table).where(table.c.id.in_(some)))
        }

    def _put(
        self,
        software_id: str,
        group: _Component,
        rows: Mapping[str, Any],
        former: Mapping[str, Mapping[str, Sequence[Identifier]]],
        known: RelationBook,
    ) -> None:
        before = rows.get(software_id)
        members, decisions = group.members, group.decisions
        merged = merge([item.sourced for item in members], decisions)
        identifiers = (*merged.identifiers, *_aliases(merged, members, former.get(software_id, {})))
        around = _around(software_id, group, known)
        fields, evidence, appraisal = appraise(
            merged.fields, merged.evidence, identifiers, around, listed_from=self._listed_from
        )
        data = SoftwareData(fields=fields, identifiers=identifiers, evidence=evidence, appraisal=appraisal)
        was = SoftwareState(before.state) if before is not None else None
        vouched = any(item.vouches for item in members)
        self._contest(decisions, merged)
        back = before is not None and was is SoftwareState.GONE and before.published_at is not None
        stood = SoftwareState.PUBLISHED if back else was  # what comes back is what it was
        state, deferred = verdict(decisions, trusted=vouched, before=stood if group.counts else None)
        asks = group.asks and state is SoftwareState.PUBLISHED
        text = codec.dump(data)
        digest = codec.digest(f"{state.value}\0{text}")
        if before is not None and (before.digest, before.deferred, before.asks) == (digest, deferred, asks):
            self._traits.complete(software_id, fields, appraisal)
            return
        self._traits.put(software_id, fields)
        version = 1 if before is None else before.version + 1
        values: dict[str, Any] = {
            "state": state.value,
            "version": version,
            "name": merged.fields.name,
            "toolbox": appraisal.toolbox.value,
            "helps": helps(appraisal),
            "shelf": appraisal.shelf.value,
            "deferred": deferred,
            "asks": asks,
            "digest": digest,
            "data": text,
            "merged_into": None,
            "changed_at": self._now,
            "published_at": None if before is None else before.published_at,
        }
        if state is SoftwareState.PUBLISHED and values["published_at"] is None:
            values["published_at"] = self._now
        kept = before.slug if before is not None and before.name == merged.fields.name else None
        values["slug"] = kept or self._slugs.choose(software_id, merged.fields.name)
        if before is None:
            first = min(item.first_seen for item in members)
            self._made.append({"id": software_id, "first_seen": first, **values})
        else:
            self._changed.append({"software_id": software_id, **values})
        self._version(software_id, version, state.value, text)
        if was is not state and (was is not None or state is not SoftwareState.CANDIDATE):
            why = None if decisions else ("its source is trusted" if state is SoftwareState.PUBLISHED else None)
            self._say(software_id, was, state.value, why)

    def _contest(self, decisions: Sequence[Decision], merged: Merged) -> None:
        """Mark the corrections whose sources say otherwise than when they were made; of a field the newest alone."""
        newest = {one.field: one.id for one in decisions if one.undone_at is None and one.saw is not None}
        for one in decisions:
            if one.saw is None or one.field is None:
                continue
            told = said_of(merged.evidence.get(one.field, ()))
            wanted = newest.get(one.field) == one.id and told not in (one.saw, [one.value])
            if wanted is not one.contested:
                table = schema.decision
                self._connection.execute(sa.update(table).where(table.c.id == one.id).values(contested=wanted))

    def _version(self, software_id: str, version: int, state: str, data: str) -> None:
        self._versions.append(
            {"software": software_id, "version": version, "state": state, "data": data, "at": self._now}
        )
        self._dirty.append((software_id, version))

    def _say(self, software_id: str, before: str | None, after: str, why: str | None) -> None:
        self._audit.append(
            audit_line(
                actor=MACHINE,
                action=f"software {after}",
                subject=f"software:{software_id}",
                before={"state": before} if before else None,
                after={"state": after},
                why=why,
            )
        )

    def _move(self, assigned: Sequence[tuple[frozenset[int], str]], affected: Sequence[int]) -> None:
        member = schema.membership
        wanted = {record_id: software_id for group, software_id in assigned for record_id in group}
        current = self._membership(affected)
        for record_id in current.keys() & wanted.keys():
            if current[record_id] != wanted[record_id]:
                moved = sa.update(member).where(member.c.record == record_id).values(software=wanted[record_id])
                self._connection.execute(moved)
        rows = [
            {"record": record_id, "software": wanted[record_id], "home": wanted[record_id]}
            for record_id in wanted.keys() - current.keys()
        ]
        if rows:
            self._connection.execute(sa.insert(member), rows)

    def _retire(
        self,
        software_id: str,
        assigned: Sequence[tuple[frozenset[int], str]],
        mine: Collection[int],
        rows: Mapping[str, Any],
        *,
        withdrawn: bool,
    ) -> None:
        """A software without records: merged into the one that has them now, withdrawn, or gone."""
        before = rows[software_id]
        heir = next((owner for group, owner in assigned if not group.isdisjoint(mine)), None)
        left = SoftwareState.WITHDRAWN if withdrawn else SoftwareState.GONE
        state = SoftwareState.MERGED if heir else left
        if before.state == state.value and before.merged_into == heir:
            return
        self._connection.execute(
            sa.update(schema.software)
            .where(schema.software.c.id == software_id)
            .values(
                state=state.value,
                merged_into=heir,
                asks=False,
                version=before.version + 1,
                digest=codec.digest(f"{state.value}\0{heir}"),
                changed_at=self._now,
            )
        )
        self._version(software_id, before.version + 1, state.value, before.data)
        self._say(
            software_id, before.state, state.value, f"merged into {heir}" if heir else "no source lists it any more"
        )


@dataclass(frozen=True, slots=True)
class _Component:
    """Records that are one software, with the decisions that hold for it. `counts`: their word counts in what is
    published; `asks`: beside them something is in question."""

    members: Sequence[_Loaded]
    decisions: Sequence[Decision]
    counts: bool
    asks: bool


def _beside(counting: Mapping[int, _Loaded], found: Mapping[int, _Loaded]) -> dict[int, int]:
    """Records that nobody let in of items of which another record was, each with that one: a file that came later."""
    let_in = {item.item: record_id for record_id, item in counting.items() if not item.trusted}
    return {
        record_id: let_in[item.item]
        for record_id, item in found.items()
        if record_id not in counting and item.item in let_in
    }


def _settled(found: Mapping[int, _Loaded]) -> Settled:
    said = {record_id: item.sourced.record.identifiers for record_id, item in found.items()}
    # identity is strong or nothing, and a former address that somebody else has now is nothing
    kept = without_taken({record_id: names for record_id, names in said.items() if names})
    return settle(kept, {record_id: found[record_id].claimant for record_id in kept})


def _names(loaded: Mapping[int, _Loaded], group: Iterable[int]) -> set[Identifier]:
    return {name for record_id in group for name in loaded[record_id].sourced.record.identifiers}


def _around(software_id: str, group: _Component, known: RelationBook) -> Around:
    copied_by, folded = known.copied(software_id)
    proposed = [item.sourced.record.proposed for item in group.members]
    return Around(
        sources=sorted({(one.sourced.source, one.sourced.record.reader.partition("/")[0]) for one in group.members}),
        relations=known.of(software_id),
        copied_by=copied_by,
        folded=folded,
        decided=listing(group.decisions),
        pinned=DecisionBook.pins(group.decisions),
        shown_elsewhere=known.shown_elsewhere(software_id),
        proposed=proposed[0] if all(proposed) else None,
    )


def _aliases(
    merged: Merged, members: Sequence[_Loaded], former: Mapping[str, Sequence[Identifier]]
) -> list[Identifier]:
    """The ids that entries of these sources had before: the same thing arrives under another key today."""
    sources = sorted({item.sourced.source for item in members})
    ids = dict.fromkeys(one for source in sources for one in former.get(source, ()))
    return [one for one in ids if one not in merged.identifiers]
