"""The demo's hosts: each source of the scenario as a simulated system that shows the tools in its own way."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale

from demo.publiccode_text import broken_publiccode, publiccode
from demo.readme_text import copied_readme, readme
from demo.tools import Broken, Copy, Entry, Plain, Site, Tool, load_scenario, load_tools
from simulators import github_store, gitlab_store
from simulators.exchange import ByPath, Host
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.sim_html import Listed, SitePage, WebSite
from simulators.sim_italia import Italia

SPDX_NAMES: Mapping[str, str] = {
    "AGPL-3.0": "GNU Affero General Public License v3.0",
    "Apache-2.0": "Apache License 2.0",
    "BSD-2-Clause": 'BSD 2-Clause "Simplified" License',
    "BSD-3-Clause": 'BSD 3-Clause "New" or "Revised" License',
    "CC0-1.0": "Creative Commons Zero v1.0 Universal",
    "EUPL-1.2": "European Union Public License 1.2",
    "GPL-2.0": "GNU General Public License v2.0",
    "GPL-3.0": "GNU General Public License v3.0",
    "ISC": "ISC License",
    "LGPL-3.0": "GNU Lesser General Public License v3.0",
    "MIT": "MIT License",
    "MPL-2.0": "Mozilla Public License 2.0",
    "Unlicense": "The Unlicense",
}


def demo_hosts() -> dict[str, Host]:
    """Every host of the scenario by its name. "github.com" is asked at "api.github.com"."""
    hosts: dict[str, Host] = {}
    sites = load_scenario().sites
    for name in dict.fromkeys(site.host for site in sites):
        of_host = [site for site in sites if site.host == name]
        system = of_host[0].system
        if system == "github":
            hosts[f"api.{name}"] = ByPath({github_base(site): GitHub(_github(site)) for site in of_host})
        elif system == "gitlab":
            hosts[name] = GitLab(name, _gitlab(of_host), limit=2000)
        elif system == "developers_italia":
            hosts[name] = Italia([entry for site in of_host for entry in _catalogue(site)])
        else:
            hosts[name] = WebSite({str(site.page): _page(site) for site in of_host})
    return hosts


def github_base(site: Site) -> str:
    """Where the API of the simulated GitHub has a site's repositories: "" for the first site of its host.

    Some owners stand in two sites, of which one is trusted; each source is to see its own repositories alone.
    """
    first = next(one for one in load_scenario().sites if one.host == site.host)
    return "" if first is site else f"/{site.name}"


def repositories(site: Site) -> list[str]:
    """Full names ("owner/name", "group/subgroup/name") of what a forge's site shows, as the forge writes them."""
    tools = _tools()
    named = [_path(_entry_url(entry, tools[entry.tool])) for entry in site.entries]
    named += [_path(plain.repository) for plain in (*site.parts, *site.plain)]
    named += [_copied(copy, tools[copy.of]) for copy in site.copies]
    return named + [_path(_broken_url(one, tools)) for one in _broken(site) if one.tool not in _slugs(site)]


@cache
def _tools() -> dict[str, Tool]:
    return {tool.slug: tool for tool in load_tools()}


def _copied(copy: Copy, tool: Tool) -> str:
    return f"{copy.owner}/{_path(tool.repository or '').rpartition('/')[2]}"


def _slugs(site: Site) -> set[str]:
    return {entry.tool for entry in site.entries}


def _broken(site: Site) -> list[Broken]:
    return [one for one in load_scenario().broken if one.source == site.name]


def _broken_url(broken: Broken, tools: Mapping[str, Tool]) -> str:
    return broken.url or (tools[broken.tool].repository if broken.tool else None) or ""


def _entry_url(entry: Entry, tool: Tool) -> str:
    url = entry.url or tool.repository or tool.landing_url
    assert url is not None, tool.slug
    return url


def _path(url: str) -> str:
    return urlsplit(url).path.strip("/").removesuffix(".git")


