"""One organisation from its spellings, accounts and forges; who is not one body, stays two."""

from __future__ import annotations

from random import Random

from harvester.model import Organisation
from harvester.resolve.bodies import Mention, bodies

COPIES = [f"tool-{number}" for number in range(4)]


def brigade(name: str, account: str, softwares: list[str] = COPIES) -> list[Mention]:
    """A name in an owner's own list of its repositories, all under one account."""
    return [Mention(Organisation(name), one, "brigade-project", account) for one in softwares]


def account(name: str, at: str, softwares: list[str] = COPIES, **more: str) -> list[Mention]:
    """A name that a forge gives to an account."""
    uri = f"https://{at}"
    return [Mention(Organisation(name, uri, **more), one, "github", at.lower()) for one in softwares]


def said(*mentions: Mention) -> list[set[str]]:
    """The names of each body."""
    return sorted(
        ({mentions[place].organisation.name for place in group.mentions} for group in bodies(mentions)), key=sorted
    )


def test_one_body_from_its_spellings_legal_form_and_acronym() -> None:
    names = [
        "Open Tools Foundation",
        "OPEN TOOLS FOUNDATION",
        "Open Tools Foundation (OTF)",
        "The OpenTools Foundation",
    ]
    assert said(*(Mention(Organisation(name), "a") for name in names)) == [set(names)]
    assert said(Mention(Organisation("Datenwerk GmbH"), "a"), Mention(Organisation("Datenwerk"), "b")) == [
        {"Datenwerk GmbH", "Datenwerk"}
    ]


def test_one_body_from_its_accounts_on_two_forges_and_its_site() -> None:
    found = bodies(
        [
            *account("Ville de Valmont", "github.com/valmont", country="FR"),
            *account("Ville de Valmont", "gitlab.com/valmont-dsi", ["x"]),
            Mention(Organisation("Ville de Valmont", "https://www.valmont.example"), "y", "publiccode"),
            Mention(Organisation("Commune de Valmont", "http://valmont.example/"), "z", "sill"),
            Mention(Organisation("Ville de Valmont", "https://www.wikidata.org/wiki/Q42"), "z", "sill"),
        ]
    )
    (one,) = found
    assert (one.name, one.also, one.kind, one.country) == ("Ville de Valmont", ("Commune de Valmont",), "local", "FR")
    assert one.accounts == ("https://github.com/valmont", "https://gitlab.com/valmont-dsi")
    assert (one.url, one.identifiers) == ("https://www.valmont.example", ("wikidata:Q42",))


def test_a_login_proves_nothing_and_a_country_tells_apart() -> None:
    same_login = [*account("mosaic", "github.com/mosaic"), *account("mosaic", "gitlab.example.fr/mosaic", ["x"])]
    assert len(bodies(same_login)) == 2
    ministries = [Mention(Organisation("Ministry of Health", country=one), one) for one in ("KE", "ZM")]
    assert len(bodies(ministries)) == 2
    assert len(bodies([*ministries, Mention(Organisation("Ministry of Health"), "?")])) == 3
    assert len(bodies([ministries[0], Mention(Organisation("Ministry of Health"), "?")])) == 1


def test_a_list_of_an_owners_own_repositories_names_its_account() -> None:
    here = [*brigade("Kota Civic Lab", "github.com/kotalab"), *account("kotalab", "github.com/kotalab")]
    assert said(*here) == [{"Kota Civic Lab", "kotalab"}]
    (one,) = bodies(here)
    assert (one.name, one.also, one.accounts) == ("Kota Civic Lab", ("kotalab",), ("https://github.com/kotalab",))
    # several that claim one account share it, as chapters do
    chapters = [*here, *brigade("Kota Chapter East", "github.com/kotalab")]
    assert said(*chapters) == [{"Kota Chapter East"}, {"Kota Civic Lab"}, {"kotalab"}]
    # a vendor's account does not become the town that it works for
    town = [Mention(Organisation("Comune di Valmonte"), one, "publiccode", "github.com/vendor") for one in COPIES]
    assert said(*town, *account("vendor", "github.com/vendor")) == [{"Comune di Valmonte"}, {"vendor"}]


def test_a_unit_of_an_inventory_is_one_within_its_agency() -> None:
    agencies = ["U.S. Department of Labor", "National Aeronautics and Space Administration"]
    mentions = [Mention(Organisation("CIO"), one, "code-json", within=one) for one in agencies]
    mentions += [Mention(Organisation(one), one, "code-json") for one in agencies]
    found = bodies(mentions)
    parents = {group.parent is not None and found[group.parent].name for group in found if group.name == "CIO"}
    assert (len(found), parents) == (4, set(agencies))
    (lab, _) = sorted(
        bodies([Mention(Organisation(one), one) for one in ("18F", "General Services Administration")]),
        key=lambda group: group.name,
    )
    assert lab.parent is not None


def test_what_they_are_does_not_depend_on_the_order() -> None:
    mentions = [
        *brigade("Kota Civic Lab", "github.com/kotalab"),
        *account("kotalab", "github.com/kotalab"),
        *account("Ville de Valmont", "gitlab.com/valmont", ["v"], country="FR"),
        Mention(Organisation("VILLE DE VALMONT"), "w"),
    ]
    plain = [(group.name, group.also, sorted(group.keys)) for group in bodies(mentions)]
    for seed in range(5):
        mixed = Random(seed).sample(mentions, len(mentions))
        assert [(group.name, group.also, sorted(group.keys)) for group in bodies(mixed)] == plain
