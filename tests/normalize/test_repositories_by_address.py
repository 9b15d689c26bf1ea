"""Whether an address leads to a repository: one answer with its reason, for every reader."""

from __future__ import annotations

from typing import Any

import pytest
from normalize.file_items import item

from harvester.normalize.readers import read
from harvester.normalize.urls import canonical_repository, known_forges, repository_at, surely_repository


@pytest.mark.parametrize(
    ("written", "verdict", "reason", "identity"),
    [
        ("https://github.com/a/b/tree/main/c", "certain", "known-forge", "https://github.com/a/b"),
        ("https://gitlab.com/g/s/p", "certain", "known-forge", "https://gitlab.com/g/s/p"),
        ("https://bitbucket.org/a/b/src/main/", "certain", "known-forge", "https://bitbucket.org/a/b"),
        ("https://host.example/gitweb/?p=a.git", "certain", "gitweb", "https://host.example/gitweb?p=a.git"),
        ("https://host.example/?p=x/a.git;a=summary", "certain", "gitweb", "https://host.example?p=x/a.git"),
        ("https://ville.example/outils/a.git", "certain", "clone-address", "https://ville.example/outils/a"),
        ("https://forge.example.org/a/b/-/tree/main", "certain", "place-in-a-project", "https://forge.example.org/a/b"),
        ("https://forge.example.org/a/b", "perhaps", "forge-like-host", "https://forge.example.org/a/b"),
        ("https://code.gouv.fr/explore", "no", "overview", None),
        ("https://git.ville.example/agenda", "no", "site", None),
        ("https://gitlab.example.org/explore/projects", "no", "forge-page", None),
        ("https://github.com/topics/civic-tech", "no", "forge-page", None),
        ("https://ville.example/logiciel", "no", "site", None),
        ("https://ville.example/actualites/2026/a", "no", "site", None),
        ("nothing", "no", "no-address", None),
    ],
)
def test_an_address_is_certainly_perhaps_or_no_repository(
    written: str, verdict: str, reason: str, identity: str | None
) -> None:
    assert (repository_at(written).repository, repository_at(written).reason) == (verdict, reason)
    if identity:
        assert canonical_repository(written) == identity


@pytest.mark.parametrize(
    "written",
    [
        "scm:git:https://github.com/Town/desk.git",
        "scm:git:git://github.com/town/desk.git",
        "scm:git:git@github.com:town/desk.git",
        "scm:git:ssh://git@github.com:22/town/desk.git",
        "scm:git|https://github.com/town/desk",
        "git+ssh://git@github.com/town/desk.git",
        "git+https://github.com/town/desk.git#main",
        "ssh://git@ssh.github.com:443/town/desk.git",
        "git@ssh.github.com:443/town/desk.git",
        "github.com:town/desk.git",
        "git@github.com:/town/desk.git",
        "github:town/desk",
    ],
)
def test_all_forms_of_gits_addresses_are_one_repository(written: str) -> None:
    assert canonical_repository(written) == "https://github.com/town/desk"
    assert surely_repository(written)


def test_a_host_that_an_accepted_source_harvests_is_a_forge_and_folds_the_case_of_its_paths() -> None:
    address = "https://forge.town.example/DSI/Permit-Desk"
    assert not surely_repository(address)
    with known_forges(frozenset({("forge.town.example", "gitlab")})):
        assert surely_repository(address)
        assert canonical_repository(address) == "https://forge.town.example/dsi/permit-desk"
    assert canonical_repository(address) == address


def test_two_addresses_in_one_field_are_a_repository_and_a_suggestion() -> None:
    two = "https://github.com/town/desk.git, https://github.com/town/api.git"
    for raw in (
        item({"name": "Desk", "codeRepository": two}, "codemeta"),
        item({"name": "Desk", "repositoryURL": two}, "code-json"),
        item({"project": "Desk", "owner": "Town", "code_url": two}, "avoinkoodi"),
    ):
        found = read(raw)
        (record,) = found.records
        assert [str(name) for name in record.identifiers] == ["repo:https://github.com/town/desk"], raw.format
        assert [str(name) for name in record.suggests] == ["repo:https://github.com/town/api"]
        assert "several-repositories" in [issue.code for issue in found.issues]


def test_readers_ask_the_forges_that_they_are_told() -> None:
    raw = item({"id": 1, "name": "Desk", "codeRepositoryUrl": "https://forge.town.example/DSI/Desk"}, "sill")
    told = read(raw, forges=frozenset({("forge.town.example", "gitlab")})).records[0]
    assert "repo:https://forge.town.example/dsi/desk" in [str(name) for name in told.identifiers]
    assert [str(name) for name in read(raw).records[0].identifiers] == ["catalogue:sill:1"]


def entries_at(address: str) -> list[tuple[str, Any]]:
    """(format, payload) of an entry of each catalogue that declares the repository at `address`, or links to it."""
    return [
        ("avoinkoodi", {"project": "Desk", "owner": "Town", "code_url": address}),
        ("awesome-item", {"links": [{"text": "Desk", "href": address}], "headings": ["Tools"]}),
        ("awesome-selfhosted", f"name: Desk\nsource_code_url: {address}\n"),
        ("brigade-project", f'name = "Desk"\ncode_url = "{address}"\n'),
        ("html-catalogue", {"fields": {"name": ["Desk"], "repository": [address]}}),
        ("html-link", {"href": address, "text": "Desk"}),
        ("munich", f"---\ntitle: Desk\ncode: {address}\n---\nwords\n"),
        ("offentligkod", f"Name: Desk\nUrl: {address}\n"),
        ("taiwan-program", {"ProgramName": "Desk", "URL": address}),
    ]


@pytest.mark.parametrize(("format", "payload"), entries_at("https://forge.example.org/town/desk"))
def test_what_is_perhaps_a_repository_is_shown_and_only_suggests_it(format: str, payload: Any) -> None:
    raw = item(payload, format)
    (record,) = read(raw).records
    assert record.fields.code_repository == "https://forge.example.org/town/desk"
    assert [str(name) for name in record.identifiers] == ["landing:https://forge.example.org/town/desk"]
    assert [str(name) for name in record.suggests] == ["repo:https://forge.example.org/town/desk"]
    (known,) = read(raw, forges=frozenset({("forge.example.org", "forgejo")})).records
    assert [str(name) for name in known.identifiers] == ["repo:https://forge.example.org/town/desk"]
    assert known.suggests == ()


@pytest.mark.parametrize(
    ("format", "payload"), [each for each in entries_at("https://code.gouv.fr/explore") if each[0] != "awesome-item"]
)
def test_a_forges_overview_in_a_repositorys_place_is_none_and_says_so(format: str, payload: Any) -> None:
    found = read(item(payload, format))
    assert found.records == ()
    assert found.reason or "no-repository" in [issue.code for issue in found.issues]


def test_an_entry_with_an_id_of_its_own_keeps_it_beside_what_is_perhaps_its_repository() -> None:
    raw = item(
        dict(entries_at("https://forge.example.org/town/desk"))["html-catalogue"], "html-catalogue", number="x:1"
    )
    (record,) = read(raw).records
    assert [str(name) for name in record.identifiers] == ["catalogue:x:1"]
    assert [str(name) for name in record.suggests] == ["repo:https://forge.example.org/town/desk"]


def test_a_row_of_a_list_of_repositories_is_its_repository_whatever_its_host() -> None:
    row = {"id": "7", "url": "https://forge.example.org/town/desk", "name": "desk"}
    (record,) = read(item(row, "dutch-register")).records
    assert str(record.identifiers[0]) == "repo:https://forge.example.org/town/desk"
