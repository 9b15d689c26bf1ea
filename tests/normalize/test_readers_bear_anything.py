"""No payload, however strange, makes a reader raise; each is exactly one of read, refused and skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from support.examples import examples
from support.timing import costs_less_than

from harvester.catalogue.codec import dump
from harvester.model import Outcome, RawItem, Reading
from harvester.normalize import (
    citation,
    civic_json,
    code_json,
    codemeta,
    developers_italia,
    forgejo,
    git_listing,
    github,
    gitlab,
    html_link,
    publiccode,
)
from harvester.normalize.canonical import canonical_json, parse_json
from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag
from harvester.normalize.licenses import family, spdx
from harvester.normalize.readme import plain_text
from harvester.normalize.urls import canonical_page, canonical_repository, forge_of, is_shared_host

READERS: dict[str, Callable[[RawItem], Reading]] = {
    "publiccode": publiccode.read,
    "github": github.read,
    "gitlab": gitlab.read,
    "forgejo": forgejo.read,
    "git-listing": git_listing.read,
    "developers-italia": developers_italia.read,
    "html-link": html_link.read,
    "codemeta": codemeta.read,
    "code-json": code_json.read,
    "civic-json": civic_json.read,
    "citation": citation.read,
}
JSON_READERS = sorted(set(READERS) - {"publiccode", "citation"})
GIVEN = examples(80, suppress_health_check=[HealthCheck.too_slow])

TEXTS = st.one_of(
    st.text(st.characters(), max_size=12),
    st.sampled_from(
        (
            "https://github.com/Owner/Name",
            "https://gitlab.example/g/p.git",
            "https://[::1",
            "git@github.com:a/b.git",
            "http://x:99999/a/b",
            "https://é.example/%ff?%ff=%00",
            "2020-02-30",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "MIT OR (",
            "\ud800",
            "a\0b",
            "NaN",
            "x-\ud800",
        )
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(10**40), TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


def keyed(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects whose keys mean something, with any values."""
    return st.dictionaries(st.sampled_from(keys), VALUES, max_size=8)


GITHUB = keyed(*"databaseId nameWithOwner name url description homepageUrl isFork createdAt pushedAt".split())
GITHUB_MORE = keyed(*"stargazerCount owner parent languages topics license latestRelease publiccode".split())
GITLAB = keyed(*"id name path_with_namespace web_url http_url_to_repo description topics tag_list created_at".split())
GITLAB_MORE = keyed(*"star_count archived license forked_from_project namespace languages publiccode".split())
FORGEJO = keyed(*"id name full_name html_url description website topics licenses formerly original_url mirror".split())
FORGEJO_MORE = keyed(*"owner parent files languages language release stars_count empty fork updated_at".split())
GIT_LISTING = keyed(*"system path page description section clone last_change files".split())
ITALIA = keyed("id", "url", "aliases", "publiccodeYml", "active", "createdAt")
LINK = keyed("href", "text", "context", "page", "title", "service", "country", "publisher", "language", "first", "own")
CODEMETA = keyed(
    *"@context @type @graph name description codeRepository license version softwareVersion".split(),
    *"programmingLanguage operatingSystem keywords applicationCategory developmentStatus datePublished url".split(),
    *"softwareHelp sameAs targetProduct isSourceCodeOf author publisher maintainer title licenseId schema:name".split(),
)
CODE_JSON = keyed(
    *"name repositoryURL repository description longDescription permissions license licences tags languages".split(),
    *"organization status version homepageURL date categories softwareType agency releases projects @value".split(),
)
CIVIC_JSON = keyed(
    *"name description license status type homepage repository thumbnailUrl geography categories tags contact".split()
)
CITATION = keyed(
    *"cff-version title abstract type authors keywords license repository-code url version date-released".split()
)
FILES = st.lists(
    st.fixed_dictionaries(
        {
            "path": st.sampled_from(
                "publiccode.yml a/publiccode.yml b/.publiccode.yml codemeta.json code.json civic.json"
                " CITATION.cff README.md README.rst x".split()
            )
            | TEXTS,
            "text": VALUES | st.text(max_size=40) | CODEMETA.map(json.dumps) | CITATION.map(json.dumps),
        }
    ),
    max_size=6,
)
PUBLICCODE_TOP = (
    "publiccodeYmlVersion publiccode-yaml-version name url landingURL landing-url isBasedOn softwareVersion releaseDate"
    " release-date logo platforms categories usedBy developmentStatus softwareType intendedAudience description legal"
    " maintenance localisation organisation it IT tags"
).split()
PUBLICCODE_INNER = (
    "countries license repoOwner type localisationReady availableLanguages uri name en it-IT shortDescription features"
    " longDescription documentation riuso codiceIPA"
).split()
PUBLICCODE = st.dictionaries(
    st.sampled_from(PUBLICCODE_TOP),
    st.one_of(
        VALUES,
        st.dictionaries(
            st.sampled_from(PUBLICCODE_INNER),
            st.one_of(VALUES, st.dictionaries(st.sampled_from(PUBLICCODE_INNER), VALUES, max_size=4)),
            max_size=4,
        ),
    ),
    max_size=10,
)


