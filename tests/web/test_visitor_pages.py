"""What visitors see: search, facets, records, languages, exports. All without JavaScript."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from pages_site import SCRIPT, Site, served
from support.builders import by_name, harvest, item

from harvester.model import Operation, SoftwareState


def main_of(answer: requests.Response) -> str:
    return answer.text.partition("<main")[2]


def links(answer: requests.Response, css: str) -> list[str]:
    return [unescape(href) for href in re.findall(rf'<a class="{css}[^"]*" href="([^"]+)"', answer.text)]


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("fr", "fr"), ("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("de,en;q=0.5", "en"), ("", "en"), ("en;q=0.1,fr;q=0.2", "fr")],
)
def test_the_root_leads_to_the_language_that_the_browser_likes_best(site: Site, accepts: str, language: str) -> None:
    answer = requests.get(site.url + "/", headers={"accept-language": accepts}, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}/")


def test_every_page_names_its_language_and_its_other_one(site: Site) -> None:
    answer = site.get("/fr/software?q=vote&country=FR")
    assert answer.headers["content-language"] == "fr"
    assert '<html lang="fr">' in answer.text
    assert f'hreflang="en" href="{site.url}/en/software?q=vote&amp;country=FR"' in answer.text


def test_the_home_page_says_what_there_is(site: Site) -> None:
    text = main_of(site.get("/en/"))
    assert "12 tools and services" in text
    assert 'href="/en/use-cases/consultation"' in text
    assert '<a href="/en/sources/forge">The forge</a>' in text
    source = main_of(site.get("/en/sources/register"))
    assert "name “The register”" in source
    assert "share alike" in source


def test_a_search_shows_its_total_and_marks_its_words(site: Site) -> None:
    text = main_of(site.get("/en/software?q=proposals"))
    assert "<h1>3 tools</h1>" in text
    assert "of 12" in text
    assert "<mark>proposals</mark>" in text
    assert "Agora libre" in text


def test_harvested_text_is_never_markup(site: Site, find: Callable[[str], Any]) -> None:
    formula = find("=cmd|' /C calc'!A0")
    for path in ("/en/software?q=proposals", "/en/software", "/fr/", f"/en/software/{formula.id}/{formula.slug}"):
        assert SCRIPT not in site.get(path).text
    assert SCRIPT not in site.get(f"/en/software?q={SCRIPT}").text
    assert SCRIPT not in site.get("/en/review", "reviewer").text
    agora = find("Agora libre")
    record = main_of(site.get(f"/en/software/{agora.id}/{agora.slug}"))
    assert "<strong>long</strong>" in record
    assert "<b>" not in record
    assert "javascript:" not in record.replace("[x](javascript:alert(1))", "")


def test_choosing_a_value_keeps_its_siblings_and_choosing_it_again_lets_it_go(site: Site) -> None:
    answer = site.get("/en/software?license=MIT")
    text = main_of(answer)
    assert "<h1>8 tools</h1>" in text
    assert "AGPL-3.0-only" in text
    assert links(answer, "value chosen") == ["/en/software"]
    both = next(href for href in links(answer, "value") if href.endswith("license=EUPL-1.2"))
    assert "<h1>9 tools</h1>" in site.get(both).text
    assert links(site.get(both), "chip") == ["/en/software?license=EUPL-1.2", "/en/software?license=MIT"]


def test_what_nobody_states_is_a_value_and_stands_last(site: Site) -> None:
    answer = site.get("/en/software")
    group = answer.text.partition('id="facet-license"')[2].partition("</section>")[0]
    values = re.findall(r'class="label( unknown)?">([^<]+)', group)
    assert values[-1] == (" unknown", "not stated")
    assert "<h1>2 tools</h1>" in site.get("/en/software?license=unknown").text


def test_a_long_facet_shows_five_values_and_the_rest_behind_one_word(site: Site) -> None:
    group = site.get("/en/software").text.partition('id="facet-country"')[2].partition("</section>")[0]
    before, _, after = group.partition("<details>")
    assert before.count('class="value"') == 5
    assert after.count('class="value"') == 4
    assert "<summary>4 more" in after


def test_the_address_is_the_state(site: Site) -> None:
    """100 random walks along the page's own links: the same address gives the same list, however it was reached."""
    seed = random.randrange(10**6)
    walk, session = random.Random(seed), site.visitor()
    address, seen = "/en/software", {}
    for _ in range(100):
        answer = session.get(site.url + address, timeout=10)
        assert answer.status_code == 200, (seed, address)
        listed = re.findall(r'<h2><a href="([^"]+)"', answer.text)
        assert seen.setdefault(address, listed) == listed, (seed, address)
        choices = links(answer, "value") + links(answer, "chip")
        choices += re.findall(r'<a href="(/en/software\?[^"]*sort=[^"]+)"', answer.text)
        address = unescape(walk.choice(choices)) if choices and walk.random() > 0.1 else "/en/software"


