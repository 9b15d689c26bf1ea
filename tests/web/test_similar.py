"""Similar tools share a use case and words, and are none of the family."""

from __future__ import annotations

import re
from pathlib import Path

from pages_site import served
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import Operation

TEXTS = {
    "Signa": "Gathers signatures for petitions to a parliament.",
    "Sottoscrivo": "Gathers signatures for petitions of towns.",
    "Letterhead": "A template of letters.",
    "Signa Desk": "Gathers signatures for petitions at a desk.",
}


def fill(catalogue: Catalogue) -> None:
    """Tools for petitions, one of them a part of another, and one for something else."""
    entries = [
        item(name, name=name, kind="software", short_description={"en": text}, use_cases=("petition",))
        for name, text in TEXTS.items()
    ]
    about = {"en": "Gathers signatures for petitions to a parliament."}
    entries.append(item("Maps", name="Maps", kind="software", short_description=about, use_cases=("mapping",)))
    harvest(catalogue, entries, "towns", trusted=True)
    for name in (*TEXTS, "Maps"):
        catalogue.review.decide(by_name(catalogue, name).id, Operation.LIST, "ada", why="a tool")
    whole = by_name(catalogue, "Signa").id
    catalogue.review.decide(by_name(catalogue, "Signa Desk").id, Operation.RELATE, "ada", value=whole, field="part")


def test_similar_tools_share_a_use_case_and_the_more_so_words(tmp_path: Path) -> None:
    with served(tmp_path, fill=fill) as site:
        signa = by_name(site.catalogue, "Signa")
        page = site.get(f"/en/software/{signa.id}/{signa.slug}").text
    section = page.partition("Similar tools")[2].partition("</section>")[0]
    assert re.findall(r'">([^<]+)</a>', section) == ["Sottoscrivo", "Letterhead"]
    assert "signatures" in section
