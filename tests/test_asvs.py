"""docs/asvs.md: every requirement of levels 1 and 2 has its row, and every row an answer that can be looked up."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from support import tables

_ROOT = Path(__file__).parents[1]
_ANSWERS = ("test", "code", "not applicable", "open")
_CHAPTERS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
"""How many requirements of levels 1 and 2 each chapter of the standard has."""
_LEVELS = {"1": 70, "2": 183}


def rows() -> dict[str, list[str]]:
    """The cells of each row by its number: level, subject, kind of answer, answer."""
    return tables.rows("asvs.md", r"V[\d.]+")


def test_every_requirement_has_its_row() -> None:
    text = (_ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^\| (V\S*)", text, re.MULTILINE)
    assert [one for one in numbers if not re.fullmatch(r"V\d{1,2}\.\d{1,2}\.\d{1,2}", one)] == []
    assert list(rows()) == numbers, "a row is there twice, or has another form"
    places = [tuple(map(int, one[1:].split("."))) for one in numbers]
    assert places == sorted(places)
    assert Counter(place[0] for place in places) == dict(enumerate(_CHAPTERS, 1))
    assert Counter(cells[0] for cells in rows().values()) == _LEVELS


@pytest.mark.parametrize("kind", _ANSWERS)
def test_a_row_is_answered(kind: str) -> None:
    for number, cells in rows().items():
        _level, subject, answer, told = cells
        assert answer in _ANSWERS, number
        assert subject, number
        assert told, number
        if answer != kind:
            continue
        named = tables.named(told)
        if kind == "test":
            assert named, number
            assert [test for test in named if not tables.exists(test)] == [], number
        elif kind == "code":
            assert named, number
            assert [place for place in named if not (_ROOT / place).is_file()] == [], number
        else:
            assert "tests/" not in told, number


def test_the_counts_are_those_of_the_table() -> None:
    told = {kind: int(cells[0]) for kind, cells in tables.rows("asvs.md", "|".join(_ANSWERS)).items()}
    assert told == Counter(cells[2] for cells in rows().values())


def test_the_hash_functions_are_those_of_the_inventory() -> None:
    listed = {name.lower().replace("-", "") for name in tables.rows("asvs.md", r"SHA\S*|BLAKE\S*|MD5")}
    files = [file for room in ("harvester", "spiders", "pipelines") for file in (_ROOT / room).rglob("*.py")]
    used = [re.findall(r"hashlib\.(?:file_digest\(\w+, \")?(\w+)", file.read_text(encoding="utf-8")) for file in files]
    assert {name for names in used for name in names} == listed == {"sha256", "blake2b"}
