"""A source is added and changed by a form made from its kind's declarations, and looked at before it is stored."""

from __future__ import annotations

import time

import pytest
from pages_site import Site
from support.builders import item

from harvester.config import Settings
from harvester.errors import FetchError
from harvester.model import Issue, Source
from harvester.runs.kinds import kinds, read, refusals, written
from harvester.runs.preview import Preview, PreviewItem
from harvester.runs.registry import offers
from harvester.web.previews import Previews
from harvester.words import packaged


def test_every_parameter_has_a_meaning_in_each_language() -> None:
    for language in ("en", "fr"):
        words = packaged()[language]
        for kind in kinds().values():
            for one in kind.parameters:
                named = f"param.{kind.name}.{one.name}", f"param.{one.name}"
                assert any(words.known(name) for name in named), named


def test_what_the_registry_has_is_read_back_from_the_form_as_it_is() -> None:
    for offer in offers().values():
        source = offer.source
        kind = kinds()[source.spider]
        typed = {one.name: written(source.params.get(one.name), one.form) for one in kind.parameters}
        assert read(kind, typed, source.params) == (source.params, {}), source.name
        params, refused = read(kind, typed, {})
        assert refused == {}, source.name
        assert refusals(source.spider, params) == {}


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stored(fresh_site: Site) -> None:
    operator, address = fresh_site.visitor("operator"), f"{fresh_site.url}/en/operations/kinds/gitlab"
    form = {"name": "Not A Name", "title": "Ghent", "p.groups": "ghent\ndemo", "p.max_pages": "many"}
    answer = operator.post(address, data=form, timeout=20)
    assert answer.status_code == 400
    assert 'id="name-bad"' in answer.text
    assert 'id="p-max_pages-bad"' in answer.text
    assert "ghent\ndemo</textarea>" in answer.text
    assert not [line for line in fresh_site.catalogue.audit.recent(50) if line.actor == "operator"]


def test_a_source_of_a_kind_is_added_and_its_parameters_are_changed_once_the_difference_was_seen(
    fresh_site: Site,
) -> None:
    operator, address = fresh_site.visitor("operator"), f"{fresh_site.url}/en/operations"
    form = {"name": "ghent", "title": "The city of Ghent", "p.groups": "ghent", "p.country": "BE", "p.files": "yes"}
    page = operator.post(f"{address}/kinds/gitlab", data=form, timeout=20).text
    assert "<h1>The city of Ghent</h1>" in page
    assert "change/accept" in page
    stored = fresh_site.catalogue.sources.get("ghent")
    assert stored.params == {"groups": ["ghent"], "country": "BE", "files": True}
    assert (stored.accepted, stored.country, stored.spider) == (False, "BE", "gitlab")
    assert 'id="name-bad"' in operator.post(f"{address}/kinds/gitlab", data=form, timeout=20).text
    changed = {"p.groups": "ghent\ndigipolis", "p.country": "BE", "p.files": ""}
    shown = operator.post(f"{address}/sources/ghent/parameters", data=changed, timeout=20).text
    assert "<ins>ghent\ndigipolis</ins>" in shown
    assert fresh_site.catalogue.sources.get("ghent") == stored
    operator.post(f"{address}/sources/ghent/parameters", data={**changed, "sure": "yes"}, timeout=20)
    assert fresh_site.catalogue.sources.get("ghent").params == {"groups": ["ghent", "digipolis"], "country": "BE"}


def looked(_: Settings, source: Source) -> Preview:
    """A preview of one entry, with a doubt."""
    if source.name == "away":
        raise FetchError("its host does not answer")
    doubt = Issue.of("unusable-address", place="url", value="x")
    raw, reading = item("one", name="Tool One", license="MIT", issues=[doubt])
    return Preview(items=[PreviewItem(raw=raw, reading=reading)])


@pytest.mark.parametrize("name", ["ghent", "away"])
def test_a_preview_shows_what_is_understood_and_stores_nothing(fresh_site: Site, name: str) -> None:
    object.__setattr__(fresh_site.app.state.house, "previews", Previews(looked))
    operator, address = fresh_site.visitor("operator"), f"{fresh_site.url}/en/operations"
    form = {"kind": "gitlab", "name": name, "title": "Ghent", "p.groups": "ghent"}
    answer = operator.post(f"{address}/previews", data=form, timeout=20)
    for _ in range(100):
        if "is being asked" not in answer.text:
            break
        assert answer.headers["refresh"]
        time.sleep(0.05)
        answer = operator.get(answer.url, timeout=20)
    assert name not in fresh_site.catalogue.sources.names()
    assert not [line for line in fresh_site.catalogue.audit.recent(50) if line.actor == "operator"]
    if name == "away":
        assert "its host does not answer" in answer.text
        return
    assert "Tool One" in answer.text
    assert "MIT" in answer.text
    assert "<code>url</code>" in answer.text
    assert '<input type="hidden" name="p.groups" value="ghent">' in answer.text
