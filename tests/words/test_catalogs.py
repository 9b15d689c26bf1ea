"""English and French say the same, every key that is asked for is there, and a third language is one file."""

from __future__ import annotations

import ast
import io
import re
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import harvester.web
from harvester.assess import standing as standing_module
from harvester.errors import InputError
from harvester.model import (
    FACETS,
    FIELD_KINDS,
    VOCABULARIES,
    Basis,
    Judgement,
    Operation,
    RunState,
    Severity,
    SoftwareState,
)
from harvester.model.issue import ISSUES
from harvester.resolve import near as near_module
from harvester.resolve import relations as relations_module
from harvester.search.query import SORTS
from harvester.words import Catalogs, packaged

FOLDER = Path(str(resources.files("harvester.words"))) / "locale"
LANGUAGES = sorted(file.stem for file in FOLDER.glob("*.po"))
WEB = Path(harvester.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
SAME_IN_BOTH = {
    "site.name",
    "search.took",
    "record.sources",
    "record.used_by_n",
    "record.history",
    "organisations.total",
}
"""Words of several letters and words that both languages write alike; single words may be alike by chance."""
HEADER = 'msgid ""\nmsgstr ""\n"Language: {0}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def table(language: str) -> dict[str, Message]:
    """The messages of a shipped catalog by key."""
    catalog = read_po(io.BytesIO((FOLDER / f"{language}.po").read_bytes()))
    if language == "en":
        for code, kind in ISSUES.items():
            catalog.add(f"issue.{code}.message", kind.message)
            catalog.add(f"issue.{code}.remedy", kind.remedy)
    return {key_of(message): message for message in catalog if message.id}


def key_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def used_keys() -> Iterator[tuple[str, str]]:
    """(file, key) of every literal key in templates and code."""
    for path in TEMPLATES:
        for key in re.findall(r'\bt(?:\.html)?\("([^"]+)"\s*[,)]', path.read_text(encoding="utf-8")):
            yield path.name, key
    for path in (*sorted(WEB.glob("*.py")), *sorted(FOLDER.parent.glob("*.py"))):
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
    yield from (f"{name}.{code}" for name, codes in VOCABULARIES.items() for code in codes)
    families = (("standing", standing_module), ("near", near_module), ("relation", relations_module))
    for family, module in families:
        documented = re.findall(r"^([a-z-]+)  +", module.__doc__ or "", re.MULTILINE)
        assert len(documented) >= 5
        yield from (f"{family}.{code}" for code in documented if code not in ("code", "reason"))


def with_another(folder: Path, name: str, text: str) -> Catalogs:
    """The shipped catalogs and one more file beside them."""
    shutil.copytree(FOLDER, folder / "locale")
    (folder / "locale" / name).write_text(text, encoding="utf-8")
    return Catalogs(folder / "locale")


def test_every_shipped_language_has_the_same_keys_and_forms_as_english() -> None:
    assert len(LANGUAGES) >= 2
    english = table("en")
    for language in LANGUAGES:
        there = table(language)
        assert set(there) == set(english)
        assert [key for key, one in there.items() if one.pluralizable != english[key].pluralizable] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_said_in_all_forms_and_fills_in_what_english_fills_in(language: str) -> None:
    catalog = read_po(io.BytesIO((FOLDER / f"{language}.po").read_bytes()))
    english = table("en")
    for key, message in table(language).items():
        assert not message.fuzzy, key
        assert all(text.strip() for text in forms(message)), key
        assert len(forms(message)) == (catalog.num_plurals if message.pluralizable else 1), key
        names = [set(re.findall(r"{(\w+)}", text)) for text in forms(message)]
        assert names[-1] == set(re.findall(r"{(\w+)}", forms(english[key])[-1])), key
        assert all(some <= names[-1] for some in names), key


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
        bare = re.sub(r"\b(CSV|JSON|[a-z])\b|&\w+;", " ", bare)
        assert re.findall(r"[A-Za-zÀ-ÖØ-öø-ÿ]+", bare) == [], path.name
        assert attributes == [], path.name


def test_french_is_french() -> None:
    """A word that is the same in both is one that is known to be."""
    english, french = table("en"), table("fr")
    same = [key for key in english if forms(english[key]) == forms(french[key])]
    short = [key for key in same if not all(len(text.split()) == 1 for text in forms(english[key]))]
    assert set(short) <= SAME_IN_BOTH, set(short) - SAME_IN_BOTH
    assert len(same) < 0.15 * len(english)


def test_numbers_choose_their_plural_in_each_language() -> None:
    english, french = packaged()["en"], packaged()["fr"]
    assert [english("search.total", n=n) for n in (0, 1, 2)] == ["0 tools", "1 tool", "2 tools"]
    assert [french("search.total", n=n) for n in (0, 1, 2)] == ["0 outil", "1 outil", "2 outils"]
    assert english("search.total", n=2184) == "2,184 tools"
    assert french("search.total", n=2184) == "2\u202f184 outils"


def test_what_is_filled_into_markup_is_escaped() -> None:
    english = packaged()["en"]
    assert "<b>" not in english.html("search.nothing_for", text="<b>")
    assert "<strong>" in english.html("search.nothing_for", text="x")


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        packaged()["fr"]("no.such.words")
    assert not packaged()["fr"].known("no.such.words")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CA,en;q=0.5", "fr"),
        ("de, fr;q=0.4, en;q=0.3", "fr"),
        ("en;q=0.3,fr;q=0.4", "fr"),
        ("FR ; q=1.0", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=0", "en"),
        ("en, fr", "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_likes_best(header: str, language: str) -> None:
    assert packaged().choose(header) == language


@pytest.mark.parametrize(
    "header", ["", "*", ";;;q=", "fr;q=x", "fr;q=9", "fr;q=nan", "x" * 10_000, "," * 1000, "de," * 30 + "fr", "é", "-"]
)
def test_a_strange_preference_gives_english(header: str) -> None:
    assert packaged().choose(header) == "en"


def test_a_third_language_is_one_file_with_plurals_of_its_own_and_english_for_what_it_lacks(tmp_path: Path) -> None:
    polish = (
        HEADER.format("pl").replace('"\n\n', '"\n"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && ')
        + '(n%100<12 || n%100>14) ? 1 : 2);\\n"\n\n'
        + 'msgid "nav.sources"\nmsgstr "Źródła"\n\n#, fuzzy\nmsgid "nav.home"\nmsgstr "Dom?"\n\n'
        + 'msgid "search.total"\nmsgid_plural "search.total"\n'
        + 'msgstr[0] "{n} narzędzie"\nmsgstr[1] "{n} narzędzia"\nmsgstr[2] "{n} narzędzi"\n'
    )
    catalogs = with_another(tmp_path, "pl.po", polish)
    assert list(catalogs) == ["en", "fr", "pl"]
    words = catalogs["pl"]
    assert words("nav.sources") == "Źródła"
    assert words("nav.home") == "Home"
    assert [words("search.total", n=n) for n in (1, 3, 5, 22)] == [
        "1 narzędzie",
        "3 narzędzia",
        "5 narzędzi",
        "22 narzędzia",
    ]
    assert words("facet.more", n=12345) == "12\u00a0345 more"
    assert catalogs.choose("pl-PL,fr;q=0.8") == "pl"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            HEADER.format("de") + 'msgid "search.total"\nmsgstr "{count} Programme"\n',
            r"search\.total fills in \{count\}",
        ),
        (HEADER.format("de") + 'msgid "day.today"\nmsgstr "heute {time"\n', "expected '}'"),
        (HEADER.format("de") + 'msgid "day.today"\nthis is none\n', r"de\.po is no gettext catalog"),
        ('msgid "nav.home"\nmsgstr "Start"\n', r"de\.po names no known language"),
        (HEADER.format("tlh") + 'msgid "nav.home"\nmsgstr "juH"\n', r"de\.po"),
    ],
)
def test_a_catalog_that_would_break_pages_is_refused_with_its_file_and_key(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        with_another(tmp_path, "de.po", text)


def test_without_english_there_are_no_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no en\.po"):
        Catalogs(tmp_path)


def french_messages() -> Iterator[tuple[str, str]]:
    """Each form of each French message as it is read: without its markup and its code."""
    for key, message in table("fr").items():
        for text in forms(message):
            yield key, re.sub(r"<[^>]+>", "", re.sub(r"`[^`]*`", "x", text))


def test_french_has_its_no_break_spaces() -> None:
    """U+202F before ; ! ? and within « », U+00A0 before a colon (Imprimerie nationale's rules)."""
    for key, text in french_messages():
        assert not re.search(r"(?<!\u202f)[;!?](?!\w)", text), (key, text)
        assert not re.search(r"(?<!\u00a0):(?![\w/])", text), (key, text)
        assert not re.search(r"«(?!\u202f)|(?<!\u202f)»", text), (key, text)
        assert not re.search(r"[ \u00a0\u202f]{2}| [\u00a0\u202f]", text), (key, text)
        assert not re.search(r"['\"“”]", text), (key, text)
    assert sum("\u00a0:" in text for _, text in french_messages()) > 20
