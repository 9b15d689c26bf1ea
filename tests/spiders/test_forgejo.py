"""The Forgejo spider in whole runs against a simulated forge that changes between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from starlette.responses import PlainTextResponse, Response
from support.asked import AllUnits
from support.runs import Runs, running

from harvester.catalogue import schema
from harvester.config import load_settings
from harvester.model import Judgement, Run, RunState, Source
from harvester.net import Net
from simulators.exchange import Ask, Host, as_json
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.sim_forgejo import Forgejo
from spiders.forgejo import ForgejoSpider

HOST = "forge.example"
LATER = "2026-06-01T00:00:00Z"
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: Town Ledger\nurl: https://forge.example/town/ledger\n"
README = "# A tool\n\nFor a town.\n"


@dataclass
class Between:
    """Stands before the forge and answers what `instead` says, where it says something."""

    host: Host
    instead: Callable[[Ask], Response | None] = lambda _: None

    def answer(self, ask: Ask) -> Response:
        return self.instead(ask) or self.host.answer(ask)


@contextmanager
def forge(store: ForgejoStore, folder: Path, *, gitea: bool = False, most: int = 50, **params: Any) -> Iterator[Runs]:
    """Runs against a forge of this store; without parameters the organisation "town"."""
    asked = params or {"organisations": ["town"]}
    web = {HOST: Forgejo(HOST, store, gitea=gitea, most=most)}
    with running(web, folder, {"spider": "forgejo", "params": {"url": f"http://{HOST}", **asked}}) as runs:
        yield runs


@contextmanager
def behind(between: Between, folder: Path, **params: Any) -> Iterator[Runs]:
    source = {"spider": "forgejo", "params": {"url": f"http://{HOST}", "organisations": ["town"], **params}}
    with running({HOST: between}, folder, source) as runs:
        yield runs


def tools(count: int, *, owner: str = "town", begin: int = 1, **more: Any) -> list[Repository]:
    plain: dict[str, Any] = {"files": {"README.md": README}, "languages": {"Go": 900, "HTML": 100}, "folders": ("src",)}
    return [
        Repository(id=n, owner=owner, name=f"tool-{n}", **plain | {"release": ("v1", LATER), **more})
        for n in range(begin, begin + count)
    ]


def asked(runs: Runs) -> list[str]:
    """Paths that were asked since the last run began."""
    return [line["path"].removeprefix("/api/v1") for line in runs.log.lines if line["host"] == HOST]


def key(number: int) -> str:
    return f"{HOST}:{number}"


def names(runs: Runs, number: int) -> set[str]:
    """The strong identifiers of a repository's records."""
    record, identifier, raw = schema.record, schema.identifier, schema.raw_item
    query = sa.select(identifier.c.scheme, identifier.c.value).join(record, identifier.c.record == record.c.id)
    query = query.join(raw, record.c.raw_item == raw.c.id).where(raw.c.key == key(number), identifier.c.strong)
    with runs.catalogue.database.read() as connection:
        return {f"{row.scheme}:{row.value}" for row in connection.execute(query)}


def seen_by(run: Run) -> tuple[int, int, int]:
    return run.counts.new, run.counts.changed, run.counts.gone


def test_an_organisation_comes_with_files_languages_and_releases(tmp_path: Path) -> None:
    files = {"README.md": README, "publiccode.yml": PUBLICCODE, "codemeta.json": "{}", "main.go": "package main\n"}
    store = ForgejoStore(
        [Repository(id=7, owner="town", name="ledger", files=files, languages={"HTML": 1, "Go": 9}, topics=("money",))],
        [Account(login="town", full_name="Town of Examples", location="Italy")],
    )
    with forge(store, tmp_path) as runs:
        run = runs.harvest()
        (payload,) = runs.stored().values()
    assert (run.judgement, run.counts.records, run.counts.total) == (Judgement.GOOD, 4, 1)
    assert [file["path"] for file in payload["files"]] == ["publiccode.yml", "codemeta.json", "README.md"]
    assert payload["files"][0]["text"] == PUBLICCODE
    assert payload["languages"] == ["Go", "HTML"]
    assert payload["release"] is None
    assert payload["owner"]["full_name"] == "Town of Examples"
    assert names_of_persons(payload) == set()


