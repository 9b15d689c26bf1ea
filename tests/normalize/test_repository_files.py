"""The metadata files of one repository: a record each, and a README where nothing else describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from file_items import item
from test_forge_readers import NODE, PUBLICCODE

from harvester.assess.meaning import understood
from harvester.model import Basis, Identifier, Outcome, Reading
from harvester.normalize import github
from harvester.normalize.draft import FoundAt
from harvester.normalize.readme import plain_text
from harvester.normalize.repository import File
from harvester.normalize.repository_files import repository_files

CODEMETA = json.dumps({"name": "Permits", "codeRepository": "https://github.com/town/permits", "license": "MIT"})
CITATION = "cff-version: 1.2.0\ntitle: Permits\n"
README = """\
# Permits

[![build](https://ci.example/x.svg)](https://ci.example/x)

Permits takes *requests* for building permits, **answers** them and writes to [the archive](https://archive.example.org).

- It knows every form of the town.

```
rm -rf /
```

Write to someone@town.example.org for more.

## Installation

Run the installer.
"""
REPO = Identifier("repo", "https://github.com/town/permits")


def files(*named: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [{"path": path, "oid": "0" * 40, "text": text} for path, text in named]


def hub(*named: tuple[str, str | None], **context: Any) -> Reading:
    node = {key: value for key, value in NODE.items() if key != "publiccode"}
    return understood(github.read(item(node | {"files": files(*named)}, "github", **context)))


def keys(reading: Reading) -> list[str]:
    return [record.key for record in reading.records]


def test_each_file_gives_a_record_under_its_path_and_the_repository_s_identity() -> None:
    named = [("publiccode.yml", PUBLICCODE), ("codemeta.json", CODEMETA), ("CITATION.cff", CITATION)]
    found = hub(*named, ("civic.json", '{"status": "Beta"}'), ("code.json", '{"name": "Permits"}'))
    assert found.outcome is Outcome.READ
    assert keys(found) == ["repository", "publiccode.yml", "CITATION.cff", "civic.json", "code.json", "codemeta.json"]
    assert {record.identifiers for record in found.records} == {(Identifier("forge", "github.com:123"), REPO)}
    assert found.records[0].fields.has_publiccode is True
    priorities = {record.key: record.priority for record in found.records}
    assert max(priorities, key=priorities.__getitem__) == "publiccode.yml"
    assert min(priorities, key=priorities.__getitem__) == "repository"


def test_only_the_best_file_says_what_is_concluded_about_use_cases() -> None:
    found = hub(("publiccode.yml", PUBLICCODE), ("code.json", '{"name": "Permits", "tags": ["open-data-portal"]}'))
    said = {record.key: record.fields.use_cases for record in found.records}
    assert said == {"repository": (), "publiccode.yml": ("transparency-monitoring",), "code.json": ()}


def test_the_only_file_in_a_folder_is_the_repository_s() -> None:
    found = hub(("docs/publiccode.yml", PUBLICCODE))
    assert keys(found) == ["repository", "docs/publiccode.yml"]
    assert REPO in found.records[1].identifiers


def test_files_in_folders_are_things_of_their_own_beside_the_one_at_the_root() -> None:
    found = hub(
        ("backend/publiccode.yml", PUBLICCODE), ("publiccode.yml", PUBLICCODE), ("app/.publiccode.yml", PUBLICCODE)
    )
    parts = {record.key: record for record in found.records}
    assert REPO in parts["publiccode.yml"].identifiers
    assert parts["backend/publiccode.yml"].identifiers == (Identifier("repo", f"{REPO.value}#backend"),)
    assert parts["backend/publiccode.yml"].suggests == (REPO,)
    assert parts["app/.publiccode.yml"].identifiers == (Identifier("repo", f"{REPO.value}#app"),)


def test_a_copy_of_what_the_project_uses_gives_no_record() -> None:
    copied = PUBLICCODE.replace("town/permits", "another/library")
    found = hub(("publiccode.yml", PUBLICCODE), ("vendor/library/publiccode.yml", copied))
    assert keys(found) == ["repository", "publiccode.yml"]
    assert [(issue.code, issue.place) for issue in found.issues] == [
        ("url-mismatch", "vendor/library/publiccode.yml: url")
    ]


def test_a_fork_with_its_original_s_file_only_suggests_the_original() -> None:
    found = hub(("publiccode.yml", PUBLICCODE.replace("town/permits", "state/permits")))
    record = found.records[1]
    assert REPO in record.identifiers
    assert record.suggests == (Identifier("repo", "https://github.com/state/permits"),)
    assert [issue.code for issue in found.issues] == ["url-mismatch"]


def test_a_broken_file_is_an_issue_and_the_others_are_read() -> None:
    found = hub(("codemeta.json", '{"name": '), ("CITATION.cff", None), ("publiccode.yml", PUBLICCODE))
    assert keys(found) == ["repository", "publiccode.yml"]
    assert [(issue.code, issue.place) for issue in found.issues] == [
        ("no-text", "CITATION.cff"),
        ("json-syntax", "codemeta.json"),
    ]


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        ([], Outcome.SKIPPED),
        ([("codemeta.json", CODEMETA)], Outcome.SKIPPED),
        ([("publiccode.yml", "a: [")], Outcome.REFUSED),
        ([("publiccode.yml", None), ("codemeta.json", CODEMETA)], Outcome.REFUSED),
        ([("publiccode.yml", PUBLICCODE), ("codemeta.json", CODEMETA)], Outcome.READ),
    ],
)
def test_a_source_of_publiccode_only_wants_one(named: list[tuple[str, str | None]], outcome: Outcome) -> None:
    found = hub(*named, publiccode_only=True)
    assert found.outcome is outcome
    assert (found.reason is not None) is (outcome is Outcome.SKIPPED)


@pytest.mark.parametrize("value", [None, 7, "x", [7, None, {}], {"path": "publiccode.yml"}, [{"path": 7, "text": []}]])
def test_a_file_list_of_another_shape_is_no_file(value: Any) -> None:
    node = {key: inner for key, inner in NODE.items() if key != "publiccode"}
    found = github.read(item(node | {"files": value}, "github"))
    assert keys(found) == ["repository"]
    assert found.records[0].fields.has_publiccode is (False if isinstance(value, list) else None), "or nobody asked"


def test_a_repository_with_very_many_files_is_read_in_part_and_says_so() -> None:
    found = hub(*((f"case{number:03}/publiccode.yml", PUBLICCODE) for number in range(60)))
    assert len(found.records) == 41
    assert [issue.code for issue in found.issues] == ["too-many-files"]


def test_a_readme_describes_what_nothing_else_describes() -> None:
    (repository, readme) = hub(("README.md", README)).records
    assert repository.key == "repository"
    assert (readme.key, readme.priority) == ("README.md", 10)
    text = readme.fields.long_description["en"]
    assert readme.basis["long_description"] is Basis.DETECTED
    assert text.splitlines() == [
        "Permits takes requests for building permits, answers them and writes to the archive.",
        "It knows every form of the town.",
        "Write to (address) for more.",
    ]
    described = PUBLICCODE.replace("Issues permits.", "Issues permits.\n    longDescription: Much more of it.")
    assert keys(hub(("README.md", README), ("publiccode.yml", described))) == ["repository", "publiccode.yml"]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("README", "Just some words about it.\n\nInstallation\n============\n\nRun it.", "Just some words about it."),
        (
            "README.rst",
            "Permits\n=======\n\nWords\nabout it.\n\n.. image:: x\n\nUsage\n-----\n\nRun.",
            "Words about it.",
        ),
        ("README.adoc", "= Permits\n:toc:\n\nWords about it.\n\n== Installation\n\nRun.", "Words about it."),
        ("README.md", "<p align=center><b>Words</b> here</p>\n\n<!-- not this -->\n\nAnd here.", "And here."),
        ("README.md", "# Only a title", None),
        ("README.md", "", None),
        ("README.md", "```\ncode\n```", None),
        ("README.md", "| a | b |\n|---|---|\n| c | d |", None),
    ],
)
def test_a_readme_is_its_paragraphs(path: str, content: str, expected: str | None) -> None:
    assert plain_text(content, path=path) == expected


def test_a_long_readme_is_cut_at_a_word() -> None:
    said = plain_text("Every word is one of many words. " * 500)
    assert said is not None
    assert len(said) <= 2000
    assert said.endswith("…")


CITED = "cff-version: 1.2.0\ntitle: Permits\nlicense: {}\n"


@pytest.mark.parametrize(
    ("own", "stated", "license", "codes"),
    [
        ("LGPL-3.0", "CC-BY-4.0", None, ["licence-conflict"]),
        ("LGPL-3.0", "LGPL-3.0-or-later", "LGPL-3.0-or-later", []),
        ("MIT", "MIT OR Apache-2.0", "MIT OR Apache-2.0", []),
        (None, "CC-BY-4.0", "CC-BY-4.0", []),
    ],
)
def test_the_repository_s_own_licence_holds_before_a_citation_s(
    own: str | None, stated: str, license: str | None, codes: list[str]
) -> None:
    node = NODE | {"license": {"spdxId": own}, "files": files(("CITATION.cff", CITED.format(stated)))}
    found = github.read(item(node, "github"))
    (cited,) = [record for record in found.records if record.key == "CITATION.cff"]
    assert (cited.fields.license, [issue.code for issue in found.issues]) == (license, codes)


def test_a_publiccode_yml_in_many_languages_is_read_whole() -> None:
    long = "\n".join(f"  x-{number}:\n    longDescription: {'word ' * 400}" for number in range(80))
    text = f"name: Desk\ndescription:\n{long}\n"
    assert 150_000 < len(text) < 256 * 1024
    records, _ = repository_files([File.of("publiccode.yml", text)], FoundAt())
    assert [record.fields.name for record in records] == ["Desk"]
