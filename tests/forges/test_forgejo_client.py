"""The Forgejo client on recorded answers, and on those that no recording has."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.errors import MISSHAPEN, BudgetSpent, FetchError, ForgeError
from harvester.forges.forgejo import payload as forgejo_items
from harvester.forges.forgejo.client import Forgejo
from harvester.net import Tokens

Exchange = dict[str, Any]
URL = "http://v10.next.forgejo.org"


def client(web: Any, token: str | None = None) -> Forgejo:
    return Forgejo(web.session(Tokens.authorization(URL, [token], scheme="token") if token else None), url=URL)


def reply(exchange: Exchange) -> tuple[int, dict[str, str], str]:
    return exchange["status"], exchange["headers"], exchange["body"]


@pytest.fixture(scope="session")
def recorded(corpus: Path) -> list[Exchange]:
    with gzip.open(corpus / "api" / "replay" / "forgejo-ogr.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def listings(corpus: Path) -> Callable[[str], list[Any]]:
    """The recorded pages of a kind of forge: its whole answers."""

    def load(kind: str) -> list[Any]:
        folder = corpus / "api" / "forge-pages-swh-lister" / kind / "tests" / "data"
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*/repos_page*"))]

    return load


@pytest.mark.corpus
def test_recorded_repositories_are_read_without_anything_of_a_person(web: Any, recorded: list[Exchange]) -> None:
    exchanges = [
        one
        for one in recorded
        if one["method"] == "GET" and one["status"] == 200 and one["url"].partition("/repos/")[2].count("/") == 1
    ]
    assert len(exchanges) == 27
    for exchange in exchanges:
        web.replies(reply(exchange))
        repository = client(web).repository(531)
        assert repository is not None
        kept = forgejo_items.with_owner(forgejo_items.listed(repository), organisation=False)
        served = json.loads(exchange["body"])
        assert kept["full_name"] == served["full_name"]
        assert kept["topics"] == (served["topics"] or [])
        assert (kept["parent"] or {}).get("full_name") == (served["parent"] or {}).get("full_name")
        assert set(kept["owner"]) == {"id", "login", "organisation"}
        text = json.dumps(kept)
        assert "@" not in text
        assert "permissions" not in text


@pytest.mark.corpus
def test_recorded_absences_are_none_and_recorded_refusals_errors(web: Any, recorded: list[Exchange]) -> None:
    absent = [one for one in recorded if one["method"] == "GET" and one["status"] == 404]
    assert len(absent) == 11
    for exchange in absent:
        web.replies(*[reply(exchange)] * 5)
        forge = client(web)
        assert forge.repository(1) is None
        assert forge.organisation("x") is None
        assert forge.tree("a/b", "main") is None
        assert forge.latest_release("a/b") is None
        assert forge.files("a/b", ["README.md"]) == {"README.md": None}
    (refused,) = [one for one in recorded if one["status"] == 405]
    web.replies(reply(refused))
    with pytest.raises(ForgeError, match="answered 405: repo is not owned by an organization") as caught:
        client(web).repository(1)
    assert caught.value.status == 405


@pytest.mark.corpus
def test_a_recorded_release_is_read_without_its_author(web: Any, recorded: list[Exchange]) -> None:
    (exchange,) = [one for one in recorded if one["url"].endswith("/releases/tags/0.1.0") and one["status"] == 200]
    web.replies(reply(exchange))
    release = forgejo_items.release_of(client(web).latest_release("packit-validator/ogr-tests"))
    assert release is not None
    assert set(release) == {"id", "tag_name", "name", "published_at"}
    assert release["tag_name"] == "0.1.0"


@pytest.mark.corpus
def test_a_recorded_listing_is_followed_by_its_links_and_its_count(web: Any, recorded: list[Exchange]) -> None:
    """The recorded page cut into single repositories, with headers of the form in which paged answers were recorded."""
    (exchange,) = [one for one in recorded if one["url"].endswith("/api/v1/user/repos")]
    repositories = json.loads(exchange["body"])
    where = "https://v10.next.forgejo.org/api/v1/user/repos?limit=1"

    def piece(asked: Any) -> tuple[int, dict[str, str], str]:
        page = int(asked.url.partition("page=")[2])
        link = f'<{where}&page={page + 1}>; rel="next",<{where}&page=3>; rel="last"' if page < 3 else ""
        headers = {**exchange["headers"]} | ({"link": link} if link else {})
        return 200, headers, json.dumps(repositories[page - 1 : page])

    web.reply = piece
    found: list[Any] = []
    query: Any = {"page": "1"}
    while query:
        page = client(web).repositories("/user/repos", query, seen=len(found))
        found += page.repositories
        assert page.total == 3
        query = page.following
    assert [one["id"] for one in found] == [one["id"] for one in repositories]
    assert len(web.asked) == 3


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "pages", "repositories"), [("forgejo", 2, 6), ("gitea", 2, 6), ("gogs", 4, 12)])
def test_recorded_pages_of_related_forges_are_read(
    web: Any, listings: Callable[[str], list[Any]], kind: str, pages: int, repositories: int
) -> None:
    bodies = listings(kind)
    assert len(bodies) == pages
    kept = []
    for body in bodies:
        web.replies((200, {}, json.dumps(body)))
        page = client(web).repositories("/repos/search", {"page": "1"})
        kept += [forgejo_items.with_owner(forgejo_items.listed(one), organisation=None) for one in page.repositories]
    assert len(kept) == repositories
    assert all(one["id"] and one["full_name"].count("/") == 1 and one["owner"]["login"] for one in kept)
    assert ("topics" in kept[0]) is (kind == "forgejo")  # older ones do not tell: unknown is not "none"


def test_a_429_is_a_wait_until_it_says(web: Any) -> None:
    """Made from RFC 6585 and 9110: recorded instances never refused so."""
    web.replies((429, {"Retry-After": "120"}, "slow down"))
    with pytest.raises(BudgetSpent) as caught:
        client(web).repository(1)
    assert timedelta(seconds=110) < caught.value.retry_at - datetime.now(UTC) < timedelta(seconds=125)


def test_a_422_is_an_error_and_says_why(web: Any) -> None:
    """Made from the published definition: the search answers so to what it does not know."""
    web.replies((422, {}, '{"message": "Invalid sort mode: \\"odd\\"", "url": "x"}'))
    with pytest.raises(ForgeError, match="answered 422: Invalid sort mode"):
        client(web).repositories("/repos/search", {"sort": "odd"})


@pytest.mark.parametrize(
    "body", ["<html>", '"text"', "[1]", "", '{"ok": false, "data": []}', '{"data": 5}', '{"ok": true, "data": {}}']
)
def test_what_is_no_listing_is_an_error_and_no_empty_forge(web: Any, body: str) -> None:
    web.replies((200, {}, body))
    with pytest.raises(ForgeError, match=r"no list of repositories|no JSON"):
        client(web).repositories("/repos/search", {})


def test_a_token_goes_to_its_forge_and_not_along_with_a_redirect_to_another(web: Any) -> None:
    web.replies((307, {"Location": "http://elsewhere.example/api/v1/repositories/1"}, ""), (200, {}, '{"id": 1}'))
    assert client(web, token="s3cret").repository(1) == {"id": 1}
    assert [asked.headers.get("authorization") for asked in web.asked] == ["token s3cret", None]


def test_a_token_stands_in_no_error(web: Any) -> None:
    web.replies((500, {}, "broken"))
    with pytest.raises(ForgeError) as caught:
        client(web, token="s3cret").repository(1)
    assert "s3cret" not in str(caught.value)


def test_no_answer_is_an_error_without_a_status(web: Any) -> None:
    forge = Forgejo(web.session(), url="http://v10.next.forgejo.org")
    web.replies((200, {}, "x" * 5_000_000))
    with pytest.raises(FetchError, match="larger"):
        forge.repository(1)


def test_a_root_folder_of_several_pages_is_read_whole_without_links_and_submodules(web: Any) -> None:
    def page(asked: Any) -> tuple[int, dict[str, str], str]:
        number = 2 if "page=2" in asked.url else 1
        entries = [
            {"path": f"file-{number}", "mode": "100644", "type": "blob", "size": 3, "sha": f"a{number}"},
            {"path": f"link-{number}", "mode": "120000", "type": "blob", "size": 3, "sha": "b"},
            {"path": f"module-{number}", "mode": "160000", "type": "commit", "sha": "c"},
        ]
        return 200, {}, json.dumps({"sha": "head", "tree": entries, "truncated": number == 1})

    web.reply = page
    tree = client(web).tree("a/b", "feature/x")
    assert tree is not None
    assert (tree.head, sorted(tree.files)) == ("head", ["file-1", "file-2"])
    assert web.asked[0].url.endswith("/repos/a/b/git/trees/feature%2Fx")


@pytest.mark.parametrize("anew", [False, True])
def test_a_root_folder_that_never_ends_is_left(web: Any, anew: bool) -> None:
    def page(asked: Any) -> tuple[int, dict[str, str], str]:
        number = asked.url.rpartition("page=")[2] if anew else 1
        entries = [{"path": f"file-{number}", "mode": "100644", "type": "blob", "size": 3, "sha": "a"}]
        return 200, {}, json.dumps({"sha": "head", "tree": entries, "truncated": True})

    web.reply = page
    tree = client(web).tree("a/b", "main")
    assert tree is not None
    assert len(web.asked) == (20 if anew else 2)


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({}, 200, "[" * 150_000 + "]" * 150_000),
        ({}, 200, '{"id": ' * 150_000 + "1" + "}" * 150_000),
        ({"Location": "http://１２７.0.0.1/".encode().decode("latin-1")}, 302, ""),
        ({"Location": "http://[::1"}, 302, ""),
    ],
)
def test_answers_that_break_a_library_are_errors_that_a_unit_bears(
    web: Any, headers: dict[str, str], status: int, body: str
) -> None:
    web.replies((status, headers, body))
    with pytest.raises((FetchError, *MISSHAPEN)):
        client(web).repository(1)