def names_of_persons(payload: dict[str, Any]) -> set[str]:
    return {name for name in ("email", "created", "last_login", "pronouns") if name in payload["owner"]}


def test_of_a_person_only_the_account_is_kept(tmp_path: Path) -> None:
    person = Account(login="someone", organisation=False, full_name="A Person", location="A Street")
    store = ForgejoStore(tools(1, owner="someone"), [person])
    with forge(store, tmp_path, users=["someone"]) as runs:
        runs.harvest()
        (payload,) = runs.stored().values()
    assert set(payload["owner"]) == {"id", "login", "organisation"}
    assert payload["owner"]["organisation"] is False
    assert "A Person" not in json.dumps(payload)
    assert "noreply" not in json.dumps(payload)


def test_a_run_without_news_asks_for_the_listing_alone_and_changes_nothing(tmp_path: Path) -> None:
    with forge(ForgejoStore(tools(60)), tmp_path) as runs:
        first = runs.harvest()
        before = runs.stored()
        again = runs.harvest()
        assert runs.stored() == before
        assert asked(runs) == ["/orgs/town/repos"] * 2
    assert seen_by(first) == (60, 0, 0)
    assert seen_by(again) == (0, 0, 0)
    assert again.judgement is Judgement.GOOD


MOVES: dict[str, tuple[Callable[[Repository], Repository], set[str]]] = {
    "description": (lambda one: replace(one, description="Other words"), set()),
    "topics": (lambda one: replace(one, topics=("civic-tech",)), set()),
    "stars": (lambda one: replace(one, stars=one.stars + 1), set()),
    "forks": (lambda one: replace(one, forks=one.forks + 1), set()),
    "open issues": (lambda one: replace(one, issues=one.issues + 1), set()),
    "archival": (lambda one: replace(one, archived=True), set()),
    "website": (lambda one: replace(one, website="https://www.town.example/"), set()),
    "template": (lambda one: replace(one, template=True), set()),
    "mirror": (lambda one: replace(one, mirror=True, original_url="https://github.com/italia/tool.git"), set()),
    "rename": (lambda one: replace(one, name="other", former=(one.full_name,)), set()),
    "release without a push": (lambda one: replace(one, release=("v2", LATER), releases=2), {"releases"}),
    "first push to another commit": (
        lambda one: replace(one, commits=2, updated_at=LATER),
        {"git", "languages", "releases"},
    ),
    "a file that changed": (
        lambda one: replace(one, files={**one.files, "publiccode.yml": PUBLICCODE}, updated_at=LATER),
        {"git", "raw", "languages", "releases"},
    ),
    "a README renamed": (
        lambda one: replace(one, files={"Readme.rst": one.files["README.md"]}, updated_at=LATER),
        {"git", "languages", "releases"},
    ),
    "a file removed": (lambda one: replace(one, files={}, updated_at=LATER), {"git", "languages", "releases"}),
    "default branch renamed": (lambda one: replace(one, default_branch="trunk"), {"git", "releases"}),
    "settings saved and nothing else": (lambda one: replace(one, updated_at=LATER), {"git", "releases"}),
    "a language": (
        lambda one: replace(one, languages={"Rust": 9}, commits=2, updated_at=LATER),
        {"git", "languages", "releases"},
    ),
}


