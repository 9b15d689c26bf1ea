"""Collections: an editor makes them on the desk, visitors read them, and nothing shows in them that was withdrawn."""

from __future__ import annotations

import requests
from lxml import html
from pages_site import Site
from support.builders import by_name

from harvester.catalogue.acts import Act
from harvester.model import Operation


def test_an_editor_makes_a_collection_that_visitors_read_in_its_order(fresh_site: Site) -> None:
    catalogue, editor = fresh_site.catalogue, fresh_site.visitor("reviewer")
    agora, eco = by_name(catalogue, "Agora libre").id, by_name(catalogue, "Écologie ouverte").id

    def send(address: str, form: dict[str, object]) -> requests.Response:
        return editor.post(f"{fresh_site.url}/en/review/collections{address}", data=form, timeout=10)

    assert "Collections" not in fresh_site.get("/en/").text
    refused = send("", {"title-en": " ", "text-en": "of the year"})
    assert refused.status_code == 400
    assert "of the year" in refused.text
    title = {"title-en": "Tools of towns", "title-fr": "Outils des villes", "text-fr": "Choisis **ici**."}
    made = send("", title)
    assert made.url.endswith("/en/review/collections/tools-of-towns")
    assert fresh_site.get("/en/collections/tools-of-towns").status_code == 200
    found = editor.get(f"{made.url}?q=agora", timeout=10).text
    assert f'name="add" value="{agora}"' in found
    send("/tools-of-towns", {**title, "add": [eco, agora]})
    send("/tools-of-towns", {**title, f"place-{agora}": "1", f"place-{eco}": "2"})
    assert catalogue.collections.get("tools-of-towns").softwares == (agora, eco)

    def shown(language: str) -> list[str]:
        page = html.fromstring(fresh_site.get(f"/{language}/collections/tools-of-towns").text)
        return [" ".join(one.text_content().split()) for one in page.xpath("//main//h1 | //main//h2")]

    assert shown("fr")[0] == "Outils des villes"
    assert [one for one in shown("en") if one in ("Agora libre", "Écologie ouverte")] == [
        "Agora libre",
        "Écologie ouverte",
    ]
    assert "<strong>ici</strong>" in fresh_site.get("/fr/collections/tools-of-towns").text
    assert "/en/collections/tools-of-towns" in fresh_site.get("/en/").text
    assert "/en/collections/tools-of-towns" in fresh_site.get("/en/collections").text
    assert catalogue.collections.shown() == {"tools-of-towns": 2}
    joined = Act(software=eco, operation=Operation.SAME, value=agora, survives=True)
    (merged,) = catalogue.review.together([joined], "ada")
    assert catalogue.collections.shown() == {"tools-of-towns": 1}  # both are one now
    assert len(shown("en")) == 2  # its title, and the one
    catalogue.review.undo(merged.id, "ada")
    assert catalogue.collections.shown() == {"tools-of-towns": 2}
    catalogue.review.decide(agora, Operation.WITHDRAW, "ada", why="asked for")
    assert catalogue.collections.shown() == {"tools-of-towns": 1}
    assert "Agora libre" not in fresh_site.get("/en/collections/tools-of-towns").text
    seen = catalogue.collections.get("tools-of-towns").digest
    changed = send("/tools-of-towns", {**title, "text-fr": "Autrement.", "seen": seen})
    assert changed.status_code == 200
    late = send("/tools-of-towns", {**title, "text-fr": "Encore autrement.", "seen": seen})
    assert late.status_code == 409
    assert "Encore autrement." in late.text  # what was typed stays
    assert catalogue.collections.get("tools-of-towns").text["fr"] == "Autrement."
    long = send("/tools-of-towns", {**title, "text-en": "x" * 5001})
    assert (long.status_code, "too long" in long.text) == (400, True)
    send("/tools-of-towns", {**title, "out": [agora]})
    assert catalogue.collections.get("tools-of-towns").softwares == (eco,)
    send("/tools-of-towns", {"remove": "1"})
    assert fresh_site.get("/en/collections/tools-of-towns").status_code == 404
