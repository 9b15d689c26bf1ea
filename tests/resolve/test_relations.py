"""How softwares stand to each other: every kind, which way round, and what is no relation."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import Basis, Fields, Identifier, Organisation
from harvester.resolve.relations import TYPES, Node, Relation, relations

CATALOGUE = (("sill", "sill"),)
LISTING = (("awesome", "awesome-item"),)
FORGE = (("dump", "codegouv-repository"),)

SAYS = "Shows how a municipality spends its budget, one page for each department"
OTHER = "Watches river levels and warns the people who live beside them"


def node(
    id: str,
    name: str,
    at: str | None = None,
    *,
    says: str = "",
    fork: bool | None = None,
    by: str = "",
    site: str | None = None,
    made: int | None = None,
    stars: int | None = None,
    sources: tuple[tuple[str, str], ...] = FORGE,
    identifiers: tuple[Identifier, ...] = (),
    suggests: tuple[Identifier, ...] = (),
    **more: str | bool,
) -> Node:
    """`at` is a repository on GitHub, or an address; `made` a year."""
    address = f"https://github.com/{at}" if at and "://" not in at else at
    own = (Identifier("repo", address),) if address else ()
    fields = Fields(
        name=name,
        code_repository=address,
        short_description={"en": says} if says else {},
        fork=fork,
        organisations=(Organisation(name=by),) if by else (),
        landing_url=site,
        date_created=datetime(made, 1, 1, tzinfo=UTC) if made else None,
        stars=stars,
        **more,  # type: ignore[arg-type]
    )
    return Node(id=id, fields=fields, identifiers=(*own, *identifiers), suggests=suggests, sources=sources)


def told(*nodes: Node) -> set[tuple[str, str, str]]:
    """(subject, type, object or target's scheme)."""
    return {(one.subject, one.type, one.object or one.target.partition(":")[0]) for one in relations(nodes)}


def of(subject: str, *nodes: Node) -> list[Relation]:
    return [one for one in relations(nodes) if one.subject == subject]


CKAN = node("ckan", "CKAN", "ckan/ckan", says=SAYS, sources=CATALOGUE, stars=4000, site="https://ckan.org")
COPIES = [node(f"copy{n}", "ckan", f"town{n}/ckan", says=SAYS, fork=True, made=2013 + n) for n in range(3)]


# copies


def test_the_parent_that_the_forge_names_is_the_origin() -> None:
    (found,) = of(
        "f",
        node("f", "f", "town/budget", fork=True, is_based_on="https://github.com/up/purse"),
        node("o", "o", "up/purse"),
    )
    assert (found.type, found.object, found.target, found.probability) == ("copy", "o", "", 1.0)
    assert (found.basis, found.because.code, dict(found.because.args)) == (
        Basis.DECLARED,
        "relation.parent",
        {"value": "o"},
    )


def test_a_parent_that_is_not_in_the_catalogue_is_named_by_its_address() -> None:
    (found,) = relations([node("f", "f", "town/budget", fork=True, is_based_on="https://github.com/up/purse")])
    assert (found.object, found.target) == (None, "repo:https://github.com/up/purse")


def test_forks_of_one_name_and_text_are_copies_of_the_origin_and_not_it_of_them() -> None:
    assert told(CKAN, *COPIES) == {(f"copy{n}", "copy", "ckan") for n in range(3)}
    one = of("copy0", CKAN, *COPIES)[0]
    assert (one.basis, one.because.code) == (Basis.INFERRED, "relation.same-name-and-text")
    assert 0.5 < one.probability < 1
    assert one.because.args["value"] == "CKAN"


def test_copies_of_an_unknown_origin_share_one_target_that_stays() -> None:
    targets = {one.target for one in relations(COPIES)}
    assert len(targets) == 1
    assert targets.pop().startswith("family:ckan-")
    assert {one.target for one in relations(COPIES)} == {one.target for one in relations(COPIES[1:])}
    assert {one.target for one in relations(COPIES)} == {one.target for one in relations(COPIES[:1])}


def test_a_lone_fork_is_the_copy_of_somebody() -> None:
    (found,) = relations(COPIES[:1])
    assert (found.type, found.object, found.basis, found.because.code) == (
        "copy",
        None,
        Basis.DECLARED,
        "relation.fork",
    )


def test_of_two_without_fork_the_first_is_the_origin_unless_they_say_nothing_alike() -> None:
    first, later = (
        node("a", "idea-box", "bureau/idea-box", says=SAYS, made=2012, fork=False),
        node("b", "idea-box", "lab/idea-box", says=SAYS, made=2014, fork=False),
    )
    assert told(first, later) == {("b", "copy", "a")}
    assert told(first, node("b", "idea-box", "lab/idea-box", says=OTHER, made=2014, fork=False)) == set()


def test_what_was_made_after_its_copies_is_no_origin() -> None:
    late = node("late", "jkan", "town9/jkan", says=SAYS, fork=False, made=2020)
    forks = [node(f"f{n}", "jkan", f"town{n}/jkan", says=SAYS, fork=True, made=2015) for n in range(3)]
    found = relations([late, *forks])
    assert {one.object for one in found} == {None}
    assert len({one.target for one in found}) == 1


@pytest.mark.parametrize("name", ["website", "docs", "codeofconduct", ".github", "handbook"])
def test_what_every_owner_has_of_its_own_is_no_copy(name: str) -> None:
    left = node("a", name, f"town/{name}", says="The pages of our town hall and its offices", fork=False)
    assert (
        told(left, node("b", name, f"club/{name}", says="Rules that members of the chess club follow", fork=False))
        == set()
    )
    assert told(left, node("b", name, f"club/{name}", fork=False)) == set()


def test_a_copys_copy_points_to_the_first_origin() -> None:
    chain = [
        node("a", "a", "x/purse"),
        node("b", "b", "y/purse2", fork=True, is_based_on="https://github.com/x/purse"),
        node("c", "c", "z/purse3", fork=True, is_based_on="https://github.com/y/purse2"),
    ]
    assert told(*chain) == {("b", "copy", "a"), ("c", "copy", "a")}


def test_two_that_each_name_the_other_are_not_copies_of_each_other() -> None:
    left = node("a", "a", "x/purse", fork=True, is_based_on="https://github.com/y/wallet")
    right = node("b", "b", "y/wallet", fork=True, is_based_on="https://github.com/x/purse")
    pairs = {(one.subject, one.object) for one in relations([left, right]) if one.object}
    assert not {(object, subject) for subject, object in pairs} & pairs


def test_a_file_that_gives_anothers_address_was_copied_with_the_rest() -> None:
    copy = node("c", "forms", "ministry/gov.forms-admin", url="https://github.com/gov/forms-admin")
    assert told(copy, node("o", "forms-admin", "gov/forms-admin")) == {("c", "copy", "o")}


def test_a_text_that_says_fork_of_a_product() -> None:
    product = node("o", "Pingvin Share", "one/pingvin-share", sources=CATALOGUE)
    assert told(product, node("c", "Share X", "two/share-x", says="File sharing (fork of Pingvin Share).")) == {
        ("c", "copy", "o")
    }


# same and mirror


def test_two_catalogues_that_name_one_product_at_two_addresses() -> None:
    left = node("a", "Isso", "posativ/isso", says=SAYS, site="https://isso.example", sources=CATALOGUE, stars=1)
    right = node(
        "b", "isso", "isso-comments/isso", says=SAYS, site="http://www.isso.example/", sources=LISTING, stars=5
    )
    assert told(left, right) == {("a", "same", "b")}


def test_one_catalogue_does_not_hold_a_thing_twice() -> None:
    left, right = (
        node("a", "PRISM", "food/prism-app", sources=LISTING),
        node("b", "PRISM", "science/prism", sources=LISTING),
    )
    assert told(left, right) == set()


def test_one_organisation_that_has_it_at_two_forges() -> None:
    left = node("a", "siret2idcc", "SocialGouv/siret2idcc", says=SAYS, by="Ministry of Work", fork=False, stars=6)
    right = node(
        "b",
        "siret2idcc",
        "https://gitlab.example.org/SocialGouv/siret2idcc",
        says=SAYS,
        by="Ministry of Work",
        fork=False,
    )
    assert told(left, right) == {("b", "same", "a")}


def test_what_moved_from_one_forge_to_another_is_one_thing_unless_the_forge_calls_it_a_fork() -> None:
    old = node("a", "riverwatch", "lab/riverwatch", says=OTHER, fork=False, stars=3)
    new = "https://gitlab.example.org/rivers/riverwatch"
    assert told(old, node("b", "riverwatch", new, says=OTHER, fork=False)) == {("b", "same", "a")}
    assert told(old, node("b", "riverwatch", new, says=OTHER, fork=True)) == {("b", "copy", "a")}


def test_a_mirror_says_so() -> None:
    left = node(
        "a", "coq", "https://gitlab.example.org/coq/coq", says="Mirror of the git repository of Coq", fork=False
    )
    assert told(left, node("b", "coq", "coq/coq", says="A formal proof management system", fork=False)) == {
        ("a", "mirror", "b")
    }


def test_what_its_owner_set_aside_is_the_same_thing() -> None:
    assert told(node("a", "tick", "lab/tick", stars=3), node("b", "tick_archive", "lab/tick_archive")) == {
        ("b", "same", "a")
    }


def test_what_says_that_it_moved() -> None:
    old = node(
        "a",
        "mlang",
        "https://gitlab.example.org/fisc/mlang",
        says="DEPRECATED, MOVED TO https://github.com/MLang/mlang",
    )
    assert told(old, node("b", "Mlang", "MLang/mlang")) == {("a", "same", "b")}


# parts and installations


@pytest.mark.parametrize("name", ["decidim-module-budget", "decidim-docs", "docs-decidim", "decidim_ios"])
def test_what_is_named_after_another_of_its_account_is_a_part_of_it(name: str) -> None:
    whole = node("w", "Decidim", "decidim/decidim", says=SAYS)
    assert told(whole, node("p", name, f"decidim/{name}")) == {("p", "part", "w")}


def test_an_account_alone_makes_no_part() -> None:
    assert told(node("a", "river", "town/river", says=OTHER), node("b", "purse", "town/purse", says=SAYS)) == set()
    assert told(node("a", "data", "town/data"), node("b", "data-validator", "town/data-validator")) == set()
    assert told(node("a", "notary", "town/notary"), node("b", "notary-v2", "town/notary-v2")) == set()
    assert told(node("a", "vote", "one/vote"), node("b", "vote-docs", "two/vote-docs")) == set()


def test_a_plug_in_for_a_product_across_accounts() -> None:
    plug_in = node("p", "ckanext-harvest", "gov/ckanext-harvest", says="A remote harvesting extension for CKAN")
    assert told(CKAN, plug_in) == {("p", "part", "ckan")}


def test_packages_at_one_address_are_parts_of_what_is_there() -> None:
    address = Identifier("repo", "https://github.com/lab/forest")
    shared = [
        node(f"p{n}", tree, identifiers=(Identifier("part", f"{address}#{tree}"),))
        for n, tree in enumerate(("alder", "birch"))
    ]
    assert {(one.subject, one.target) for one in relations(shared)} == {("p0", str(address)), ("p1", str(address))}
    assert told(*shared, node("w", "Forest", "lab/forest")) == {("p0", "part", "w"), ("p1", "part", "w")}


def test_two_of_one_account_at_one_site_that_is_not_the_accounts_own() -> None:
    backend, tool = (
        node("b", "windfall-api", "club/calc-api", site="https://windfall.example"),
        node("a", "Windfall", "club/windfall", site="https://windfall.example/"),
    )
    assert told(backend, tool) == {("b", "part", "a")}
    home = "https://openclub.example"
    assert (
        told(node("a", "river", "openclub/river", site=home), node("b", "purse", "openclub/purse", site=home)) == set()
    )


def test_parts_of_a_suite_without_a_whole_share_one_target() -> None:
    suite = [node(f"s{n}", name, f"town/{name}") for n, name in enumerate(("rieau-ui", "rieau-infra"))]
    found = relations(suite)
    assert {one.type for one in found} == {"part"}
    assert len({one.target for one in found}) == 1


def test_how_a_product_is_packed_and_where_it_is_served() -> None:
    product = node("o", "Keycloak", "keycloak/keycloak", sources=CATALOGUE)
    packed = node("p", "keycloak", "https://gitlab.example.org/docker-images/keycloak", fork=False)
    served = node("s", "keycloak", "https://gitlab.example.org/town/services/keycloak", says="SSO service", fork=False)
    assert told(product, packed) == {("p", "part", "o")}
    assert told(product, served) == {("s", "instance", "o")}


def test_what_its_file_says_it_is_based_on_without_being_a_fork_is_an_installation() -> None:
    assert told(
        CKAN, node("i", "Data of Town", "town/data-portal", is_based_on="https://github.com/ckan/ckan.git")
    ) == {("i", "instance", "ckan")}


def test_a_fork_with_its_own_site_is_an_installation() -> None:
    town = node(
        "t", "budgetparty", "town/budgetparty", says=SAYS, fork=True, made=2018, site="https://townbudget.example"
    )
    origin = node(
        "o", "budgetparty", "city/budgetparty", says=SAYS, fork=False, made=2016, site="https://citybudget.example"
    )
    assert told(town, origin) == {("t", "instance", "o")}


# whatever the input


NAMES = st.sampled_from(["ckan", "decidim", "decidim-docs", "website", "jkan", "jkan-ios", "courtbot", "courtbot-old"])
OWNERS, TEXTS = st.sampled_from(["ckan", "town", "club"]), st.sampled_from(["", SAYS, OTHER])
FLAGS, SOURCES = st.sampled_from([None, True, False]), st.sampled_from([FORGE, CATALOGUE, LISTING])
YEARS, BASES = st.sampled_from([None, 2012, 2015]), st.sampled_from([None, "ckan/ckan", "town/jkan"])
DRAWN = st.lists(st.tuples(NAMES, OWNERS, TEXTS, FLAGS, SOURCES, YEARS, BASES), max_size=9)


def nodes_of(drawn: list[Any]) -> list[Node]:
    found = []
    for n, (name, owner, says, fork, sources, made, base) in enumerate(drawn):
        based = {"is_based_on": f"https://github.com/{base}"} if base else {}
        found.append(
            node(f"{n:02}", name, f"{owner}/{name}", says=says, fork=fork, sources=sources, made=made, **based)
        )
    return found


@given(DRAWN, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_no_relation_goes_in_circles(drawn: list[Any], draw: random.Random) -> None:
    nodes = nodes_of(drawn)
    found = relations(nodes)
    shuffled = list(nodes)
    draw.shuffle(shuffled)
    assert relations(shuffled) == found
    told_of = {(one.subject, one.object) for one in found if one.object}
    assert all(one.type in TYPES and (one.object is None) == bool(one.target) for one in found)
    assert all(subject != object and (object, subject) not in told_of for subject, object in told_of)
    assert all((one.probability == 1) == (one.basis is Basis.DECLARED) and one.probability > 0.5 for one in found)
    origins = {one.subject: one.object for one in found if one.type in ("copy", "instance")}
    assert all(origins.get(object) is None for object in origins.values() if object)


@pytest.mark.parametrize("size", [500, pytest.param(5000, marks=pytest.mark.long)])
@pytest.mark.parametrize("says", ["", SAYS])
def test_thousands_of_namesakes_are_still_compared_and_cost_seconds(says: str, size: int) -> None:
    crowd = [node(f"n{n:04}", "courtbot", f"owner{n}/courtbot", says=says, fork=True) for n in range(size)]
    start = time.process_time()
    found = relations([*crowd, node("o", "Courtbot", "courtbot/courtbot", says=SAYS, sources=CATALOGUE)])
    assert time.process_time() - start <= max(3, size / 500)
    assert sum(one.type == "copy" for one in found) == size
    if says:
        assert {one.object for one in found} == {"o"}