def test_every_change_is_noticed_and_costs_only_what_it_must_and_nothing_else_changes(tmp_path: Path) -> None:
    store = ForgejoStore(tools(len(MOVES) + 5))
    with forge(store, tmp_path) as runs:
        runs.harvest()
        before = runs.stored()
        for number, (change, _) in enumerate(MOVES.values(), 1):
            old = store.by_id(number)
            assert old is not None
            store.put(change(old))
        run = runs.harvest()
        details = {
            what: {path.split("/")[4] for path in asked(runs) if path.split("/")[3] in (f"tool-{number}", "other")}
            for number, what in enumerate(MOVES, 1)
            if what != "rename"
        }
        assert details == {what: kinds for what, (_, kinds) in MOVES.items() if what != "rename"}
        assert runs.changed(run) == {key(number) for number in range(1, len(MOVES) + 1)}
        after = runs.stored()
        assert seen_by(run) == (0, len(MOVES), 0)
        assert seen_by(runs.harvest()) == (0, 0, 0)
        assert runs.stored() == after
    told = {what: _difference(before[key(n)], after[key(n)]) for n, what in enumerate(MOVES, 1)}
    assert told["description"] == {"description"}
    assert told["topics"] == {"topics"}
    assert told["stars"] == {"stars_count"}
    assert told["forks"] == {"forks_count"}
    assert told["open issues"] == {"open_issues_count"}
    assert told["archival"] == {"archived"}
    assert told["rename"] == {"name", "full_name", "html_url", "clone_url", "formerly"}
    assert told["release without a push"] == {"release", "release_counter"}
    assert told["a file that changed"] == {"files", "head", "updated_at"}
    assert told["default branch renamed"] == {"default_branch"}
    assert told["settings saved and nothing else"] == {"updated_at"}
    assert told["a language"] == {"language", "languages", "head", "updated_at"}
    readme = after[key(1 + list(MOVES).index("a README renamed"))]["files"]
    assert readme == [{"path": "Readme.rst", "oid": before[key(1)]["files"][0]["oid"], "text": README}]


