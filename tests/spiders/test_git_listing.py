"""cgit's and gitweb's pages: what the index says, what a repository's own page adds, and what is asked again."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Response, TextResponse
from starlette.responses import PlainTextResponse
from starlette.responses import Response as Answer
from support.forges_alike import Cgit, listing
from support.runs import running

from harvester.errors import InputError
from harvester.model import Outcome, Page, RawItem, Source, Unit
from harvester.net import Net
from harvester.normalize.readers import read
from harvester.normalize.repository import asked
from simulators.exchange import Ask
from spiders.cgit import CgitSpider
from spiders.git_listing import GitListingSpider
from spiders.gitweb import GitwebSpider

CGIT, GITWEB = "https://git.example/cgit/", "https://git.example/"
AGE = "2026-05-01 10:00:00 +0200"
PUBLICCODE = "publiccodeYmlVersion: '0.4'\nname: Town Ledger\nurl: https://git.example/git/town/ledger.git\n"


@dataclass
class Kept:
    """A frontier in memory: what earlier pages brought is known."""

    items: dict[str, RawItem] = field(default_factory=dict)

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:
        assert not confirms
        return list(first)

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:
        return {key: self.items[key] for key in keys if key in self.items}


@dataclass
class Site:
    """Pages by address; `asked` are the addresses that a harvest wanted, in order."""

    kind: type[GitListingSpider]
    url: str
    pages: dict[str, bytes]
    frontier: Kept = field(default_factory=Kept)
    asked: list[str] = field(default_factory=list)
    plain: tuple[str, ...] = ()

    def harvest(self, **params: Any) -> list[Page]:
        """Every unit asked, as the crawl does; the pages' items are known afterwards."""
        source = Source(name="git", spider=self.kind.name, title="Git", params={"url": self.url, **params})
        spider = self.kind(source=source, frontier=self.frontier, net=Net("test"))
        self.asked.clear()
        pages, units = [], deque(spider.first_units())
        while units:
            page = spider.page(self._answer(spider, units[0]), units.popleft())
            self.frontier.items.update({raw.key: raw for raw in page.raw_items})
            units.extend(page.next_units)
            pages.append(page)
        return pages

    def _answer(self, spider: GitListingSpider, unit: Unit) -> Response:
        request = spider.request(Unit(unit.key, json.loads(json.dumps(dict(unit.data)))))
        self.asked.append(request.url)
        body = self.pages.get(request.url)
        if body is None:
            assert 404 in request.meta["handle_httpstatus_list"], request.url
            return HtmlResponse(request.url, 404, {"Content-Type": "text/html"}, b"<p>Not found</p>", request=request)
        if request.url.endswith(self.plain) and self.plain:
            return TextResponse(request.url, headers={"Content-Type": "text/plain"}, body=body, request=request)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        return HtmlResponse(request.url, headers=headers, body=body, request=request)


def payloads(pages: Iterable[Page]) -> dict[str, dict[str, Any]]:
    return {raw.key: json.loads(raw.payload) for page in pages for raw in page.raw_items}


def cgit_index(*rows: str, pager: str = "") -> bytes:
    heads = "".join(
        f"<th class='left'><a>{name}</a></th>" for name in ("Name", "Description", "Owner", "Idle", "Links")
    )
    return f"""<!DOCTYPE html><html><body><div id='cgit'><div class='content'>
<table summary='repository list' class='list nowrap'><tr class='nohover'>{heads}</tr>{"".join(rows)}</table>
{pager}</div></div></body></html>""".encode()


def cgit_row(
    path: str, *, words: str = "A tool", age: str = "2026-05-01 10:00:00 +0200", level: str = "toplevel"
) -> str:
    idle = f"<span class='age-days' title='{age}'>3 days</span>" if age else ""
    return f"""<tr><td class='{level}-repo'><a title='{path}' href='/cgit/{path}/'>{path}</a></td>
<td><a href='/cgit/{path}/'>{words}
</a></td><td><a href='/cgit/?q=A Person'>A Person &lt;person@town.example&gt;</a></td><td>{idle}</td><td></td></tr>"""


