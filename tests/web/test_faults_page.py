"""What a record's page tells its maintainer to mend in publiccode.yml."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pages_site import Site, served
from support.builders import EPOCH, by_name, harvest
from support.forges_alike import FORGES, source
from support.runs import running

from demo.publiccode_text import publiccode
from demo.tools import load_tools
from harvester.model import RawItem, Reading
from harvester.normalize import developers_italia
from harvester.normalize import publiccode as reader

TOOL = next(tool for tool in load_tools() if tool.publiccode)
VALID = publiccode(TOOL)
BROKEN = VALID.replace("developmentStatus: ", "developmentStatus: not ") + "colour: <b>red</b>\n"


def stored(text: str, *, format: str = "publiccode") -> tuple[RawItem, Reading]:
    """A file as a spider brings it, read by its reader."""
    payload = text.encode()
    if format == "developers-italia":
        entry = {"id": "00000000-0000-4000-8000-000000000001", "url": TOOL.repository, "publiccodeYml": text}
        payload = json.dumps(entry).encode()
    raw = RawItem(
        key="file",
        format=format,
        payload=payload,
        url="https://forge.example/publiccode.yml",
        fetched_at=EPOCH,
        context={"repository": TOOL.repository},
    )
    return raw, (reader if format == "publiccode" else developers_italia).read(raw)


def page_of(site: Site, language: str, name: str = TOOL.name) -> str:
    found: Any = by_name(site.catalogue, name)
    return site.get(f"/{language}/software/{found.id}/{found.slug}").text


@pytest.mark.parametrize("format", ["publiccode", "developers-italia"])
def test_the_results_stand_on_the_record_s_page(fresh_site: Site, format: str) -> None:
    harvest(fresh_site.catalogue, [stored(BROKEN, format=format)], "files", trusted=True)
    page = page_of(fresh_site, "en")
    section = page.partition("What to fix in publiccode.yml")[2].partition("</details>")[0]
    line = next(number for number, text in enumerate(BROKEN.splitlines(), 1) if text.startswith("developmentStatus"))
    assert "2 errors" in section
    assert re.search(rf"<code>developmentStatus\s+line {line}, column 1</code>", section)
    assert "write one of: concept, development, beta, stable, obsolete" in section
    assert "<b>red</b>" not in page
    assert "À corriger dans publiccode.yml" in page_of(fresh_site, "fr")


def test_a_file_without_faults_has_no_such_section(fresh_site: Site) -> None:
    text = re.sub(r"publiccodeYmlVersion: .*", 'publiccodeYmlVersion: "0"', VALID)
    harvest(fresh_site.catalogue, [stored(text)], "files", trusted=True)
    assert "What to fix in publiccode.yml" not in page_of(fresh_site, "en")


def test_a_record_without_a_file_has_no_such_section(fresh_site: Site) -> None:
    agora: Any = by_name(fresh_site.catalogue, "Agora libre")
    page = fresh_site.get(f"/en/software/{agora.id}/{agora.slug}").text
    assert "What to fix in publiccode.yml" not in page
    assert "description.fr is no http or https address" in page


@pytest.mark.parametrize("forge", FORGES.values(), ids=FORGES)
def test_what_a_forge_holds_is_judged_as_well(forge: Any, tmp_path: Path) -> None:
    made = forge(status="ready")
    with running(made[1], tmp_path, source(made)) as runs:
        runs.harvest()
    with served(tmp_path, filled=False) as site:
        page = page_of(site, "en", "Town Ledger")
    assert re.search(r"<code>developmentStatus\s+line 5, column 1</code>", page)
    assert "write one of: concept, development, beta, stable, obsolete" in page
