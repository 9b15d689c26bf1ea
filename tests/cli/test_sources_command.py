"""`harvester sources`: what is wrong is said with what is allowed, and looking first writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_words import parameters
from support.builders import harvest, item
from support.stored import facts, written

from harvester.catalogue import Catalogue
from harvester.cli.exits import EXIT_INPUT, EXIT_NOT_FOUND
from harvester.runs.registry import offers
from scheduler import Clock


def _catalogue(data: Path) -> Catalogue:
    return Catalogue.open(f"sqlite:///{data / 'catalogue.sqlite'}", migrate=False)


def test_the_kinds_are_listed_with_their_parameters(harvester) -> None:
    kinds = {row["spider"]: row["parameters"].split(", ") for row in harvester("sources", "kinds", "--json").json}
    assert {"github", "gitlab", "developers_italia", "html_page"} <= set(kinds)
    assert "owners" in kinds["github"]
    assert "url" in kinds["html_page"]


def test_a_source_is_added_listed_and_changed(harvester, data: Path) -> None:
    added = harvester("sources", "add", "italia", "--spider", "developers_italia", "--country", "it", "--least", "7")
    assert (added.code, added.out) == (0, "")
    assert "harvester sources preview italia" in added.err
    row = harvester("sources", "list", "--json").json[0]
    assert (row["name"], row["spider"], row["country"], row["state"]) == ("italia", "developers_italia", "IT", "on")
    assert row["title"]
    assert row["schedule"]

    assert "unchanged" in harvester(*_ITALIA).err
    assert "stored" in harvester(*_ITALIA, "--schedule", "0 3 * * 0", "--timezone", "Europe/Rome").err
    catalogue = _catalogue(data)
    try:
        source = catalogue.sources.get("italia")
        assert (source.schedule, source.timezone, source.least, source.trusted) == (
            "0 3 * * 0",
            "Europe/Rome",
            7,
            False,
        )
        assert [line.action for line in catalogue.audit.recent(10)] == ["source changed", "source added"]
    finally:
        catalogue.close()


_ITALIA = ("sources", "add", "italia", "--spider", "developers_italia", "--country", "IT", "--least", "7")


def test_what_the_registry_offers_is_listed_after_what_was_added(harvester) -> None:
    harvester(*_ITALIA)
    rows = harvester("sources", "list", "--json").json
    assert [row["state"] for row in rows[:2]] == ["on", "available"]
    assert len(rows) > 25
    by_name = {row["name"]: row for row in rows}
    for row in rows[1:]:
        assert all(row[name] for name in ("title", "publisher", "schedule", "terms_url")), row["name"]
    assert (by_name["sill"]["country"], by_name["sill"]["terms"]) == ("FR", "etalab-2.0")
    table = harvester("sources", "list").out
    assert "Direction interministérielle du numérique" in table
    assert "etalab-2.0" in table
    assert [row["name"] for row in harvester("sources", "list", "--added", "--json").json] == ["italia"]


def test_a_source_of_the_registry_is_harvested_only_once_it_is_accepted(harvester, data: Path) -> None:
    added = harvester("sources", "add", "developers-italia")
    assert added.code == 0
    assert "harvester sources accept developers-italia" in added.err
    assert _states(harvester)["developers-italia"] == "to be accepted"
    catalogue = _catalogue(data)
    try:
        offered = offers()["developers-italia"].source
        assert catalogue.sources.get("developers-italia") == offered
        assert (offered.timezone, offered.accepted) == ("Europe/Rome", False)
        assert _queued(catalogue) == 0
    finally:
        catalogue.close()

    assert "17 4 * * *" in harvester("sources", "accept", "developers-italia").err
    assert _states(harvester)["developers-italia"] == "on"
    catalogue = _catalogue(data)
    try:
        assert _queued(catalogue) == 1
    finally:
        catalogue.close()
    assert "unchanged" in harvester("sources", "add", "developers-italia").err
    assert _states(harvester)["developers-italia"] == "on"
    assert "was accepted already" in harvester("sources", "accept", "developers-italia").err


def test_what_an_option_says_goes_before_the_registry(harvester, data: Path) -> None:
    words = ["--schedule", "5 5 * * 5", "--param", "page_size=50", "--trusted"]
    assert harvester("sources", "add", "developers-italia", *words).code == 0
    catalogue = _catalogue(data)
    try:
        source = catalogue.sources.get("developers-italia")
        assert (source.schedule, source.timezone, source.trusted) == ("5 5 * * 5", "Europe/Rome", True)
        assert dict(source.params) == {"page_size": 50}
    finally:
        catalogue.close()


@pytest.mark.parametrize(
    ("words", "wrong", "allowed"),
    [
        (["add", "nowhere"], "'nowhere'", "--spider"),
        (["add"], "--all", "sources list"),
        (["add", "italia", "--all"], "--all", "sources list"),
        (["add", "--all", "--trusted"], "--all", "sources list"),
    ],
)
def test_what_the_registry_has_not_is_said(harvester, words: list[str], wrong: str, allowed: str) -> None:
    ended = harvester("sources", *words)
    assert ended.code == 8
    assert wrong in ended.told
    assert allowed in ended.told


def test_accepting_what_was_not_added_changes_nothing(harvester) -> None:
    harvester("sources", "add", "developers-italia")
    ended = harvester("sources", "accept", "developers-italia", "nowhere")
    assert ended.code == 4
    assert "'nowhere'" in ended.told
    assert _states(harvester)["developers-italia"] == "to be accepted"


def test_all_of_the_registry_is_added_and_waits_to_be_accepted(harvester, data: Path) -> None:
    harvester("sources", "add", "sill", "--spider", "developers_italia", "--title", "Ours")
    ended = harvester("sources", "add", "--all")
    states = _states(harvester)
    refused = {name for name, state in states.items() if state == "available"}
    assert all(f"{name}: left out" in ended.err for name in refused)
    assert ended.code == (EXIT_INPUT if refused else 0)
    assert {state for name, state in states.items() if name not in {*refused, "sill"}} == {"to be accepted"}
    assert states["sill"] == "on"
    catalogue = _catalogue(data)
    try:
        assert catalogue.sources.get("sill").title == "Ours"
        assert set(catalogue.sources.names()) == set(offers()) - refused
    finally:
        catalogue.close()
    assert harvester("sources", "add", "--all").code == ended.code


def _queued(catalogue: Catalogue) -> int:
    """Runs that two days' passing queues."""
    began, now = datetime(2030, 1, 4, 12, tzinfo=UTC), datetime(2030, 1, 6, 12, tzinfo=UTC)
    return Clock(catalogue, began=began).tick(now)


