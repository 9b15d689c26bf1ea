"""The demo's facts keep what the demo promises, and agree with the recorded catalogues where those know a tool."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import langcodes
import pytest
import yaml
from babel import Locale
from license_expression import get_spdx_licensing

from demo.readme_text import copied_readme
from demo.tools import Tool, load_scenario, load_tools, read_tool
from harvester.errors import InputError
from harvester.model import DEVELOPMENT_STATUSES, KINDS, USE_CASES

DATA = Path(__file__).parents[2] / "demo" / "data"
TOOLS = load_tools()
SCENARIO = load_scenario()
BY_SLUG = {tool.slug: tool for tool in TOOLS}
SPDX = get_spdx_licensing()


def plain_address(url: str) -> str:
    """The address without what changes nothing, worked out here on its own: the project's normalizer is not asked."""
    address = re.sub(r"^https?://(www\.)?", "", url.strip().lower())
    address = re.split(r"[?#]|/-/|/tree/", address)[0].rstrip("/")
    return address.removesuffix(".git")


def shown_in() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for site in SCENARIO.sites:
        for entry in site.entries:
            found[entry.tool].append(site.name)
    return found


def test_there_are_enough_tools_of_enough_countries() -> None:
    assert len(TOOLS) >= 120
    assert len({country for tool in TOOLS for country in tool.countries}) >= 25


def test_every_tool_is_described_in_english_and_many_in_french() -> None:
    assert [tool.slug for tool in TOOLS if "en" not in tool.description] == []
    assert sum("fr" in tool.description for tool in TOOLS) >= 40
    tags = {tag for tool in TOOLS for tag in (*tool.description, *tool.long)}
    assert {"en", "fr", "de", "it", "es", "nl"} == tags
    assert {t.slug: len(text) for t in TOOLS for text in t.description.values() if len(text) > 150} == {}


def test_no_two_tools_are_described_in_the_same_words() -> None:
    texts = [text for tool in TOOLS for text in (*tool.description.values(), *tool.long.values())]
    assert len(texts) == len(set(texts))


def test_services_have_a_site_and_no_repository_and_software_has_one() -> None:
    services = [tool for tool in TOOLS if tool.kind == "service"]
    assert len(services) >= 15
    assert [tool.slug for tool in services if tool.repository or tool.license or not tool.landing_url] == []
    assert [tool.slug for tool in TOOLS if tool.kind == "software" and not tool.repository] == []


def test_codes_are_of_the_vocabularies() -> None:
    assert {tool.kind for tool in TOOLS} == set(KINDS)
    assert {code for tool in TOOLS for code in tool.use_cases} <= set(USE_CASES)
    assert {tool.status for tool in TOOLS if tool.status} <= set(DEVELOPMENT_STATUSES)
    assert [tool.slug for tool in TOOLS if not tool.use_cases] == []


def test_licences_are_spdx_expressions() -> None:
    known = {tool.slug: tool.license for tool in TOOLS if tool.license}
    others = [one for site in SCENARIO.sites for one in (*site.parts, *site.plain)]
    known |= {one.repository: one.license for one in others if one.license}
    wrong = {slug: SPDX.validate(text).errors for slug, text in known.items() if SPDX.validate(text).errors}
    assert wrong == {}


def test_the_licence_that_is_broken_on_purpose_is_no_spdx_expression() -> None:
    (broken,) = [entry for entry in SCENARIO.broken if entry.how == "unknown-licence"]
    assert SPDX.validate(broken.value).errors


def test_languages_are_bcp_47_and_countries_iso_3166() -> None:
    tags = {tag for tool in TOOLS for tag in tool.languages}
    assert {tag for tag in tags if not langcodes.tag_is_valid(tag) or langcodes.standardize_tag(tag) != tag} == set()
    countries = {country for tool in TOOLS for country in tool.countries}
    countries |= {tool.organisation.country for tool in TOOLS if tool.organisation and tool.organisation.country}
    countries |= {site.country for site in SCENARIO.sites if site.country}
    assert {code for code in countries if not re.fullmatch("[A-Z]{2}", code)} == set()
    assert countries <= set(Locale("en").territories) - {"EU", "EZ", "UN", "QO", "XA", "XB", "XK", "ZZ"}


