"""A field and a facet are declared once: everything follows from the declaration, and nothing else lists them."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import requests

from harvester.model import FACETS, FIELDS
from harvester.web.api_models import EntryOut, ItemOut
from index_mappings import TEXT_FIELDS, properties, software

pytestmark = pytest.mark.xdist_group("elasticsearch")

ROOT = Path(__file__).parents[2]
_WORDS = {"en": ("Maturity", "Maturity level"), "fr": ("Maturité", "Niveau de maturité")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with a field and a facet more: two declarations, their words, and what is written of them."""
    copy = tmp_path_factory.mktemp("house")
    for room in ("harvester", "index_mappings", "tools"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "docs").mkdir()
    _insert(
        copy / "harvester/model/fields.py",
        "    used_by: tuple[str, ...]",
        "    maturity: str | None = _scalar(_PANEL | _REVIEW | _LIST | _LINE | _SEARCH)\n",
    )
    _insert(
        copy / "harvester/model/facets.py",
        '    DeclaredFacet(name="source"',
        '    DeclaredFacet(name="maturity_level", fields=("maturity",)),\n',
    )
    for language, (field, facet) in _WORDS.items():
        catalog = copy / "harvester/words/locale" / f"{language}.po"
        with catalog.open("a", encoding="utf-8") as file:
            file.write(f'\nmsgid "field.maturity"\nmsgstr "{field}"\n')
            file.write(f'\nmsgid "facet.maturity_level"\nmsgstr "{facet}"\n')
    _run(copy, "-m", "tools.declared")
    return copy


