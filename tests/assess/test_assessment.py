"""What a software is and whether it belongs: by kinds, in several languages, on made examples."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from harvester.assess.assessment import MOST_REASONS, Assessment, Subject, assess, reason_of, threshold
from harvester.assess.features import LONGEST_TEXT, Seen, concepts, features
from harvester.assess.phrases import load, stem
from harvester.model import ARTEFACTS, Fields, Identifier, Organisation
from harvester.words import Formatter, packaged

LANGUAGES = {"en", "fr", "it", "de", "es", "nl", "pt"}


def of(name: str, description: str = "", *, reader: str = "github", language: str = "und", **fields: object) -> Subject:
    """A repository of that name with that description, known to one source."""
    owner = str(fields.pop("owner", "example"))
    repository = f"https://github.com/{owner}/{name}"
    texts = {language: description} if description else {}
    made = Fields(**{"name": name, "short_description": texts, "code_repository": repository} | fields)  # type: ignore[arg-type]
    return Subject(fields=made, identifiers=(Identifier("repo", repository),), sources=(("a-source", reader),))


@pytest.mark.parametrize(
    ("artefact", "name", "description"),
    [
        ("addon", "ckanext-harbour", "CKAN extension that shows harbours"),
        ("addon", "wp-council-plugin", "WordPress plugin for councils"),
        ("addon", "moodle-theme-blue", "Thème Moodle de l'académie"),
        ("documentation", "permits-docs", "Documentation of the permit service"),
        ("documentation", "permits-handbook", "Handbook and guidelines for teams"),
        ("documentation", "guide-accueil", "Guide de bonnes pratiques pour les équipes"),
        ("documentation", "handbuch", "Handbuch und Leitfaden für Behörden"),
        ("configuration", "ansible-nginx", "Ansible role to deploy nginx"),
        ("configuration", "docker-permits", "Docker image of permits"),
        ("learning", "javascript-workshop", "Exercises of the workshop, an introduction"),
        ("learning", "tp-python", "Travaux pratiques du cours de Python"),
        ("analysis", "flood-paper", "R scripts and notebooks for the analysis in our paper"),
        ("library", "permits-python", "Python library, a wrapper of the permits API"),
        ("website", "example.org", "Website of the example group, built with Jekyll"),
        ("organisation", "meetings", "Agenda and minutes of our meetings"),
        ("application", "permits", "Web application for citizens to request permits online"),
        ("application", "demarches", "Plateforme permettant aux usagers de déposer leurs démarches en ligne"),
    ],
)
def test_the_artefact_is_told_by_name_and_text(artefact: str, name: str, description: str) -> None:
    told = assess(of(name, description))
    assert told.artefact == artefact
    assert not told.artefact_declared
    assert told.artefact_reasons


@pytest.mark.parametrize(
    ("fields", "reader", "artefact"),
    [
        ({"software_type": "library"}, "publiccode", "library"),
        ({"software_type": "addon"}, "publiccode", "addon"),
        ({"software_type": "standalone/web"}, "publiccode", "application"),
        ({"software_type": "configurationFiles"}, "publiccode", "configuration"),
        ({"kind": "service"}, "html-link", "application"),
        ({}, "beta-gouv", "application"),
    ],
)
def test_what_a_source_declares_goes_before_what_the_words_say(
    fields: dict[str, str], reader: str, artefact: str
) -> None:
    told = assess(of("permits-docs", "Documentation and wiki", reader=reader, **fields))
    assert (told.artefact, told.artefact_declared) == (artefact, True)
    assert len(told.artefact_reasons) == 1
    inferred = assess(of("permits-docs", "Documentation and wiki"))
    assert (inferred.artefact, inferred.artefact_declared) == ("documentation", False)


TOOLS = [
    (
        "en",
        "A platform that helps cities and their citizens with participatory budgeting, open source and configurable",
    ),
    ("fr", "Plateforme libre de participation citoyenne pour les collectivités, réutilisable et personnalisable"),
    (
        "it",
        "Piattaforma per la gestione delle pratiche dei cittadini, a riuso degli enti della pubblica amministrazione",
    ),
    ("de", "Plattform für Bürgerbeteiligung, ermöglicht Kommunen und Behörden Verfahren, quelloffen und anpassbar"),
    (
        "es",
        "Plataforma de participación ciudadana para ayuntamientos, permite presupuestos participativos, código abierto",
    ),
    ("nl", "Platform voor burgerparticipatie van gemeenten, herbruikbaar en open source"),
    ("pt", "Plataforma de participação dos cidadãos para municípios, reutilizável, código aberto"),
]
"""One kind of thing, described in seven languages."""


@pytest.mark.parametrize(("language", "description"), TOOLS)
def test_a_tool_for_public_bodies_belongs_in_whatever_language(language: str, description: str) -> None:
    told = assess(
        of("agora", description, language=language, reader="publiccode", has_publiccode=True, license="EUPL-1.2")
    )
    other = assess(of("plasma-simulation", "Fortran code of a plasma turbulence model for our paper"))
    assert told.civic.value > 0.6 > 0.3 > other.civic.value
    assert told.toolbox.value >= threshold() > other.toolbox.value


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("codeofconduct", "The code of conduct of our brigade"),
        (".github", ""),
        ("dotfiles", "My dotfiles"),
        ("tp3", "Exercices du cours"),
        ("website", "Website of our group"),
        ("infra", "Terraform and Ansible of our servers"),
    ],
)
def test_what_is_no_tool_is_below_the_threshold(name: str, description: str) -> None:
    assert assess(of(name, description)).toolbox.value < threshold()


def test_the_same_thing_is_judged_the_same_whenever_and_however_it_is_asked() -> None:
    subject = of("permits", "Web application for citizens", date_modified=datetime.now(UTC) - timedelta(days=4000))
    assert assess(subject) == assess(subject)
    other = of("permits", "Web application for citizens", date_modified=datetime.now(UTC))
    assert assess(subject) == assess(other)


def test_reasons_quote_the_evidence_the_heaviest_first_and_have_words_in_each_language() -> None:
    told = assess(
        of("permits-docs", "Documentation for citizens", license="MIT", stars=3, organisations=(Organisation("Ada"),))
    )
    for reasons in (told.artefact_reasons, told.civic.reasons, told.toolbox.reasons):
        assert 0 < len(reasons) <= MOST_REASONS
        weights = [abs(weight) for weight, _ in reasons]
        assert weights == sorted(weights, reverse=True)
    said = {reason.args.get("value") for _, reason in told.artefact_reasons}
    assert "docs" in said
    for language in ("en", "fr"):
        words = Formatter(packaged()[language])
        for _, reason in (*told.artefact_reasons, *told.civic.reasons, *told.toolbox.reasons):
            assert words.words.known(reason.code), reason.code


def weights_of(name: str) -> dict[str, dict[str, float]]:
    """A file's weights, those of a single answer under ""."""
    table = load(f"assessment.{name}.json")["weights"]
    return {feature: told if isinstance(told, dict) else {"": told} for feature, told in table.items()}