def test_zero_results_say_which_filter_to_lift(site: Site) -> None:
    text = main_of(site.get("/en/software?q=proposals&license=MIT&country=FR"))
    assert "<h1>0 tools</h1>" in text
    assert "without Licence: MIT</a>: 2 tools" in text
    assert "without Country: France</a>: 1 tool" in text
    assert "Try fewer or other words" in main_of(site.get("/en/software?q=zzzz"))


def test_accents_and_case_do_not_count(site: Site) -> None:
    for words in ("ecologie", "ÉCOLOGIE", "Écologie"):
        assert "Écologie ouverte" in re.sub("</?mark>", "", main_of(site.get(f"/fr/software?q={words}")))


def test_facets_are_a_page_of_their_own_and_can_be_searched(site: Site) -> None:
    narrow = site.get("/en/software?license=MIT&sort=name")
    assert '<a class="button filters-link" href="/en/filters?license=MIT&amp;sort=name">Filters (1)</a>' in narrow.text
    page = site.get("/en/filters?license=MIT&find=finl")
    assert links(page, "value") == ["/en/filters?country=FI&license=MIT"]
    assert "Show 8 tools" in page.text
    assert "No filter is called “zzz”" in site.get("/en/filters?find=zzz").text


def test_a_record_says_who_says_what(site: Site, find: Callable[[str], Any]) -> None:
    agora = find("Agora libre")
    text = main_of(site.get(f"/en/software/{agora.id}/{agora.slug}"))
    licence = text.partition("<dt>Licence</dt>")[2].partition("</div>")[0]
    assert "AGPL-3.0-only" in licence.partition("<details>")[0]
    assert "1 source" in licence
    assert "<s>GPL-3.0-only</s>" in licence
    assert "The register" in licence
    assert "description.fr is no http or https address" in text
    assert "line 7" in text
    assert "Last change 3 weeks ago" in text
    assert "CC0-1.0 · name “The register” · share alike" in text
    assert f'href="/api/v1/software/{agora.id}"' in text


def test_a_service_says_that_its_source_is_not_public(site: Site, find: Callable[[str], Any]) -> None:
    service = find("Hosted service")
    text = main_of(site.get(f"/en/software/{service.id}/{service.slug}"))
    assert "no source names public source code" in text
    assert "no sign of activity is known" in text
    assert "publiccode.yml was found" not in text


def test_a_record_leads_back_to_the_search(site: Site, find: Callable[[str], Any]) -> None:
    agora = find("Agora libre")
    came = {"referer": f"{site.url}/en/software?q=proposals&country=FR"}
    text = requests.get(f"{site.url}/en/software/{agora.id}/{agora.slug}", headers=came, timeout=10).text
    assert '<a href="/en/software?q=proposals&amp;country=FR">Back to the search for “proposals”</a>' in text
    came = {"referer": "https://elsewhere.example/en/software?q=proposals"}
    assert "elsewhere" not in requests.get(f"{site.url}/en/software/{agora.id}/x", headers=came, timeout=10).text