def cgit_section(name: str) -> str:
    return f"<tr class='nohover'><td colspan='5' class='reposection'>{name}</td></tr>"


def cgit_page(path: str) -> bytes:
    addresses = (f"git://git.example/{path}", f"https://git.example/git/{path}", f"ssh://git@git.example/srv/{path}")
    links = "".join(f"<tr><td><a rel='vcs-git' href='{one}'>{one}</a></td></tr>" for one in addresses)
    return f"<html><head></head><body><div id='cgit'><table>{links}</table></div></body></html>".encode()


def test_a_cgit_index_gives_names_sections_and_times_and_nobody() -> None:
    index = cgit_index(
        cgit_row("alone.git"),
        cgit_section("town"),
        cgit_row("town/ledger.git", words="The town&#39;s accounts", level="sublevel"),
        cgit_row("town/empty.git", words="Unnamed repository; edit this file 'desc...", age="", level="sublevel"),
    )
    site = Site(CgitSpider, CGIT, {CGIT: index})
    found = payloads(site.harvest(clone_prefix="https://git.example/git"))
    assert site.asked == [CGIT]
    assert set(found) == {"git.example:alone.git", "git.example:town/ledger.git", "git.example:town/empty.git"}
    assert found["git.example:town/ledger.git"] == {
        "system": "cgit",
        "path": "town/ledger.git",
        "page": "https://git.example/cgit/town/ledger.git/",
        "description": "The town's accounts",
        "section": "town",
        "last_change": "2026-05-01T08:00:00+00:00",
        "clone": ["https://git.example/git/town/ledger.git"],
        "asked": asked(files=False),
    }
    assert found["git.example:alone.git"]["section"] is None
    empty = found["git.example:town/empty.git"]
    assert (empty["description"], empty["last_change"]) == (None, None)
    assert "erson" not in json.dumps(found)


def test_clone_addresses_stand_on_a_repositorys_page_and_are_asked_once_until_it_changes() -> None:
    pages = {CGIT: cgit_index(cgit_row("a.git"), cgit_row("b.git"))}
    pages |= {f"{CGIT}{name}.git/": cgit_page(f"{name}.git") for name in "ab"}
    site = Site(CgitSpider, CGIT, pages)
    found = payloads(site.harvest())
    assert found["git.example:a.git"]["clone"][1] == "https://git.example/git/a.git"
    assert len(site.asked) == 3
    (again,) = site.harvest()
    assert (again.raw_items, again.seen) == ((), ("git.example:a.git", "git.example:b.git"))
    site.pages[CGIT] = cgit_index(cgit_row("a.git", age="2026-05-02 10:00:00 +0200"), cgit_row("b.git"))
    pages_again = site.harvest()
    assert site.asked == [CGIT, f"{CGIT}a.git/"]
    assert set(payloads(pages_again)) == {"git.example:a.git"}
    site.pages[CGIT] = cgit_index(cgit_row("a.git", age="2026-05-02 10:00:00 +0200"), cgit_row("b.git", words="Other"))
    assert set(payloads(site.harvest())) == {"git.example:b.git"}


def test_the_pages_of_a_cgit_index_are_followed_in_order_and_not_for_ever() -> None:
    def pager(*offsets: int) -> str:
        links = "".join(f"<li><a href='/cgit/?ofs={offset}'>[{offset}]</a></li>" for offset in offsets)
        return f"<ul class='pager'>{links}</ul>"

    pages = {CGIT: cgit_index(cgit_row("a.git"), pager=pager(0, 50, 100))}
    pages |= {f"{CGIT}?ofs={n}": cgit_index(cgit_row(f"n{n}.git"), pager=pager(0, 50, 100)) for n in (50, 100)}
    site = Site(CgitSpider, CGIT, pages)
    found = site.harvest(clone_prefix="https://git.example/git")
    assert site.asked == [CGIT, f"{CGIT}?ofs=50", f"{CGIT}?ofs=100"]
    assert len(payloads(found)) == 3
    stopped = site.harvest(clone_prefix="https://git.example/git", max_pages=2)
    assert [issue.code for page in stopped for issue in page.issues] == ["bound-reached"]