def _states(harvester) -> dict[str, str]:
    return {row["name"]: row["state"] for row in harvester("sources", "list", "--json").json}


def test_a_source_that_is_switched_off_waits_until_it_is_switched_on(harvester, data: Path) -> None:
    harvester(*_ITALIA)
    assert "italia: switched off" in harvester("sources", "off", "italia").err
    assert "italia: was off" in harvester("sources", "off", "italia").err
    assert _states(harvester)["italia"] == "off"
    harvester(*_ITALIA, "--schedule", "0 3 * * *")
    assert _states(harvester)["italia"] == "off"
    catalogue = _catalogue(data)
    try:
        assert _queued(catalogue) == 0
        assert "italia: switched on" in harvester("sources", "on", "italia").err
        assert _queued(catalogue) > 0
    finally:
        catalogue.close()
    nobody = harvester("sources", "off", "nobody")
    assert nobody.code == EXIT_NOT_FOUND
    assert "no source 'nobody' (known: italia)" in nobody.err


def test_a_source_is_looked_at_edited_and_paused(harvester) -> None:
    harvester(*_ITALIA, "--schedule", "0 3 * * *")
    told = harvester("sources", "show", "italia", "--json").json
    assert (told["state"], told["least"], told["items"], told["runs"], told["issues"]) == ("on", 7, 0, [], [])
    assert len(told["next"]) == 5
    assert "schedule: 0 3 * * *" in harvester("sources", "show", "italia").out

    edit = ("sources", "edit", "italia", "--least", "9", "--schedule", "")
    assert "italia: least: 7 -> 9" in harvester(*edit, "--dry-run").err
    assert harvester("sources", "show", "italia", "--json").json["least"] == 7
    assert "italia: schedule: '0 3 * * *' -> None" in harvester(*edit).err
    assert harvester(*edit).err.strip() == "italia: unchanged"
    wrong = harvester("sources", "edit", "italia", "--schedule", "often")
    assert (wrong.code, "'often'" in wrong.err) == (EXIT_INPUT, True)

    late = harvester("sources", "pause", "italia", "--until", "2020-01-01")
    assert (late.code, "2020-01-01" in late.err) == (EXIT_INPUT, True)
    assert "until 2999-01-01" in harvester("sources", "pause", "italia", "--until", "2999-01-01").err
    assert _states(harvester)["italia"] == "paused"
    assert "italia: resumed" in harvester("sources", "resume", "italia").err
    assert "italia: was not paused" in harvester("sources", "resume", "italia").err
    assert _states(harvester)["italia"] == "on"


