"""What is broken in a catalogue is told with its place and a remedy, and takes nothing else with it."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from support.asked import Came, came, response

from harvester.model import Outcome, Source

JSON_LISTS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "code_json": ({"urls": ["http://x.example/code.json"]}, lambda entries: {"agency": "X", "releases": entries}),
    "finland": ({"urls": ["http://x.example/projects.json"]}, lambda entries: {"projects": entries}),
    "taiwan": ({"urls": ["http://x.example/programmes.json"]}, lambda entries: entries),
    "github_list": ({"urls": ["http://x.example/repos.json"]}, lambda entries: entries),
    "dutch_register": ({"api": "http://x.example/v1"}, lambda entries: entries),
}
TEXTS = {
    "awesome_list": {"url": "http://x.example/README.md"},
    "sweden": {"urls": ["http://x.example/programvaror.rec"]},
}
ARCHIVES = {
    "awesome_selfhosted": ({"archive": "http://x.example/a.tar.gz"}, "software/{}.yml"),
    "munich": ({"archive": "http://x.example/a.tar.gz"}, "software/{}.md"),
    "publiccode_archive": (
        {"archive": "http://x.example/a.tar.gz", "catalogue": "x", "folder": "projects"},
        "projects/{}.yml",
    ),
    "brigade_index": ({"archive": "http://x.example/a.tar.gz"}, "projects/Town/{}.toml"),
    "beta_gouv": ({"archive": "http://x.example/a.tar.gz"}, "content/_startups/{}.md"),
    "digital_public_goods_files": ({"archive": "http://x.example/a.tar.gz"}, "nominees/{}.json"),
}
PAGES = {"html_catalogue": {"urls": ["http://x.example/list"], "item": "li", "listed": {"name": "b", "website": "a"}}}
EVERY = {
    **{name: params for name, (params, _) in JSON_LISTS.items()},
    **TEXTS,
    **{name: params for name, (params, _) in ARCHIVES.items()},
    **PAGES,
}
GOOD = {
    "code_json": {"name": "Good", "repositoryURL": "https://github.com/example/good"},
    "finland": {"project": "Good", "code_url": "https://github.com/example/good"},
    "taiwan": {"ProgramName": "Good", "URL": "https://github.com/example/good;"},
    "github_list": {"id": 1, "name": "Good", "html_url": "https://github.com/example/good"},
    "dutch_register": {"id": "1", "name": "Good", "url": "https://github.com/example/good"},
}
GOOD_FILES = {
    "awesome_selfhosted": "name: Good\nsource_code_url: https://github.com/example/good\n",
    "munich": "---\ntitle: Good\ncode: https://github.com/example/good\n---\nWords.\n",
    "publiccode_archive": "name: Good\nurl: https://github.com/example/good\n",
    "brigade_index": 'name = "Good"\ncode_url = "https://github.com/example/good"\n',
    "beta_gouv": "---\ntitle: Good\nrepository: https://github.com/example/good\n---\n",
    "digital_public_goods_files": '{"name": "Good", "repositories": [{"url": "https://github.com/example/good"}]}',
}
GOOD_TEXTS = {
    "awesome_list": "- [Good](https://github.com/example/good) - words\n",
    "sweden": "Name: Good\nUrl: https://github.com/example/good\n",
}
ERROR_PAGE = b"<!DOCTYPE html><html><head><title>503</title></head><body>Come back later</body></html>"


def answered(name: str, body: bytes, media: str = "application/json") -> Came:
    source = Source(name="catalogue", spider=name, title="Catalogue", params=EVERY[name])
    return came(source, lambda request: response(request, body, media))


def archive(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name, content in files:
            member = tarfile.TarInfo(f"repository-main/{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def nothing_but_a_reason(found: Came) -> str:
    assert found.items == []
    assert found.failures or found.issues
    told = " ".join([*found.failures.values(), *(f"{issue.message} ({issue.remedy})" for issue in found.issues)])
    assert "x.example" in told or found.issues[0].value == "http://x.example/list"
    assert "(" in told  # the remedy
    return told


def good_and_refused(found: Came, *, refused: int = 1) -> None:
    """The good entry was read, whatever stood beside it."""
    assert found.failures == {}
    names = [record.fields.name for _, reading in found.items for record in reading.records]
    assert names.count("Good") == 1
    assert found.count(Outcome.REFUSED) == refused
    for _, reading in found.items:
        if reading.outcome is Outcome.REFUSED:
            assert all(issue.message for issue in reading.issues)
            assert any(issue.remedy or issue.place for issue in reading.issues)


@pytest.mark.parametrize("name", sorted(set(EVERY) - set(PAGES)))
def test_an_error_page_with_status_200_fails_the_unit_and_says_what_came(name: str) -> None:
    told = nothing_but_a_reason(answered(name, ERROR_PAGE, "text/html"))
    assert "html" in told.lower()


@pytest.mark.parametrize("name", sorted(EVERY))
@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_answer_fails_the_unit(name: str, body: bytes) -> None:
    nothing_but_a_reason(answered(name, body, "text/html" if name in PAGES else "application/json"))


@pytest.mark.parametrize("name", sorted(JSON_LISTS))
@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_truncated_json_gives_no_entry_at_all(name: str, cut: float) -> None:
    whole = json.dumps(JSON_LISTS[name][1]([GOOD[name]] * 40)).encode()
    nothing_but_a_reason(answered(name, whole[: int(len(whole) * cut)]))


@pytest.mark.parametrize("name", sorted(JSON_LISTS))
@pytest.mark.parametrize("body", [b"{", b"NaN", b"[" * 100_000, b'"text"', b"3", b"null", b'{"error": "maintenance"}'])
def test_what_is_no_list_of_entries_is_told(name: str, body: bytes) -> None:
    nothing_but_a_reason(answered(name, body))


@pytest.mark.parametrize("name", sorted(set(JSON_LISTS) - {"dutch_register"}))
def test_an_empty_catalogue_is_a_failure_and_no_proof_that_all_is_gone(name: str) -> None:
    nothing_but_a_reason(answered(name, json.dumps(JSON_LISTS[name][1]([])).encode()))


@pytest.mark.parametrize("name", sorted(ARCHIVES))
def test_an_archive_without_entries_is_a_failure(name: str) -> None:
    nothing_but_a_reason(answered(name, archive(("README.md", b"nothing"))))


@pytest.mark.parametrize("name", sorted(JSON_LISTS))
@pytest.mark.parametrize("bad", [[], None, "text", 3, True, {}])
def test_an_entry_of_the_wrong_type_is_refused_and_the_others_are_read(name: str, bad: Any) -> None:
    found = answered(name, json.dumps(JSON_LISTS[name][1]([bad, GOOD[name]])).encode())
    good_and_refused(found, refused=2 if name == "dutch_register" else 1)  # which is asked for two listings


@pytest.mark.parametrize("name", sorted(JSON_LISTS))
def test_empty_lists_where_objects_or_texts_belong_harm_nobody(name: str) -> None:
    odd = {key: [] for key in GOOD[name]}
    found = answered(name, json.dumps(JSON_LISTS[name][1]([odd, GOOD[name]])).encode())
    good_and_refused(found, refused=2 if name == "dutch_register" else 1)


@pytest.mark.parametrize("name", sorted(JSON_LISTS))
def test_halves_of_characters_are_no_harm(name: str) -> None:
    odd = {key: value if isinstance(value, int) else f"\ud800{value}" for key, value in GOOD[name].items()}
    body = json.dumps(JSON_LISTS[name][1]([odd, GOOD[name]])).encode()
    found = answered(name, body)
    assert len(found.items) == 2
    for raw, reading in found.items:
        raw.key.encode()
        repr(reading).encode()
    assert "Good" in [record.fields.name for _, reading in found.items for record in reading.records]


@pytest.mark.parametrize("name", sorted({*JSON_LISTS, *TEXTS}))
def test_a_wrong_charset_is_told_and_the_text_is_read(name: str) -> None:
    if name in TEXTS:
        body = GOOD_TEXTS[name].replace("Good", "Gööd").encode("latin-1")
    else:
        odd = {
            key: value.replace("Good", "Gööd") if isinstance(value, str) else value for key, value in GOOD[name].items()
        }
        body = json.dumps(JSON_LISTS[name][1]([odd]), ensure_ascii=False).encode("latin-1")
    found = answered(name, body)
    assert [record.fields.name for _, reading in found.items for record in reading.records] == ["Gööd"]
    assert {"charset"} <= {issue.code for issue in found.issues}


@pytest.mark.parametrize("name", sorted(ARCHIVES))
def test_a_broken_file_is_refused_and_the_others_are_read(name: str) -> None:
    path = ARCHIVES[name][1]
    broken = {"munich": b"---\ntitle: [a\n---\n", "brigade_index": b'name = "a\n'}.get(name, b"name: [a\nb: }\n")
    files = [(path.format("broken"), broken), (path.format("good"), GOOD_FILES[name].encode())]
    good_and_refused(answered(name, archive(*files)))


@pytest.mark.parametrize("name", sorted(ARCHIVES))
def test_bytes_that_are_no_text_harm_nobody(name: str) -> None:
    path = ARCHIVES[name][1]
    files = [(path.format("bytes"), bytes(range(256)) * 4), (path.format("good"), GOOD_FILES[name].encode())]
    found = answered(name, archive(*files))
    assert len(found.items) == 2
    assert [record.fields.name for _, reading in found.items for record in reading.records] == ["Good"]


@pytest.mark.parametrize("name", sorted(ARCHIVES))
@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_an_archive_that_breaks_off_gives_no_entry_at_all(name: str, cut: float) -> None:
    path = ARCHIVES[name][1]
    files = [(path.format(f"n{number}"), f"{GOOD_FILES[name]}# {number * 7919}\n".encode()) for number in range(200)]
    whole = archive(*files)
    nothing_but_a_reason(answered(name, whole[: int(len(whole) * cut)]))


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.archive.MOST_UNPACKED", 1_000_000)
    told = nothing_but_a_reason(answered("munich", archive(("software/bomb.md", bytes(2_000_000)))))
    assert "1000000 bytes" in told


def test_a_file_that_is_too_large_is_refused_and_told() -> None:
    files = [("software/large.yml", b"a" * 300_000), ("software/good.yml", GOOD_FILES["awesome_selfhosted"].encode())]
    found = answered("awesome_selfhosted", archive(*files))
    good_and_refused(found)
    assert [(issue.code, issue.place) for issue in found.issues] == [("too-large", "software/large.yml")]


def test_links_and_places_outside_an_archive_are_nothing_to_it() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        link = tarfile.TarInfo("repository-main/software/link.yml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
        content = GOOD_FILES["awesome_selfhosted"].encode()
        for name in ("repository-main/software/good.yml", "/repository-main/../../software/evil.yml"):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    found = answered("awesome_selfhosted", gzip.compress(packed.getvalue()))
    assert [raw.key for raw, _ in found.items] == ["software/good.yml"]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_text_of_another_kind_gives_no_entry(name: str) -> None:
    nothing_but_a_reason(answered(name, b"Just words,\nand more of them.\n", "text/plain"))


def test_a_page_without_entries_names_the_selector_that_found_none() -> None:
    found = answered("html_catalogue", ERROR_PAGE, "text/html")
    assert found.items == []
    (issue,) = found.issues
    assert (issue.code, issue.place, issue.value) == ("no-entries", "item", "http://x.example/list")
    assert "'li'" in str(issue.remedy)


def test_a_broken_page_gives_its_good_entries() -> None:
    body = b"<ul><li><b>Good</b><a href='https://good.example'>x<li><b></b><li><b>Bad</b><a href='http://[x'>y</a></ul"
    good_and_refused(answered("html_catalogue", body, "text/html"), refused=2)


@pytest.mark.parametrize(
    "params",
    [
        {"item": "li[", "listed": {"name": "b"}},
        {"item": "li", "listed": {"name": "b@@@"}},
        {"item": "li", "listed": {"website": "a"}},
        {"item": "li", "listed": {"name": "b", "nonsense": "i"}},
        {"item": "li", "detail": {"name": "b"}},
    ],
)
def test_a_template_that_cannot_work_is_refused_before_anything_is_asked(params: dict[str, Any]) -> None:
    source = Source(name="x", spider="html_catalogue", title="x", params={"urls": ["http://x.example/"], **params})
    with pytest.raises(ValueError, match=r"selector|name|nonsense"):
        came(source, lambda request: response(request, b""))
