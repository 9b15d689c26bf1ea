"""What programs read of the site: feeds, sitemaps, descriptions, a record in other formats; and pages of entities."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
import yaml
from pages_site import Site
from support.builders import by_name, harvest, item

from harvester.config import contrast, load_settings
from harvester.errors import SettingsError
from harvester.model import Fields, Operation, Organisation
from harvester.validate import made_file, validate

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def tree(answer: requests.Response) -> ElementTree.Element:
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"].endswith("+xml; charset=utf-8" if "atom" in answer.url else "; charset=utf-8")
    return ElementTree.fromstring(answer.content)


def check_atom(root: ElementTree.Element, address: str) -> list[ElementTree.Element]:
    """RFC 4287, section 4: what a feed and an entry have to have, how often, and of what form."""
    assert root.tag == f"{ATOM}feed"
    for where in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(where.findall(f"{ATOM}{name}")) == 1, (where, name)
        assert datetime.fromisoformat(where.findtext(f"{ATOM}updated", "")).tzinfo
        assert re.match(r"https?://", where.findtext(f"{ATOM}id", ""))
        alternates = [one for one in where.findall(f"{ATOM}link") if one.get("rel") == "alternate"]
        assert len(alternates) == len({(one.get("type"), one.get("hreflang")) for one in alternates}) == 1
        assert len(where.findall(f"{ATOM}summary")) <= 1
        assert len(where.findall(f"{ATOM}content")) <= 1
        assert len(where.findall(f"{ATOM}rights")) <= 1
    assert [one.get("href") for one in root.findall(f"{ATOM}link") if one.get("rel") == "self"] == [address]
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    entries = root.findall(f"{ATOM}entry")
    assert len({one.findtext(f"{ATOM}id") for one in entries}) == len(entries)
    return entries


def titles(entries: list[ElementTree.Element]) -> set[str | None]:
    return {one.findtext(f"{ATOM}title") for one in entries}


def test_feeds_of_everything_and_of_any_search_are_valid_and_hold_what_the_search_finds(site: Site) -> None:
    every = check_atom(tree(site.get("/en/feed.atom")), f"{site.url}/en/feed.atom")
    assert len(every) == 12
    some = check_atom(tree(site.get("/fr/feed.atom?q=proposals")), f"{site.url}/fr/feed.atom?q=proposals")
    assert titles(some) == {"Agora libre", "DemoQ", "=cmd|' /C calc'!A0"}
    one = check_atom(tree(site.get("/fr/feed.atom?use_case=petition")), f"{site.url}/fr/feed.atom?use_case=petition")
    assert titles(one) == {"Hosted service"}
    assert "The register: CC0-1.0" in (one[0].findtext(f"{ATOM}rights") or "")
    assert check_atom(tree(site.get("/en/feed.atom?q=zzzz")), f"{site.url}/en/feed.atom?q=zzzz") == []
    assert site.get("/en/feed.atom?what=gossip").status_code == 400
    page = site.get("/en/software?q=proposals&sort=name").text
    assert 'type="application/atom+xml" title="New tools" href="/en/feed.atom?q=proposals"' in page
    assert '<a href="/en/feed.atom?q=proposals&amp;what=changed" rel="nofollow">Changed tools</a>' in page


def test_a_feed_of_changes_says_what_changed_and_asking_again_costs_nothing(fresh_site: Site) -> None:
    agora = by_name(fresh_site.catalogue, "Hosted service")
    address = "/en/feed.atom?what=changed&use_case=petition"
    first = fresh_site.get(address)
    assert check_atom(tree(first), fresh_site.url + address) == []
    again = fresh_site.visitor().get(
        fresh_site.url + address, headers={"if-none-match": first.headers["etag"]}, timeout=10
    )
    assert (again.status_code, again.content) == (304, b"")
    told = item(
        "service",
        name="Hosted service",
        names=["landing:https://service.example.org"],
        kind="service",
        license="MIT",
        use_cases=("petition",),
    )
    harvest(fresh_site.catalogue, [told], "register")
    fresh_site.refresh()
    (entry,) = check_atom(tree(fresh_site.get(address)), fresh_site.url + address)
    assert entry.findtext(f"{ATOM}id") == f"{fresh_site.url}/en/software/{agora.id}"
    assert "Licence" in (entry.findtext(f"{ATOM}summary") or "")
    assert entry.findtext(f"{ATOM}updated", "") >= entry.findtext(f"{ATOM}published", "")


def test_the_sitemap_lists_every_published_record_in_each_language_and_nothing_else(site: Site) -> None:
    robots = site.get("/robots.txt").text
    assert f"Sitemap: {site.url}/sitemap.xml" in robots
    parts = [one.text or "" for one in tree(site.get("/sitemap.xml")).iter(f"{SITEMAP}loc")]
    found = {
        one.text or "" for part in parts for one in tree(site.get(part.removeprefix(site.url))).iter(f"{SITEMAP}loc")
    }
    published = site.catalogue.software.published(100)
    assert len(published) == 12
    records = {f"{site.url}/{lang}/software/{one.id}/{one.slug}" for one in published for lang in ("en", "fr")}
    assert {one for one in found if "/software/" in one} == records
    for address in found - records:
        assert site.get(address.removeprefix(site.url)).status_code == 200, address
    assert f"{site.url}/fr/use-cases/petition" in found
    assert site.get("/sitemaps/zz.xml").status_code == 404


def test_a_browser_learns_how_to_search_here(site: Site) -> None:
    name = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = tree(site.get("/fr/opensearch.xml"))
    assert root.tag == f"{name}OpenSearchDescription"
    assert len(root.findtext(f"{name}ShortName", "")) <= 16
    (url,) = (one for one in root.iter(f"{name}Url") if one.get("type") == "text/html")
    assert url.get("template") == f"{site.url}/fr/software?q={{searchTerms}}"
    assert '<link rel="search" type="application/opensearchdescription+xml"' in site.get("/fr/").text


def test_a_record_says_itself_in_the_words_of_schema_org(site: Site, find: Callable[[str], Any]) -> None:
    agora = find("Agora libre")
    page = f"/en/software/{agora.id}/{agora.slug}"
    text = site.get(page).text
    (held,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    data = json.loads(held)
    assert data == site.get(f"/en/software/{agora.id}/record.jsonld").json()
    application, code = data["@graph"]
    assert (data["@context"], application["@type"], code["@type"]) == (
        "https://schema.org",
        "SoftwareApplication",
        "SoftwareSourceCode",
    )
    assert application["license"] == "https://spdx.org/licenses/AGPL-3.0-only"
    assert application["producer"] == {
        "@type": "Organization",
        "name": "Example region",
        "url": "https://region.example.org",
    }
    assert {one["@language"] for one in application["description"]} == {"en", "fr"}
    assert code["codeRepository"] == "https://forge.example.org/agora"
    assert code["targetProduct"] == {"@id": application["@id"]}
    assert '<meta property="og:title" content="Agora libre">' in text
    assert f'<meta property="og:url" content="{site.url}{page}">' in text
    meta = site.get(f"/en/software/{agora.id}/codemeta.json").json()
    assert (meta["@type"], meta["developmentStatus"]) == ("SoftwareSourceCode", "stable")
    assert isinstance(meta["description"], str)
    none = site.get(f"/en/software/{agora.id}/publiccode.yml")
    assert none.status_code == 404
    assert "<code>maintenance.type</code>" in none.text


def test_what_went_says_so_in_every_format(fresh_site: Site) -> None:
    tool = by_name(fresh_site.catalogue, "Agora libre")
    fresh_site.catalogue.review.decide(tool.id, Operation.WITHDRAW, "ada", why="x")
    for name in ("publiccode.yml", "codemeta.json", "record.jsonld"):
        answer = fresh_site.get(f"/en/software/{tool.id}/{name}")
        assert answer.status_code == 410
        assert "Agora" not in answer.text
        assert fresh_site.get(f"/en/software/none/{name}").status_code == 404


def test_a_publiccode_yml_is_made_of_nothing_but_what_is_known() -> None:
    known = Fields(
        name="Agora",
        code_repository="https://forge.example.org/agora",
        short_description={"en": "Lets a city ask for proposals."},
        long_description={"en": "Words. " * 30},
        features={"en": "asks\ncounts"},
        license="AGPL-3.0-only",
        organisations=(Organisation("Example region"),),
        platforms=("web",),
        development_status="stable",
        software_type="standalone/web",
        available_languages=("en",),
        logo="not an address",
    )
    made = made_file.publiccode(known)
    assert made == made_file.MadeFile("", ("maintenance.type", "localisation.localisationReady"))
    nothing_of_it = made_file.publiccode(Fields(name="Agora"))
    assert {"url", "legal.license", "description"} <= set(nothing_of_it.missing)
    document = made_file.document_of(known)
    whole = document | {"maintenance": {"type": "none"}}
    whole["localisation"] = {"localisationReady": False, "availableLanguages": ["en"]}
    assert validate(yaml.safe_dump(whole).encode()).valid


def test_each_entity_has_a_page_and_each_kind_an_index(site: Site) -> None:
    index = site.get("/en/use-cases").text
    assert 'href="/en/use-cases/petition"' in index
    assert "Where the sources do not say:" in index
    page = site.get("/fr/use-cases/consultation").text
    assert "Agora libre" in page
    assert 'href="/fr/software?use_case=consultation"' in page
    assert 'href="/fr/feed.atom?use_case=consultation"' in page
    assert '<span lang="en">' in page  # what it is called elsewhere
    assert "Écologie ouverte" in site.get("/en/licenses/EUPL-1.2").text
    assert "DemoQ" in site.get("/en/countries/FR").text
    for path in ("/en/use-cases/gossip", "/en/use-cases/unknown", "/en/licenses/NONE-1.0", "/en/countries/zz"):
        assert site.get(path).status_code == 404, path
    assert site.get("/en/use-cases/law-making").status_code == 200  # a use case that no tool has yet


def test_two_to_four_tools_stand_side_by_side_by_their_address(site: Site, find: Callable[[str], Any]) -> None:
    agora, demoq, eco = find("Agora libre"), find("DemoQ"), find("Écologie ouverte")
    listed = site.get("/en/software?q=proposals").text
    assert f'<input type="checkbox" name="id" value="{agora.id}">' in listed
    assert '<form action="/en/compare">' in listed
    page = site.get(f"/en/compare?id={agora.id}&id={demoq.id}&id={eco.id}").text
    for told in ("Agora libre", "DemoQ", "Écologie ouverte", "EUPL-1.2", "AGPL-3.0-only", "publiccode.yml", "PHP"):
        assert told in page, told
    assert f'href="/en/compare?id={agora.id}&amp;id={eco.id}"' in page  # without the second
    assert "Left out: 1" in site.get(f"/en/compare?id={agora.id}&id=none").text
    offered = site.get(f"/en/compare?id={agora.id}&q=maps").text
    assert len(re.findall(rf'href="/en/compare\?id={agora.id}&amp;id=', offered)) == 7
    many = "&".join(f"id={one.id}" for one in site.catalogue.software.published(6))
    assert site.get(f"/en/compare?{many}").text.count('scope="col"') == 4


def test_changes_since_a_day_are_new_changed_and_gone_and_what_was_withdrawn_keeps_its_name(fresh_site: Site) -> None:
    catalogue = fresh_site.catalogue
    assert "Agora libre" in fresh_site.get("/en/changes").text
    assert "Agora libre" not in fresh_site.get("/en/changes?since=2099-01-01").text
    for wrong in ("since=yesterday", "what=gossip"):
        assert fresh_site.get(f"/en/changes?{wrong}").status_code == 400
    both = [item("stays", name="Stays"), item("leaves", name="Leaves")]
    harvest(catalogue, both, "leaving", trusted=True)
    for _ in range(2):
        harvest(catalogue, both[:1], "leaving")
    catalogue.review.decide(by_name(catalogue, "DemoQ").id, Operation.WITHDRAW, "ada", why="x")
    gone = fresh_site.get("/fr/changes?what=gone").text
    assert "Leaves" in gone
    assert "DemoQ" not in gone


def test_organisations_families_figures_and_sources_have_pages(fresh_site: Site) -> None:
    catalogue = fresh_site.catalogue
    catalogue.organisations.refresh()
    (body,) = catalogue.organisations.page("example region").bodies
    assert f'href="/en/organisations/{body.slug}"' in fresh_site.get("/en/organisations?q=example+region").text
    page = fresh_site.get(f"/fr/organisations/{body.slug}").text
    assert "Agora libre" in page
    moved = fresh_site.get(f"/fr/organisations/{body.id}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/fr/organisations/{body.slug}")
    assert fresh_site.get("/en/organisations/nobody").status_code == 404
    agora = by_name(catalogue, "Agora libre")
    record = fresh_site.get(f"/en/software/{agora.id}/{agora.slug}").text
    assert f'href="/en/organisations/{body.slug}"' in record
    assert 'href="/en/software?license=AGPL-3.0-only"' in record
    assert record.index('class="panel"') < record.index("For its maintainers")
    catalogue.review.decide(by_name(catalogue, "DemoQ").id, Operation.RELATE, "ada", value=agora.id, field="part")
    catalogue.suggestions.refresh()
    assert f'href="/en/families/{agora.id}"' in fresh_site.get("/en/families").text
    assert "DemoQ" in fresh_site.get(f"/en/families/{agora.id}").text
    figures = fresh_site.get("/en/statistics").text
    assert re.search(r'<svg class="chart"[^>]*role="img" aria-label="Licence: MIT 8', figures)
    assert "Hosted service" in fresh_site.get("/en/sources/register").text
    assert fresh_site.get("/en/sources/nobody").status_code == 404


def test_a_deployment_names_and_colours_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wrong in (
        ("ACCENT", "#cccccc"),
        ("ACCENT", "red"),
        ("ACCENT_DARK", "#222222"),
        ("OPERATOR_CONTACT", "javascript:alert(1)"),
        ("LOGO", "/nothing.svg"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(f"HARVESTER_{name}", wrong)
            with pytest.raises(SettingsError, match=f"HARVESTER_{name}"):
                load_settings()
    assert contrast("#000000", (255, 255, 255)) == pytest.approx(21)
    monkeypatch.setenv("HARVESTER_ACCENT", "#0A5C63")
    assert load_settings().accent == "#0a5c63"