def cgit_tree(*names: str) -> bytes:
    rows = "".join(
        f"<tr><td class='ls-mode'>-rw-r--r--</td><td><a class='ls-blob' href='x'>{name}</a></td></tr>" for name in names
    )
    return f"<div id='cgit'><table summary='tree listing'>{rows}</table></div>".encode()


def test_files_are_asked_where_wanted_and_again_only_after_a_change() -> None:
    pages = {
        CGIT: cgit_index(cgit_row("a.git"), cgit_row("b.git")),
        f"{CGIT}a.git/tree/": cgit_tree("publiccode.yml", "main.c"),
        f"{CGIT}a.git/plain/publiccode.yml": PUBLICCODE.encode(),
    }
    site = Site(CgitSpider, CGIT, pages, plain=("publiccode.yml",))
    params = {"clone_prefix": "https://git.example/git", "files": True}
    found = payloads(site.harvest(**params))
    assert found["git.example:a.git"]["files"] == [{"path": "publiccode.yml", "text": PUBLICCODE}]
    assert found["git.example:b.git"]["files"] == []
    assert site.asked == [
        CGIT,
        *(f"{CGIT}{one}" for one in ("a.git/tree/", "b.git/tree/", "a.git/plain/publiccode.yml")),
    ]
    site.harvest(**params)
    assert site.asked == [CGIT]
    reading = read(site.frontier.items["git.example:a.git"])
    assert {record.key for record in reading.records} >= {"repository", "publiccode.yml"}
    assert reading.records[0].fields.has_publiccode is True
    site.pages[CGIT] = cgit_index(cgit_row("a.git", age="2026-05-02 10:00:00 +0200"), cgit_row("b.git"))
    site.pages[f"{CGIT}a.git/plain/publiccode.yml"] = PUBLICCODE.replace("Ledger", "Accounts").encode()
    assert "Town Accounts" in payloads(site.harvest(**params))["git.example:a.git"]["files"][0]["text"]
    assert site.asked == [CGIT, f"{CGIT}a.git/tree/", f"{CGIT}a.git/plain/publiccode.yml"]


def test_what_the_folder_names_and_the_server_shows_as_a_page_is_no_file() -> None:
    pages = {CGIT: cgit_index(cgit_row("a.git")), f"{CGIT}a.git/tree/": cgit_tree("publiccode.yml", "README")}
    pages |= {f"{CGIT}a.git/plain/publiccode.yml": b"<p>Sign in</p>"}
    site = Site(CgitSpider, CGIT, pages)
    found = payloads(site.harvest(clone_prefix="https://git.example/git", files=True))
    assert found["git.example:a.git"]["files"] == []


def test_files_of_another_server_are_not_asked_for() -> None:
    row = cgit_row("a.git").replace("/cgit/a.git/", "https://other.example/a.git/")
    site = Site(CgitSpider, CGIT, {CGIT: cgit_index(row)})
    (found,) = payloads(site.harvest(files=True)).values()
    assert site.asked == [CGIT]
    assert (found["clone"], "files" in found) == ([], False)


class Forbidding(Cgit):
    """A cgit whose robots.txt forbids its folders, as many do, until it `allows` them."""

    allows = False

    def answer(self, ask: Ask) -> Answer:
        if ask.path == "/robots.txt":
            return PlainTextResponse("" if self.allows else "User-agent: *\nDisallow: /cgit/*/tree/\n")
        return super().answer(ask)


def test_a_repository_whose_files_robots_forbid_is_kept_and_its_files_come_when_they_allow(tmp_path: Path) -> None:
    kind, hosts, params = listing("cgit")
    server = Forbidding(hosts["git.example"].files)
    with running({"git.example": server}, tmp_path, {"spider": kind, "params": params}, resolves=False) as runs:
        runs.harvest()
        (kept,) = runs.stored().values()
        assert ("files" in kept, "asked" in kept) == (False, False)
        assert runs.issues() == ["robots-forbid"]
        server.allows = True
        runs.harvest()
        (whole,) = runs.stored().values()
        assert len(whole["files"]) == 6