def test_slugs_and_short_addresses_redirect(site: Site, find: Callable[[str], Any]) -> None:
    agora = find("Agora libre")
    full = f"/en/software/{agora.id}/{agora.slug}"
    for path in (f"/en/software/{agora.id}", f"/en/software/{agora.id}/old-name", f"/en/software/{agora.slug}"):
        answer = site.get(path)
        assert (answer.status_code, answer.headers["location"]) == (301, full)


def test_candidates_are_for_reviewers_only(site: Site, find: Callable[[str], Any]) -> None:
    candidate = find("Town desk")
    path = f"/en/software/{candidate.id}/{candidate.slug}"
    assert site.get(path).status_code == 404
    assert site.get(f"/api/v1/software/{candidate.id}").status_code == 404
    assert "This is a candidate" in site.get(path, "reviewer").text


def test_merged_ones_redirect_and_unknown_ones_are_not_found(fresh_site: Site) -> None:
    catalogue = fresh_site.catalogue
    one = next(found for found in catalogue.review.queue() if found.fields.name == "Petition box")
    other = next(found for found in catalogue.review.queue() if found.fields.name == "Petition Box")
    catalogue.review.decide(one.id, Operation.ACCEPT, "test")
    catalogue.review.decide(one.id, Operation.SAME, "test", value=other.id)
    merged = one if catalogue.software.get(one.id).state is SoftwareState.MERGED else other
    heir = catalogue.software.get(merged.id).merged_into
    answer = fresh_site.get(f"/en/software/{merged.id}/{merged.slug}", "reviewer")
    assert answer.status_code == 301
    assert answer.headers["location"].startswith(f"/en/software/{heir}/")
    missing = fresh_site.get("/fr/software/zzzzzzzzzzzz/nothing")
    assert missing.status_code == 404
    assert "Cette page n’existe pas" in missing.text


def test_a_gone_one_answers_410(fresh_site: Site) -> None:
    both = [item("stays", name="Stays"), item("leaves", name="Leaves")]
    harvest(fresh_site.catalogue, both, "leaving", trusted=True)
    leaves = by_name(fresh_site.catalogue, "Leaves")
    for _ in range(2):
        harvest(fresh_site.catalogue, both[:1], "leaving")
    for language, words in (("en", "no longer there"), ("fr", "n’existe plus")):
        answer = fresh_site.get(f"/{language}/software/{leaves.id}/{leaves.slug}")
        assert answer.status_code == 410
        assert words in answer.text
    assert fresh_site.get(f"/api/v1/software/{leaves.id}").status_code == 410


def test_the_csv_holds_the_whole_list_and_no_formula(site: Site) -> None:
    answer = site.get("/en/software.csv?license=MIT&size=1")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    answer.encoding = "utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 8
    assert "'=cmd|' /C calc'!A0" in {row["name"] for row in rows}
    for row in rows:
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())
    assert rows[0]["page"].startswith(f"{site.url}/en/software/")