def test_trust_publishes_what_waits_and_a_removed_source_is_given_back(harvester, data: Path) -> None:
    harvester(*_ITALIA)
    catalogue = _catalogue(data)
    try:
        harvest(catalogue, [item("one"), item("two")], "italia")
        run = catalogue.runs.recent("italia")[0]
        assert catalogue.software.count_by_state() == {"candidate": 2}
        assert "2 softwares were published" in harvester("sources", "trust", "italia").err
        assert catalogue.software.count_by_state() == {"published": 2}
        assert "0 softwares were published" in harvester("sources", "untrust", "italia").err
        assert catalogue.software.count_by_state() == {"published": 2}

        shown = harvester("runs", "show", str(run.id), "--json").json
        assert (shown["source"], shown["result"], shown["counts"]["new"]) == ("italia", "good", 2)
        assert f"run {run.id} of italia: good" in harvester("runs", "show", str(run.id)).out
        logs = data / "logs"
        logs.mkdir(exist_ok=True)
        (logs / f"run-{run.id}.log").write_text("one\ntwo \x1b[2J\nhttps://ada:secret-word@forge.example\n")
        log = harvester("runs", "log", str(run.id), "--lines", "2").out
        assert log.splitlines()[0] == r"two \x1b[2J"
        assert "secret-word" not in log
        assert harvester("runs", "log", "99").code == EXIT_NOT_FOUND
        assert "1 entry" not in harvester("runs", "accept", str(run.id), "--dry-run").err
        assert harvester("runs", "accept", str(run.id)).code != 0  # it is good: nothing is held

        assert "would go" in harvester("sources", "remove", "italia", "--dry-run").err
        assert "italia" in _states(harvester)
        assert harvester("sources", "remove", "italia").code == 0
        assert catalogue.software.count_by_state() == {"gone": 2}
        assert "italia" not in [row["name"] for row in harvester("sources", "list", "--added", "--json").json]
        assert harvester("sources", "give-back", "italia").code == 0
        assert catalogue.software.count_by_state() == {"published": 2}
        assert _states(harvester)["italia"] == "off"
    finally:
        catalogue.close()


def test_an_html_catalogue_is_added_without_code(harvester, data: Path) -> None:
    template = "listed={name: h3, repository: a.code, license: .licence, updated: 'time@datetime'}"
    words = ["--spider", "html_catalogue", "--param", "urls=[https://www.ville.example/logiciels]"]
    words += ["--param", 'item="ul.logiciels > li"', "--param"]
    refused = harvester("sources", "add", "ville", *words, template.replace("h3", "'h3['"))
    assert refused.code == EXIT_INPUT
    assert "listed.name='h3['" in refused.told
    assert "no CSS selector" in refused.told
    assert harvester("sources", "add", "ville", *words, template).code == 0
    catalogue = _catalogue(data)
    try:
        assert catalogue.sources.get("ville").params["listed"]["updated"] == "time@datetime"
    finally:
        catalogue.close()


def test_parameters_are_yaml(harvester, data: Path) -> None:
    words = ["--spider", "github", "--param", "owners=[etalab, dinum]", "--param", "publiccode_only=true"]
    assert harvester("sources", "add", "etalab", *words).code == 0
    catalogue = _catalogue(data)
    try:
        assert catalogue.sources.get("etalab").params == {"owners": ["etalab", "dinum"], "publiccode_only": True}
    finally:
        catalogue.close()


