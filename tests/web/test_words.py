"""English and French say the same: no page shows a word that is not in both tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import harvester.web
from harvester.assess import relevance as relevance_module
from harvester.model import FACETS, FIELD_KINDS, Basis, Judgement, Operation, RunState, Severity, SoftwareState
from harvester.resolve import near as near_module
from harvester.search.query import SORTS
from harvester.web.i18n import LANGUAGES, Entry, Words, choose, table

WEB = Path(harvester.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
SAME_IN_BOTH = {"site.name", "search.took", "record.sources", "record.used_by_n", "record.history"}
"""Words of several letters and words that both languages write alike; single words may be alike by chance."""


def forms(entry: Entry) -> Mapping[str, str]:
    return {"": entry} if isinstance(entry, str) else entry


def used_keys() -> Iterator[tuple[str, str]]:
    """(file, key) of every literal key in templates and code."""
    for path in TEMPLATES:
        for key in re.findall(r'\bt(?:\.html)?\("([^"]+)"\s*[,)]', path.read_text(encoding="utf-8")):
            yield path.name, key
    for path in sorted(WEB.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = ast.unparse(node.func)
            if called.endswith("words") and isinstance(node.args[0].value, str):
                yield path.name, node.args[0].value


def computed_keys() -> Iterator[str]:
    """Keys that are made from a vocabulary."""
    yield from (f"field.{name}" for name in FIELD_KINDS)
    yield from (f"facet.{name}" for name in FACETS)
    yield from (f"sort.{name}" for name in SORTS)
    yield from (f"basis.{one.value}" for one in Basis)
    yield from (f"state.{one.value}" for one in SoftwareState)
    yield from (f"decision.{one.value}" for one in Operation)
    yield from (f"severity.{one.value}" for one in Severity)
    yield from (f"run.{one.value}" for one in (*RunState, *Judgement))
    for family, module in (("relevance", relevance_module), ("near", near_module)):
        documented = re.findall(r"^([a-z-]+)  +", module.__doc__ or "", re.MULTILINE)
        assert len(documented) >= 5
        yield from (f"{family}.{code}" for code in documented if code not in ("code", "reason"))


def test_both_languages_have_the_same_keys() -> None:
    assert set(table("en")) == set(table("fr"))


@pytest.mark.parametrize("key", sorted(table("en")))
def test_both_languages_fill_in_the_same_names(key: str) -> None:
    names = []
    for language in LANGUAGES:
        entry = table(language)[key]
        assert isinstance(entry, str) or set(entry) == {"one", "other"}, language
        found = {one: set(re.findall(r"{(\w+)}", text)) for one, text in forms(entry).items()}
        names.append(found[""] if "" in found else found["other"])
        assert all(text.strip() for text in forms(entry).values())
    assert names[0] == names[1]


def test_every_word_that_a_page_asks_for_is_there() -> None:
    known = table("en")
    assert [(file, key) for file, key in used_keys() if key not in known and not key.endswith(".")] == []
    assert [key for key in computed_keys() if key not in known] == []
    assert len(set(used_keys())) > 150


def test_templates_hold_no_words_of_their_own() -> None:
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"{% block body_class %}.*?{% endblock %}", "", text)
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text, flags=re.DOTALL)
        attributes = re.findall(r'\b(?:title|alt|aria-label|placeholder)="([^"]*[A-Za-z][^"]*)"', text)
        bare = re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL)
        bare = re.sub(r"\b(CSV|JSON|a|r|d|u|j|k)\b|&\w+;", " ", bare)
        assert re.findall(r"[A-Za-zÀ-ÖØ-öø-ÿ]+", bare) == [], path.name
        assert attributes == [], path.name


def test_french_is_french() -> None:
    """A word that is the same in both is one that is known to be."""
    same = [key for key in table("en") if table("en")[key] == table("fr")[key]]
    short = [key for key in same if not all(len(text.split()) == 1 for text in forms(table("en")[key]).values())]
    assert set(short) <= SAME_IN_BOTH, set(short) - SAME_IN_BOTH
    assert len(same) < 0.15 * len(table("en"))


def test_numbers_choose_their_plural_in_each_language() -> None:
    assert [Words("en")("search.total", n=n) for n in (0, 1, 2)] == ["0 tools", "1 tool", "2 tools"]
    assert [Words("fr")("search.total", n=n) for n in (0, 1, 2)] == ["0 outil", "1 outil", "2 outils"]
    assert Words("en")("search.total", n=2184) == "2,184 tools"
    assert Words("fr")("search.total", n=2184) == "2\u202f184 outils"


def test_what_is_filled_into_markup_is_escaped() -> None:
    assert "<b>" not in Words("en").html("search.nothing_for", text="<b>")
    assert "<strong>" in Words("en").html("search.nothing_for", text="x")


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("en")("no.such.words")


@pytest.mark.parametrize("header", ["", "*", ";;;q=", "fr;q=x", "x" * 10_000, "," * 1000])
def test_a_strange_preference_gives_english(header: str) -> None:
    assert choose(header) == "en"
