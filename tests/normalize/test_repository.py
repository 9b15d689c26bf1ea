"""A repository as it is stored: which files are read, what is kept of them, and where its publiccode.yml is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from harvester.model import RawItem
from harvester.normalize import repository
from harvester.normalize.repository import METADATA, File, Metadata, Repository, asked, publiccode_of, stored, wanted

TEXT = "name: Agorà\n"


def raw(format: str, payload: bytes) -> RawItem:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return RawItem(key="x", format=format, payload=payload, url="https://forge.example/x", fetched_at=when)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.py", "LICENSE"], []),
        (["README.md", "publiccode.yml", "codemeta.json"], ["publiccode.yml", "codemeta.json", "README.md"]),
        ([".publiccode.yml", "publiccode.yaml"], ["publiccode.yaml", ".publiccode.yml"]),
        (["citation.cff", "CodeMeta.json", "PublicCode.yml"], ["PublicCode.yml", "CodeMeta.json", "citation.cff"]),
        (["publiccode.yml", "PUBLICCODE.yml"], ["PUBLICCODE.yml", "publiccode.yml"]),
        (["README.md", "README"], ["README.md"]),
        (["README.txt", "readme.rst", "README"], ["README.txt"]),
        (["ReadMe"], ["ReadMe"]),
        (["README.rdoc"], ["README.rdoc"]),
        (["README.mkdn", "README.rst"], ["README.mkdn"]),
        (["README.fr.md", "README-en.md", "README.rdoc"], ["README.rdoc"]),
        (["README.fr.md", "README-en.md"], ["README-en.md"]),
        (["README_zh-CN.md"], ["README_zh-CN.md"]),
        (["READMEs", "README.md.bak", "readme_assets", "readme.png", "notreadme.md"], []),
        (["docs/publiccode.yml", "README.md"], ["README.md"]),
    ],
)
def test_of_a_root_the_metadata_and_one_readme_are_read_in_one_order(names: list[str], expected: list[str]) -> None:
    assert wanted(names) == wanted(reversed(names)) == expected


def test_files_below_the_root_are_read_where_their_paths_are_asked_for() -> None:
    there = ["docs/publiccode.yml", "docs/other.yml", "publiccode.yml", "README.md"]
    assert wanted(there, ["docs/publiccode.yml", "gone.yml"]) == ["publiccode.yml", "README.md", "docs/publiccode.yml"]


def test_what_is_asked_for_has_a_digest_of_names_paths_and_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {asked(), asked(["docs/publiccode.yml"]), asked(files=False)}
    assert asked(["b", "a"]) == asked(["a", "b"])
    monkeypatch.setattr(repository, "METADATA", (*METADATA, Metadata(format="funding", names=("funding.json",))))
    digests.add(asked())
    monkeypatch.setattr(repository, "README_BYTES", 1024)
    digests.add(asked())
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("served", "text", "cut"),
    [
        (b"\xef\xbb\xbfname: x\n", "\ufeffname: x\n", False),
        ("x" * 64 * 1024, "x" * 64 * 1024, False),
        ("x" * 90_000, "x" * 64 * 1024, True),
        ("x" + "é" * 40_000, "x" + "é" * 32_767, True),
        ("x" * 256 * 1024, "x" * 64 * 1024, True),
        ("x" * (256 * 1024 + 1), None, False),
        (b"caf\xe9", None, False),
        ("a\0b", None, False),
        (None, None, False),
    ],
)
def test_the_beginning_of_a_file_is_kept_as_served(served: bytes | str | None, text: str | None, cut: bool) -> None:
    kept = File.of("README.md", served, oid="1")
    assert (kept.text, kept.cut) == (text, cut)
    assert kept.plain == (text.removeprefix("\ufeff") if text else None)


@pytest.mark.parametrize("path", ["publiccode.yml", "docs/publiccode.yml", "codemeta.json", "CITATION.cff"])
def test_metadata_is_kept_whole_as_long_as_it_is_asked_for(path: str) -> None:
    for size, text in ((256 * 1024, "x" * 256 * 1024), (256 * 1024 + 1, None)):
        kept = File.of(path, "x" * size)
        assert (kept.text, kept.cut) == (text, False)


def test_a_repository_is_read_as_it_was_written() -> None:
    held = (File.of("publiccode.yml", TEXT, oid="1"), File.of("README.md", "x" * 70_000), File.of("code.json", None))
    one = Repository(told={"id": 7}, held=held, asked="digest", formerly=("a/b",))
    assert stored(raw("forgejo", one.payload())) == one
    assert Repository.of({"id": 7}).held is None
    assert Repository.of({"id": 7, "files": []}).held == ()


def test_a_name_that_it_has_again_is_no_former_one() -> None:
    one = Repository(formerly=("a/b",))
    assert one.renamed("c/d", "e/f").formerly == ("a/b", "c/d")
    assert one.renamed("c/d", "A/B").formerly == ("c/d",)
    assert one.renamed("E/f", "e/f").formerly == ("a/b",)


@pytest.mark.parametrize(
    ("format", "entry"),
    [
        ("developers-italia", {"publiccodeYml": TEXT}),
        ("github", {"files": [{"path": "README.md", "text": "Hi"}, {"path": "PublicCode.yml", "text": TEXT}]}),
        ("gitlab", {"files": [{"path": "a/publiccode.yml", "text": "x"}, {"path": "publiccode.yaml", "text": TEXT}]}),
        ("git-listing", {"files": [{"path": "docs/publiccode.yml", "text": TEXT}]}),
    ],
)
def test_the_publiccode_yml_is_found_in_every_format_that_carries_it(format: str, entry: dict[str, Any]) -> None:
    assert publiccode_of(raw(format, json.dumps(entry).encode())) == TEXT.encode()


@pytest.mark.parametrize("format", ["publiccode", "catalogued-publiccode"])
def test_a_bare_file_is_given_back_byte_for_byte(format: str) -> None:
    assert publiccode_of(raw(format, b"\xff\xfename")) == b"\xff\xfename"


@pytest.mark.parametrize(
    ("format", "payload"),
    [
        ("github", b'{"files": null}'),
        ("github", b'{"files": [{"path": "publiccode.yml", "text": null}]}'),
        ("github", b'{"files": [{"path": "publiccode.yml", "text": "a: b", "cut": true}]}'),
        ("gitlab", b"{}"),
        ("developers-italia", b"[1]"),
        ("developers-italia", b"not JSON"),
        ("developers-italia", b"[" * 100_000),
        ("html-link", b"name: Agora"),
    ],
)
def test_where_there_is_none_whole_nothing_is_given(format: str, payload: bytes) -> None:
    assert publiccode_of(raw(format, payload)) is None


def test_the_file_that_an_earlier_version_kept_is_read_and_asked_for_anew() -> None:
    kept = {"path": "publiccode.yml", "oid": "a" * 40, "text": "name: x"}
    stored = Repository.of({"id": 7, "publiccode": kept})
    assert (stored.told, stored.held, stored.asked) == ({"id": 7}, (File(**kept),), None)
    assert Repository.of({"id": 7, "publiccode": "odd"}).held is None
