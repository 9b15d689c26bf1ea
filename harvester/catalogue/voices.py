"""What visitors say and a reviewer decides on: a proposed tool, an organisation's use, an objection to a value.

A *matter* is what is said, a *voice* one visitor's words on it: two who say the same are one matter with two voices.
Nothing of it counts before it is accepted, and all of that can be taken back. Of who sent it nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from harvester.assess.meaning import understood
from harvester.catalogue import codec, schema
from harvester.catalogue.acts import Act
from harvester.catalogue.database import Database, chunks, now
from harvester.catalogue.people import MACHINE, write_audit
from harvester.catalogue.records import PageStore
from harvester.catalogue.resolving import resolve_records
from harvester.catalogue.review import Review
from harvester.catalogue.software import heirs, with_merged
from harvester.catalogue.sources import Sources
from harvester.errors import CatalogueError, Conflict, NotFound
from harvester.model import Identifier, Operation, Outcome, Page, RawItem, Reading, Reason, SoftwareState, Source, Unit
from harvester.normalize.canonical import canonical_json
from harvester.normalize.readers import read

VISITOR = "visitor"
"""The actor of what anybody says; nobody knows who."""
SOURCE = Source(name="visitors", spider="visitors", title="Proposed by visitors", accepted=False)
"""Whose entries accepted proposals are. No run fills it."""
MOST_WAITING = 2_000
"""Matters that wait at once: more are not taken, as nobody could read them."""
MOST_VOICES = 200
"""On one matter."""
_SHOWN_VOICES = 50
_matter, _voice, _raw, _record = schema.matter, schema.voice, schema.raw_item, schema.record


class VoiceKind(StrEnum):
    PROPOSAL = "proposal"
    USE = "use"
    OBJECTION = "objection"


class MatterState(StrEnum):
    WAITS = "waits"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One visitor's words: plain texts by what they are ("words", "evidence", "purpose", "since", "many")."""

    said: Mapping[str, str]
    language: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is said. `data` is what it is about as text: "address", "name", "description" of a proposal, "organisation"
    of a use. `software` is whose it is, of a proposal what it became; `decision` what its acceptance decided there."""

    id: int
    kind: VoiceKind
    key: str
    data: Mapping[str, str]
    state: MatterState
    at: datetime
    software: str | None = None
    field: str | None = None
    why: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: int | None = None
    voices: tuple[Voice, ...] = ()
    voices_n: int = 0


class Voices:
    """Hears, decides, takes back, and tells what became of it."""

    def __init__(self, database: Database, review: Review, sources: Sources) -> None:
        self._db = database
        self._review = review
        self._sources = sources

    def hear(
        self,
        kind: VoiceKind,
        key: str,
        *,
        data: Mapping[str, str],
        said: Mapping[str, str],
        language: str,
        receipt: str,
        software: str | None = None,
        field: str | None = None,
    ) -> int:
        """Keep one visitor's words; returns the matter that they are of, a new one or that which waits under this key.

        `receipt` is the digest of the address where its fate is told. CatalogueError: as much waits as can.
        """
        row: dict[str, Any] = {"kind": kind.value, "key": key, "open_key": key, "software": software, "field": field}
        row |= {"data": codec.dump(dict(data)), "state": MatterState.WAITS.value, "at": now()}
        words = {"receipt": receipt, "language": language, "data": codec.dump(dict(said)), "at": now()}
        with self._db.write() as connection:
            waiting = sa.select(sa.func.count()).where(_matter.c.state == MatterState.WAITS.value)
            if connection.execute(waiting).scalar_one() >= MOST_WAITING:
                raise _full("matters")
            found = self._open(connection, row)
            heard = sa.select(sa.func.count()).where(_voice.c.matter == found)
            if connection.execute(heard).scalar_one() >= MOST_VOICES:
                raise _full("voices")
            connection.execute(sa.insert(_voice), {"matter": found, **words})
            told = {"kind": kind.value, "about": key}
            write_audit(connection, actor=VISITOR, action="voice heard", subject=_subject(found), after=told)
        return found

    def _open(self, connection: sa.Connection, row: Mapping[str, Any]) -> int:
        """The matter that waits under this key, a new one where none does."""
        insert = self._db.insert(_matter).on_conflict_do_nothing(index_elements=["open_key"])
        of_it = sa.select(_matter.c.id).where(_matter.c.open_key == row["open_key"]).with_for_update()
        while True:  # of one that is decided between the two, a new one is made
            connection.execute(insert, [row])
            found = connection.execute(of_it).scalar_one_or_none()
            if found is not None:
                return int(found)

    def receipt(self, digest: str) -> tuple[Matter, Voice]:
        """What was said under a receipt, and what it is of. NotFound."""
        with self._db.read() as connection:
            row = connection.execute(sa.select(_voice).where(_voice.c.receipt == digest)).one_or_none()
            if row is None:
                raise NotFound("no such receipt")
            return _load(connection, [row.matter])[0], _voice_of(row)

    def get(self, matter_id: int) -> Matter:
        """A matter with its voices. NotFound."""
        with self._db.read() as connection:
            return _found(_load(connection, [matter_id]), matter_id)

    def listed(
        self,
        limit: int,
        offset: int = 0,
        *,
        kind: VoiceKind | None = None,
        state: MatterState = MatterState.WAITS,
    ) -> list[Matter]:
        """Matters of a state, those that wait oldest first, the others newest first."""
        order = _matter.c.id if state is MatterState.WAITS else _matter.c.decided_at.desc()
        query = sa.select(_matter.c.id).where(*_among(kind, state)).order_by(order, _matter.c.id)
        with self._db.read() as connection:
            return _load(connection, list(connection.execute(query.limit(limit).offset(offset)).scalars()))

    def count(self, *, kind: VoiceKind | None = None, state: MatterState = MatterState.WAITS) -> int:
        """How many matters are of a state."""
        query = sa.select(sa.func.count()).select_from(_matter).where(*_among(kind, state))
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def of_key(self, key: str) -> list[Matter]:
        """All that was ever said of this, newest first."""
        query = sa.select(_matter.c.id).where(_matter.c.key == key).order_by(_matter.c.id.desc()).limit(20)
        with self._db.read() as connection:
            return _load(connection, list(connection.execute(query).scalars()))

    def objections(self, software_id: str, field: str) -> list[Matter]:
        """The objections to a field of a software, or of what was merged into it, that wait."""
        with self._db.read() as connection:
            of_it = _matter.c.software.in_(with_merged(connection, software_id))
            mine = (of_it, _matter.c.field == field, *_among(VoiceKind.OBJECTION))
            return _load(connection, list(connection.execute(sa.select(_matter.c.id).where(*mine)).scalars()))

    def uses(self, decisions: Iterable[int]) -> dict[int, Matter]:
        """The accepted uses behind decisions that added a user, by decision: so they follow it through merges."""
        wanted, found = sorted(set(decisions)), {}
        with self._db.read() as connection:
            for some in chunks(wanted):
                mine = sa.select(_matter.c.id).where(
                    _matter.c.decision.in_(some), *_among(VoiceKind.USE, MatterState.ACCEPTED)
                )
                for one in _load(connection, list(connection.execute(mine).scalars())):
                    found[one.decision or 0] = one
        return found

    def understood(self, data: Mapping[str, str]) -> Reading:
        """What a proposal says as its entry would be read; not read where nothing names it for certain."""
        return understood(read(_entry(data, now()), forges=frozenset(self._sources.forges().items())))

    def named(self, names: Sequence[Identifier]) -> list[str]:
        """The softwares that bear one of these names for certain, published ones first."""
        with self._db.read() as connection:
            found = _bearers(connection, names)
        return [one for one, state in sorted(found, key=lambda one: (one[1] != SoftwareState.PUBLISHED, one[0]))]

    def accept(self, matter_id: int, actor: str, *, why: str | None = None, seen: int | None = None) -> Matter:
        """Take up what was said, in one transaction. NotFound. Conflict: it was decided already, it has other than the
        `seen` number of voices by now, or it cannot be taken up.

        A proposal becomes an entry of the source of visitors' proposals, and its software is accepted; a use is added
        to the software's users; an objection is settled, with the newest correction of its field where there is one.
        """
        forges = frozenset(self._sources.forges().items())
        with self._db.write() as connection:
            one = _decide(connection, matter_id, MatterState.ACCEPTED, actor, why)
            if seen not in (None, one.voices_n):  # nobody publishes what they did not read
                raise Conflict(f"matter {matter_id} has more voices by now", reason=Reason("conflict.more-voices"))
            software, decision = one.software, None
            if one.kind is VoiceKind.PROPOSAL:
                software, decision = self._take_up(connection, one, actor, forges)
            elif one.kind is VoiceKind.USE:
                decision = self._add_user(connection, one, actor)
            else:
                decision = _corrected(connection, one)
            done = {"software": software, "decision": decision}
            connection.execute(sa.update(_matter).where(_matter.c.id == one.id).values(**done))
            _tell(connection, one, "voice accepted", actor, why=why, state=MatterState.ACCEPTED, **done)
        return self.get(matter_id)

    def refuse(self, matter_id: int, actor: str, *, why: str) -> Matter:
        """Refuse it with the reason that its receipt gives. NotFound. Conflict: it was decided already."""
        if not why.strip():
            raise CatalogueError("a refusal needs its reason", remedy="say why, in a few words")
        with self._db.write() as connection:
            one = _decide(connection, matter_id, MatterState.REFUSED, actor, why)
            _tell(connection, one, "voice refused", actor, why=why, state=MatterState.REFUSED)
        return self.get(matter_id)

    def undo(self, matter_id: int, actor: str) -> Matter:
        """Take its decision back, with what that made: it waits again. What others said of it since joins it.

        NotFound. Conflict: it waits, or later decisions stand on what it made.
        """
        with self._db.write() as connection:
            one = _found(_load(connection, [matter_id], lock=True), matter_id)
            if one.state is MatterState.WAITS:
                raise Conflict(
                    f"matter {matter_id} waits: there is nothing to undo", reason=Reason("conflict.not-decided")
                )
            if one.state is MatterState.ACCEPTED and one.kind is not VoiceKind.OBJECTION:
                self._take_back(connection, one, actor)
            waits = {"state": MatterState.WAITS.value, "why": None, "decided_by": None, "decided_at": None}
            proposed = {"software": None} if one.kind is VoiceKind.PROPOSAL else {}
            self._join(connection, one)
            again = sa.update(_matter).where(_matter.c.id == one.id)
            connection.execute(again.values(**waits, **proposed, decision=None, open_key=one.key))
            _tell(connection, one, f"voice {one.state.value} undone", actor, state=MatterState.WAITS)
        return self.get(matter_id)

    def _join(self, connection: sa.Connection, one: Matter) -> None:
        """What waits under the same key becomes part of it."""
        later = sa.select(_matter.c.id).where(_matter.c.open_key == one.key).with_for_update()
        for other in connection.execute(later).scalars().all():
            connection.execute(sa.update(_voice).where(_voice.c.matter == other).values(matter=one.id))
            connection.execute(sa.delete(_matter).where(_matter.c.id == other))

    def _take_up(
        self, connection: sa.Connection, one: Matter, actor: str, forges: frozenset[tuple[str, str]]
    ) -> tuple[str, int]:
        raw = _entry(one.data, one.at)
        reading = understood(read(raw, forges=forges))
        if reading.outcome is not Outcome.READ:
            raise Conflict(f"{raw.url}: nothing can be made of it", reason=Reason("conflict.unreadable"))
        (record,) = reading.records
        if any(state == SoftwareState.PUBLISHED for _, state in _bearers(connection, record.identifiers)):
            raise Conflict(f"{raw.url} is published already", reason=Reason("conflict.there"))
        there = sa.select(schema.source.c.name).where(schema.source.c.name == SOURCE.name)
        if connection.execute(there).first() is None:
            self._sources._put(connection, SOURCE, None, MACHINE)
        store = PageStore(connection, self._db, run_id=0, source=SOURCE.name)
        store.store([(Page(unit=Unit("proposals"), raw_items=(raw,)), ((raw, reading),))])
        records = _records(connection, raw.key)
        if not records:
            raise Conflict(f"{raw.url} was erased on request", reason=Reason("conflict.erased"))
        resolve_records(connection, self._db, records)
        connection.execute(sa.delete(schema.dirty_record).where(schema.dirty_record.c.record.in_(records)))
        member = schema.membership
        software = connection.execute(sa.select(member.c.software).where(member.c.record == records[0])).scalar_one()
        among = (SoftwareState.CANDIDATE, SoftwareState.REJECTED)
        act = Act(software=software, operation=Operation.ACCEPT, why=one.why, among=among)
        made = self._review._carry_out(connection, [act], actor, told=False)
        return str(software), made[0].id

    def _add_user(self, connection: sa.Connection, one: Matter, actor: str) -> int:
        evidence = next((voice.said["evidence"] for voice in one.voices if voice.said.get("evidence")), None)
        of = str(one.software)
        act = Act(
            software=heirs(connection, [of])[of],
            operation=Operation.ADD,
            field="used_by",
            value=[one.data["organisation"]],
            why=evidence,
            among=(SoftwareState.PUBLISHED,),
        )
        return self._review._carry_out(connection, [act], actor, told=False)[0].id

    def _take_back(self, connection: sa.Connection, one: Matter, actor: str) -> None:
        records: list[int] = []
        if one.kind is VoiceKind.PROPOSAL:
            key = _entry(one.data, one.at).key
            records = _records(connection, key)
            store = PageStore(connection, self._db, run_id=0, source=SOURCE.name)
            for record in records:
                store._drop_record(record)
            mine = sa.update(_raw).where(_raw.c.source == SOURCE.name, _raw.c.key == key)
            connection.execute(mine.values(gone_at=now()))
        table = schema.decision
        held = sa.select(table.c.id).where(table.c.id == one.decision, table.c.undone_at.is_(None))
        if connection.execute(held).first() is not None:
            self._review._undo(connection, int(one.decision or 0), actor, alone=True, told=False)
        elif records:
            resolve_records(connection, self._db, records)
        connection.execute(sa.delete(schema.dirty_record).where(schema.dirty_record.c.record.in_(records)))


def _full(what: str) -> CatalogueError:
    return CatalogueError(f"too many {what} wait", remedy="decide on some", reason=Reason("voices.full"))


def _subject(matter_id: int) -> str:
    return f"voice:{matter_id}"


def _among(kind: VoiceKind | None, state: MatterState = MatterState.WAITS) -> list[sa.ColumnElement[bool]]:
    return [_matter.c.state == state.value, *([_matter.c.kind == kind.value] if kind else [])]


def _decide(connection: sa.Connection, matter_id: int, state: MatterState, actor: str, why: str | None) -> Matter:
    """Mark it as decided, if it still waits: of two who decide at once the second is told."""
    waits = sa.update(_matter).where(_matter.c.id == matter_id, _matter.c.state == MatterState.WAITS.value)
    decided = {"state": state.value, "open_key": None, "decided_by": actor, "decided_at": now(), "why": why}
    done = connection.execute(waits.values(**decided))
    found = _found(_load(connection, [matter_id]), matter_id)
    if done.rowcount != 1:
        raise Conflict(
            f"{found.decided_by} decided on matter {matter_id} already",
            remedy="look at it, and undo that decision if it is wrong",
            reason=Reason("conflict.decided"),
        )
    return found


def _found(matters: Sequence[Matter], number: int) -> Matter:
    if not matters:
        raise NotFound(f"nobody said anything under the number {number}")
    return matters[0]


def _tell(
    connection: sa.Connection,
    one: Matter,
    action: str,
    actor: str,
    *,
    state: MatterState,
    why: str | None = None,
    **made: Any,
) -> None:
    before = MatterState.WAITS if state is not MatterState.WAITS else one.state
    after = {"state": state.value, "kind": one.kind.value, "about": one.key}
    after |= {name: value for name, value in made.items() if value is not None}
    states: dict[str, Any] = {"before": {"state": before.value}, "after": after}
    write_audit(connection, actor=actor, action=action, subject=_subject(one.id), why=why, **states)


def _entry(data: Mapping[str, str], at: datetime) -> RawItem:
    """An accepted proposal as an entry of its source."""
    address = data["address"]
    return RawItem(key=address, format="proposal", payload=canonical_json(dict(data)), url=address, fetched_at=at)


def _records(connection: sa.Connection, key: str) -> list[int]:
    """The active records of a proposal's entry."""
    query = sa.select(_record.c.id).join(_raw, _raw.c.id == _record.c.raw_item)
    query = query.where(_raw.c.source == SOURCE.name, _raw.c.key == key, _record.c.active)
    return list(connection.execute(query.order_by(_record.c.id)).scalars())


