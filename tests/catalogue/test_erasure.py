"""What is erased is nowhere in the catalogue any more, and comes back with no harvest."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue, codec, schema
from harvester.errors import NotFound
from harvester.model import Operation, Organisation, SoftwareState

PERSON = "Zebulon Quirrel"
ADDRESS = "https://github.com/quirrel/desk"
REPO = f"repo:{ADDRESS}"
BODIES = (Organisation(f"Office of {PERSON}"), Organisation(f"{PERSON} & Town", "https://town.example"))


def everything(catalogue: Catalogue) -> str:
    """All that the catalogue holds, as one text; payloads as they were served."""
    held = []
    with catalogue.database.read() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                held += [codec.decompress(one).decode() if isinstance(one, bytes) else str(one) for one in row]
    return "\n".join(held)


def fill(catalogue: Catalogue) -> str:
    """A software that two sources speak of, a reviewer corrected, and which had another merged into it."""
    desk = item("desk", name=f"Desk of {PERSON}", names=[REPO], code_repository=ADDRESS, organisations=BODIES)
    both = item("other", name="Other tool", organisations=(Organisation("Town Office", "https://town.example"),))
    harvest(catalogue, [desk, both], "one", trusted=True)
    harvest(catalogue, [item("d", name=f"Desk, by {PERSON}", names=[REPO])], "two", trusted=True)
    harvest(catalogue, [desk, both, item("copy", name=f"Copy of {PERSON}")], "one")
    mine = by_name(catalogue, f"Desk of {PERSON}").id
    catalogue.review.decide(mine, Operation.SET, "ada", field="license", value="MIT", why=f"{PERSON} says so")
    catalogue.review.decide(mine, Operation.SAME, "ada", value=by_name(catalogue, f"Copy of {PERSON}").id)
    catalogue.review.decide(by_name(catalogue, "Other tool").id, Operation.DIFFERENT, "ada", value=mine)
    catalogue.suggestions.refresh()
    return str(mine)


def test_all_of_it_goes_and_nothing_of_others(catalogue: Catalogue) -> None:
    mine = fill(catalogue)
    other = by_name(catalogue, "Other tool")
    assert PERSON in everything(catalogue)
    assert "quirrel" in everything(catalogue)
    told = catalogue.erasure.would_erase(mine)
    assert (told.records, told.entries, told.shared, told.name) == (3, 3, 0, f"Desk of {PERSON}")
    assert PERSON in everything(catalogue)
    assert catalogue.erasure.erase(mine, "ada") == told
    left = everything(catalogue)
    assert PERSON not in left
    assert "quirrel" not in left
    emptied = catalogue.software.get(mine)
    assert (emptied.state, emptied.fields.name, emptied.identifiers) == (SoftwareState.WITHDRAWN, None, ())
    assert by_name(catalogue, "Other tool") == other
    with catalogue.database.read() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_no_harvest_brings_it_back_and_each_says_that_it_was_there(catalogue: Catalogue) -> None:
    mine = fill(catalogue)
    catalogue.erasure.erase(mine, "ada")
    again = item("desk", name=f"Desk of {PERSON}", names=[REPO], code_repository=ADDRESS)
    for source in ("one", "two", "three"):
        run = harvest(catalogue, [again, item(f"new-{source}", name=f"New of {source}")], source, trusted=True)
        assert catalogue.harvest.counts(run.id).skipped == 1
        assert by_name(catalogue, f"New of {source}").state is SoftwareState.PUBLISHED
        catalogue.rereading.reread(source, lambda _: again[1], actor="ada")  # a reader that finds it in everything
        catalogue.resolver.resolve()
    left = everything(catalogue)
    assert PERSON not in left
    assert "quirrel" not in left
    with pytest.raises(NotFound):
        catalogue.erasure.erase("nothing", "ada")


def test_an_index_no_longer_holds_it(catalogue: Catalogue) -> None:
    mine = fill(catalogue)
    catalogue.feed.begin("tantivy", "g1")
    catalogue.feed.applied("tantivy", "g1", catalogue.feed.dirty("tantivy", "g1"))
    catalogue.erasure.erase(mine, "ada")
    assert mine in dict(catalogue.feed.dirty("tantivy", "g1"))
    assert mine not in catalogue.feed.published()


def test_what_a_decision_on_another_keeps_of_it_goes_as_well(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("other", name="Other tool")], "one", trusted=True)
    harvest(catalogue, [item("desk", name=f"Desk of {PERSON}", names=[REPO])], "two")
    mine = by_name(catalogue, f"Desk of {PERSON}").id
    catalogue.review.decide(mine, Operation.ACCEPT, "ada")
    harvest(catalogue, [item("desk", name=f"Desk, says {PERSON}", names=[REPO])], "two")
    joined = catalogue.review.decide(by_name(catalogue, "Other tool").id, Operation.SAME, "ada", value=mine)
    assert f"Desk of {PERSON}" in str(joined.value), "what was let in before, for its undoing"
    catalogue.review.undo(joined.id, "ada")
    catalogue.erasure.erase(mine, "ada")
    left = everything(catalogue)
    assert PERSON not in left
    assert "quirrel" not in left
    assert by_name(catalogue, "Other tool").state is SoftwareState.PUBLISHED