def _stamp(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00Z" if day else None


def _license(spdx: str | None) -> tuple[str | None, str] | None:
    """As GitHub says it: ids without "-only" and "-or-later", and Other for what it does not know."""
    if spdx is None:
        return None
    base = spdx.removesuffix("-only").removesuffix("-or-later")
    return (base, SPDX_NAMES[base]) if base in SPDX_NAMES else ("NOASSERTION", "Other")


def _file(site: Site, entry: Entry, tool: Tool) -> dict[str, str]:
    """The publiccode.yml that this source shows of a tool, and its README where the facts have more than a sentence."""
    broken = next((one for one in _broken(site) if one.tool == tool.slug), None)
    told = {"README.md": text} if (text := readme(tool)) else {}
    if broken is not None:
        return {"publiccode.yml": broken_publiccode(tool, broken, entry=entry), **told}
    return {"publiccode.yml": publiccode(tool, entry=entry), **told} if tool.publiccode else told


def _copies(site: Site) -> Iterator[tuple[Broken, Tool]]:
    """Broken entries that stand for no tool of this site: an original's copy, or nothing that the facts know."""
    tools = _tools()
    for broken in _broken(site):
        if broken.tool in _slugs(site):
            continue
        original = tools.get(broken.tool or "")
        if original is None and broken.value:
            path = _path(broken.value).lower()
            named = (
                t for t in tools.values() for url in (t.repository, *t.aliases) if url and _path(url).lower() == path
            )
            original = next(named, None)
        name = broken.name or (original.name if original else "Unnamed")
        yield broken, original or Tool(slug=broken.how, name=name, kind="software", description={"en": name})


def _github(site: Site) -> github_store.GitHubStore:
    tools = _tools()
    repos: list[github_store.Repo] = []
    for entry in site.entries:
        tool = tools[entry.tool]
        former = tuple(_path(alias) for alias in tool.aliases if urlsplit(alias).netloc == site.host)
        repos.append(_repo(tool, _entry_url(entry, tool), files=_file(site, entry, tool), former=former))
    repos += [_plain(plain) for plain in (*site.parts, *site.plain)]
    names = {owner.login: owner.name for owner in site.owners}
    repos += [_copy(copy, tools[copy.of], names[copy.owner]) for copy in site.copies]
    for broken, tool in _copies(site):
        files = {"publiccode.yml": broken_publiccode(tool, broken)}
        repos.append(_repo(tool, str(broken.url), files=files, copied=True))
    return github_store.GitHubStore.of(repos, _owners(site))


def _owners(site: Site) -> list[github_store.Owner]:
    """The organisations with the name and country that the facts agree on for all their repositories."""
    told: dict[str, set[tuple[str, str | None]]] = {}
    for entry in site.entries:
        tool = _tools()[entry.tool]
        if tool.organisation is not None:
            login = _path(_entry_url(entry, tool)).partition("/")[0]
            told.setdefault(login, set()).add((tool.organisation.name, tool.organisation.country))
    owners = [
        github_store.Owner(login=one.login, name=one.name, location=_country(one.country, french=False))
        for one in site.owners
    ]
    for login, bodies in told.items():
        names, countries = {name for name, _ in bodies}, {country for _, country in bodies}
        country = next(iter(countries)) if len(countries) == 1 else None
        owners.append(
            github_store.Owner(
                login=login,
                name=next(iter(names)) if len(names) == 1 else None,
                location=_country(country, french=False) if country else None,
            )
        )
    return owners


def _country(code: str, *, french: bool) -> str:
    return str(Locale("fr" if french else "en").territories[code])


def _repo(
    tool: Tool, url: str, *, files: Mapping[str, str], former: tuple[str, ...] = (), copied: bool = False
) -> github_store.Repo:
    owner, _, name = _path(url).partition("/")
    release = None
    if tool.release and tool.release.version and tool.release.date:
        release = (tool.release.version, f"{tool.release.date.isoformat()}T00:00:00Z")
    return github_store.Repo(
        owner=owner,
        name=name,
        database_id=None if copied else tool.forge_id,
        description=tool.description.get("en") or next(iter(tool.description.values())),
        homepage=tool.landing_url,
        fork=copied,
        created_at=None if copied else _stamp(tool.created),
        pushed_at=None if copied else _stamp(tool.last_push),
        primary_language=next(iter(tool.programming_languages), None),
        languages=_shares(tool.programming_languages),
        topics=tool.topics,
        license=_license(tool.license),
        release=None if copied else release,
        files=files,
        former=former,
    )


def _copy(copy: Copy, tool: Tool, body: str) -> github_store.Repo:
    """A fork as GitHub shows one: it keeps its origin's description, languages and licence, and has no topics."""
    origin = _repo(tool, str(tool.repository), files={})
    return replace(
        origin,
        owner=copy.owner,
        database_id=None,
        homepage=None,
        fork=True,
        parent=None if copy.silent else origin.full_name,
        created_at=None,
        pushed_at=None,
        topics=(),
        release=None,
        files={"README.md": copied_readme(tool, body)},
    )


def _plain(plain: Plain) -> github_store.Repo:
    owner, _, name = _path(plain.repository).partition("/")
    return github_store.Repo(
        owner=owner,
        name=name,
        description=plain.description,
        primary_language=next(iter(plain.programming_languages), None),
        languages=_shares(plain.programming_languages),
        topics=plain.topics,
        license=_license(plain.license),
        files={} if plain.empty else {"README.md": f"# {name}\n\n{plain.description}.\n"},
    )


def _shares(names: tuple[str, ...]) -> dict[str, int]:
    """Made sizes that keep the order in which the facts name the languages."""
    return {name: 1000 * (len(names) - place) for place, name in enumerate(names)}


def _gitlab(sites: list[Site]) -> list[gitlab_store.Project]:
    tools = _tools()
    return [_project(site, entry, tools[entry.tool]) for site in sites for entry in site.entries]


def _project(site: Site, entry: Entry, tool: Tool) -> gitlab_store.Project:
    path = _path(_entry_url(entry, tool))
    total = sum(_shares(tool.programming_languages).values())
    return gitlab_store.Project(
        id=tool.forge_id or github_store.number(f"{site.host}/{path}"),
        path=path,
        name=entry.name or tool.name,
        description=tool.description.get("fr" if site.country == "FR" else "en") or tool.description["en"],
        created_at=_stamp(tool.created),
        active_at=_stamp(tool.last_push),
        topics=tool.topics,
        languages={name: round(100 * size / total, 2) for name, size in _shares(tool.programming_languages).items()},
        files=_file(site, entry, tool),
    )


def _catalogue(site: Site) -> Iterator[dict[str, Any]]:
    """Every entry of a catalogue has a publiccode.yml, whether or not the repository has."""
    tools = _tools()
    broken = {one.tool: one for one in _broken(site) if one.tool in _slugs(site)}
    for entry in site.entries:
        tool = tools[entry.tool]
        fault = broken.get(tool.slug)
        text = broken_publiccode(tool, fault, entry=entry) if fault else publiccode(tool, entry=entry)
        yield _software(_entry_url(entry, tool), entry.aliases, text)
    for fault, tool in _copies(site):
        text = "" if fault.how == "empty-publiccode" else broken_publiccode(tool, fault)
        yield _software(str(fault.url), (), text)


def _software(url: str, aliases: tuple[str, ...], text: str) -> dict[str, Any]:
    """Ids and dates are made from the address; the API tells when it wrote an entry, not when the software was."""
    digest = hashlib.sha256(url.lower().encode()).digest()
    at = f"2025-{1 + digest[0] % 12:02d}-{1 + digest[1] % 28:02d}T{digest[2] % 24:02d}:00:00Z"
    return {
        "id": str(uuid.UUID(bytes=digest[:16], version=4)),
        "url": url,
        "aliases": list(aliases),
        "publiccodeYml": text,
        "active": True,
        "createdAt": at,
        "updatedAt": at,
    }


def _page(site: Site) -> SitePage:
    tools = _tools()
    french = site.country == "FR"
    code, hosted = ("Logiciels libres", "Services en ligne") if french else ("Free software", "Online services")
    sections: dict[str, list[Listed]] = {code: [], hosted: []}
    for entry in site.entries:
        tool = tools[entry.tool]
        words = tool.description.get("fr" if french else "en") or ""
        place = _country(tool.countries[0], french=french) if len(tool.countries) == 1 else ""
        listed = Listed(name=entry.name or tool.name, url=_entry_url(entry, tool), words=words, place=place)
        sections[code if tool.kind == "software" else hosted].append(listed)
    for broken in _broken(site):
        sections[code].append(Listed(name=broken.name or "?", url=str(broken.url)))
    language = "fr" if french else "en"
    return SitePage(title=site.title, publisher=site.publisher or site.title, language=language, sections=sections)