def _bearers(connection: sa.Connection, names: Sequence[Identifier]) -> list[tuple[str, str]]:
    """The softwares that bear one of these names for certain, with their states."""
    known, member, soft = schema.identifier, schema.membership, schema.software
    joined = known.join(_record, _record.c.id == known.c.record).join(member, member.c.record == known.c.record)
    bears = [sa.and_(known.c.scheme == one.scheme, known.c.value == one.value) for one in names]
    query = sa.select(soft.c.id, soft.c.state).select_from(joined.join(soft, soft.c.id == member.c.software)).distinct()
    rows = connection.execute(query.where(sa.or_(sa.false(), *bears), known.c.strong, _record.c.active)).all()
    return [(row.id, row.state) for row in rows]


def _corrected(connection: sa.Connection, one: Matter) -> int | None:
    """The newest correction of its field since, that holds; None where there is none."""
    table, of = schema.decision, str(one.software)
    softwares = with_merged(connection, heirs(connection, [of])[of])
    of_it = (table.c.software.in_(softwares), table.c.field == one.field)
    holds = (*of_it, table.c.undone_at.is_(None), table.c.at >= one.at)
    return connection.execute(sa.select(sa.func.max(table.c.id)).where(*holds)).scalar_one_or_none()


def _load(connection: sa.Connection, ids: Sequence[int], *, lock: bool = False) -> list[Matter]:
    """Matters in this order, each with its first voices."""
    found: dict[int, Matter] = {}
    for some in chunks(ids):
        voices: dict[int, list[Any]] = {}
        said = sa.select(_voice).where(_voice.c.matter.in_(some)).order_by(_voice.c.id)
        for row in connection.execute(said):
            voices.setdefault(row.matter, []).append(row)
        query = sa.select(_matter).where(_matter.c.id.in_(some))
        for row in connection.execute(query.with_for_update() if lock else query):
            mine = voices.get(row.id, [])
            found[row.id] = Matter(
                id=row.id,
                kind=VoiceKind(row.kind),
                key=row.key,
                data=json.loads(row.data),
                state=MatterState(row.state),
                at=row.at,
                software=row.software,
                field=row.field,
                why=row.why,
                decided_by=row.decided_by,
                decided_at=row.decided_at,
                decision=row.decision,
                voices=tuple(_voice_of(one) for one in mine[:_SHOWN_VOICES]),
                voices_n=len(mine),
            )
    return [found[one] for one in ids if one in found]


def _voice_of(row: Any) -> Voice:
    return Voice(said=json.loads(row.data), language=row.language, at=row.at)