def test_addresses_are_whole_and_nobody_else_has_them() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for tool in TOOLS:
        for url in filter(None, (tool.repository, *tool.aliases, tool.landing_url)):
            assert re.fullmatch(r"https?://[a-z0-9.-]+(/\S*[^/])?", url), (tool.slug, url)
            owners[plain_address(url)].add(tool.slug)
        repositories = [plain_address(url) for url in (tool.repository, *tool.aliases) if url]
        assert len(repositories) == len(set(repositories)), tool.slug
    assert {address: slugs for address, slugs in owners.items() if len(slugs) > 1} == {}
    numbers = [tool.forge_id for tool in TOOLS if tool.forge_id]
    assert len(numbers) == len(set(numbers))


def test_dates_are_of_the_past_and_in_order() -> None:
    for tool in TOOLS:
        days = [day for day in (tool.created, tool.last_push) if day]
        assert days == sorted(days), tool.slug
        assert all(date(2000, 1, 1) < day < date(2027, 1, 1) for day in days), tool.slug


def test_no_mail_address_and_no_phone_number_stands_in_the_data() -> None:
    files = [*DATA.glob("tools/*.yml"), DATA / "scenario.yml"]
    assert len(files) > 5
    for path in files:
        text = path.read_text("utf-8")
        assert not re.search(r"[\w.+-]+@[\w-]+\.\w+|mailto:", text), path
        assert not re.search(r"\+\d{2}[ \d-]{7,}|\(\d{3}\) ?\d{3}-\d{4}", text), path


def test_every_tool_is_shown_somewhere_and_once_by_a_source() -> None:
    shown = shown_in()
    assert sorted(shown) == sorted(BY_SLUG)
    assert {slug for slug, sites in shown.items() if len(sites) != len(set(sites))} == set()
    assert {site.system for site in SCENARIO.sites} == {"github", "gitlab", "developers_italia", "html_page"}
    assert len({site.name for site in SCENARIO.sites}) == len(SCENARIO.sites)


def test_many_tools_are_in_several_systems_under_other_names_or_addresses() -> None:
    differing = {entry.tool for site in SCENARIO.sites for entry in site.entries if entry.differs}
    systems: dict[str, set[str]] = defaultdict(set)
    for site in SCENARIO.sites:
        for entry in site.entries:
            systems[entry.tool].add(site.system)
    assert len({slug for slug, found in systems.items() if len(found) > 1} & differing) >= 15


def test_what_differs_is_said_and_leads_back_to_the_same_tool() -> None:
    for site in SCENARIO.sites:
        for entry in site.entries:
            tool = BY_SLUG[entry.tool]
            assert bool(entry.differs) == bool(entry.url or entry.name or entry.aliases), (site.name, entry.tool)
            known = {plain_address(url) for url in (tool.repository, *tool.aliases) if url}
            shown = {plain_address(url) for url in (entry.url, *entry.aliases) if url}
            assert shown <= known, (site.name, entry.tool)
            if entry.url and tool.repository:
                assert plain_address(tool.repository) in shown, (site.name, entry.tool)


def test_a_forge_serves_only_what_it_hosts() -> None:
    for site in SCENARIO.sites:
        if site.system in ("github", "gitlab"):
            repositories = [BY_SLUG[entry.tool].repository or "" for entry in site.entries]
            repositories += [plain.repository for plain in (*site.parts, *site.plain)]
            assert [url for url in repositories if not url.startswith(f"https://{site.host}/")] == [], site.name


