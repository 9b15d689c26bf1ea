"""Every recorded publiccode.yml is read; what we make of it equals what a parser that is not ours makes of it."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.catalogue.codec import dump
from harvester.model import Issue, Outcome, RawItem, Reading
from harvester.normalize import developers_italia, publiccode
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import canonical_repository

pytestmark = pytest.mark.corpus
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def file_item(payload: bytes, repository: str | None = None) -> RawItem:
    context = {"repository": repository}
    return RawItem(
        key="file",
        format="publiccode",
        payload=payload,
        url="https://forge.example/file",
        fetched_at=NOW,
        context=context,
    )


@cache
def history(corpus: Path) -> list[tuple[dict[str, Any], Reading]]:
    with gzip.open(corpus / "publiccode" / "history.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row, publiccode.read(file_item(row["text"].encode("utf-8", "surrogatepass")))) for row in rows]


@cache
def independent(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def squeezed(value: Any) -> str:
    return str(value).strip()


def refusals(reading: Reading) -> list[Issue]:
    assert not reading.records
    found = [issue for issue in reading.issues if issue.line is not None and issue.column is not None]
    assert len(found) == len(reading.issues) == 1
    return found


def test_of_the_files_as_published_two_are_refused_with_their_place(corpus: Path) -> None:
    files = sorted((corpus / "publiccode" / "head").iterdir())
    outcomes: Counter[Outcome] = Counter()
    codes: Counter[str] = Counter()
    unnamed = 0
    for path in files:
        owner, _, name = path.stem.partition("+")
        reading = publiccode.read(file_item(path.read_bytes(), f"https://github.com/{owner}/{name}"))
        outcomes[reading.outcome] += 1
        if reading.outcome is Outcome.REFUSED:
            codes.update(issue.code for issue in refusals(reading))
        else:
            assert len(reading.records) == 1
            unnamed += reading.records[0].fields.name is None
    assert len(files) == 135
    assert outcomes == {Outcome.READ: 133, Outcome.REFUSED: 2}
    assert codes == {"yaml-syntax": 1, "yaml-form": 1}
    assert unnamed == 1  # a template with every key left empty


@pytest.mark.parametrize("page", ["page1.json", "page2.json"])
def test_every_entry_of_the_italian_catalogue_is_read(corpus: Path, page: str) -> None:
    entries = json.loads((corpus / "publiccode" / "developers-italia-api" / page).read_bytes())["data"]
    assert len(entries) == 25
    for entry in entries:
        raw = RawItem(
            key=entry["id"],
            format="developers-italia",
            payload=canonical_json(entry),
            url="https://api.developers.italia.it/v1/software",
            fetched_at=NOW,
        )
        reading = developers_italia.read(raw)
        assert reading.outcome is Outcome.READ
        (record,) = reading.records
        assert record.fields.name == squeezed(independent(entry["publiccodeYml"])["name"])
        names = {(name.scheme, name.value) for name in record.identifiers}
        assert ("catalogue", f"developers-italia:{entry['id']}") in names
        assert ("repo", canonical_repository(entry["url"])) in names


def test_of_every_recorded_version_fifty_are_refused_with_their_place(corpus: Path) -> None:
    readings = [reading for _, reading in history(corpus)]
    assert Counter(reading.outcome for reading in readings) == {Outcome.READ: 2498, Outcome.REFUSED: 50}
    refused = [issue for reading in readings if reading.outcome is Outcome.REFUSED for issue in refusals(reading)]
    assert Counter(issue.code for issue in refused) == {"yaml-syntax": 43, "yaml-form": 7}


def test_names_and_urls_are_those_that_another_parser_finds(corpus: Path) -> None:
    """Two thousand files: the name and the url of the record, by plain PyYAML without any of our code."""
    compared = 0
    for row, reading in history(corpus):
        if reading.outcome is Outcome.REFUSED:
            with_mapping = None
            try:
                with_mapping = independent(row["text"])
            except yaml.YAMLError:
                continue
            assert not isinstance(with_mapping, dict)
            continue
        plain = independent(row["text"])
        (record,) = reading.records
        spelled = {key.lower().replace("-", ""): value for key, value in plain.items() if isinstance(key, str)}
        if spelled.get("name") is not None:
            assert record.fields.name == squeezed(spelled["name"]), row["blob"]
        if "url" in spelled and not isinstance(spelled["url"], dict | list):
            assert record.fields.url == (squeezed(spelled["url"]) if spelled["url"] else None), row["blob"]
        compared += "name" in spelled and "url" in spelled
    assert compared > 2400


def test_what_the_syntax_refuses_another_parser_refuses_too(corpus: Path) -> None:
    for row, reading in history(corpus):
        if reading.outcome is Outcome.REFUSED and reading.issues[0].code == "yaml-syntax":
            with pytest.raises(yaml.YAMLError):
                independent(row["text"])


def contacts(text: str) -> Iterator[str]:
    """E-mail addresses and telephone numbers of the people that the file names."""
    try:
        plain = independent(text)
    except yaml.YAMLError:
        return
    for key, value in plain.items() if isinstance(plain, dict) else ():
        if str(key).lower() != "maintenance" or not isinstance(value, dict):
            continue
        for people in value.values():
            for person in people if isinstance(people, list) else ():
                for name, said in person.items() if isinstance(person, dict) else ():
                    if str(name).lower() in ("email", "phone", "affiliation-email") and said:
                        yield str(said).strip()


def test_no_contact_of_a_file_is_stored_or_complained_of(corpus: Path) -> None:
    """Reached by a search for every address and number that stands in maintenance, in whatever was made of the file."""
    looked_for = 0
    for row, reading in history(corpus):
        made = "".join(map(dump, reading.records)) + "".join(map(repr, reading.issues))
        digits = re.sub(r"[\s().-]", "", made)
        for said in contacts(row["text"]):
            is_number = not re.search(r"[^\d\s().+-]", said)
            squeezed_number = re.sub(r"[\s().-]", "", said)
            if is_number and len(squeezed_number) < 6:
                continue
            looked_for += 1
            assert said not in made, row["blob"]
            if is_number:
                assert squeezed_number not in digits, row["blob"]
    assert looked_for > 1000


def test_every_place_of_an_issue_is_in_the_file(corpus: Path) -> None:
    for row, reading in history(corpus):
        lines = row["text"].splitlines() or [""]
        for issue in reading.issues:
            assert issue.line is not None
            assert issue.column is not None
            assert 1 <= issue.line <= len(lines) + 1, row["blob"]
            if issue.code not in ("yaml-syntax", "yaml-form", "missing"):
                key = str(issue.place).rpartition(".")[2]
                written = lines[issue.line - 1][issue.column - 1 :]
                assert written, (row["blob"], key)
