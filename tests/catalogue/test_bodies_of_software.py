"""Organisations as entities, from the harvest to what pages read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.builders import harvest, item

from harvester.catalogue import Catalogue
from harvester.errors import NotFound
from harvester.model import BodyRole, Operation, Organisation

ORIGIN = "https://github.com/decidim/decidim"
SAYS = {"en": "The participatory democracy framework for cities and organisations"}
COPY = "https://github.com/town/decidim"
TOWN = Organisation("Town of Kota", "https://github.com/town", "KE")
DESK = "https://github.com/town/desk"


def fill(catalogue: Catalogue) -> dict[str, str]:
    """A town that makes a desk and copied Decidim, which another body makes and two use; ids of software by name."""
    decidim = item(
        "decidim",
        name="Decidim",
        names=[f"repo:{ORIGIN}"],
        code_repository=ORIGIN,
        short_description=SAYS,
        organisations=(Organisation("Decidim Association", country="ES"),),
        used_by=("TOWN OF KOTA", "City of Nyota"),
    )
    raw, reading = item(
        "copy",
        name="decidim",
        names=[f"repo:{COPY}"],
        code_repository=COPY,
        short_description=SAYS,
        fork=True,
        is_based_on=ORIGIN,
        organisations=(TOWN,),
    )
    desk = item("desk", name="Desk", names=[f"repo:{DESK}"], code_repository=DESK, organisations=(TOWN,))
    # the forge's own word on who holds the copy
    copy = (raw, replace(reading, records=(replace(reading.records[0], reader="github/6"),)))
    harvest(catalogue, [decidim, copy, desk], "forge", trusted=True)
    catalogue.suggestions.refresh()
    return {one.fields.code_repository or "": one.id for one in catalogue.software.published()}


def test_one_body_with_all_that_it_has_to_do_with_software(catalogue: Catalogue) -> None:
    ids = fill(catalogue)
    page = catalogue.organisations.page()
    assert {one.name for one in page.bodies} == {"Town of Kota", "Decidim Association", "City of Nyota"}
    town = page.bodies[0]
    assert (town.name, town.also, town.country, town.accounts) == (
        "Town of Kota",
        ("TOWN OF KOTA",),
        "KE",
        ("https://github.com/town",),
    )
    assert town.counts == {BodyRole.MAKES: 1, BodyRole.PUBLISHES: 1, BodyRole.USES: 1, BodyRole.COPIED: 1}
    links, total = catalogue.organisations.softwares(town.id)
    assert total == 4
    assert {(one.software, one.role.value) for one in links} == {
        (ids[DESK], "makes"),
        (ids[COPY], "publishes"),
        (ids[ORIGIN], "uses"),
        (ids[ORIGIN], "copied"),
    }
    of = {(one.name, one.role.value): one for one in catalogue.organisations.of(ids[ORIGIN])}
    assert of.keys() == {
        ("Decidim Association", "makes"),
        ("Town of Kota", "uses"),
        ("City of Nyota", "uses"),
        ("Town of Kota", "copied"),
    }
    uses, copied = of["Town of Kota", "uses"], of["Town of Kota", "copied"]
    assert (uses.as_said, uses.source, uses.url) == ("TOWN OF KOTA", "forge", "https://example.org/decidim")
    assert uses.at is not None
    assert copied.copy == ids[COPY]


def test_what_lies_under_a_known_account_is_published_by_its_body(catalogue: Catalogue) -> None:
    named = item("a", code_repository="https://github.com/town/a", organisations=(TOWN,))
    harvest(catalogue, [named, item("b", code_repository="https://github.com/Town/b")], trusted=True)
    catalogue.suggestions.refresh()
    (body,) = catalogue.organisations.page().bodies
    assert body.counts == {BodyRole.MAKES: 1, BodyRole.PUBLISHES: 1}


def test_the_list_is_searched_and_filtered(catalogue: Catalogue) -> None:
    fill(catalogue)
    organisations = catalogue.organisations
    assert [one.name for one in organisations.page("kota town").bodies] == ["Town of Kota"]
    assert organisations.page("nobody").total == 0
    assert [one.name for one in organisations.page(country="ES").bodies] == ["Decidim Association"]
    assert {one.name for one in organisations.page(country="unknown").bodies} == {"City of Nyota"}
    assert organisations.page(kind="local").countries == {"KE": 1, "unknown": 1}
    assert {one.name for one in organisations.page(role="uses").bodies} == {"Town of Kota", "City of Nyota"}
    assert [len(organisations.page(number=number, size=2).bodies) for number in (1, 2, 3)] == [2, 1, 0]


def test_its_id_is_for_ever_and_a_merged_ones_leads_on(catalogue: Catalogue) -> None:
    one = item("a", organisations=(Organisation("Kota Lab", "https://kota.example"),))
    two = item("b", organisations=(Organisation("Laboratory of Kota"),))
    harvest(catalogue, [one, two], trusted=True)
    catalogue.suggestions.refresh()
    before = {body.name: body for body in catalogue.organisations.page().bodies}
    assert len(before) == 2
    both = item("b", organisations=(Organisation("Laboratory of Kota", "https://www.kota.example/"),))
    harvest(catalogue, [one, both], trusted=True)
    catalogue.suggestions.refresh()
    (after,) = catalogue.organisations.page().bodies
    for body in before.values():
        assert catalogue.organisations.find(body.id) == after
        assert catalogue.organisations.find(body.slug) == after
    assert after.id in {body.id for body in before.values()}
    catalogue.suggestions.refresh()
    assert catalogue.organisations.page().bodies == (after,)


def test_nothing_is_shown_of_a_body_whose_software_is_not_published(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("a", organisations=(Organisation("Kota Lab"),))], trusted=True)
    harvest(catalogue, [item("b", organisations=(Organisation("Hidden Lab"),))], "stranger")
    catalogue.suggestions.refresh()
    (body,) = catalogue.organisations.page().bodies
    (software,) = catalogue.software.published()
    catalogue.review.decide(software.id, Operation.WITHDRAW, "ada", why="asked by its makers")
    assert catalogue.organisations.page().total == 0
    with pytest.raises(NotFound):
        catalogue.organisations.find(body.id)
    assert catalogue.organisations.softwares(body.id) == ([], 0)