def test_the_software_catalogue_lists_only_what_has_a_repository() -> None:
    (italy,) = [site for site in SCENARIO.sites if site.system == "developers_italia"]
    assert [entry.tool for entry in italy.entries if not BY_SLUG[entry.tool].repository] == []


def test_enough_tools_wait_for_a_reviewer_and_enough_services_do_not() -> None:
    trusted = {site.name: site.trusted for site in SCENARIO.sites}
    waiting = {slug for slug, sites in shown_in().items() if not any(trusted[name] for name in sites)}
    assert len(waiting) >= 20
    services = {tool.slug for tool in TOOLS if tool.kind == "service"}
    assert len(services - waiting) >= 15
    assert len(services & waiting) >= 3


def test_plain_repositories_stand_among_the_tools() -> None:
    plain = [one for site in SCENARIO.sites for one in (*site.parts, *site.plain)]
    assert len(plain) >= 24
    assert not {plain_address(one.repository) for one in plain} & {
        plain_address(tool.repository) for tool in TOOLS if tool.repository
    }


def test_who_copied_a_tool_is_invented_and_called_so() -> None:
    copies = [copy for site in SCENARIO.sites for copy in site.copies]
    assert len(copies) == 15
    assert len({copy.of for copy in copies}) == 5
    for site in SCENARIO.sites:
        assert {copy.owner for copy in site.copies} <= {owner.login for owner in site.owners}
        for owner in site.owners:
            assert "invented" in site.title.lower(), site.name
            assert re.search("d[ée]mon?str|dimostr|vorführ", owner.name.lower()), owner
            assert owner.login.startswith("demo-"), owner
    text = copied_readme(BY_SLUG[copies[0].of], "A body")
    assert "A body was invented for a demonstration" in text


def test_five_entries_are_broken_each_in_its_own_way() -> None:
    assert sorted(entry.how for entry in SCENARIO.broken) == [
        "empty-publiccode",
        "unknown-licence",
        "url-mismatch",
        "wrong-type",
        "yaml-syntax",
    ]
    assert all(entry.tool or (entry.name and entry.url) for entry in SCENARIO.broken)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{slug: a, name: A, kind: software, description: {en: A}, licence: MIT}", "unknown keys"),
        ("{slug: a, name: A, kind: software}", "missing keys"),
        ("{slug: a, name: A, kind: software, description: An A}", "not a mapping"),
        ("{slug: a, name: A, kind: software, description: {en: A}, countries: [NO]}", "not a list of texts"),
        ("{slug: a, name: A, kind: software, description: {en: A}, publiccode: 1}", "not of type bool"),
        ("{slug: a, name: A, kind: software, description: {en: A}, organisation: {title: B}}", "unknown keys"),
    ],
)
def test_an_entry_with_a_wrong_key_or_type_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_tool(yaml.safe_load(text), "x.yml")


def recorded_code_for_america(corpus: Path) -> Iterator[tuple[str, dict[str, object]]]:
    with gzip.open(corpus / "catalogues/cfa/brigade-projects.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            repository = json.loads(line).get("github")
            if isinstance(repository, dict) and repository.get("full_name"):
                licence = repository.get("license")
                yield (
                    f"github.com/{repository['full_name']}".lower(),
                    {
                        "license": licence.get("spdx_id") if isinstance(licence, dict) else None,
                        "language": repository.get("language") or None,
                        "forge_id": repository.get("id"),
                        "created": repository.get("created_at"),
                    },
                )


def recorded_french_sources(corpus: Path) -> Iterator[tuple[str, dict[str, object]]]:
    names = {
        "MIT License": "MIT",
        "GNU Affero General Public License v3.0": "AGPL-3.0",
        "European Union Public License 1.2": "EUPL-1.2",
        "Mozilla Public License 2.0": "MPL-2.0",
    }
    path = corpus / "catalogues/fr-codes-sources/repositories-2021-11-13.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield (
                plain_address(row["repository_url"]),
                {
                    "license": names.get(row["license"]),
                    "language": row["language"] or None,
                    "created": row["creation_date"],
                },
            )


