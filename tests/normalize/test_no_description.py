"""What stands where a description was asked for, and says nothing, is no description."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from harvester.normalize.values import described, is_placeholder

TABLE = json.loads((resources.files("harvester.normalize") / "data/no_description.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "said", ["No description available...", "None", "TODO", "[à compléter]", "Keine  Beschreibung.", "n/a"]
)
def test_a_placeholder_is_no_description(said: str) -> None:
    assert is_placeholder(said)
    assert described({"en": said, "fr": "Carte des écoles"}) == ({"fr": "Carte des écoles"}, {})


@pytest.mark.parametrize(
    "said",
    ["Todo list for towns", "None of your business: a privacy tool", "Descriptions of laws", "TBD tracks budgets", "…"],
)
def test_a_description_that_begins_like_one_stays(said: str) -> None:
    assert described({"en": said}) == ({"en": said}, {})


def test_the_table_has_seven_languages_and_texts_as_they_are_compared() -> None:
    assert set(TABLE) == {"en", "fr", "it", "de", "es", "nl", "pt"}
    for texts in TABLE.values():
        assert texts
        assert all(text == text.lower().strip() and is_placeholder(text) for text in texts)
