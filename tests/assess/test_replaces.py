"""The products that a tool can stand in for, from what its texts say."""

from __future__ import annotations

import pytest

from harvester.assess.meaning import understood
from harvester.assess.replaces import infer_replaces, products
from harvester.model import Basis, Fields, Identifier, Outcome, Reading, Record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("An open source alternative to Slack, Trello and Notion.", {"Slack", "Trello", "Notion"}),
        ("Open Source Notion Alternative.", {"Notion"}),
        ("Self-hosted help desk (alternative to HelpScout, Zendesk).", {"Help Scout", "Zendesk"}),
        ("The leading alternative to Google Analytics that gives you control", {"Google Analytics"}),
        ("Alternative libre à Google Docs et Microsoft 365 pour les communes", {"Google Docs", "Microsoft 365"}),
        ("Eine freie Alternative zu Doodle und SurveyMonkey", {"Doodle", "SurveyMonkey"}),
        ("Alternativa libre a Google Maps y Mapbox", {"Google Maps", "Mapbox"}),
        ("Alternativa libera a MS Teams", {"Microsoft Teams"}),
        ("Alternatief voor Zoom", {"Zoom"}),
        ("There is no alternative to Excel", set()),
        ("This is not a replacement for Jira", set()),
        ("an alternative notion to box models", set()),
        ("a plug-in for Slack; alternative to mail", set()),
    ],
)
def test_a_text_names_products_of_the_vocabulary(text: str, expected: set[str]) -> None:
    found = infer_replaces([text])
    assert found.keys() == expected
    assert all(words in text or product in words for product, words in found.items())


def test_a_spelling_is_that_of_one_product() -> None:
    spellings = products()
    names = set(spellings.values())
    assert len(names) > 150
    assert {spellings[name.casefold()] for name in names if name.isascii() and name.isalpha()} <= names


def test_it_becomes_a_value_with_its_words_unless_somebody_said_it() -> None:
    def read(**fields: object) -> Record:
        says = {"en": "A free alternative to Moodle and Kahoot!"}
        given = Fields(name="Kurs", short_description=says, **fields)  # type: ignore[arg-type]
        record = Record(key="entry", reader="test/1", fields=given, identifiers=(Identifier("catalogue", "t:1"),))
        return understood(Reading(outcome=Outcome.READ, records=(record,))).records[0]

    concluded = read()
    assert (concluded.fields.replaces, concluded.basis["replaces"]) == (("Kahoot!",), Basis.INFERRED)
    assert concluded.because["replaces"] == {"Kahoot!": "alternative to Kahoot"}
    assert read(replaces=("Quizlet",)).fields.replaces == ("Quizlet",)
