"""How softwares stand to each other, from the harvest to what lists show, and a reviewer's word over it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.builders import harvest, item

from harvester.catalogue import Catalogue
from harvester.errors import CatalogueError
from harvester.model import Basis, Operation, RelationType, Shelf, Software

ORIGIN = "https://github.com/decidim/decidim"
SAYS = {"en": "The participatory democracy framework for cities and organisations"}


def fork(owner: str) -> dict[str, object]:
    return {
        "name": "decidim",
        "names": [f"repo:https://github.com/{owner}/decidim"],
        "code_repository": f"https://github.com/{owner}/decidim",
        "short_description": SAYS,
        "fork": True,
        "is_based_on": ORIGIN,
    }


def filled(catalogue: Catalogue, *, origin: bool = True) -> dict[str, Software]:
    """Decidim, two forks of it by two owners and a tool of another kind, all published; by key."""
    whole = {
        "name": "Decidim",
        "names": [f"repo:{ORIGIN}"],
        "code_repository": ORIGIN,
        "short_description": SAYS,
        "landing_url": "https://decidim.org",
    }
    items = [item("one", **fork("town")), item("two", **fork("city")), item("other", name="Alaveteli")]  # type: ignore[arg-type]
    harvest(catalogue, [*items, *([item("whole", **whole)] if origin else [])], trusted=True)  # type: ignore[arg-type]
    catalogue.suggestions.refresh()
    return of(catalogue)


def of(catalogue: Catalogue) -> dict[str, Software]:
    found = {}
    for one in catalogue.software.published():
        owner = (one.fields.code_repository or "/-/").rstrip("/").split("/")[-2]
        found[{"town": "one", "city": "two", "decidim": "whole"}.get(owner, "other")] = one
    return found


def test_a_copy_stands_under_its_origin_which_tells_by_how_many_it_was_copied(catalogue: Catalogue) -> None:
    found = filled(catalogue)
    (relation,) = found["one"].appraisal.relations
    assert (relation.type, relation.object, relation.basis) == (RelationType.COPY, found["whole"].id, Basis.DECLARED)
    assert {found[one].appraisal.shelf for one in ("one", "two")} == {Shelf.COPIES}
    assert {one.id for one in catalogue.software.published(listed=True)} == {found["whole"].id, found["other"].id}
    origin = found["whole"].appraisal
    assert (origin.copied_by, len(origin.folded), origin.relations) == (2, 2, ())
    assert {str(one) for one in origin.folded} == {f"repo:https://github.com/{one}/decidim" for one in ("town", "city")}
    assert [who for who, _ in catalogue.relations.of(found["whole"].id)] == sorted(
        found[one].id for one in ("one", "two")
    )
    assert found["other"].appraisal.relations == ()


def test_comparing_again_changes_nothing(catalogue: Catalogue) -> None:
    found = filled(catalogue)
    catalogue.suggestions.refresh()
    assert {key: one.version for key, one in of(catalogue).items()} == {key: one.version for key, one in found.items()}


def test_of_the_copies_of_an_origin_that_nobody_has_one_is_shown_for_all(catalogue: Catalogue) -> None:
    found = filled(catalogue, origin=False)
    assert {found[one].appraisal.relations[0].target for one in ("one", "two")} == {f"repo:{ORIGIN}"}
    shown = [found[one] for one in ("one", "two") if found[one].appraisal.because.code != "shelf.copy"]  # type: ignore[union-attr]
    assert len(shown) == 1


def test_an_origin_that_arrives_takes_its_copies_under_it(catalogue: Catalogue) -> None:
    filled(catalogue, origin=False)
    found = filled(catalogue)
    assert {found[one].appraisal.relations[0].object for one in ("one", "two")} == {found["whole"].id}
    assert found["whole"].appraisal.copied_by == 2


def test_a_reviewers_word_goes_first_and_outlives_the_next_harvest_until_it_is_undone(catalogue: Catalogue) -> None:
    found = filled(catalogue)
    denied = catalogue.review.decide(
        found["one"].id, Operation.UNRELATE, "ada", value=found["whole"].id, field=RelationType.COPY, why="its own now"
    )
    part = catalogue.review.decide(
        found["other"].id, Operation.RELATE, "ada", value=found["whole"].id, field=RelationType.PART
    )
    for _ in range(2):
        now = of(catalogue)
        assert now["one"].appraisal.relations == ()
        assert now["whole"].appraisal.copied_by == 1
        (said,) = now["other"].appraisal.relations
        assert (said.type, said.basis, said.because.code) == (RelationType.PART, Basis.REVIEWED, "relation.reviewer")
        catalogue.suggestions.refresh()
    catalogue.review.undo(denied.id, "ada")
    catalogue.review.undo(part.id, "ada")
    catalogue.suggestions.refresh()
    again = of(catalogue)
    assert again["one"].appraisal.relations == found["one"].appraisal.relations
    assert (again["other"].appraisal.relations, again["whole"].appraisal.copied_by) == ((), 2)


def test_nothing_stands_in_a_relation_to_itself_or_in_one_that_is_none(catalogue: Catalogue) -> None:
    found = filled(catalogue)
    with pytest.raises(CatalogueError, match="relation to itself"):
        catalogue.review.decide(found["one"].id, Operation.RELATE, "ada", value=found["one"].id, field="copy")
    with pytest.raises(CatalogueError, match="'cousin' is no relation"):
        catalogue.review.decide(found["one"].id, Operation.RELATE, "ada", value=found["two"].id, field="cousin")


def test_a_reviewer_lists_and_sets_aside_and_a_harvest_leaves_it_so(catalogue: Catalogue) -> None:
    found = filled(catalogue)
    listed = catalogue.review.decide(found["one"].id, Operation.LIST, "ada")
    catalogue.review.decide(found["other"].id, Operation.SET_ASIDE, "ada")
    harvest(catalogue, [item("other", name="Alaveteli 2")], trusted=True)
    now = of(catalogue)
    assert (now["one"].appraisal.shelf, now["other"].appraisal.shelf) == (Shelf.LISTED, Shelf.OTHER)
    assert now["other"].fields.name == "Alaveteli 2"
    catalogue.review.undo(listed.id, "ada")
    assert of(catalogue)["one"].appraisal.shelf is Shelf.COPIES


def test_an_editor_pins_for_a_question_with_a_reason_until_it_is_undone_whatever_is_harvested(
    catalogue: Catalogue,
) -> None:
    one = filled(catalogue)["one"].id
    for value, why in (("petitions", " "), ("  ", "x"), (None, "x"), ("x" * 501, "x")):
        with pytest.raises(CatalogueError, match="a pin needs its question"):
            catalogue.review.decide(one, Operation.PIN, "ada", value=value, why=why)
    pin = catalogue.review.decide(one, Operation.PIN, "ada", value=" petitions ", why="cities ask for it")
    harvest(catalogue, [item("other", name="Alaveteli 2")], trusted=True)
    assert of(catalogue)["one"].appraisal.pinned == ("petitions",)
    assert [(found.software, found.value) for found in catalogue.review.pins()] == [(one, {"question": "petitions"})]
    catalogue.review.undo(pin.id, "grace")
    assert (of(catalogue)["one"].appraisal.pinned, catalogue.review.pins()) == ((), [])


def test_what_is_erased_leaves_no_trace_in_its_origin(catalogue: Catalogue) -> None:
    found = filled(catalogue)
    catalogue.erasure.erase(found["one"].id, "ada")
    origin = of(catalogue)["whole"]
    assert (origin.appraisal.copied_by, len(origin.appraisal.folded)) == (1, 1)
    said = [version.data for version in catalogue.software.versions(origin.id)]
    assert not any("town" in str(one.appraisal.folded) for one in said)


def test_what_nobody_let_in_makes_no_copy_or_part_of_what_is_published(catalogue: Catalogue) -> None:
    """A stranger's repository that poses as the origin of all would take what is published out of every list."""
    mine = "https://github.com/town/agora"
    said = {"short_description": SAYS, "code_repository": mine, "fork": True, "stars": 3}
    harvest(catalogue, [item("mine", name="agora", names=[f"repo:{mine}"], **said)], trusted=True)
    catalogue.suggestions.refresh()
    (before,) = catalogue.software.published()
    theirs = "https://github.com/agora/agora"
    posing = {"short_description": SAYS, "code_repository": theirs, "fork": False, "stars": 900_000}
    posing |= {"landing_url": "https://agora.example.org", "date_created": datetime(2001, 1, 1, tzinfo=UTC)}
    harvest(catalogue, [item("posing", name="agora", names=[f"repo:{theirs}"], **posing)], "heap")
    catalogue.suggestions.refresh()
    (after,) = catalogue.software.published()
    assert after.appraisal == before.appraisal
    assert catalogue.relations.of(catalogue.review.queue()[0].id) == []
    catalogue.review.decide(catalogue.review.queue()[0].id, Operation.ACCEPT, "ada")
    catalogue.suggestions.refresh()
    copies = [one for one in catalogue.software.published() if one.appraisal.shelf is Shelf.COPIES]
    assert [one.id for one in copies] == [before.id], "a person let it in: now it is the origin"