@pytest.mark.parametrize(
    ("words", "wrong", "allowed"),
    [
        (
            ["--spider", "html_page", "--param", "url=http://x.example", "--param", "depth=3"],
            "depth=3",
            "url, publisher",
        ),
        (
            ["--spider", "html_page", "--param", "url=ftp://x.example"],
            "url='ftp://x.example'",
            "parameters of html_page",
        ),
        (["--spider", "html_page"], "url", "parameters of html_page: url"),
        (["--spider", "html_page", "--param", "url=http://x.example", "--param", "max_pages=0"], "max_pages=0", "next"),
        (["--spider", "github", "--param", "owners=etalab"], "owners='etalab'", "parameters of github"),
        (["--spider", "html_page", "--param", "url"], "'url'", "write KEY=VALUE"),
        (["--spider", "html_page", "--param", "url=[1,"], "url", "quote it"),
        (["--spider", "nonsense"], "'nonsense'", "known: "),
        (["--spider", "developers_italia", "--schedule", "daily"], "'daily'", "five fields"),
        (["--spider", "developers_italia", "--schedule", "99 4 * * *"], "'99 4 * * *'", "five fields"),
        (["--spider", "developers_italia", "--timezone", "Nowhere"], "'Nowhere'", "IANA zone"),
        (["--spider", "developers_italia", "--country", "France"], "'France'", "ISO 3166-1 alpha-2"),
        (["--spider", "developers_italia", "--least", "-1"], "-1", "0"),
    ],
)
def test_what_is_wrong_is_named_with_its_value_and_what_is_allowed(
    harvester, data: Path, words: list[str], wrong: str, allowed: str
) -> None:
    ended = harvester("sources", "add", "town", *words)
    assert ended.code == 8
    assert wrong in ended.told
    assert allowed in ended.told
    assert not data.exists()


@pytest.mark.parametrize("name", ["", "../etc", "a b", "Ville", "x" * 101])
def test_a_name_is_fit_for_addresses_and_files(harvester, data: Path, name: str) -> None:
    ended = harvester("sources", "add", name, "--spider", "developers_italia")
    assert ended.code == 8
    assert repr(name)[:50] in ended.told
    assert "lower-case" in ended.told
    assert not data.exists()


@pytest.mark.parametrize("words", [["sources", "preview"], ["harvest"], ["runs"], ["renormalize"]], ids=" ".join)
def test_an_unknown_source_is_answered_with_those_there_are(harvester, words: list[str]) -> None:
    assert harvester(*_ITALIA).code == 0
    ended = harvester(*words, "nowhere")
    assert ended.code == 4
    assert "'nowhere'" in ended.told
    assert "italia" in ended.told


@pytest.mark.usefixtures("online")
def test_a_preview_shows_records_and_writes_nothing(harvester, data: Path) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"))
    before = facts(data / "catalogue.sqlite")
    shown = harvester("sources", "preview", "italia", "--limit", "5", "--json")
    assert shown.code == 0
    items = shown.json["items"]
    assert len(items) == 5
    assert {item["reading"]["outcome"] for item in items} <= {"read", "refused"}
    names = [record["fields"]["name"] for item in items for record in item["reading"].get("records", [])]
    assert names
    table = harvester("sources", "preview", "italia", "--limit", "5")
    assert table.code == 0
    assert all(name in table.out for name in names)

    assert facts(data / "catalogue.sqlite") == before
    assert {name.split("-")[0] for name in written(data)} == {"catalogue.sqlite"}
    assert harvester("runs", "--json").json == []
    assert harvester("sources", "list", "--json").json[0]["last_run"] is None


@pytest.mark.usefixtures("online")
def test_a_preview_shows_what_is_wrong_with_entries(harvester) -> None:
    harvester("sources", "add", "italia", *parameters("developers-italia"))
    shown = harvester("sources", "preview", "italia", "--limit", "200")
    assert shown.code == 0
    assert "refused" in shown.out
    assert "not YAML" in shown.err


@pytest.mark.usefixtures("online")
def test_a_preview_that_brings_nothing_says_why(harvester) -> None:
    harvester("sources", "add", "gone", "--spider", "html_page", "--param", "url=http://nowhere.example/list")
    ended = harvester("sources", "preview", "gone")
    assert ended.code == 5
    assert "failed" in ended.err
    assert "502" in ended.err
