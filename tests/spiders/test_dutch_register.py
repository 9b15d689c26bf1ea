"""The key of the Dutch register: from the environment, and for its own host alone."""

from __future__ import annotations

from typing import Any

import pytest
from support.asked import spider

from harvester.model import Source

KEY = "key-of-the-environment"


def sent(**params: Any) -> list[bytes | None]:
    asking = spider(Source(name="nl", spider="dutch_register", title="NL", params=params))
    return [asking.request(unit).headers.get("x-api-key") for unit in asking.first_units()]


def test_the_key_is_sent_to_the_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_DUTCH_REGISTER_KEY", KEY)
    assert sent() == [KEY.encode()] * 2


@pytest.mark.parametrize(
    "api",
    [
        "http://api.developer.overheid.nl/oss-register/v1",
        "https://api.developer.overheid.nl.evil.example/oss-register/v1",
        "https://evil.example/api.developer.overheid.nl/v1",
    ],
)
def test_the_key_is_sent_to_nobody_else(monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    monkeypatch.setenv("HARVESTER_DUTCH_REGISTER_KEY", KEY)
    assert sent(api=api) == [None, None]


def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARVESTER_DUTCH_REGISTER_KEY", raising=False)
    assert sent() == [None, None]


def test_a_key_is_no_parameter() -> None:
    with pytest.raises(ValueError, match="key"):
        sent(key=KEY)
