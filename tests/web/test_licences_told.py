"""A licence is shown as it is written where no SPDX expression is certain, and its lack said only where it is known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from pages_site import Site, served
from support.builders import by_name, harvest, item

WRITTEN = "Licence ouverte, comme la ville l’entend, avec ses annexes et toutes les conditions générales"
NOBODY_MAY = "without one, nobody may reuse the code"


@pytest.fixture(scope="module")
def licences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of four softwares: certain, as written, none in the repository, not stated."""
    with served(tmp_path_factory.mktemp("licences"), filled=False) as site:
        said = [
            item("certain", license="MIT", license_text="MIT License", has_license=True),
            item("written", license_text=WRITTEN),
            item("none", has_license=False),
            item("unstated"),
        ]
        harvest(site.catalogue, said, "register", trusted=True)
        site.refresh()
        yield site


def _page(site: Site, name: str) -> str:
    found = by_name(site.catalogue, name)
    return site.get(f"/en/software/{found.id}/{found.slug}").text


def _fact(site: Site, name: str) -> str:
    return _page(site, name).partition("<dt>Licence</dt>")[2].partition("</div>")[0]


def test_a_record_shows_the_licence_as_it_is_written_with_its_source(licences: Site) -> None:
    fact = _fact(licences, "written")
    assert f"as written: “{WRITTEN}”" in fact
    assert "1 source" in fact
    assert "stated in words only" in _page(licences, "written")
    assert "as written" not in _fact(licences, "certain")
    assert "not stated" in _fact(licences, "unstated")


def test_only_a_repository_that_was_looked_into_is_said_to_hold_none(licences: Site) -> None:
    assert NOBODY_MAY in _page(licences, "none")
    for other in ("certain", "written", "unstated"):
        assert NOBODY_MAY not in _page(licences, other)
    assert "No licence is stated by the sources" in _page(licences, "unstated")


def test_lists_show_it_cut(licences: Site) -> None:
    page = licences.get("/en/software").text
    assert f"as written: “{WRITTEN[:58]}…”" in page
    assert '<li class="unknown">no licence found</li>' in page
    assert '<li class="unknown">licence not stated</li>' in page
    assert "<li>MIT</li>" in page


def test_csv_and_api_hold_it(licences: Site) -> None:
    answer = licences.get("/en/software.csv")
    answer.encoding = "utf-8"
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert (rows["written"]["license"], rows["written"]["license_text"]) == ("", WRITTEN)
    assert [rows[name]["has_license"] for name in ("certain", "none", "unstated")] == ["yes", "no", ""]
    items = {one["name"]: one for one in licences.get("/api/v1/software").json()["items"]}
    assert (items["written"]["license"], items["written"]["licenseText"]) == (None, WRITTEN)
    entry = licences.get(f"/api/v1/software/{items['none']['id']}").json()
    assert (entry["license"], entry["hasLicense"], items["unstated"]["hasLicense"]) == (None, False, None)


def test_an_entrys_address_is_its_own_and_an_organisation_keeps_its_kind(site: Site) -> None:
    listed = site.get("/api/v1/software?q=agora").json()["items"][0]
    entry = site.get(listed["url"].removeprefix(site.url)).json()
    assert entry["url"] == listed["url"]
    assert entry["declaredUrl"] is None
    assert entry["organisations"] == listed["organisations"]
    assert set(entry["organisations"][0]) == {"name", "uri", "country", "kind"}
