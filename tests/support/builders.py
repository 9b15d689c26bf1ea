"""Small pieces of harvest for tests: a source, raw items with their readings, a run that stores them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from harvester.catalogue import Catalogue, schema
from harvester.model import (
    Fields,
    Identifier,
    Issue,
    Judgement,
    Outcome,
    Page,
    RawItem,
    Reading,
    Record,
    Run,
    Source,
    Unit,
)

_slots = count()
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def source(name: str = "alpha", **changes: Any) -> Source:
    """A source that no test crawls."""
    return Source(**{"name": name, "spider": "html_page", "title": name.title(), **changes})


def item(
    key: str,
    *,
    name: str | None = None,
    names: Sequence[str] = (),
    suggests: Sequence[str] = (),
    priority: int = 50,
    issues: Sequence[Issue] = (),
    **fields: Any,
) -> tuple[RawItem, Reading]:
    """A raw item that was read; `names` are strong identifiers as "scheme:value", the key's catalogue id by default."""
    identifiers = tuple(Identifier(*text.split(":", 1)) for text in (names or (f"catalogue:test:{key}",)))
    weak = tuple(Identifier(*text.split(":", 1)) for text in suggests)
    title = name if name is not None else key
    record = Record(
        key="entry",
        reader="test/1",
        fields=Fields(name=title, **fields),
        identifiers=identifiers,
        suggests=weak,
        priority=priority,
    )
    payload = json.dumps(
        [title, sorted(map(str, identifiers)), sorted(map(str, weak)), str(sorted(fields.items()))]
    ).encode()
    raw = RawItem(key=key, format="test", payload=payload, url=f"https://example.org/{key}", fetched_at=EPOCH)
    return raw, Reading(outcome=Outcome.READ, records=(record,), issues=tuple(issues))


def list_all(catalogue: Catalogue) -> None:
    """List whatever is published: made-up tools say too little of themselves to be taken for tools."""
    with catalogue.database.write() as connection:
        row = catalogue.database.insert(schema.policy).values(name="listed_from", value=0.0)
        connection.execute(row.on_conflict_do_nothing())


def begin(catalogue: Catalogue, name: str = "alpha", **changes: Any) -> Run:
    """A claimed run of a source, which is added when it is missing."""
    if name not in catalogue.sources.names():
        list_all(catalogue)
        catalogue.sources.put(source(name, **changes), "test")
    queued = catalogue.runs.queue(name, EPOCH + timedelta(minutes=next(_slots)), by="clock")
    assert queued is not None
    run = catalogue.runs.claim("test", 60, run_id=queued.id)
    assert run is not None
    return run


def harvest(
    catalogue: Catalogue,
    items: Sequence[tuple[RawItem, Reading]],
    name: str = "alpha",
    *,
    good: bool = True,
    **changes: Any,
) -> Run:
    """A whole run that brings these items, resolved and finished."""
    run = begin(catalogue, name, **changes)
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit, raw_items=tuple(raw for raw, _ in items)), items)])
    if good:
        catalogue.absence.apply(run.id, run.attempt)
    catalogue.resolver.resolve()
    return catalogue.runs.finish(
        run.id,
        run.attempt,
        judgement=Judgement.GOOD if good else Judgement.FAILED,
        reasons=(),
        counts=catalogue.harvest.counts(run.id),
        spent={"example.org": 1},
    )


def by_name(catalogue: Catalogue, name: str) -> Any:
    """The one candidate or published software of this name."""
    everything = catalogue.review.queue(1000) + catalogue.software.published(1000)
    found = list({software.id: software for software in everything if software.fields.name == name}.values())
    assert len(found) == 1, [software.fields.name for software in everything]
    return found[0]
