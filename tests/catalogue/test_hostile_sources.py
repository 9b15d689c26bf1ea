"""A source that was let in turns on the catalogue, through its real spider: nothing that is published changes, and all
that it says stands before a reviewer with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from support.builders import harvest, item
from support.runs import running

from harvester.catalogue import Catalogue
from harvester.catalogue.sought import QueueSought
from harvester.model import Operation, Software
from simulators.exchange import Ask, Host
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.github_store import GitHubStore, Repo
from simulators.gitlab_store import Project
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.sim_html import Listed, SitePage, WebSite
from simulators.sim_italia import Italia

AT, LATER = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
EVIL = "evil.example"
CLAIMED = 10
ALIASES = [f"github.com/town/tool-{n}" for n in range(190)]
PUBLISHED = ALIASES[:40]
OWN = [f"{EVIL}/own/tool-{n}" for n in range(2)]


def about(name: str, address: str, site: str) -> str:
    return f"""publiccodeYmlVersion: '0.4'
name: {name}
url: https://{address}
landingURL: https://{site}/
releaseDate: 2026-01-01
platforms: [web]
categories: [data-analytics]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: {name} is here.
    longDescription: {name} is here, and helps every resident of the town with it. It does so at length.
    features: [counting]
legal:
  license: AGPL-3.0-only
maintenance:
  type: internal
localisation:
  localisationReady: true
  availableLanguages: [en]
"""


def said(turned: bool) -> list[tuple[str, str, str, int]]:
    """(name, address, site, number of its forge) of what the source says: two tools of its own; later, under each
    other's numbers and other names, these and ten that others published, as if they were its own."""
    if not turned:
        return [(f"Own {n}", OWN[n], "own.example", 1 + n) for n in range(2)]
    own = [(f"Own {n} (moved)", OWN[n], f"login.{EVIL}", 2 - n) for n in range(2)]
    return own + [(f"Tool {n} (moved)", ALIASES[n], f"login.{EVIL}", 1000 + n) for n in range(CLAIMED)]


class Lying:
    """A forge that holds "town" and "own", and calls the repositories of the one as `lies` has it."""

    def __init__(self, host: Host, lies: Mapping[str, str]) -> None:
        self.host, self.lies = host, lies

    def answer(self, ask: Ask) -> Response:
        """What the honest one answers, with other addresses."""
        found = self.host.answer(ask)
        body = bytes(found.body).decode()
        for true, false in self.lies.items():
            body = body.replace(true, false)
        return Response(body, found.status_code, {"content-type": found.headers.get("content-type", "text/plain")})


def owned(address: str) -> tuple[str, str]:
    _, owner, name = address.split("/")
    return owner, name


TO_GITHUB = {f"{scheme}://{EVIL}/town/": "https://github.com/town/" for scheme in ("http", "https")}


def forgejo(turned: bool) -> dict[str, Host]:
    made = [
        Repository(
            id=number,
            owner=owned(address)[0],
            name=owned(address)[1],
            updated_at=LATER if turned else AT,
            files={"publiccode.yml": about(name, address, site)},
            languages={"C": 9},
        )
        for name, address, site, number in said(turned)
    ]
    return {EVIL: Lying(Forgejo(EVIL, ForgejoStore(made)), TO_GITHUB)}


def gitlab(turned: bool) -> dict[str, Host]:
    made = [
        Project(
            id=number,
            path="/".join(owned(address)),
            name=name,
            active_at=LATER if turned else AT,
            files={"publiccode.yml": about(name, address, site)},
        )
        for name, address, site, number in said(turned)
    ]
    return {EVIL: Lying(GitLab(EVIL, made), TO_GITHUB)}


def github(turned: bool) -> dict[str, Host]:
    made = [
        Repo(
            database_id=number,
            owner=owned(address)[0],
            name=owned(address)[1],
            pushed_at=LATER if turned else AT,
            created_at=AT,
            files={"publiccode.yml": about(name, address, site)},
        )
        for name, address, site, number in said(turned)
    ]
    store = GitHubStore.of(made)
    return {f"api.{EVIL}": Lying(GitHub(store), {"https://github.com/own/": f"https://{EVIL}/own/"})}


class Cgit:
    """A server of git whose pages name the clone addresses that it likes."""

    def __init__(self, turned: bool) -> None:
        self.said = {"/".join(owned(address)): (name, address) for name, address, _, _ in said(turned)}
        self.turned = turned

    def answer(self, ask: Ask) -> Response:
        """The index, or a repository's page."""
        if ask.path == "/robots.txt":
            return PlainTextResponse("", 404)
        if ask.path == "/":
            when = f"<td><span title='{(LATER if self.turned else AT)[:10]} 10:00:00 +0000'>now</span></td>"
            rows = "".join(
                f"<tr><td class='toplevel-repo'><a href='/{path}/'>{path}</a></td><td>{name}</td>{when}</tr>"
                for path, (name, _) in self.said.items()
            )
            heads = "<tr><th>Name</th><th>Description</th><th>Idle</th></tr>"
            return HTMLResponse(f"<div id='cgit'><table summary='repository list'>{heads}{rows}</table></div>")
        _, address = self.said[ask.path.strip("/")]
        addresses = [address, *(ALIASES if address == ALIASES[0] else [])]
        links = "".join(f"<a rel='vcs-git' href='https://{one}'>{one}</a>" for one in addresses)
        return HTMLResponse(f"<div id='cgit'>{links}</div>")


def catalogue_of(turned: bool) -> dict[str, Host]:
    entries = [
        {
            "id": f"entry-{number}",
            "url": f"https://{address}",
            "aliases": [f"https://{one}" for one in ALIASES] if address == ALIASES[0] else [],
            "publiccodeYml": about(name, address, site),
            "active": True,
            "createdAt": f"2024-01-01T00:{number % 60:02d}:00Z",
            "updatedAt": AT,
        }
        for name, address, site, number in said(turned)
    ]
    return {EVIL: Italia(entries)}


