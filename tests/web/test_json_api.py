"""The JSON API and its description."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pages_site import Site
from support.examples import examples


def get(site: Site, path: str) -> Any:
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.mark.parametrize(
    "params", ["", "q=proposals", "license=MIT&sort=name", "country=unknown", "q=proposals&page=2&size=1"]
)
def test_it_takes_the_pages_own_parameters(site: Site, params: str) -> None:
    body = get(site, f"/api/v1/software?{params}")
    page = site.get(f"/en/software?{params}").text
    assert f"<h1>{body['total']} tool" in page
    listed = [f"/en/software/{item['id']}/" in page for item in body["items"]]
    assert listed
    assert all(listed)
    assert set(body) == {
        *(
            "total",
            "listed",
            "reachable",
            "step",
            "totals",
            "meant",
            "corrected",
            "misnamed",
            "next_cursor",
            "csv_url",
            "of_all",
            "page",
            "pages",
            "items",
            "facets",
            "weights",
        ),
        "took_ms",
    }


def test_items_carry_their_identifiers(site: Site) -> None:
    items = get(site, "/api/v1/software?q=Agora")["items"]
    assert (
        "repo:https://forge.example.org/agora"
        in next(one for one in items if one["name"] == "Agora libre")["identifiers"]
    )


def test_it_says_by_which_step_things_were_found_and_what_was_meant(site: Site) -> None:
    asked = get(site, "/api/v1/software?q=outil de budget participatif&lang=fr")
    assert (asked["step"], asked["totals"]["all"]) == ("said", 0)
    assert asked["totals"]["said"] == asked["total"] > 0
    assert asked["meant"] == ["budget participatif"]
    assert asked["items"][0]["name"] == "Agora libre"
    assert get(site, "/api/v1/software?q=Agora")["totals"] == {"all": 1}


def test_why_items_stand_in_this_order_is_told_where_it_is_asked_for(site: Site) -> None:
    asked = get(site, "/api/v1/software?q=Agora libre&explain=1")
    why = asked["items"][0]["explanation"]
    assert why["words"] + why["exact_name"] + why["standing"] == pytest.approx(asked["items"][0]["score"], abs=0.01)
    assert (why["by"], why["step"], why["listed"]) == ("relevance", "all", True)
    assert why["exact_name"] > 0 < why["words"]
    assert sum(one["points"] for one in why["standing_points"]) == pytest.approx(100 * asked["items"][0]["standing"])
    assert {"standing.own", "standing.publiccode"} <= {one["code"] for one in why["standing_points"]}
    assert {one["name"] for one in asked["weights"]} >= {"in_name", "in_language", "exact_name", "standing"}
    plain = get(site, "/api/v1/software?q=Agora libre")
    assert (plain["weights"], plain["items"][0]["explanation"]) == (None, None)
    assert site.get("/api/v1/software?cursor=&explain=1").status_code == 400


def test_facets_carry_the_address_that_toggles_them(site: Site) -> None:
    body = get(site, "/api/v1/software?license=MIT")
    facet = next(one for one in body["facets"] if one["name"] == "license")
    by_value = {one["value"]: one for one in facet["values"]}
    assert by_value["MIT"]["selected"]
    assert by_value["MIT"]["toggle_url"] == "/api/v1/software"
    wider = get(site, by_value["EUPL-1.2"]["toggle_url"])
    assert wider["total"] == by_value["MIT"]["count"] + by_value["EUPL-1.2"]["count"]
    assert facet["truncated"] is False


def test_every_toggle_gives_the_count_that_its_value_names(site: Site) -> None:
    body = get(site, "/api/v1/software")
    for facet in body["facets"]:
        # what is set aside comes on top of what is listed
        for value in facet["values"] if facet["name"] != "also" else ():
            assert get(site, value["toggle_url"])["total"] == value["count"], (facet["name"], value["value"])


def test_an_entry_has_the_standards_names_and_the_source_of_every_value(site: Site) -> None:
    agora = get(site, "/api/v1/software?q=agora")["items"][0]
    body = get(site, agora["url"].removeprefix(site.url))
    assert body["name"] == "Agora libre"
    assert body["developmentStatus"] == "stable"
    assert body["organisations"] == [
        {"name": "Example region", "uri": "https://region.example.org", "country": "FR", "kind": None}
    ]
    licences = [(one["value"], one["source"], one["chosen"]) for one in body["provenance"]["license"]]
    assert licences == [("AGPL-3.0-only", "forge", True), ("GPL-3.0-only", "register", False)]
    assert {one["source"]: one["license"] for one in body["sources"]} == {"forge": None, "register": "CC0-1.0"}
    known = {name for name in body["provenance"] if body[name] not in (None, [], {})}
    assert {"name", "license", "shortDescription", "useCases"} <= known


def test_sources_and_runs_are_told(site: Site) -> None:
    sources = {one["name"]: one for one in get(site, "/api/v1/sources")["items"]}
    assert sources["register"]["share_alike"] is True
    assert sources["forge"]["software"] == 11
    assert sources["forge"]["last_good"]
    runs = get(site, "/api/v1/runs?source=broken")
    assert [run["judgement"] for run in runs["items"]] == ["failed", "suspicious"]


def test_problems_say_what_and_what_to_do(site: Site) -> None:
    for path, status in (("/api/v1/software/none", 404), ("/api/v1/software?page=0", 400), ("/api/v1/nothing", 404)):
        answer = site.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "status", "detail", "remedy"} <= set(answer.json())
    assert "page" in site.get("/api/v1/software?page=0").json()["detail"]


def test_health_names_its_parts(site: Site) -> None:
    assert get(site, "/healthz") == {"status": "ok", "database": "ok", "index": "ok"}


def _resolve(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _fits(document: Any, schema: Any, value: Any, place: str) -> None:
    """As much of JSON Schema as our own description uses."""
    schema = _resolve(document, schema)
    if "anyOf" in schema:
        kinds = [_resolve(document, one).get("type") for one in schema["anyOf"]]
        if value is None:
            assert "null" in kinds, place
            return
        schema = next(_resolve(document, one) for one in schema["anyOf"] if one.get("type") != "null")
    kind = schema.get("type")
    python = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}
    if kind:
        assert isinstance(value, python[kind]), (place, kind, value)
    if kind == "object" and "properties" in schema:
        assert set(schema.get("required", ())) <= set(value), place
        for name, inner in value.items():
            assert name in schema["properties"], (place, name)
            _fits(document, schema["properties"][name], inner, f"{place}.{name}")
    if kind == "array" and "items" in schema:
        for inner in value:
            _fits(document, schema["items"], inner, f"{place}[]")


def test_answers_are_as_openapi_describes_them(site: Site) -> None:
    document = site.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/api/v1/software",
        "/api/v1/software/{software_id}",
        "/api/v1/sources",
        "/api/v1/runs",
        "/api/v1/suggest",
        "/healthz",
        "/api/v1/review/waiting",
        "/api/v1/review/undo/{decision}",
        "/api/v1/review/{software_id}",
        "/api/v1/operations/sources/{source}/run",
    }
    for path in ("/api/v1/software", "/api/v1/sources", "/api/v1/runs", "/api/v1/suggest", "/healthz"):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        _fits(document, schema, get(site, path), path)
    named = {one["name"] for one in document["paths"]["/api/v1/software"]["get"]["parameters"]}
    assert {"q", "use_case", "country", "license", "kind", "sort", "page", "size"} <= named


OPERATIONS = (
    *("/api/v1/software", "/api/v1/software/{software_id}", "/api/v1/sources", "/api/v1/runs", "/api/v1/suggest"),
    "/healthz",
    "/api/v1/review/waiting",
)
_ANY = st.one_of(st.text(max_size=40), st.integers().map(str), st.sampled_from(["", "0", "-1", "1e9", "NaN", "null"]))


def _said(document: Any, schema: Any) -> st.SearchStrategy[str]:
    """Values as the description allows them, their bounds among them, and any others."""
    schema = _resolve(document, schema)
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    one = _resolve(document, kinds[0])
    one = _resolve(document, one["items"]) if one.get("type") == "array" else one
    if "enum" in one:
        return st.one_of(st.sampled_from(one["enum"]).map(str), _ANY)
    if one.get("type") == "integer":
        least, most = one.get("minimum", 0), one.get("maximum", 10**6)
        return st.one_of(
            st.integers(least, most).map(str), st.sampled_from([str(least), str(most), str(most + 1)]), _ANY
        )
    return st.one_of(st.text(max_size=one.get("maxLength", 60) + 1), _ANY)


@pytest.mark.parametrize("path", OPERATIONS)
def test_whatever_it_is_asked_it_answers_as_openapi_describes(site: Site, path: str) -> None:
    """Each operation with parameters of all kinds: a described status, of the type and form that are described."""
    document = site.get("/openapi.json").json()
    operation = document["paths"][path]["get"]
    parameters = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    asked = {one["name"]: st.lists(_said(document, one["schema"]), max_size=2) for one in parameters}
    ids = st.sampled_from([one.id for one in site.catalogue.software.published(20)])
    words = st.text(min_size=1, max_size=60).filter(lambda text: text.strip("./") != "")
    unhurried = HealthCheck.too_slow, HealthCheck.filter_too_much
    session = site.visitor()

    @examples(100, suppress_health_check=unhurried)
    @given(st.fixed_dictionaries({}, optional=asked), st.one_of(ids, words), st.booleans())
    def ask(query: dict[str, list[str]], software_id: str, known: bool) -> None:
        pairs = [(name, value) for name, values in query.items() for value in values]
        pairs += [] if known else [("unknown", "1")]
        address = site.url + path.replace("{software_id}", quote(software_id, safe=""))
        answer: requests.Response = session.get(address, params=pairs, timeout=20, allow_redirects=False)
        told = (answer.url, answer.status_code, answer.text[:300])
        if "%2F" in answer.url.partition("?")[0].upper() and answer.status_code in (307, 404, 405):
            return  # a slash is part of no id: such an address is another one
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, told
        media = answer.headers["content-type"].partition(";")[0]
        assert media in described["content"], told
        _fits(document, described["content"][media]["schema"], answer.json(), str(told))

    ask()


def test_a_cursor_goes_through_everything_once_in_the_order_of_ids(site: Site) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(site, f"/api/v1/software?size=2&also=copies,parts,other&cursor={cursor}")
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert found == sorted(set(found))
    assert len(found) == page["total"] == get(site, "/api/v1/software?also=copies,parts,other")["total"] > 4
    assert site.get("/api/v1/software?cursor=&page=2").status_code == 400


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    for path in ("/api/v1/software?q=Agora", "/api/v1/sources", "/api/v1/suggest?q=ag"):
        first = requests.get(site.url + path, timeout=30)
        held = {"if-none-match": first.headers["etag"]}
        again = requests.get(site.url + path, headers=held, timeout=30)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert requests.get(site.url + path, headers={"if-none-match": '"other"'}, timeout=30).status_code == 200
    assert site.get("/api/v1/software?q=Bare").headers["etag"] != site.get("/api/v1/software").headers["etag"]


def test_unknown_parameters_are_refused_with_those_that_are_known(site: Site) -> None:
    for path, known in (("software?licence=MIT", "license"), ("sources?page=2", "none"), ("runs?sources=a", "limit")):
        answer = site.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert known in answer.json()["remedy"]


def test_items_tell_how_alive_they_are_and_how_they_stand_to_others(site: Site) -> None:
    for one in get(site, "/api/v1/software?size=100")["items"]:
        entry = get(site, f"/api/v1/software/{one['id']}")
        assert [each["type"] for each in one["relations"]] == [each["type"] for each in entry["appraisal"]["relations"]]
        assert one["health"]["status"] in ("active", "slowing", "dormant", "unknown", "archived")
        assert (one["health"]["score"] is None) == (one["health"]["status"] == "unknown")


def test_addresses_in_facets_keep_the_language(site: Site) -> None:
    urls = [v["toggle_url"] for f in get(site, "/api/v1/software?lang=fr")["facets"] for v in f["values"]]
    assert urls
    assert all("lang=fr" in url for url in urls)


def test_a_misspelt_word_finds_what_the_nearest_one_finds_and_can_be_had_as_typed(site: Site) -> None:
    body = get(site, "/api/v1/software?q=propsals")
    assert (body["corrected"], body["total"]) == ("proposals", get(site, "/api/v1/software?q=proposals")["total"])
    assert get(site, "/api/v1/software?q=propsals&as_typed=1")["total"] == 0
    page = site.get("/en/software?q=propsals").text
    assert "Searched for <strong>proposals</strong>." in page
    assert "/en/software?q=propsals&amp;as_typed=1" in page
    assert "Searched for" not in site.get("/en/software?q=propsals&as_typed=1").text


def test_the_box_chooses_values_and_leaves_words_out(site: Site) -> None:
    assert get(site, "/api/v1/software?q=license:mit")["total"] == 0
    assert get(site, "/api/v1/software?q=license:MIT")["total"] == get(site, "/api/v1/software?license=MIT")["total"]
    told = get(site, "/api/v1/software?q=colour:red proposals")
    assert told["misnamed"] == ["colour"]
    assert "colour is taken as a word" in site.get("/en/software?q=colour:red proposals").text
    both = get(site, "/api/v1/software?q=proposals")["items"]
    fewer = get(site, f'/api/v1/software?q=proposals -"{both[0]["name"]}"')["items"]
    assert {one["id"] for one in fewer} == {one["id"] for one in both} - {both[0]["id"]}