def test_an_index_without_repositories_is_read_and_another_page_refused() -> None:
    empty = b"<html><body><div id='cgit'><div class='error'>No repositories found</div></div></body></html>"
    assert payloads(Site(CgitSpider, CGIT, {CGIT: empty}).harvest()) == {}
    for kind in (CgitSpider, GitwebSpider):
        with pytest.raises(InputError, match=r"git\.example"):
            Site(kind, CGIT, {CGIT: b"<html><body><p>Welcome</p></body></html>"}).harvest()


def test_what_the_index_names_and_the_server_has_not_is_an_issue() -> None:
    index = cgit_index(cgit_row("a.git"), cgit_row("b.git"))
    site = Site(CgitSpider, CGIT, {CGIT: index, f"{CGIT}a.git/": cgit_page("a")})
    pages = site.harvest()
    assert set(payloads(pages)) == {"git.example:a.git"}
    assert [issue.code for page in pages for issue in page.issues] == ["repository-missing"]


def gitweb_list(*rows: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?><html><head><base href="https://git.example" /></head><body>
<table class="project_list"><tr><th>Project</th></tr>{"".join(rows)}</table></body></html>""".encode()


def gitweb_row(path: str, words: str) -> str:
    page = f"/?p={path};a=summary"
    return f"""<tr class="dark"><td><a class="list" href="{page}">{path}</a></td><td><a class="list" href="{page}"
title="{words}">{words[:10]}... </a></td><td><i>A Person</i></td><td class="age2">6 years ago</td></tr>"""


def gitweb_page(path: str, *, urls: Sequence[str] = (), changed: str = "Thu, 16 Mar 2023 18:09:32 +0100") -> bytes:
    rows = "".join(f'<tr class="metadata_url"><td>URL</td><td>{url}</td></tr>' for url in urls)
    return f"""<html><body><table class="projects_list">
<tr id="metadata_desc"><td>description</td><td>Whole words of {path}</td></tr>
<tr id="metadata_owner"><td>owner</td><td>A Person</td></tr>
<tr id="metadata_lchange"><td>last change</td><td><span class="datetime">{changed}</span> (18:09)</td></tr>{rows}
</table></body></html>""".encode()


def test_gitwebs_projects_come_with_their_summaries_and_nobody() -> None:
    page = "https://git.example/?p=town/ledger.git;a=summary"
    summary = gitweb_page(
        "ledger", urls=["fast: git://git.example/town/ledger.git", "https://git.example/g/ledger.git"]
    )
    site = Site(
        GitwebSpider, GITWEB, {GITWEB: gitweb_list(gitweb_row("town/ledger.git", "The accounts")), page: summary}
    )
    found = payloads(site.harvest())
    assert found == {
        "git.example:town/ledger.git": {
            "system": "gitweb",
            "path": "town/ledger.git",
            "page": page,
            "description": "Whole words of ledger",
            "section": None,
            "last_change": "2023-03-16T17:09:32+00:00",
            "clone": ["git://git.example/town/ledger.git", "https://git.example/g/ledger.git"],
            "asked": asked(files=False),
        }
    }
    before = dict(site.frontier.items)
    site.harvest()
    assert {key: raw.payload for key, raw in site.frontier.items.items()} == {
        key: raw.payload for key, raw in before.items()
    }


def gitweb_tree(name: str) -> bytes:
    link = f"<a class='list' href='/?p=a.git;a=blob;f={name};h=0a1b;hb=HEAD'>{name}</a>"
    return f"""<table class="tree"><tr><td class="mode">-rw-r--r--</td><td class="list">{link}</td></tr>
<tr><td class="mode">lrwxrwxrwx</td><td class="list"><a class="list" href="x">README.md</a> -&gt; a</td></tr>
<tr><td class="mode">m---------</td><td class="list">README</td></tr></table>""".encode()


def test_gitwebs_files_are_asked_in_the_form_of_its_addresses() -> None:
    spider = Site(GitwebSpider, GITWEB, {})
    listed = gitweb_list(gitweb_row("a.git", "One"))
    spider.pages = {
        GITWEB: listed,
        "https://git.example/?p=a.git;a=tree": gitweb_tree("publiccode.yml"),
        "https://git.example/?p=a.git;a=blob_plain;f=publiccode.yml;hb=HEAD": PUBLICCODE.encode(),
    }
    spider.plain = ("hb=HEAD",)
    found = payloads(spider.harvest(clone_prefix="https://git.example/g", files=True))
    (file,) = found["git.example:a.git"]["files"]
    assert file == {"path": "publiccode.yml", "text": PUBLICCODE, "oid": "0a1b"}
    shown = object()
    as_path = GitwebSpider.file_url.__get__(shown)("https://git.example/~town/a", "publiccode.yml")
    assert as_path == "https://git.example/~town/a/blob_plain/HEAD:/publiccode.yml"
    assert GitwebSpider.tree_url.__get__(shown)("https://git.example/~town/a") == "https://git.example/~town/a/tree"


@pytest.mark.parametrize("form", ["project_index", "opml"])
def test_gitwebs_text_index_and_its_opml_name_the_same_projects_without_their_owners(form: str) -> None:
    url = f"{GITWEB}?a={form}"
    text = "town%2Fledger.git A+Person\nold+tool.git someone\n"
    opml = """<?xml version="1.0" encoding="utf-8"?><opml version="1.0"><body><outline text="git RSS feeds">
<outline type="rss" text="town/ledger.git" xmlUrl="x" htmlUrl="https://git.example/?p=town/ledger.git;a=summary"/>
<outline type="rss" text="old tool.git" xmlUrl="x" htmlUrl="https://git.example/?p=old+tool.git;a=summary"/>
</outline></body></opml>"""
    kind, body = ("text/plain", text) if form == "project_index" else ("text/xml", opml)

    class Typed(Site):
        def _answer(self, spider: GitListingSpider, unit: Unit) -> Response:
            request = spider.request(unit)
            return TextResponse(url, headers={"Content-Type": kind}, body=body.encode(), request=request)

    found = payloads(Typed(GitwebSpider, url, {}).harvest(clone_prefix="https://git.example/g"))
    assert {key: item["clone"] for key, item in found.items()} == {
        "git.example:town/ledger.git": ["https://git.example/g/town/ledger.git"],
        "git.example:old tool.git": ["https://git.example/g/old tool.git"],
    }
    assert "erson" not in json.dumps(found)


def test_a_repository_is_known_by_every_address_that_the_server_gives() -> None:
    site = Site(CgitSpider, CGIT, {CGIT: cgit_index(cgit_row("a.git")), f"{CGIT}a.git/": cgit_page("a.git")})
    site.harvest(publisher="Town of Examples", country="IT")
    (record,) = read(site.frontier.items["git.example:a.git"]).records
    assert [name.value for name in record.identifiers] == [
        "https://git.example/git/a",
        "https://git.example/a",
        "https://git.example/cgit/a",
    ]
    assert (record.fields.name, record.fields.code_repository) == ("a", "https://git.example/git/a")
    assert [body.name for body in record.fields.organisations] == ["Town of Examples"]


def test_a_project_that_only_a_query_names_and_nothing_clones_is_refused() -> None:
    page = "https://git.example/?p=a.git;a=summary"
    site = Site(GitwebSpider, GITWEB, {GITWEB: gitweb_list(gitweb_row("a.git", "One")), page: gitweb_page("a")})
    site.harvest()
    reading = read(site.frontier.items["git.example:a.git"])
    assert reading.outcome is Outcome.REFUSED
    assert reading.issues[0].remedy == "give the source's clone_prefix"


@pytest.fixture(scope="session")
def recorded(corpus: Path) -> Path:
    return corpus / "api" / "forge-pages-swh-lister"


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("folder", "url", "pages", "repositories"),
    [
        ("https_git.acdw.net", "https://git.acdw.net/", ["cgit"], 2),
        ("https_git.baserock.org", "https://git.baserock.org/cgit/", ["cgit"], 3),
        ("https_git.eclipse.org", "https://git.eclipse.org/c/", ["c"], 5),
        ("https_jff.email", "https://jff.email/cgit/", ["cgit"], 6),
        ("https_git.savannah.gnu.org", "https://git.savannah.gnu.org/cgit/", ["cgit"], 977),
        ("https_git.tizen", "https://git.tizen.org/cgit/", ["cgit", "cgit,ofs=50", "cgit,ofs=100"], 16),
    ],
)
def test_recorded_cgit_indexes_are_read_whole(
    recorded: Path, folder: str, url: str, pages: list[str], repositories: int
) -> None:
    """Counts are of the rows in the files, by `grep -o "level-repo'"`."""
    data = recorded / "cgit" / "tests" / "data" / folder
    found: dict[str, Any] = {}
    for name in pages:
        spider = CgitSpider(
            source=Source(name="git", spider="cgit", title="", params={"url": url}), frontier=Kept(), net=Net("test")
        )
        where = url + (f"?{name.partition(',')[2]}" if "," in name else "")
        listed, _ = spider.listing(HtmlResponse(where, body=(data / name).read_bytes()))
        assert (data / name).read_text("utf-8", "replace").count("level-repo'") == len(listed)
        found |= {one.path: one for one in listed}
    assert len(found) == repositories
    assert not any("@" in str(one) for one in found.values())


@pytest.mark.corpus
def test_recorded_sections_times_and_foreign_addresses_are_read(recorded: Path) -> None:
    data = recorded / "cgit" / "tests" / "data" / "https_git.savannah.gnu.org"
    url = "https://git.savannah.gnu.org/cgit/"
    site = Site(CgitSpider, url, {url: (data / "cgit").read_bytes()})
    site.pages[f"{url}elisp-es.git/"] = (data / "cgit_elisp-es.git").read_bytes()
    pages = site.harvest()
    missing = sum(issue.code == "repository-missing" for page in pages for issue in page.issues)
    found = payloads(pages)
    assert (len(found) + missing, len(pages)) == (977, 977)
    found |= payloads(site.harvest(clone_prefix="https://git.savannah.gnu.org/git"))
    spanish = payloads(pages)["git.savannah.gnu.org:elisp-es.git"]
    assert len(found) == 977
    assert found["git.savannah.gnu.org:uddf.git"]["section"] == "Universal Dive Data Format"
    assert found["git.savannah.gnu.org:uddf.git"]["last_change"] == "2019-08-04T05:29:42+00:00"
    assert spanish["description"] is None
    assert spanish["clone"] == [
        "git://git.savannah.gnu.org/elisp-es.git",
        "https://git.savannah.gnu.org/git/elisp-es.git",
        "ssh://git.savannah.gnu.org/srv/git/elisp-es.git",
    ]
    abroad = [item for item in found.values() if item["page"].startswith("http://example.org/")]
    assert abroad
    assert not any("example.org" in address for address in site.asked)


@pytest.mark.corpus
def test_recorded_gitweb_pages_are_read_whole(recorded: Path) -> None:
    """7 projects in the list, by `grep -c 'class="list".*title='`, each with two addresses in its summary."""
    data = recorded / "gitweb" / "tests" / "data" / "https_git.distorted.org.uk"
    url = "https://git.distorted.org.uk/~mdw/"
    pages = {url: (data / "~mdw").read_bytes()}
    for file in data.glob("~mdw_*"):
        pages[url + file.name.removeprefix("~mdw_").replace("_", "/")] = file.read_bytes()
    found = payloads(Site(GitwebSpider, url, pages).harvest())
    assert len(found) == 7
    assert all(len(item["clone"]) == 2 and item["last_change"] and item["description"] for item in found.values())
    assert found["git.distorted.org.uk:firewall"]["last_change"] == "2023-03-16T18:09:32+00:00"
    assert found["git.distorted.org.uk:firewall"]["clone"][1] == "git://git.distorted.org.uk/~mdw/firewall"
    assert "Wooding" not in json.dumps(found)