def _insert(file: Path, before: str, line: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, (file, before)
    file.write_text(text.replace(before, line + before), encoding="utf-8")


def _run(house: Path, *command: str) -> str:
    path = os.pathsep.join(map(str, (house, ROOT / "tests", ROOT / "tests/web")))
    done = subprocess.run(
        [sys.executable, *command],
        cwd=house,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["tantivy", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def told(request: pytest.FixtureRequest, house: Path, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the other house shows, with each engine."""
    alias = f"test-{token_hex(6)}"
    embedded = request.param == "tantivy"
    index = str(tmp_path / "index") if embedded else request.getfixturevalue("elasticsearch_address")
    yield json.loads(_run(house, str(ROOT / "tests/search/declared_house.py"), str(tmp_path), index, alias))
    if not embedded:
        for name in requests.get(f"{index}/{alias}-*", timeout=30).json():
            mapping = requests.get(f"{index}/{name}/_mapping", timeout=30).json()[name]["mappings"]
            assert mapping["properties"]["maturity_level"] == {"type": "keyword"}
            requests.delete(f"{index}/{name}", timeout=30)


def test_a_field_and_a_facet_more_are_everywhere_by_declaration_and_words(house: Path, told: dict[str, Any]) -> None:
    assert told["back"] == "x"
    assert told["from_json"] == told["merged"] == "proven"
    assert told["evidence"] == [["fresh", "forge", False], ["proven", "register", True]]
    _a_record_and_a_result_show_it(told)
    _the_api_and_the_csv_hold_it(told)
    mapping = json.loads((house / "index_mappings/software.json").read_text(encoding="utf-8"))
    assert mapping["mappings"]["properties"]["maturity_level"] == {"type": "keyword"}
    document = (house / "docs/fields.md").read_text(encoding="utf-8")
    assert "| `maturity` | `maturity` | Maturity | scalar | text |" in document
    assert "| `maturity_level` | Maturity level | `maturity` | open |" in document


def _a_record_and_a_result_show_it(told: dict[str, Any]) -> None:
    fact = told["record"].partition("<dt>Maturity</dt>")[2].partition("</div>")[0]
    assert "proven" in fact
    assert "<s>fresh</s>" in fact
    assert "Maturity" in told["review"]
    assert "raw" in told["review"]
    hit = told["page"].partition('<ol class="hits">')[2].partition("</ol>")[0]
    assert "<li>proven</li>" in hit
    assert '<h2 id="facet-maturity_level">Maturity level</h2>' in told["page"]
    assert "<strong>Maturity level</strong> proven" in told["page"]  # the chip
    assert '<h2 id="facet-maturity_level">Niveau de maturité</h2>' in told["french"]


def _the_api_and_the_csv_hold_it(told: dict[str, Any]) -> None:
    assert (told["found"], told["unknown"], told["listed"]["total"]) == (1, 1, 1)
    assert told["listed"]["items"][0]["maturity"] == told["entry"]["maturity"] == "proven"
    assert {one["value"] for one in told["entry"]["provenance"]["maturity"]} == {"proven", "fresh"}
    facet = next(one for one in told["listed"]["facets"] if one["name"] == "maturity_level")
    assert (facet["label"], [one["value"] for one in facet["values"]]) == ("Maturity level", ["proven", "unknown"])
    assert [row["maturity"] for row in told["csv"]] == ["proven"]
    schemas, search = told["openapi"]["components"]["schemas"], told["openapi"]["paths"]["/api/v1/software"]["get"]
    for model in ("ItemOut", "EntryOut"):
        assert schemas[model]["properties"]["maturity"]["description"] == "Maturity"
    assert "maturity_level" in {one["name"] for one in search["parameters"]}


@pytest.mark.parametrize("path", ["index_mappings/software.json", "docs/fields.md"])
def test_what_is_written_of_the_declarations_is_as_they_are(path: str) -> None:
    from tools.declared import files

    written = (ROOT / path).read_text(encoding="utf-8")
    assert written == files()[path], "write it anew: python -m tools.declared"


def test_no_name_means_two_things() -> None:
    fields = [declared.json for declared in FIELDS.values()]
    assert len(set(fields)) == len(fields)
    for model in (ItemOut, EntryOut):
        own = {field.alias or name for name, field in model.__base__.model_fields.items()}  # type: ignore[union-attr]
        assert own & set(fields) == set()
    assert len(properties()) == len(software()["mappings"]["properties"]) == len(FACETS) + 10 + len(TEXT_FIELDS)


_READERS = ("harvester/normalize", "harvester/validate", "harvester/forges", "spiders")
"""They know what others call things: payloads, files, queries and the standard."""
_HOMES = ("harvester/model/fields.py", "harvester/model/facets.py", "harvester/model/vocabularies.py")
_OF_BODIES = ("harvester/model/body.py", "harvester/resolve/bodies.py", "harvester/catalogue/organisations.py")
"""What an organisation has is called as what a software has."""
_WEIGHERS = ("harvester/assess/features.py", "harvester/resolve/evidence.py")
"""They choose what tells something: a field more is no feature by itself."""
_NAMES = {*FIELDS, *(declared.json for declared in FIELDS.values()), *FACETS}
_OTHERS_HAVE_TOO = {"name", "kind", "url", "country", "license", "language", "source", "organisation"}
"""A source, an account, an organisation or a run has these as well."""
_ENOUGH = 3


def _listed(node: ast.AST) -> set[str]:
    """The strings of a literal, the names that a call or a class body gives."""
    found: list[Any] = []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        found = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    elif isinstance(node, ast.Dict):
        found = [one.value for one in node.keys if isinstance(one, ast.Constant)]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] != "Fields":
        found = [one.arg for one in node.keywords]
    elif isinstance(node, ast.ClassDef):
        found = [ast.unparse(one.target) for one in node.body if isinstance(one, ast.AnnAssign)]
    return {one for one in found if isinstance(one, str)}


def lists_of_names(source: str) -> list[tuple[int, list[str]]]:
    """(line, names) of every list of field or facet names in a module's text."""
    found = [(node, _listed(node) & _NAMES) for node in ast.walk(ast.parse(source))]
    return [
        (getattr(node, "lineno", 0), sorted(names))
        for node, names in found
        if len(names) >= _ENOUGH and names - _OTHERS_HAVE_TOO
    ]


def test_nothing_but_readers_lists_fields_or_facets_beside_the_declarations() -> None:
    found = []
    for room in ("harvester", "index_mappings", "pipelines"):
        for path in sorted((ROOT / room).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith(_READERS) and place not in (*_HOMES, *_WEIGHERS, *_OF_BODIES):
                found += [f"{place}:{line} {names}" for line, names in lists_of_names(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'PANEL = ("license", "organisations", "countries")',
        'COLUMNS = ["name", "shortDescription", "license"]',
        'READERS = {"stars": int, "archived": bool, "release_date": day}',
        "item = Item(name=a, license=b, use_cases=c)",
        "class Document:\n    name: str\n    license: str\n    topics: tuple[str, ...]",
        'FACETS = ("use_case", "country", "source")',
    ],
)
def test_a_list_of_names_is_noticed(source: str) -> None:
    assert len(lists_of_names(source)) == 1


def test_each_field_and_facet_has_words() -> None:
    catalog = (ROOT / "harvester/words/locale/en.po").read_text(encoding="utf-8")
    keys = set(re.findall(r'^msgid "([^"]+)"', catalog, re.MULTILINE))
    assert {one.label for one in (*FIELDS.values(), *FACETS.values())} <= keys