def _difference(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_a_renamed_repository_keeps_its_former_address_until_another_takes_it(tmp_path: Path) -> None:
    store = ForgejoStore(tools(2))
    with forge(store, tmp_path) as runs:
        runs.harvest()
        first = store.by_id(1)
        assert first is not None
        store.put(replace(first, name="renamed", former=("town/tool-1",)))
        runs.harvest()
        assert names(runs, 1) == {
            f"forge:{key(1)}",
            "repo:https://forge.example/town/renamed",
            "repo:https://forge.example/town/tool-1",
        }
        store.put(Repository(id=3, owner="town", name="Tool-1", files={"README.md": README}))
        runs.harvest()
        assert names(runs, 1) == {f"forge:{key(1)}", "repo:https://forge.example/town/renamed"}
        assert "formerly" not in runs.stored()[key(1)]
        assert seen_by(runs.harvest()) == (0, 0, 0)


def test_a_repository_that_went_to_another_owner_is_found_by_its_id(tmp_path: Path) -> None:
    store = ForgejoStore(tools(3), [Account(login="someone", organisation=False, full_name="A Person")])
    with forge(store, tmp_path) as runs:
        runs.harvest()
        second = store.by_id(2)
        assert second is not None
        store.put(replace(second, owner="someone", former=("town/tool-2",)))
        moved = runs.harvest()
        assert asked(runs)[1:] == ["/repositories/2", "/orgs/someone"]
        assert seen_by(moved) == (0, 1, 0)
        assert runs.stored()[key(2)]["full_name"] == "someone/tool-2"
        assert runs.stored()[key(2)]["owner"]["organisation"] is False
        assert "repo:https://forge.example/town/tool-2" in names(runs, 2)
        assert seen_by(runs.harvest()) == (0, 0, 0)
        assert asked(runs)[1:] == ["/repositories/2"]


def test_what_is_deleted_is_gone_at_the_second_confirmation_and_comes_back_if_it_does(tmp_path: Path) -> None:
    store = ForgejoStore(tools(20))
    with forge(store, tmp_path) as runs:
        runs.harvest()
        deleted, hidden = store.by_id(1), store.by_id(2)
        assert deleted is not None
        assert hidden is not None
        store.remove(1)
        store.put(replace(hidden, private=True))
        first = runs.harvest()
        assert seen_by(first) == (0, 0, 0)
        assert key(1) in runs.stored()
        second = runs.harvest()
        assert seen_by(second) == (0, 0, 2)
        assert set(runs.stored(gone=True)) == {key(1), key(2)}
        assert seen_by(runs.harvest()) == (0, 0, 0)
        store.put(hidden)
        back = runs.harvest()
        assert runs.changed(back) == {key(2)}
        assert set(runs.stored(gone=True)) == {key(1)}


@pytest.mark.parametrize("status", [403, 429, 451, 500, 503])
def test_a_refusal_to_say_makes_nothing_gone(tmp_path: Path, status: int) -> None:
    """No instance was recorded to answer these here: they are what a proxy before one may say, by RFC 9110 and 6585."""
    store = ForgejoStore(tools(9))

    def refuse(ask: Ask) -> Response | None:
        headers = {"retry-after": "900"} if status == 429 else None
        return as_json({"message": "no"}, status, headers) if ask.path.startswith("/api/v1/repositories/") else None

    with behind(Between(Forgejo(HOST, store), refuse), tmp_path) as runs:
        runs.harvest()
        store.remove(1)
        for _ in range(3):
            run = runs.harvest()
            assert run.counts.gone == 0
            if run.state is RunState.CAPPED:
                break
        assert key(1) in runs.stored()


def test_an_answer_of_410_is_an_absence(tmp_path: Path) -> None:
    """Made from RFC 9110: no instance was recorded to answer so."""
    store = ForgejoStore(tools(9))

    def say_gone(ask: Ask) -> Response | None:
        return as_json({"message": "gone"}, 410) if ask.path.startswith("/api/v1/repositories/") else None

    with behind(Between(Forgejo(HOST, store), say_gone), tmp_path) as runs:
        runs.harvest()
        store.remove(1)
        runs.harvest()
        assert seen_by(runs.harvest()) == (0, 0, 1)


def test_an_organisation_that_is_no_more_is_an_issue_and_its_repositories_are_asked_for(tmp_path: Path) -> None:
    store = ForgejoStore([*tools(2), *tools(20, owner="city", begin=10)])
    web = Between(Forgejo(HOST, store))
    source = {"spider": "forgejo", "params": {"url": f"http://{HOST}", "organisations": ["town", "city"]}}
    with running({HOST: web}, tmp_path, source) as runs:
        runs.harvest()
        web.instead = lambda ask: as_json({"message": "no"}, 404) if "/orgs/town" in ask.path else None
        run = runs.harvest()
        assert runs.issues() == ["owner-missing"]
        assert run.judgement is Judgement.GOOD
        assert seen_by(run) == (0, 0, 0)
        assert set(asked(runs)) == {"/orgs/town/repos", "/orgs/city/repos", "/repositories/1", "/repositories/2"}
        assert len(runs.stored()) == 22


def test_a_server_that_shows_fewer_a_page_is_followed_to_the_end(tmp_path: Path) -> None:
    with forge(ForgejoStore(tools(11)), tmp_path, most=4) as runs:
        run = runs.harvest()
        assert asked(runs).count("/orgs/town/repos") == 3
    assert (run.counts.new, run.counts.total) == (11, 11)


def test_a_listing_without_links_or_counts_is_followed_until_it_is_empty(tmp_path: Path) -> None:
    def bare(ask: Ask) -> Response | None:
        answer = Forgejo(HOST, store, most=4).answer(ask)
        for name in ("link", "x-total-count"):
            if name in answer.headers:
                del answer.headers[name]
        return answer

    store = ForgejoStore(tools(10))
    with behind(Between(Forgejo(HOST, store), bare), tmp_path) as runs:
        run = runs.harvest()
        assert asked(runs).count("/orgs/town/repos") == 4
        assert runs.issues() == []
    assert (run.counts.new, run.counts.total) == (10, None)


def test_a_server_that_shows_the_same_page_for_ever_is_left(tmp_path: Path) -> None:
    def stuck(ask: Ask) -> Response | None:
        if not ask.path.endswith("/orgs/town/repos"):
            return None
        answer = Forgejo(HOST, store).answer(replace(ask, query={"limit": "2", "page": "1"}))
        del answer.headers["link"]
        return answer

    store = ForgejoStore(tools(9))
    with behind(Between(Forgejo(HOST, store), stuck), tmp_path) as runs:
        run = runs.harvest()
        assert asked(runs).count("/orgs/town/repos") == 2
        assert runs.issues() == ["paging-trap"]
    assert run.counts.entries == 2


def _listing_without_end(store: ForgejoStore, page_shown: Callable[[int], int]) -> Callable[[Ask], Response | None]:
    """A listing whose pages of two always lead on; `page_shown` says which page stands at which number."""

    def endless(ask: Ask) -> Response | None:
        if not ask.path.endswith("/orgs/town/repos"):
            return None
        number = page_shown(int(ask.query.get("page", "1")))
        answer = Forgejo(HOST, store).answer(replace(ask, query={"limit": "2", "page": str(number)}))
        for name in ("link", "x-total-count"):
            if name in answer.headers:
                del answer.headers[name]
        return answer

    return endless


def test_a_listing_whose_pages_come_again_in_turn_is_left(tmp_path: Path) -> None:
    store = ForgejoStore(tools(9))
    turns = _listing_without_end(store, lambda number: 2 - number % 2)
    with behind(Between(Forgejo(HOST, store), turns), tmp_path) as runs:
        run = runs.harvest()
        assert asked(runs).count("/orgs/town/repos") == 3
        assert runs.issues() == ["paging-trap"]
    assert (run.counts.entries, run.judgement) == (4, Judgement.SUSPICIOUS)


def test_a_listing_of_ever_new_repositories_is_left_at_its_bound(tmp_path: Path) -> None:
    store = ForgejoStore(tools(40))
    with behind(Between(Forgejo(HOST, store), _listing_without_end(store, int)), tmp_path, max_pages=3) as runs:
        run = runs.harvest()
        assert asked(runs).count("/orgs/town/repos") == 3
        assert runs.issues() == ["bound-reached"]
    assert (run.counts.entries, run.judgement) == (6, Judgement.CAPPED)


def test_a_listing_that_brings_more_than_a_run_may_is_left(tmp_path: Path) -> None:
    store = ForgejoStore(tools(40, files={"README.md": "word " * 50_000}))
    with behind(Between(Forgejo(HOST, store), _listing_without_end(store, int)), tmp_path) as behind_it:
        runs = replace(behind_it, settings=behind_it.settings.model_copy(update={"run_stored_mb": 1}))
        run = runs.harvest()
        brought = sum(len(json.dumps(payload)) for payload in runs.stored().values())
        assert 2**20 < brought < 2 * 2**20
        assert runs.issues() == ["bound-reached"]
    assert run.counts.entries < 40
    assert run.judgement is Judgement.CAPPED


def test_a_source_that_brought_as_much_as_all_its_runs_may_is_asked_for_a_page_a_run(tmp_path: Path) -> None:
    store = ForgejoStore(tools(40, files={"README.md": "word " * 50_000}))
    with behind(Between(Forgejo(HOST, store), _listing_without_end(store, int)), tmp_path) as behind_it:
        small = {"run_stored_mb": 1, "source_stored_mb": 2}
        runs = replace(behind_it, settings=behind_it.settings.model_copy(update=small))
        brought, before = [], 0
        for _ in range(4):
            runs.harvest()
            stored = runs.catalogue.entries.stored_bytes("tested")
            brought.append(stored - before)
            before = stored
        assert brought[0] > 2**20
        assert brought[-1] < brought[0] / 4
        assert set(runs.issues()) == {"bound-reached"}


@pytest.mark.parametrize(("bound", "most", "pages", "entries"), [("run_pages", 3, 3, 6), ("run_items", 5, 3, 5)])
def test_a_run_that_came_to_a_bound_is_capped_and_takes_nothing_for_missing(
    tmp_path: Path, bound: str, most: int, pages: int, entries: int
) -> None:
    store = ForgejoStore(tools(40))
    with behind(Between(Forgejo(HOST, store), _listing_without_end(store, int)), tmp_path) as behind_it:
        runs = replace(behind_it, settings=behind_it.settings.model_copy(update={bound: most}))
        run = runs.harvest()
        assert asked(runs).count("/orgs/town/repos") == pages
        assert runs.issues() == ["bound-reached"]
        assert (run.counts.entries, run.judgement) == (entries, Judgement.CAPPED)
        assert [reason.code for reason in run.reasons] == ["judged.bounded"]
        assert runs.harvest().counts.gone == 0


@pytest.mark.parametrize("wrong", [5, "x", [5], {"a": [1]}, True])
def test_repositories_with_values_of_wrong_types_lose_nobody_but_themselves(tmp_path: Path, wrong: Any) -> None:
    store = ForgejoStore(tools(40))

    def harmed(ask: Ask) -> Response | None:
        if not ask.path.endswith("/orgs/town/repos"):
            return None
        answer = Forgejo(HOST, store).answer(ask)
        listed = json.loads(answer.body)
        for place, name in enumerate(sorted(listed[0]) if listed else ()):
            listed[place % 30][name] = wrong
        return as_json([*listed, 7] if listed else [])

    with behind(Between(Forgejo(HOST, store), harmed), tmp_path) as runs:
        run = runs.harvest()
        assert {key(number) for number in range(31, 41)} <= set(runs.stored())
        assert "entry-form" in runs.issues()
    assert (run.state, run.judgement) == (RunState.FINISHED, Judgement.GOOD), run.reasons


def test_a_listing_that_ends_early_says_so(tmp_path: Path) -> None:
    def short(ask: Ask) -> Response | None:
        if not ask.path.endswith("/orgs/town/repos"):
            return None
        answer = Forgejo(HOST, store).answer(ask)
        answer.headers["x-total-count"] = "9"
        return answer if ask.query["page"] == "1" else as_json([], headers={"x-total-count": "9"})

    store = ForgejoStore(tools(3))
    with behind(Between(Forgejo(HOST, store), short), tmp_path) as runs:
        runs.harvest()
        assert runs.issues() == ["short-listing"]


def test_a_whole_instance_tells_organisations_from_persons_and_asks_that_once(tmp_path: Path) -> None:
    person = Account(login="someone", organisation=False, full_name="A Person")
    store = ForgejoStore([*tools(3), *tools(3, owner="someone", begin=10)], [person, Account(login="town")])
    with forge(store, tmp_path, whole_instance=True, files=False, languages=False, releases=False) as runs:
        runs.harvest()
        assert asked(runs) == ["/repos/search", "/orgs/town", "/orgs/someone"]
        kinds = {item["owner"]["login"]: item["owner"]["organisation"] for item in runs.stored().values()}
        assert kinds == {"town": True, "someone": False}
        assert "files" not in runs.stored()[key(1)]
        runs.harvest()
        assert asked(runs) == ["/repos/search"]


def test_topics_are_searched_and_a_repository_of_two_counts_once(tmp_path: Path) -> None:
    store = ForgejoStore([*tools(2, topics=("civic-tech", "maps")), *tools(2, begin=5)])
    with forge(store, tmp_path, topics=["civic-tech", "maps"], files=False) as runs:
        assert seen_by(runs.harvest()) == (2, 0, 0)
        assert seen_by(runs.harvest()) == (0, 0, 0)


def test_the_token_goes_to_its_instance_alone_and_never_unencrypted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tokens").write_text("codeberg.org s3cret-token\n")
    monkeypatch.setenv("HARVESTER_TOKENS_FILE", str(tmp_path / "tokens"))
    sent = {}
    for url in ("https://codeberg.org", "http://codeberg.org", "https://code.overheid.nl"):
        source = Source(name="fj", spider="forgejo", title="", params={"url": url, "organisations": ["x"]})
        spider = ForgejoSpider(source=source, frontier=AllUnits(), net=Net.of(load_settings()))
        sent[url] = [token.value for token in spider.client.session.tokens_at(f"{url}/api/v1/orgs/x/repos")]
    assert sent == {
        "https://codeberg.org": ["token s3cret-token"],
        "http://codeberg.org": [],
        "https://code.overheid.nl": [],
    }


def test_forks_mirrors_templates_and_archived_repositories_are_told_apart(tmp_path: Path) -> None:
    original, fork, mirror, template, old = tools(5)
    store = ForgejoStore(
        [
            original,
            replace(fork, parent=original.full_name),
            replace(mirror, mirror=True, original_url="https://github.com/italia/tool.git"),
            replace(template, template=True),
            replace(old, archived=True),
        ]
    )
    with forge(store, tmp_path) as runs:
        runs.harvest()
        record = schema.record
        with runs.catalogue.database.read() as connection:
            data = [json.loads(row) for row in connection.execute(sa.select(record.c.data)).scalars()]
        payloads = runs.stored()
    by_name = {item["fields"]["name"]: item["fields"] for item in data if item["key"] == "repository"}
    assert by_name["tool-2"]["fork"] is True
    assert by_name["tool-2"]["is_based_on"] == "https://forge.example/town/tool-1"
    assert by_name["tool-3"]["is_based_on"] == "https://github.com/italia/tool.git"
    assert (by_name["tool-3"]["fork"], by_name["tool-1"]["archived"], by_name["tool-5"]["archived"]) == (
        False,
        False,
        True,
    )
    assert payloads[key(4)]["template"] is True


def test_an_empty_repository_is_asked_for_nothing_and_skipped_until_it_holds_something(tmp_path: Path) -> None:
    store = ForgejoStore([Repository(id=1, owner="town", name="soon"), *tools(1, begin=2)])
    with forge(store, tmp_path) as runs:
        run = runs.harvest()
        assert (run.counts.read, run.counts.skipped) == (1, 1)
        assert not any("/soon/" in path for path in asked(runs))
        soon = store.by_id(1)
        assert soon is not None
        store.put(replace(soon, files={"README.md": README}, updated_at=LATER))
        run = runs.harvest()
        assert (run.counts.read, run.counts.changed) == (2, 1)


def test_many_files_come_in_one_request_where_the_instance_says_that_it_can(tmp_path: Path) -> None:
    files = {"README.md": README, "publiccode.yml": PUBLICCODE, "codemeta.json": "{}"}
    stored = []
    for gitea in (True, False):
        with forge(ForgejoStore(tools(2, files=files)), tmp_path / str(gitea), gitea=gitea) as runs:
            runs.harvest()
            stored.append(runs.stored())
            paths = asked(runs)
        assert paths.count("/swagger.v1.json") == 1
        assert sum("/raw/" in path for path in paths) == (0 if gitea else 6)
        assert sum(path.endswith("/file-contents") for path in paths) == (2 if gitea else 0)
    assert stored[0] == stored[1]


def test_files_that_are_too_large_or_no_text_are_not_kept(tmp_path: Path) -> None:
    files = {"README.md": "x" * 70_000, "publiccode.yml": "x" * 300_000, "civic.json": "\x00caf\udce9"}
    store = ForgejoStore(tools(1, files={name: text for name, text in files.items() if name != "civic.json"}))

    def latin(ask: Ask) -> Response | None:
        return PlainTextResponse(b"name: caf\xe9") if ask.path.endswith("/raw/CITATION.cff") else None

    one = store.by_id(1)
    assert one is not None
    store.put(replace(one, files={**one.files, "CITATION.cff": "name: café"}))
    with behind(Between(Forgejo(HOST, store), latin), tmp_path) as runs:
        runs.harvest()
        (payload,) = runs.stored().values()
        assert [path.rpartition("/")[2] for path in asked(runs) if "/raw/" in path] == ["CITATION.cff", "README.md"]
        assert {file["path"]: (file["text"], file.get("cut")) for file in payload["files"]} == {
            "publiccode.yml": (None, None),
            "CITATION.cff": (None, None),
            "README.md": ("x" * 64 * 1024, True),
        }
        assert runs.issues() == ["no-text", "no-text"], "of publiccode.yml and of CITATION.cff"


def test_one_broken_repository_is_an_issue_and_asked_again_a_broken_forge_is_a_failed_run(tmp_path: Path) -> None:
    store = ForgejoStore(tools(8))
    web = Between(Forgejo(HOST, store))
    with behind(web, tmp_path) as runs:
        web.instead = lambda ask: as_json({"message": "oops"}, 500) if "/tool-3/git/" in ask.path else None
        run = runs.harvest()
        assert (run.counts.new, runs.issues()) == (8, ["repository-unreadable"])
        assert "files" not in runs.stored()[key(3)]
        web.instead = lambda _: None
        run = runs.harvest()
        assert runs.changed(run) == {key(3)}
        assert (runs.issues(), runs.stored()[key(3)]["files"][0]["text"]) == ([], README)
        third = store.by_id(3)
        assert third is not None
        store.put(replace(third, updated_at=LATER, commits=2))
        web.instead = lambda ask: as_json({"message": "oops"}, 500) if "/tool-3/git/" in ask.path else None
        runs.harvest()
        assert runs.stored()[key(3)]["files"][0]["text"] == README  # what was had is not lost
        web.instead = lambda ask: PlainTextResponse("Bad Gateway", 502) if "/git/" in ask.path else None
        assert runs.harvest().judgement is not Judgement.GOOD
        assert len(runs.stored()) == 8


def test_a_spent_budget_keeps_what_was_had_and_the_next_attempt_goes_on_from_there(tmp_path: Path) -> None:
    store = ForgejoStore(tools(30))
    web = Between(Forgejo(HOST, store))
    left = [40]

    def limited(_: Ask) -> Response | None:
        left[0] -= 1
        return PlainTextResponse("Too many requests", 429, {"retry-after": "900"}) if left[0] < 0 else None

    with behind(web, tmp_path) as runs:
        web.instead = limited
        run = runs.harvest()
        assert run.state is RunState.CAPPED
        had = len(runs.stored())
        assert 5 <= had < 30
        left[0] = 10_000
        ended = runs.resume()
        assert (ended.state, ended.counts.new) == (RunState.FINISHED, 30)
        assert sum("/git/trees/" in path for path in asked(runs)) == 30 - had


def test_several_listings_can_be_asked_at_a_time(tmp_path: Path) -> None:
    owners = [f"body-{n}" for n in range(5)]
    store = ForgejoStore([one for n, owner in enumerate(owners) for one in tools(4, owner=owner, begin=1 + 10 * n)])
    with forge(store, tmp_path, organisations=owners, concurrency=4) as runs:
        assert seen_by(runs.harvest()) == (20, 0, 0)
        assert runs.log.most_in_flight[HOST] <= 4
        assert seen_by(runs.harvest()) == (0, 0, 0)


def test_a_forecast_says_what_the_next_run_asks(tmp_path: Path) -> None:
    store = ForgejoStore(tools(100))
    params = ForgejoSpider.Params.model_validate({"url": f"http://{HOST}", "organisations": ["town"]})
    assert ForgejoSpider.forecast(params, known=0, last=None) is None
    with forge(store, tmp_path) as runs:
        first = runs.harvest()
        for number in (1, 2):
            one = store.by_id(number)
            assert one is not None
            store.put(replace(one, commits=2, updated_at=LATER, files={"README.md": f"New {number}"}))
        foreseen = ForgejoSpider.forecast(params, known=first.counts.entries, last=first)
        assert foreseen == runs.harvest().spent == {f"{HOST} rest /orgs": 2, f"{HOST} rest /repos": 8}
        quiet = runs.harvest()
        assert ForgejoSpider.forecast(params, known=100, last=quiet) == runs.harvest().spent


def test_units_are_named_alike_in_every_run_and_can_be_stored_as_json() -> None:
    params = ForgejoSpider.Params.model_validate(
        {"organisations": ["a", "b", "a"], "users": ["c"], "topics": ["d e"], "whole_instance": True}
    )
    spider = ForgejoSpider.__new__(ForgejoSpider)
    spider.params = params
    units = list(spider.first_units())
    assert len({unit.key for unit in units}) == len(units) == 5
    assert [json.loads(json.dumps(unit.data)) for unit in units] == [dict(unit.data) for unit in spider.first_units()]


@pytest.mark.parametrize(
    "params", [{}, {"organisations": ["x"], "concurrency": 9}, {"users": ["x"], "odd": 1}, {"url": "ftp://x"}]
)
def test_parameters_that_cannot_work_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ForgejoSpider.Params.model_validate(params)