def item(payload: bytes, kind: str, **context: Any) -> RawItem:
    return RawItem(
        key="k",
        format=kind,
        payload=payload,
        url="https://example.org/k",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context=context,
    )


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL as JSON writes it, and not a backslash before "u0000"."""


def holds(reading: Reading) -> None:
    """What every reading promises, and that a database can take it."""
    if reading.outcome is Outcome.READ:
        assert reading.records
        assert len({record.key for record in reading.records}) == len(reading.records)
    else:
        assert not reading.records
    if reading.outcome is Outcome.REFUSED:
        assert any(issue.severity == "error" for issue in reading.issues)
    if reading.outcome is Outcome.SKIPPED:
        assert reading.reason
    for record in reading.records:
        written = dump(record).encode()
        assert _NUL.search(written) is None
        assert b"\0" not in written
        for name, identifier in ((each.scheme, each.value) for each in record.identifiers):
            assert name
            assert identifier.encode()
        assert record.fields.stars is None or abs(record.fields.stars) < 2**63
    for issue in reading.issues:
        assert len(issue.value or "") <= 200
        repr(issue).encode()


@pytest.mark.parametrize("kind", sorted(READERS))
@GIVEN
@given(payload=st.binary(max_size=200))
def test_any_bytes(kind: str, payload: bytes) -> None:
    holds(READERS[kind](item(payload, kind)))


@pytest.mark.parametrize("kind", JSON_READERS)
@pytest.mark.parametrize(
    "payload", [b"[" * 100_000, b"{" * 100_000, b'{"a":' * 50_000, b"NaN", b'{"url":1e999}', b"null", b"\xff", b""]
)
def test_hostile_json_is_refused(kind: str, payload: bytes) -> None:
    reading = READERS[kind](item(payload, kind))
    assert reading.outcome is Outcome.REFUSED
    holds(reading)


@pytest.mark.parametrize("kind", JSON_READERS)
@GIVEN
@given(value=VALUES)
def test_any_json(kind: str, value: Any) -> None:
    holds(READERS[kind](item(canonical_json(value), kind)))


@GIVEN
@given(node=GITHUB, more=GITHUB_MORE)
def test_any_github_node(node: dict[str, Any], more: dict[str, Any]) -> None:
    node.setdefault("url", "https://github.com/a/b")
    payload = json.dumps(node | more).encode()
    holds(github.read(item(payload, "github", placeholders=["stargazerCount", "owner.login"], country="FR")))


@GIVEN
@given(project=GITLAB, more=GITLAB_MORE)
def test_any_gitlab_project(project: dict[str, Any], more: dict[str, Any]) -> None:
    project.setdefault("web_url", "https://gitlab.example/a/b")
    holds(gitlab.read(item(json.dumps(project | more).encode(), "gitlab", host="gitlab.example")))


@GIVEN
@given(repository=FORGEJO, more=FORGEJO_MORE)
def test_any_forgejo_repository(repository: dict[str, Any], more: dict[str, Any]) -> None:
    repository.setdefault("html_url", "https://forge.example/a/b")
    holds(forgejo.read(item(json.dumps(repository | more).encode(), "forgejo", publisher="Town")))


@GIVEN
@given(listed=GIT_LISTING)
def test_any_listed_git_repository(listed: dict[str, Any]) -> None:
    listed.setdefault("page", "https://git.example/cgit/a.git/")
    holds(git_listing.read(item(json.dumps(listed).encode(), "git-listing", country="FR")))


@GIVEN
@given(entry=ITALIA, document=PUBLICCODE)
def test_any_catalogue_entry(entry: dict[str, Any], document: dict[str, Any]) -> None:
    entry.setdefault("publiccodeYml", yaml.safe_dump(document))
    holds(developers_italia.read(item(json.dumps(entry).encode(), "developers-italia")))


@GIVEN
@given(link=LINK, service=st.booleans())
def test_any_link(link: dict[str, Any], service: bool) -> None:
    link.setdefault("service", service)
    link.setdefault("href", "https://github.com/a/b")
    holds(html_link.read(item(json.dumps(link).encode(), "html-link")))


@pytest.mark.parametrize("kind", ["citation", "civic-json", "code-json", "codemeta", "publiccode"])
@examples(200, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(min_size=1, max_size=40),
    charset=st.sampled_from(
        "utf-8 utf-8-sig utf-16 utf-16-le utf-32 cp1252 latin-1 cp1251 koi8-r shift_jis big5 gb18030".split()
    ),
)
def test_any_charset_gives_text_that_utf_8_holds(kind: str, text: str, charset: str) -> None:
    name = json.dumps(text, ensure_ascii=False)
    payload = f'{{"name": {name}, "title": {name}, "description": {name}, "repository": "https://github.com/a/b"}}'
    holds(READERS[kind](item(payload.encode(charset, "replace"), kind, repository="https://github.com/a/b")))
    holds(READERS[kind](item(payload.encode("utf-8", "surrogatepass"), kind)))


@pytest.mark.parametrize("kind", ["citation", "civic-json", "code-json", "codemeta"])
@pytest.mark.parametrize(
    "payload",
    [
        b"a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ntitle: [*d,*d]\n",
        b"[" * 20_000 + b"]" * 20_000,
        b'{"name": "' + b"x" * (1024 * 1024 + 1) + b'"}',
        b'{"name": "' + b"\\ud800" * 100_000 + b'"}',
        b'{"name": "x", "tags": [' + b'"a",' * 200_000 + b'"b"]}',
        b'{"name": ' + b"9" * 100_000 + b"}",
    ],
)
def test_a_hostile_file_costs_little(kind: str, payload: bytes) -> None:
    with costs_less_than(0.5):
        holds(READERS[kind](item(payload, kind)))


@GIVEN
@given(value=CODEMETA, repository=TEXTS | st.none())
def test_any_codemeta(value: dict[str, Any], repository: str | None) -> None:
    holds(codemeta.read(item(json.dumps({"name": "x"} | value).encode(), "codemeta", repository=repository)))


@GIVEN
@given(value=CODE_JSON, context=keyed("repository", "agency", "catalogue", "country"))
def test_any_release(value: dict[str, Any], context: dict[str, Any]) -> None:
    holds(code_json.read(item(json.dumps(value).encode(), "code-json", **context)))


@GIVEN
@given(value=keyed("releases", "projects", "agency", "federal") | VALUES)
def test_any_inventory_gives_entries_that_are_read_or_refused(value: Any) -> None:
    found, issues = code_json.releases(json.dumps(value).encode(), url="https://x.example")
    assert found or issues
    assert len({key for key, _ in found}) == len(found)
    for key, release in found:
        assert key.encode()
        holds(code_json.read(item(canonical_json(release), "code-json")))


@GIVEN
@given(value=CIVIC_JSON, repository=TEXTS | st.none())
def test_any_civic_json(value: dict[str, Any], repository: str | None) -> None:
    holds(civic_json.read(item(json.dumps(value).encode(), "civic-json", repository=repository)))


@GIVEN
@given(value=CITATION, repository=TEXTS | st.none())
def test_any_citation(value: dict[str, Any], repository: str | None) -> None:
    text = yaml.safe_dump({"title": "x"} | value, allow_unicode=True).encode("utf-8", "replace")
    holds(citation.read(item(text, "citation", repository=repository)))


@GIVEN
@given(files=FILES | VALUES, only=st.booleans())
def test_any_files_of_a_repository(files: Any, only: bool) -> None:
    node = {"url": "https://github.com/a/b", "files": files}
    holds(github.read(item(json.dumps(node).encode(), "github", publiccode_only=only)))


@GIVEN
@given(
    text=st.text(max_size=200) | st.text("#*-`=|<>[]()!\n a", max_size=200), path=st.sampled_from(("README", "x.rst"))
)
def test_any_readme_is_short_text_or_none(text: str, path: str) -> None:
    found = plain_text(text, path=path)
    assert found is None or (0 < len(found) <= 2000 and found.encode())


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "![" * 600,
        "[" * 600 + "]" * 600,
        "> " * 20_000,
        "*a " * 20_000,
        "`" * 50_000,
        "![" * 30_000,
        "<" * 60_000,
        "- " * 30_000,
        "{{" * 30_000,
    ],
)
def test_a_hostile_readme_costs_little(text: str) -> None:
    with costs_less_than(1):
        for path in ("README.md", "README.rst"):
            found = plain_text(text, path=path)
            assert found is None or len(found) <= 2000


@examples(200, suppress_health_check=[HealthCheck.too_slow])
@given(document=PUBLICCODE)
def test_any_publiccode(document: dict[str, Any]) -> None:
    payload = yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "replace")
    reading = publiccode.read(item(payload, "publiccode", repository="https://github.com/a/b"))
    holds(reading)
    for issue in reading.issues:
        assert issue.line is not None
        assert issue.column is not None


@examples(200)
@given(text=TEXTS | st.text(st.sampled_from("htps:/.@[]%?#&=-+_abAB0 \\\t\ud800é"), max_size=30))
def test_any_text_is_some_value_or_none(text: str) -> None:
    for understand in (canonical_repository, canonical_page, forge_of, spdx, family, tag, alpha2):
        assert understand(text) is None or understand(text)
    assert is_shared_host(text) in (True, False)
    once = canonical_repository(text)
    assert once is None or canonical_repository(once) == once
    page = canonical_page(text)
    assert page is None or canonical_page(page) == page


@examples(200)
@given(value=VALUES)
def test_canonical_json_is_its_own_canonical_form(value: Any) -> None:
    once = canonical_json(value)
    assert canonical_json(parse_json(once)) == once