@pytest.mark.parametrize("name", ["artefact", "civic", "toolbox"])
def test_every_weight_is_a_number_of_a_feature_that_there_is_and_has_words(name: str) -> None:
    table, english = weights_of(name), packaged()["en"]
    assert 100 < len(table) < 2000
    groups = set(concepts().group.values())
    for feature, told in table.items():
        assert all(math.isfinite(weight) for weight in told.values())
        assert name != "artefact" or set(told) <= set(ARTEFACTS)
        place, _, what = feature.partition(":")
        if what.startswith("*"):
            assert what.removeprefix("*") in groups, feature
        if place == "word":
            assert what == stem(what)
        reason = reason_of(feature, Seen(1.0, "x"))
        assert reason is None or english.known(reason.code), feature


@pytest.mark.parametrize("name", ["artefact", "civic", "toolbox"])
def test_a_weights_file_has_a_feature_a_line_and_the_figures_beside(name: str) -> None:
    text = (resources.files("harvester.assess") / "data" / f"assessment.{name}.json").read_text(encoding="utf-8")
    table = json.loads(text)
    assert len(text.splitlines()) >= len(table["weights"])
    five_fold, fitted = table["figures"]["five-fold"], table["figures"]["fitted"]
    assert set(five_fold) == set(fitted) != set()


def test_every_concept_has_words_in_most_languages() -> None:
    table = load("assessment.concepts.json")
    assert len(table) >= 80
    for code, told in table.items():
        assert set(told) <= LANGUAGES | {"speaks_of", "only_at"}, code
        assert told["en"], code
    assert sum(len(set(told) & LANGUAGES) == 7 for told in table.values()) > 0.7 * len(table)


def hostile() -> list[str]:
    return [
        "documentation " * 200_000,
        "a" * 3_000_000,
        "-" * 1_000_000,
        "\u0301" * 1_000_000,
        "ß" * 1_000_000,
        "\x00",
        "{value}",
        "%s",
    ]


@pytest.mark.parametrize("text", hostile(), ids=range(len(hostile())))
def test_a_hostile_text_is_cut_before_it_is_looked_at(text: str) -> None:
    subject = Subject(
        fields=Fields(
            name=text,
            short_description={"en": text},
            long_description={"en": text},
            topics=(text,),
            code_repository=f"https://github.com/{text[:5000]}/{text[:5000]}",
            organisations=(Organisation(text),),
        )
    )
    told = assess(subject)
    assert isinstance(told, Assessment)
    assert 0 <= told.civic.value <= 1
    assert 0 <= told.toolbox.value <= 1
    assert sum(len(one.said) for one in features(subject).values()) < 400 * LONGEST_TEXT


def test_nothing_known_is_unknown_and_no_tool() -> None:
    told = assess(Subject(fields=Fields()))
    assert told.artefact in ARTEFACTS
    assert told.toolbox.value < threshold()