def test_pages_say_that_the_index_is_down_and_records_still_answer(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        agora = site.catalogue.software.get("agora-libre")
        for folder in (tmp_path / "index").iterdir():
            if folder.is_dir():
                for file in folder.iterdir():
                    file.unlink()
            else:
                folder.unlink()
        answer = site.get("/en/software?q=proposals")
        assert answer.status_code == 503
        assert "Try again" in answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert site.get("/en/").status_code == 200
        assert site.get(f"/en/software/{agora.id}/{agora.slug}").status_code == 200
        health = site.get("/healthz")
        assert health.status_code == 503
        assert health.json()["database"] == "ok"
        assert health.json()["index"] != "ok"
        assert site.get("/api/v1/software").json()["remedy"]


def test_a_withdrawn_record_answers_410_in_plain_words_without_its_name_in_both_languages(fresh_site: Site) -> None:
    catalogue = fresh_site.catalogue
    tool = by_name(catalogue, "Agora libre")
    catalogue.review.decide(tool.id, Operation.WITHDRAW, "ada", why="it defames somebody")
    words = {"en": "Those who run this catalogue have withdrawn this entry.", "fr": "ont retiré cette fiche."}
    for language, said in words.items():
        for slug in (tool.slug, "any"):
            for role in (None, "operator"):
                answer = fresh_site.get(f"/{language}/software/{tool.id}/{slug}", role)
                assert answer.status_code == 410
                assert said in answer.text
                assert "Agora" not in answer.text
                assert "defames" not in answer.text
    told = fresh_site.get(f"/api/v1/software/{tool.id}")
    assert (told.status_code, told.json()["detail"]) == (410, words["en"])  # and not that a source said so
    fresh_site.refresh()
    for path in ("/en/software?q=agora", "/api/v1/software?q=agora", "/en/software.csv"):
        answer = fresh_site.get(path)
        assert answer.status_code == 200
        assert "Agora libre" not in answer.text, path


def test_a_looser_search_says_so_and_an_exact_one_does_not(site: Site) -> None:
    text = main_of(site.get("/en/software?q=best tool for proposals"))
    assert "No tool has all of these words." in text
    assert "without words that any tool might say of itself: best, tool." in unescape(text)
    assert "<h1>3 tools</h1>" in text
    assert "No tool has all of these words." not in main_of(site.get("/en/software?q=proposals"))
    half = main_of(site.get("/fr/software?q=zzyzx proposals"))
    assert "Ceux-ci ont au moins la moitié de ceux qui disent quelque chose." in unescape(half)
    table = csv.DictReader(io.StringIO(site.get("/en/software.csv?q=zzyzx proposals").text))
    assert len(list(table)) == 3


def test_a_concept_is_found_in_another_language_and_the_page_says_what_it_searched(site: Site) -> None:
    text = unescape(main_of(site.get("/en/software?q=Bürgerhaushalt")))
    assert "Searched as: participatory budgeting." in text
    assert "Agora libre" in text
    assert "Cherché comme\u00a0: budget participatif." in unescape(main_of(site.get("/fr/software?q=Bürgerhaushalt")))
    assert "Searched as" not in main_of(site.get("/en/software?q=Agora"))
    assert "Searched as" not in main_of(site.get("/en/software?q=Participatory Budgeting"))


def test_a_facet_is_searched_among_all_its_values_on_a_page_of_its_own(site: Site) -> None:
    page = site.get("/en/facets/organisation?q=exämple&words=Agora&sort=name")
    assert page.status_code == 200
    text = unescape(main_of(page))
    assert "<h1>Organisation</h1>" in text
    assert "organisation=Example+region" in text
    assert 'name="words" value="Agora"' in text
    assert "/en/software?q=Agora&sort=name" in text
    assert "organisation=" not in unescape(main_of(site.get("/en/facets/organisation?q=zzzz")))
    assert site.get("/en/facets/colour").status_code == 404


def test_a_page_tells_on_demand_why_its_order_is_so(site: Site) -> None:
    plain = unescape(main_of(site.get("/fr/software?q=Agora libre")))
    assert "/fr/software?q=Agora+libre&explain=1" in plain
    assert "why-here" not in plain
    answer = site.get("/fr/software?q=Agora libre&explain=1")
    page = unescape(main_of(answer))
    links = re.findall(r'href="(/fr/(?:software|filters)\?[^"]*)"', page)
    kept = [one for one in links if "explain=1" in one]
    assert {one for one in links if one not in kept} == {"/fr/software?q=Agora+libre"}  # which hides the reasons
    assert any("&license=" in one for one in kept)
    assert '<input type="hidden" name="explain" value="1">' in answer.text
    narrow = unescape(main_of(site.get("/fr/filters?q=Agora libre&explain=1")))
    assert 'href="/fr/software?q=Agora+libre&explain=1"' in narrow
    assert "S’appelle exactement ainsi\u00a0: 12,00" in page
    assert "il existe par lui-même\u00a0: 10,00" in page
    assert "Un mot dans le nom compte" in page


def test_a_page_of_results_is_packed(site: Site) -> None:
    answer = site.get("/en/software")
    assert answer.headers["content-encoding"] == "gzip"
