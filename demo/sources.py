"""The demo's sources: one for each site of the scenario, asking the simulated web over http."""

from __future__ import annotations

from typing import Any

from demo.sites import github_base, repositories
from demo.tools import Site, load_scenario, load_tools
from harvester.model import Source, Terms

GITHUB_PLACEHOLDERS = ("id", "createdAt", "isArchived", "isEmpty", "isFork", "isMirror", "isTemplate", "stargazerCount")
GITLAB_PLACEHOLDERS = (
    "archived",
    "created_at",
    "forks_count",
    "id",
    "last_activity_at",
    "open_issues_count",
    "star_count",
)
"""Fields that the facts behind the demo do not hold for every tool, and that the protocols do not let be null."""

_HOSTED = 'h2:-soup-contains("services", "Services") + ul > li > a'
"""Where the demo's pages list hosted services, which no forge's address gives away."""

_TERMS = Terms(license="CC0-1.0", attribution="Facts gathered for the demonstration of Civic Harvester")
_FORGES = ("github", "gitlab")
_SCHEDULES = {
    "github": "17 4 * * *",
    "gitlab": "37 4 * * *",
    "developers_italia": "7 5 * * *",
    "html_page": "27 5 * * 1",
}


def demo_sources() -> list[Source]:
    """A source for each site, trusted as the scenario says. Catalogues come first: a forge is asked where the former
    addresses lead that these list."""
    sites = load_scenario().sites
    return [_source(site) for site in sorted(sites, key=lambda site: site.system in _FORGES)]


def _source(site: Site) -> Source:
    return Source(
        name=site.name,
        spider=site.system,
        title=site.title,
        params=_params(site),
        publisher=site.publisher,
        country=site.country,
        terms=_TERMS,
        schedule=_SCHEDULES[site.system],
        timezone="Europe/Paris",
        least=max(1, (len(site.entries) + len(site.copies)) * 8 // 10),
        trusted=site.trusted,
    )


def _params(site: Site) -> dict[str, Any]:
    about = {key: value for key, value in (("country", site.country), ("publisher", site.publisher)) if value}
    if site.system == "github":
        owners = {name.partition("/")[0].lower(): name.partition("/")[0] for name in repositories(site)}
        chosen = sorted(owners.values(), key=str.lower)
        api = f"http://api.{site.host}{github_base(site)}"
        return {"api_url": api, "owners": chosen, "placeholders": _unknown(site, GITHUB_PLACEHOLDERS), **about}
    if site.system == "gitlab":
        groups = sorted({name.partition("/")[0] for name in repositories(site)}, key=str.lower)
        placeholders = _unknown(site, GITLAB_PLACEHOLDERS)
        known = {"groups": groups, "languages": True, "placeholders": placeholders}
        return {"url": f"http://{site.host}", **known, **about}
    if site.system == "developers_italia":
        return {"api": f"http://{site.host}/v1", **about}
    return {
        "url": f"http://{site.host}{site.page}",
        "description": ".words",
        "place": ".place",
        "services": _HOSTED,
        **about,
    }


def _unknown(site: Site, placeholders: tuple[str, ...]) -> list[str]:
    """Of the placeholders those that some tool of the site has no fact for."""
    tools = {tool.slug: tool for tool in load_tools()}
    shown = [tools[entry.tool] for entry in site.entries]
    known = set()
    if all(tool.created for tool in shown) and not (site.plain or site.parts):
        known |= {"createdAt", "created_at"}
    if site.copies:
        known |= {"isFork", "isEmpty"}
    if all(tool.last_push for tool in shown):
        known.add("last_activity_at")
    if site.system == "gitlab" and all(tool.forge_id for tool in shown):
        known.add("id")
    return [name for name in placeholders if name not in known]