class Markdown:
    """A list of tools, some of which link to everything."""

    def __init__(self, turned: bool) -> None:
        more = "".join(f", [{n}](https://{one})" for n, one in enumerate(ALIASES))
        self.text = "# Tools\n\n## All\n\n" + "".join(
            f"- [{name}](https://{address}) - Is [here](https://{site}/){more if address == ALIASES[0] else ''}\n"
            for name, address, site, _ in said(turned)
        )

    def answer(self, ask: Ask) -> Response:
        """The list."""
        return PlainTextResponse("", 404) if ask.path == "/robots.txt" else PlainTextResponse(self.text)


def page(turned: bool) -> dict[str, Host]:
    everything = tuple((f"also {one}", f"https://{one}") for one in ALIASES)
    tools = [
        Listed(
            name=name,
            url=f"https://{address}",
            words=f"{name} is here",
            links=(("site", f"https://{site}/"), *(everything if address == ALIASES[0] else ())),
        )
        for name, address, site, _ in said(turned)
    ]
    site = WebSite({"/": SitePage(title="Tools", publisher="Evil", sections={"All": tools})})
    return {EVIL: Lying(site, {f"https://{EVIL}/own/": "https://codeberg.org/own/"})}  # else no link to code


At = f"http://{EVIL}"
KINDS: dict[str, tuple[Callable[[bool], dict[str, Host]], dict[str, Any]]] = {
    "forgejo": (forgejo, {"url": At, "organisations": ["own", "town"]}),
    "gitlab": (gitlab, {"url": At, "groups": ["own", "town"]}),
    "github": (github, {"api_url": f"http://api.{EVIL}", "owners": ["own", "town"]}),
    "cgit": (lambda turned: {EVIL: Cgit(turned)}, {"url": f"{At}/"}),
    "developers_italia": (catalogue_of, {"api": f"{At}/v1"}),
    "awesome_list": (lambda turned: {EVIL: Markdown(turned)}, {"url": f"{At}/list.md"}),
    "html_page": (page, {"url": f"{At}/"}),
}


class Changing:
    """A host that is another one from some moment on."""

    def __init__(self, now: Host) -> None:
        self.now = now

    def answer(self, ask: Ask) -> Response:
        """What the one of now answers."""
        return self.now.answer(ask)


def publish(catalogue: Catalogue) -> None:
    entries = [
        item(
            f"t{n}",
            name=f"Tool {n}",
            names=[f"repo:https://{one}", f"forge:github.com:{1000 + n}"],
            landing_url=f"https://tool{n}.example/",
            short_description={"en": f"Tool {n} of the town."},
            license="MIT",
        )
        for n, one in enumerate(PUBLISHED)
    ]
    harvest(catalogue, entries, "towns", trusted=True)


def _concluded(one: Software) -> tuple[Any, ...]:
    """What others' words could move: where lists show it, whose copy or part it is, who is folded under it; of what
    towns published also its figures. Those of the source's own follow its own figures, which nobody reviews."""
    said = one.appraisal
    figures = () if one.fields.name.startswith("Own") else (said.civic, said.toolbox, said.standing)
    return said.shelf, said.because.code, said.relations, said.copied_by, said.folded, *figures


def shown(catalogue: Catalogue) -> dict[str, Any]:
    """What visitors get of everything that is published, with who says it and what is concluded of it."""
    return {
        one.id: (
            one.slug,
            *(value for name, value in asdict(one.fields).items() if name != "date_modified"),
            one.identifiers,
            _concluded(one),
            sorted(
                (each.source, each.url if each.source == "towns" else "")
                for each in catalogue.software.provenance(one.id).values()
            ),
        )
        for one in catalogue.software.published(1000)
    }


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_published_changes_and_a_reviewer_sees_it_all(kind: str, tmp_path: Path) -> None:
    hosts, params = KINDS[kind]
    web = {name: Changing(host) for name, host in hosts(False).items()}
    with running(web, tmp_path, {"spider": kind, "params": params}) as runs:
        catalogue = runs.catalogue
        publish(catalogue)
        runs.harvest()
        own = [one.id for one in catalogue.review.queue(sought=QueueSought(source="tested"))]
        assert len(own) == 2
        for one in own:
            catalogue.review.decide(one, Operation.ACCEPT, "ada")
        catalogue.suggestions.refresh()
        before = shown(catalogue)
        assert len(before) == len(PUBLISHED) + 2
        for name, host in hosts(True).items():
            web[name].now = host
        runs.harvest()
        catalogue.suggestions.refresh()
        now = shown(catalogue)
        assert before.keys() == now.keys()
        changed = {
            one: [pair for pair in zip(before[one], now[one], strict=True) if pair[0] != pair[1]] for one in before
        }
        assert {one: pairs for one, pairs in changed.items() if pairs} == {}
        queue = {one.id: one for one in catalogue.review.queue(1000, sought=QueueSought(source="tested"))}
        claims = [one for one in queue.values() if not one.asks]
        pointed = set()
        for one in claims:
            told = catalogue.software.provenance(one.id).values()
            assert {each.source for each in told} == {"tested"}
            assert all(EVIL in each.url for each in told), "where it was asked"
            pointed |= {near.name for near in catalogue.software.neighbours(one.id)}
        assert {f"Tool {n}" for n in range(CLAIMED)} <= pointed
        renamed = [one for one in own if one in queue]
        assert renamed, "what is its own says otherwise now"
        for one in renamed:
            assert {waiting.source for waiting in catalogue.standing.waiting(one)} == {"tested"}
