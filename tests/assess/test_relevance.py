"""Why something is civic, in codes that pages can say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.assess import relevance as room
from harvester.assess.relevance import relevance
from harvester.model import USE_CASES, Fields, Organisation, Reason


def reasons(**fields: Any) -> dict[str, str]:
    """The value of each reason by its code."""
    found = [reason for _, reason in relevance(Fields(**fields))[1]]
    return {one.code.removeprefix("relevance."): ": ".join(map(str, one.args.values())) for one in found}


def score(**fields: Any) -> float:
    return relevance(Fields(**fields))[0]


def test_nothing_known_is_nothing_civic() -> None:
    assert relevance(Fields()) == (0.0, ())


def test_a_described_tool_of_a_city_with_a_use_case_is_certain_enough() -> None:
    value, why = relevance(
        Fields(
            name="Participa",
            has_publiccode=True,
            organisations=(Organisation("City of Helsinki"),),
            use_cases=("participatory-budgeting",),
            short_description={"en": "Participatory budgeting for residents"},
        )
    )
    assert value == 1.0
    assert why == (
        (0.35, Reason("relevance.publiccode")),
        (
            0.3,
            Reason.of("relevance.use-case-said", use_case="participatory-budgeting", value="Participatory budgeting"),
        ),
        (0.25, Reason.of("relevance.organisation", value="City of Helsinki")),
        (0.1, Reason.of("relevance.words", value="residents")),
    )


def test_a_use_case_that_no_word_explains_is_still_a_reason() -> None:
    assert reasons(use_cases=("petition",))["use-case"] == "petition"


def test_further_use_cases_add_little() -> None:
    one, three = score(use_cases=("petition",)), score(use_cases=("petition", "mapping", "justice", "back-office"))
    assert (one, three) == (0.3, 0.4)


@pytest.mark.parametrize(
    "name",
    ["City of Philadelphia", "Ministère de la Culture", "Ville de Paris",
     "Comune di Bari", "Regione Umbria", "Ajuntament de Barcelona"],
)  # fmt: skip
def test_public_bodies_are_known_by_their_words(name: str) -> None:
    assert reasons(organisations=(Organisation(name),)) == {"organisation": name}


@pytest.mark.parametrize("name", ["Acme Ltd", "ada", "Cityscape Games", "Electricity Ltd"])
def test_others_are_not(name: str) -> None:
    assert reasons(organisations=(Organisation(name),)) == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"landing_url": "https://www.demarches.gouv.fr/x"}, {"public-host": "www.demarches.gouv.fr"}),
        ({"code_repository": "https://github.com/alphagov/notify"}, {"account": "alphagov"}),
        ({"organisations": (Organisation("Code for Africa"),)}, {"civic-organisation": "Code for Africa"}),
        ({"topics": ("python", "Civic-Tech")}, {"topic": "Civic-Tech"}),
        ({"used_by": ("Bari", "Lecce")}, {"used-by": "2"}),
        ({"long_description": {"it": "Per la pubblica amministrazione"}}, {"words": "pubblica amministrazione"}),
    ],
)
def test_each_sign_has_its_code(fields: dict[str, Any], expected: dict[str, str]) -> None:
    assert reasons(**fields) == expected
    assert score(**fields) > 0


def test_a_host_that_only_ends_like_a_government_is_none() -> None:
    assert reasons(landing_url="https://notgov.example/") == {}
    assert reasons(landing_url="https://mygov") == {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"fork": True, "is_based_on": "https://github.com/ckan/ckan"}, "fork-of"),
        ({"mirror": True, "is_based_on": "https://github.com/ckan/ckan"}, "mirror-of"),
        ({"template": True}, "template"),
        ({"archived": True}, "archived"),
        ({"name": "drupal-template"}, "template"),
        ({"short_description": {"en": "A demo"}}, "demo"),
        ({"name": ".dotfiles"}, "dotfiles"),
        ({"code_repository": "https://github.com/ada/ada.github.io"}, "personal-site"),
        ({"short_description": {"fr": "Tutoriel Git"}}, "learning"),
    ],
)
def test_what_speaks_against_it_has_its_code_and_lowers_the_figure(fields: dict[str, Any], code: str) -> None:
    assert code in reasons(**fields)
    assert score(**fields, use_cases=("petition",)) < score(use_cases=("petition",))


def test_a_described_template_is_not_held_against_its_makers() -> None:
    assert "template" not in reasons(name="Municipal site template", has_publiccode=True)


def test_the_pages_of_a_public_body_are_nobodys_own() -> None:
    assert reasons(code_repository="https://github.com/alphagov/alphagov.github.io") == {"account": "alphagov"}


def test_every_code_that_is_given_is_in_the_list_that_pages_translate() -> None:
    listed = set(re.findall(r"^([a-z-]+) +-?0\.\d\d", room.__doc__ or "", re.MULTILINE))
    given = set(
        reasons(
            has_publiccode=True, use_cases=("petition",), organisations=(Organisation("City of X"),), used_by=("a",),
            topics=("civic-tech",), short_description={"en": "for citizens"}, fork=True, archived=True,
        )
    )  # fmt: skip
    given |= set(
        reasons(
            name="dotfiles", topics=("template", "tutorial"), short_description={"en": "demo"},
            code_repository="https://github.com/ada/ada.github.io",
        )
    )  # fmt: skip
    given |= set(reasons(code_repository="https://github.com/18f/x")) | set(reasons(mirror=True))
    given |= set(reasons(name="Petition", use_cases=("petition",), fork=True, is_based_on="https://x.example/a"))
    given |= set(reasons(mirror=True, is_based_on="https://x.example/a"))
    given |= set(reasons(landing_url="https://a.gov.uk")) | set(reasons(organisations=(Organisation("mySociety"),)))
    assert given == listed


WORDS = st.sampled_from(["City of X", "demo", "template", "citizens", "mySociety", "vim config", "x", "budget", ""])


@given(
    st.builds(
        Fields,
        name=st.none() | WORDS,
        short_description=st.dictionaries(st.sampled_from(["en", "und"]), WORDS),
        topics=st.lists(WORDS).map(tuple),
        organisations=st.lists(st.builds(Organisation, WORDS)).map(tuple),
        use_cases=st.lists(st.sampled_from(sorted(USE_CASES)), unique=True, max_size=4).map(tuple),
        has_publiccode=st.sampled_from([None, True, False]),
        fork=st.sampled_from([None, True, False]),
        archived=st.sampled_from([None, True, False]),
    )
)
def test_the_figure_is_the_sum_of_its_reasons_within_bounds(fields: Fields) -> None:
    value, why = relevance(fields)
    assert 0 <= value <= 1
    assert value == pytest.approx(min(1, max(0, sum(weight for weight, _ in why))), abs=0.01)
    assert all(re.match(r"relevance\.[a-z-]+$", reason.code) for _, reason in why)
    assert [weight for weight, _ in why] == sorted((weight for weight, _ in why), reverse=True)
