"""Where tokens come from, whose they are, and that no message holds one."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from harvester.config import Settings, load_settings
from harvester.errors import SettingsError
from harvester.log import redact
from harvester.net import Tokens

GITHUB = "https://api.github.com/graphql"


def values(settings: Settings, url: str) -> list[str]:
    return [token.get_secret_value() for token in settings.tokens_for(url)]


def test_tokens_come_from_variables_and_files_each_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "github").write_text("third-token\n\n# a comment\nfirst-token # twice\n")
    (tmp_path / "any").write_text(
        "github.com fourth-token\nGit.Example.org:3000\tforge-token\ngitlab.example other-token\n"
    )
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN", " first-token, second-token ")
    monkeypatch.setenv("HARVESTER_GITHUB_TOKEN_FILE", str(tmp_path / "github"))
    monkeypatch.setenv("HARVESTER_TOKENS_FILE", str(tmp_path / "any"))
    settings = load_settings()
    assert values(settings, GITHUB) == ["first-token", "second-token", "third-token", "fourth-token"]
    assert values(settings, "https://git.example.org:3000/api/v1/repos") == ["forge-token"]
    assert values(settings, "https://gitlab.example:443/api/v4") == ["other-token"]
    for url in (
        "http://api.github.com/graphql",
        "https://api.github.com.evil.example/",
        "https://api.github.com:8443/",
        "https://api.github.com@evil.example/",
        "https://git.example.org/api/v1/repos",
        "https://gitlab.com/api/v4",
    ):
        assert values(settings, url) == [], url


@pytest.mark.parametrize(
    ("variable", "url", "text", "said"),
    [
        ("HARVESTER_TOKENS_FILE", "https://x.example", "x.example a-secret and more\n", "line 1 has 4 words instead"),
        ("HARVESTER_TOKENS_FILE", "https://x.example", "\na-secret-alone\n", "line 2 has 1 words instead of 2"),
        ("HARVESTER_GITHUB_TOKEN_FILE", GITHUB, "github.com a-secret\n", "line 1 has 2 words instead of 1"),
    ],
)
def test_a_line_that_is_none_is_named_without_what_it_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, url: str, text: str, said: str
) -> None:
    (tmp_path / "tokens").write_text(text)
    monkeypatch.setenv(variable, str(tmp_path / "tokens"))
    with pytest.raises(SettingsError) as wrong:
        load_settings().tokens_for(url)
    assert variable in str(wrong.value)
    assert said in str(wrong.value)
    assert "secret" not in str(wrong.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "tokens").write_bytes(content)
    monkeypatch.setenv("HARVESTER_TOKENS_FILE", str(tmp_path / "tokens"))
    with pytest.raises(SettingsError, match=r"HARVESTER_TOKENS_FILE='.*tokens': it cannot be read"):
        load_settings()


def test_a_token_of_any_shape_is_taken_out_of_logs(caplog: pytest.LogCaptureFixture) -> None:
    tokens = Tokens.authorization("https://forge.example", ["0f1e2d3c4b5a69788796a5b4c3d2e1f0"], scheme="token")
    logging.getLogger("test").warning("%r %s", tokens, tokens.tokens)
    assert "0f1e2d3c" not in caplog.text
    assert redact("refused: 0f1e2d3c4b5a69788796a5b4c3d2e1f0!") == "refused: [secret]!"