def recorded_publiccode(corpus: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for path in sorted((corpus / "publiccode/head").iterdir()):
        try:
            data = yaml.safe_load(path.read_text("utf-8"))
        except yaml.YAMLError:
            continue
        if isinstance(data, dict) and isinstance(data.get("legal"), dict):
            languages = (data.get("localisation") or {}).get("availableLanguages") or []
            yield (
                f"github.com/{path.stem.replace('+', '/', 1)}".lower(),
                {
                    "license": data["legal"].get("license"),
                    "languages": {str(tag) for tag in languages},
                    "status": data.get("developmentStatus"),
                },
            )


def recorded_public_goods(corpus: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for good in json.loads((corpus / "catalogues/dpg-api-dpgs.json").read_text("utf-8")):
        licences = [one.get("spdx") for one in good.get("license") or []]
        for repository in good.get("repositories") or []:
            if repository.get("url") and len(licences) == 1:
                yield plain_address(repository["url"]), {"license": licences[0]}


def disagreements(tool: Tool, recorded: dict[str, object]) -> list[str]:
    """Fields whose recorded value is another than ours. "GPL-3.0" leaves "only" or "or later" open: ours may say."""
    found = []
    licence = recorded.get("license")
    if licence not in (None, "NOASSERTION"):
        ours = (tool.license or "").removesuffix("-only").removesuffix("-or-later")
        if (licence != tool.license) and licence != ours:
            found.append("license")
    if recorded.get("language") and recorded["language"] not in tool.programming_languages:
        found.append("programming_languages")
    if recorded.get("languages") and not set(tool.languages) <= recorded["languages"]:  # type: ignore[operator]
        found.append("languages")
    if recorded.get("status") and recorded["status"] != tool.status:
        found.append("status")
    if recorded.get("forge_id") and recorded["forge_id"] != tool.forge_id:
        found.append("forge_id")
    if recorded.get("created") and str(recorded["created"])[:10] != str(tool.created):
        found.append("created")
    return found


@pytest.mark.corpus
def test_facts_agree_with_the_recorded_catalogues_or_say_why_not(corpus: Path) -> None:
    by_repository = {plain_address(tool.repository): tool for tool in TOOLS if tool.repository}
    compared, wrong = set(), {}
    readers = (recorded_code_for_america, recorded_french_sources, recorded_publiccode, recorded_public_goods)
    for reader in readers:
        for address, recorded in reader(corpus):
            tool = by_repository.get(address)
            if tool is None:
                continue
            compared.add(tool.slug)
            unsaid = [name for name in disagreements(tool, recorded) if name not in tool.corrects]
            if unsaid:
                wrong[tool.slug] = (reader.__name__, unsaid, recorded)
    assert wrong == {}
    assert len(compared) >= 75


@pytest.mark.corpus
def test_no_description_is_copied_from_the_recorded_catalogues(corpus: Path) -> None:
    recorded = set()
    with gzip.open(corpus / "catalogues/cfa/brigade-projects.jsonl.gz", "rt", encoding="utf-8") as lines:
        recorded |= {str(json.loads(line).get("description") or "").strip().lower() for line in lines}
    with gzip.open(
        corpus / "catalogues/fr-codes-sources/repositories-2021-11-13.csv.gz", "rt", encoding="utf-8", newline=""
    ) as rows:
        recorded |= {row["description"].strip().lower() for row in csv.DictReader(rows)}
    goods = json.loads((corpus / "catalogues/dpg-api-dpgs.json").read_text("utf-8"))
    recorded |= {str(good.get("description") or "").strip().lower() for good in goods}
    assert {t.slug for t in TOOLS for text in t.description.values() if text.lower().rstrip(".") in recorded} == set()
    assert {t.slug for t in TOOLS for text in t.description.values() if text.lower() in recorded} == set()
