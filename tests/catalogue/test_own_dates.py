"""What a source says is of the source's own date, beside the day on which it was fetched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import RawItem, Reading

OLD, NEWER = datetime(2021, 6, 1, tzinfo=UTC), datetime(2022, 6, 1, tzinfo=UTC)


def dumped(as_of: datetime | None) -> tuple[RawItem, Reading]:
    raw, reading = item("a", name="A")
    records = tuple(replace(record, reader="codegouv-repository/4") for record in reading.records)
    return replace(raw, as_of=as_of), replace(reading, records=records)


def test_a_date_is_kept_and_moves_with_the_source_though_nothing_else_does(catalogue: Catalogue) -> None:
    for as_of in (OLD, NEWER):
        harvest(catalogue, [dumped(as_of)], "dump", trusted=True)
        software = by_name(catalogue, "A")
        assert [one.as_of for one in catalogue.software.provenance(software.id).values()] == [as_of]
        assert catalogue.software.looked_at([software.id]) == {software.id: as_of}
    assert software.version == 1


def test_of_an_entry_in_a_catalogue_nobody_knows_when_its_forge_was_looked_at(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("a", name="A")], "list", trusted=True)
    assert catalogue.software.looked_at([by_name(catalogue, "A").id]) == {}
