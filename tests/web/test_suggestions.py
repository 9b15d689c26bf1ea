"""Suggestions: what the search box goes on with, as the API tells it."""

from __future__ import annotations

from typing import Any

import pytest
from pages_site import Site

from harvester.search.query import MAX_CHARACTERS
from harvester.web.beginnings import Beginnings


def asked(site: Site, q: str, **params: str) -> list[dict[str, Any]]:
    answer = site.visitor().get(f"{site.url}/api/v1/suggest", params={"q": q, **params}, timeout=10)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize(
    ("typed", "language", "kind", "label", "count"),
    [
        ("ago", "en", "software", "Agora libre", None),
        ("ECOLO", "fr", "software", "Écologie ouverte", None),
        ("exam", "en", "organisation", "Example region", 1),
        ("partic", "en", "use_case", "Participatory budgeting", 1),
        ("bürgerh", "en", "use_case", "Participatory budgeting", 1),
        ("budget p", "fr", "use_case", "Budget participatif", 1),
        ("mit", "en", "license", "MIT", None),
    ],
)
def test_names_of_all_kinds_go_on_from_what_was_typed(
    site: Site, typed: str, language: str, kind: str, label: str, count: int | None
) -> None:
    found = next(one for one in asked(site, typed, lang=language) if one["kind"] == kind and one["label"] == label)
    assert count is None or found["count"] == count
    assert found["page"].startswith(f"{site.url}/{language}/")
    assert site.get(found["page"].removeprefix(site.url)).status_code == 200


def test_it_is_bounded(site: Site) -> None:
    for typed in ("", "a", "  ", "- -", "x" * 200):
        assert asked(site, typed) == []
    assert 0 < len(asked(site, "de")) <= 10
    assert site.get(f"/api/v1/suggest?q={'x' * (MAX_CHARACTERS + 1)}").status_code == 400
    assert site.get("/api/v1/suggest?q=ago&lang=xx").status_code == 400
    assert "lang" in site.get("/api/v1/suggest?question=ago").json()["remedy"]


def test_the_table_is_made_once_and_anew_where_something_changed() -> None:
    now, made = [0.0], list[int]()
    stamp = ["first"]
    table = Beginnings(clock=lambda: now[0])

    def look() -> int:
        table.of(lambda: stamp[0], lambda: made.append(1) or {})
        return len(made)

    assert [look(), look()] == [1, 1]
    stamp[0] = "second"
    assert look() == 1  # nobody looks within the minute
    now[0] = 61.0
    assert look() == 2
    now[0] = 130.0
    assert look() == 2  # it is what it was
    now[0] = 4000.0
    assert look() == 3  # what no stamp tells is known after an hour


def test_the_box_comes_first_on_home_and_search_and_tells_where_suggestions_are(site: Site) -> None:
    for path in ("/en/", "/en/software"):
        page = site.get(path).text
        assert page.index('id="q"') < page.index('class="brand"')
        assert 'data-suggest="/api/v1/suggest?lang=en&amp;q="' in page
