"""`harvester settings`, and what a wrong setting is answered with."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harvester.config import Settings


def test_every_setting_is_listed_with_value_default_and_meaning(
    harvester, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_BIND", "127.0.0.1:9000")
    rows = {row["variable"]: row for row in harvester("settings", "--json").json}
    assert set(rows) == {f"HARVESTER_{name.upper()}" for name in Settings.model_fields}
    assert all(set(row) == {"variable", "value", "default", "meaning"} and row["meaning"] for row in rows.values())
    assert rows["HARVESTER_BIND"]["value"] == "127.0.0.1:9000"
    assert rows["HARVESTER_BIND"]["default"] == "127.0.0.1:8000"
    assert rows["HARVESTER_DATA"]["value"] == str(data)
    table = harvester("settings").out
    assert all(name in table for name in rows)


@pytest.mark.parametrize(
    ("variable", "value", "secret"),
    [
        ("HARVESTER_GITHUB_TOKEN", "ghp_" + "a" * 36, "aaaa"),
        ("HARVESTER_GITLAB_TOKEN", "glpat-" + "b" * 20, "bbbb"),
        ("HARVESTER_DATABASE", "postgresql+psycopg://ada:lovelace@database/harvester", "lovelace"),
        ("HARVESTER_DATABASE", "postgresql+psycopg://ada:love%40l/ace@database/harvester", "ove%40l"),
        ("HARVESTER_DATABASE", "postgresql+psycopg://database/harvester?user=ada&password=lovelace", "lovelace"),
        ("HARVESTER_INDEX", "https://elastic:changeme@search:9200", "changeme"),
    ],
)
def test_secrets_are_masked(harvester, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, secret: str) -> None:
    monkeypatch.setenv(variable, value)
    for ended in (harvester("settings"), harvester("settings", "--json")):
        assert ended.code == 0
        assert secret not in ended.out + ended.err
        assert "********" in ended.out


@pytest.mark.parametrize(
    ("variable", "value", "words", "remedy"),
    [
        ("HARVESTER_BIND", "nonsense", ["serve"], "for example 127.0.0.1:8000"),
        ("HARVESTER_BIND", "127.0.0.1:99999", ["up"], "for example 127.0.0.1:8000"),
        ("HARVESTER_BIND", "0.0.0.0:8000", ["demo"], "use 127.0.0.1"),
        ("HARVESTER_BIND", "nonsense", ["demo", "--no-serve"], "for example 127.0.0.1:8000"),
        ("HARVESTER_DATABASE", "mysql://ada@database/x", ["sources", "list"], "use sqlite or postgresql+psycopg"),
        ("HARVESTER_DATABASE", "nonsense", ["runs"], "for example sqlite:///"),
        ("HARVESTER_RUN_TIME_LIMIT_S", "0", ["runs"], "`harvester settings`"),
        ("HARVESTER_RUN_TIME_LIMIT_S", "soon", ["settings"], "`harvester settings`"),
        ("HARVESTER_SECURE_COOKIES", "perhaps", ["settings"], "`harvester settings`"),
        ("HARVESTER_LOG_LEVEL", "LOUD", ["settings"], "DEBUG, INFO, WARNING, ERROR"),
        ("HARVESTER_TIMEZONE", "Nowhere/Land", ["settings"], "Europe/Paris"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(
    harvester, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: list[str], remedy: str
) -> None:
    monkeypatch.setenv(variable, value)
    ended = harvester(*words)
    assert ended.code == 3
    assert variable in ended.told
    assert value.partition(":")[0] in ended.told
    assert remedy in ended.told


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(harvester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_DATA", "/proc/nowhere")
    ended = harvester("sources", "list")
    assert ended.code == 3
    assert "'/proc/nowhere'" in ended.told
    assert "HARVESTER_DATA" in ended.told


def test_a_database_that_does_not_answer_is_named_without_its_password(
    harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_DATABASE", "postgresql+psycopg://ada:lovelace@127.0.0.1:9/harvester")
    ended = harvester("sources", "list")
    assert ended.code == 5
    assert "127.0.0.1:9/harvester" in ended.told
    assert "HARVESTER_DATABASE" in ended.told
    assert "lovelace" not in ended.told


def test_an_index_that_does_not_answer_is_the_networks_fault(harvester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_INDEX", "http://127.0.0.1:9")
    ended = harvester("index", "rebuild")
    assert ended.code == 5
    assert "127.0.0.1:9" in ended.err
    assert "HARVESTER_INDEX" in ended.err
    assert "Traceback" not in ended.err


def test_a_variable_that_is_no_setting_is_told_once_with_the_nearest_one(
    harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_DATABSE", "sqlite:///elsewhere.sqlite")
    monkeypatch.setenv("HARVESTER_QQQQ", "1")
    for of_others in ("HARVESTER_CORPUS", "HARVESTER_JUDGED", "HARVESTER_NEW_PASSWORD"):
        monkeypatch.setenv(of_others, "x")
    ended = harvester("settings", "--json")
    assert ended.code == 0
    assert ended.err.splitlines() == [
        "harvester: HARVESTER_DATABSE is no setting and was not used: is HARVESTER_DATABASE meant?",
        "harvester: HARVESTER_QQQQ is no setting and was not used",
    ]


def test_settings_are_read_where_a_process_begins_and_nowhere_else() -> None:
    root = Path(__file__).parents[2]
    readers = [
        str(path.relative_to(root))
        for folder in ("harvester", "spiders", "pipelines")
        for path in sorted((root / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load_settings"
    ]
    assert readers == ["harvester/cli/common.py", "harvester/runs/check.py", "harvester/runs/preview.py"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HARVESTER_DATABASE", "postgresql+psycopg://ada:lovelace@database:port/harvester"),
        ("HARVESTER_DATABASE", "postgresql+psycopg://127.0.0.1:9/harvester?user=ada&password=lovelace"),
        ("HARVESTER_DATABASE", "no address ://ada:lovelace@database"),
        ("HARVESTER_INDEX", "https://elastic:lovelace@search"),
        ("HARVESTER_INDEX", "https://elastic:lovelace@[search:9200"),
        ("HARVESTER_INDEX", "https://elastic:lovelace@search:port"),
    ],
)
def test_an_address_that_is_refused_is_told_without_its_password(
    harvester, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    for words in (["index", "rebuild"], ["runs"], ["settings"]):
        ended = harvester(*words)
        assert "lovelace" not in ended.out + ended.err, words
        assert "Traceback" not in ended.out + ended.err, words
    assert harvester("index", "rebuild").code not in (0, 1)
