"""No entry of a catalogue, however strange, makes its reader raise; each is exactly one of read, refused, skipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from test_readers_bear_anything import GIVEN, TEXTS, VALUES, holds, item, keyed

from harvester.model import Issue, RawItem, Reading
from harvester.normalize import (
    awesome_list,
    awesome_selfhosted,
    brigade_index,
    catalogued_publiccode,
    dutch_register,
    finland,
    github_rest,
    html_catalogue,
    munich,
    recutils,
    taiwan,
)
from harvester.normalize.canonical import canonical_json
from harvester.normalize.draft import said
from harvester.normalize.licenses import licence
from harvester.normalize.urls import is_repository_link

JSON_READERS: dict[str, tuple[Callable[[RawItem], Reading], str]] = {
    "awesome-item": (awesome_list.read, "links before after codes headings about"),
    "avoinkoodi": (finland.read, "project owner code_url service_url homepage_url description license"),
    "taiwan-program": (taiwan.read, "ProgramName URL DemoURL Authorization Types Teches ProvideDeptName Description"),
    "dutch-register": (
        dutch_register.read,
        "id url name shortDescription forkType organisation publicCodeUrl archived",
    ),
    "github-rest": (github_rest.read, "id name html_url owner license homepage language topics description fork"),
    "html-catalogue": (html_catalogue.read, "fields language"),
}
TEXT_READERS: dict[str, Callable[[RawItem], Reading]] = {
    "awesome-selfhosted": awesome_selfhosted.read,
    "brigade-project": brigade_index.read,
    "catalogued-publiccode": catalogued_publiccode.read,
    "munich": munich.read,
    "offentligkod": recutils.read,
}
MARKS = st.text(st.sampled_from("-*#[]()<>`|: \n\\!\"'~+%_=https://github.com/a/b&;ä\u2028\x00\x01\x03"), max_size=200)
SELFHOSTED = (
    "name website_url source_code_url description licenses platforms tags archived stargazers_count updated_at"
    " current_release title application developer developerlink code license licensingmodel linkapplication"
).split()


def read(kind: str, payload: bytes, **context: Any) -> Reading:
    reader = JSON_READERS[kind][0] if kind in JSON_READERS else TEXT_READERS[kind]
    return reader(item(payload, kind, **context))


@pytest.mark.parametrize("kind", sorted({*JSON_READERS, *TEXT_READERS}))
@GIVEN
@given(payload=st.binary(max_size=200))
def test_any_bytes(kind: str, payload: bytes) -> None:
    holds(read(kind, payload))


@pytest.mark.parametrize("kind", sorted(JSON_READERS))
@GIVEN
@given(data=st.data())
def test_any_values_under_known_keys(kind: str, data: st.DataObject) -> None:
    entry = data.draw(keyed(*JSON_READERS[kind][1].split()))
    context = {"language": data.draw(TEXTS), "country": data.draw(TEXTS), "number": data.draw(TEXTS), "left_out": ["x"]}
    holds(read(kind, json.dumps(entry).encode(), **context))


@GIVEN
@given(links=st.lists(st.fixed_dictionaries({"text": TEXTS, "href": TEXTS | VALUES}), max_size=3), more=VALUES)
def test_any_links(links: list[dict[str, Any]], more: Any) -> None:
    entry = {"links": links, "after": more, "codes": [more, "MIT"], "headings": ["H", more]}
    holds(read("awesome-item", canonical_json(entry)))


@GIVEN
@given(
    fields=st.dictionaries(st.sampled_from(("name", "repository", "website", "license", "stars", "updated")), VALUES)
)
def test_any_fields_of_a_page(fields: dict[str, Any]) -> None:
    holds(read("html-catalogue", canonical_json({"fields": fields})))


@GIVEN
@given(entry=st.dictionaries(st.sampled_from(SELFHOSTED), VALUES, max_size=8), body=MARKS)
def test_any_yaml_and_front_matter(entry: dict[str, Any], body: str) -> None:
    text = yaml.safe_dump(entry, allow_unicode=True)
    holds(read("awesome-selfhosted", text.encode("utf-8", "replace"), number="x:y"))
    holds(read("munich", f"---\n{text}---\n{body}".encode("utf-8", "replace"), number="x:y", publisher="City"))


@GIVEN
@given(text=MARKS)
def test_any_markdown_and_any_records(text: str) -> None:
    for entry in awesome_list.entries(text):
        entry.pop("line")
        holds(read("awesome-item", canonical_json(entry)))
    for block in recutils.blocks(text):
        holds(read("offentligkod", block.text.encode("utf-8", "replace"), type=block.type))


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "- " * 20_000, "> " * 20_000, "*" * 50_000, "|" * 50_000, "<a " * 20_000]
)
def test_markdown_made_to_hurt_takes_no_time(text: str) -> None:
    assert list(awesome_list.entries(text)) == []


@GIVEN
@given(value=VALUES)
def test_what_readers_share_bears_anything(value: Any) -> None:
    assert isinstance(said(value), dict)
    issues: list[Issue] = []
    stated = licence([value], issues, place="license")
    assert bool(issues) is (stated["license_text"] is not None and stated["license"] is None)
    assert stated["license"] is None or stated["license_text"]
    assert isinstance(value, str) is False or is_repository_link(value) in (True, False)
