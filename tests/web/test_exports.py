"""Exports hold all that they say, with the terms of their sources, and nothing of what is in them runs anywhere."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from lxml import etree, html
from pages_site import HASHES, ROLES, Site, served
from support.builders import by_name, harvest, item
from test_faults_page import TOOL, VALID, stored
from test_web_security import FILLED

from harvester.catalogue import Catalogue
from harvester.catalogue.voices import VoiceKind
from harvester.model import Issue, Operation, Organisation, RawItem, Reading
from harvester.validate import validate
from harvester.web import dump
from harvester.web.identity import token_hash
from harvester.words import packaged

TAGS = ("script", "img", "svg", "iframe", "math", "details", "body", "a", "style", "object")
SHAPES = (
    "<{tag} onload=alert({n})>",
    "<{tag} src=x onerror=alert({n})>{tag}</{tag}>",
    '"><{tag} autofocus onfocus=alert({n})>',
    "'><{tag}/onmouseover=alert({n})//",
    "</script><{tag}>alert({n})</{tag}>",
    "</title><{tag} onclick=alert({n})>",
    "]]><{tag} xmlns='http://www.w3.org/1999/xhtml'>alert({n})</{tag}>",
    "<!--><{tag} ontoggle=alert({n})>",
    "\x0b<{tag}\x0bonload=alert({n})>",
    "{{{{ {n} }}}}<{tag} href=javascript:alert({n})>",
    "&lt;{tag}&gt;<{tag} style=x:expression(alert({n}))>",
    "<{tag}\n\tonload\n=\nalert({n})>",
    "</{tag}\x00><{tag} formaction=javascript:alert({n})>".replace("\x00", ""),
    "<<{tag}>{tag} onload=alert({n})//<",
    "`<{tag} onload=alert`{n}`>",
    '=HYPERLINK("javascript:alert({n})")<{tag}>',
    "\u2028</{tag}><{tag} onload=alert({n})>",
    "<x:{tag} onload=alert({n})>",
    "%3C{tag}%3E<{tag} onload=alert({n})>",
    "\ud83d\ude00<{tag} onload=alert({n})>".encode("utf-16", "surrogatepass").decode("utf-16"),
)
PAYLOADS = [
    shape.format(tag=tag, n=number)
    for number, (tag, shape) in enumerate((tag, shape) for tag in TAGS for shape in SHAPES)
]


WAITING = 40
"""So many of them wait for a reviewer."""
NEVER = ("img", "iframe", "math", "object", "style", "embed", "base")
SAFE = re.compile(r"/|https?://|#|\?")


def _of_strangers(number: int, payload: str) -> tuple[RawItem, Reading]:
    return item(
        f"xss-{number}",
        name=f"n {payload}",
        short_description={"en": f"s {payload}", "und": payload},
        long_description={"en": f"l {payload}"},
        features={"en": f"f {payload}"},
        license="MIT",
        organisations=(Organisation(f"o {payload}", f"https://example.org/{number}"),),
        countries=("FR",),
        use_cases=("petition",),
        platforms=(payload,),
        topics=(payload,),
        categories=(payload,),
        programming_languages=(payload,),
        used_by=(f"u {payload}",),
        software_version=payload,
        landing_url=f"https://example.org/{number}?x=<script>alert({number})</script>",
        issues=[Issue.of("repository-unreadable", place=payload, value=payload, why=payload)],
    )


def of_strangers(catalogue: Catalogue) -> None:
    """Two hundred softwares all of whose words are payloads, some that wait, and what people say in payloads."""
    made = [_of_strangers(number, payload) for number, payload in enumerate(PAYLOADS)]
    harvest(catalogue, made[WAITING:], "strangers", trusted=True, title=f"t {PAYLOADS[1]}", publisher=PAYLOADS[2])
    harvest(catalogue, made[:WAITING], "waiting", title=f"t {PAYLOADS[3]}")
    catalogue.suggestions.refresh()
    shown = catalogue.software.published(3)
    catalogue.review.decide(
        shown[0].id, Operation.SET, "ada", field="short_description", value={"en": PAYLOADS[4]}, why=PAYLOADS[5]
    )
    catalogue.review.decide(shown[1].id, Operation.ADD, "ada", field="topics", value=[PAYLOADS[6]], why=PAYLOADS[7])
    said: dict[str, str] = {"en": PAYLOADS[8], "fr": PAYLOADS[9]}
    catalogue.collections.put(None, title=said, text=said, softwares=[one.id for one in shown], actor="ada")
    for place, kind in enumerate(VoiceKind):
        data = dict.fromkeys(("address", "name", "description", "organisation"), PAYLOADS[10 + place])
        words = dict.fromkeys(("words", "evidence", "purpose", "since", "many"), PAYLOADS[20 + place])
        catalogue.voices.hear(
            kind,
            f"k{place}",
            data=data,
            said=words,
            language="en",
            receipt=token_hash(f"r{place}"),
            software=shown[2].id,
        )
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)


def addresses(site: Site) -> list[str]:
    """Every address of the site that is read, with whatever strangers and people said there."""
    catalogue = site.catalogue
    shown, waits = catalogue.software.published(300), catalogue.review.queue(300)
    body = catalogue.organisations.page().bodies[0]
    run = catalogue.runs.recent("strangers", 1)[0]
    several = {
        "/{language}/software/{software_id}/{slug}": [f"/software/{one.id}/{one.slug}" for one in shown[::20]],
        "/{language}/software": [f"/software?size=100&page={page}" for page in (1, 2)],
        "/{language}/review": [f"/review?id={one.id}" for one in waits[::4]],
        "/{language}/organisations/{slug}": [f"/organisations/{body.slug}"],
        "/{language}/compare": [f"/compare?id={shown[0].id}&id={shown[1].id}"],
        "/{language}/feed.atom": ["/feed.atom", "/feed.atom?what=new&use_case=petition"],
        "/{language}/propose": [f"/propose?address={quote(PAYLOADS[30])}&description={quote(PAYLOADS[31])}"],
        "/{language}/facets/{name}": ["/facets/topic", "/facets/organisation"],
        "/{language}/sources/{name}": ["/sources/strangers", "/sources/waiting"],
        "/{language}/collections/{slug}": [f"/collections/{catalogue.collections.all()[0].slug}"],
        "/{language}/review/collections/{slug}": [f"/review/collections/{catalogue.collections.all()[0].slug}"],
        "/{language}/review/voices/{matter_id}": [f"/review/voices/{one.id}" for one in catalogue.voices.listed(9)],
    }
    values = {**FILLED, "software_id": shown[0].id, "run_id": run.id, "source": "strangers", "receipt": "r0"}
    found = []
    for method, path in site.app.state.rules:
        if method == "GET" and path != "/static":
            one = [f"/en{each}" for each in several[path]] if path in several else [path]
            found += [re.sub(r"{([\w:]+)}", lambda name: str(values[name[1]]), each) for each in one]
    asked = quote(PAYLOADS[21])
    return [*found, *(f"{one}{'&' if '?' in one else '?'}q={asked}" for one in found[::5] if one.startswith("/en/"))]


def strange(page: str) -> list[str]:
    """What a browser would run, load or go to, and no template of ours has."""
    found = []
    for element in html.fromstring(page).iter(etree.Element):
        kind, said = str(element.tag), dict(element.attrib)
        ours = "src" in said or said.get("type") == "application/ld+json"
        found += [kind] if kind in NEVER or (kind == "script" and not ours) else []
        found += [f"{kind} {name}" for name in said if name.startswith("on") or name == "style"]
        found += [said[name] for name in ("href", "src", "action", "formaction") if not SAFE.match(said.get(name, "/"))]
    return found


def test_two_hundred_payloads_run_on_no_page_feed_or_export(tmp_path: Path) -> None:
    assert len(set(PAYLOADS)) >= 200
    with served(tmp_path, fill=of_strangers) as site:
        operator, kinds, met = site.visitor("operator"), Counter[str](), ""
        for path in addresses(site):
            answer = operator.get(site.url + path, timeout=30)
            assert answer.status_code < 500, path
            kind = answer.headers["content-type"].partition(";")[0]
            kinds[kind] += answer.status_code == 200
            assert answer.headers["x-content-type-options"] == "nosniff"
            if kind == "text/html":
                assert strange(answer.text) == [], path
                met += answer.text
            elif kind.endswith("xml"):
                root = ElementTree.fromstring(answer.content)
                strangers = [one.tag for one in root.iter() if "xhtml" in one.tag and not one.tag.endswith("}link")]
                assert strangers == [], path
            elif kind == "text/csv":
                rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
                assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
            elif kind.endswith("json") and "jsonl" not in path:
                answer.json()
        assert min(kinds[kind] for kind in ("text/html", "application/atom+xml", "text/csv", "application/json")) > 0
        assert kinds["text/html"] > 60
        unseen = [one for number, one in enumerate(PAYLOADS[4:32], 4) if f"({number})" not in met and "`" not in one]
        assert unseen == [], "no page shows it"
        whole = len(PAYLOADS) - WAITING
        rows = list(csv.reader(io.StringIO(site.get("/en/software.csv").content.decode("utf-8-sig"))))
        assert len(rows) == whole + 1
        for path in ("software.json", "software.jsonld"):
            told = site.get(f"/en/{path}").json()
            assert len(told.get("items") or told["dcat:resource"]) == whole


def test_each_export_holds_the_whole_result_and_the_terms(site: Site) -> None:
    table = site.get("/en/software.csv?license=MIT").content
    assert table.startswith(b"\xef\xbb\xbfid,")
    every = list(csv.DictReader(io.StringIO(site.get("/en/software.csv").content.decode("utf-8-sig"))))
    service = next(row for row in every if row["name"] == "Hosted service")
    assert service["terms"] == "The register: CC0-1.0 · name “The register” · share alike"
    told = site.get("/en/software.json?license=MIT").json()
    assert (told["total"], len(told["items"]), told["complete"]) == (8, 8, True)
    assert told["terms"]["register"] == service["terms"]
    lines = [json.loads(line) for line in site.get("/en/software.jsonl?license=MIT").text.splitlines()]
    assert lines == told["items"]
    linked = site.get("/en/software.jsonld").json()
    agora = next(one for one in linked["dcat:resource"] if one["dct:title"] == "Agora libre")
    assert set(agora["@type"]) == {"dcat:Resource", "adms:Asset"}
    assert len(linked["dcat:resource"]) == 12
    assert set(linked["@context"]) >= {name.partition(":")[0] for name in agora if ":" in name}
    dump = zipfile.ZipFile(io.BytesIO(site.get("/en/dump.zip").content))
    assert dump.testzip() is None
    whole = [json.loads(line) for line in dump.read("software.jsonl").splitlines()]
    assert {one["state"] for one in whole} == {"published"}
    assert len(whole) == 12
    assert "The register: CC0-1.0" in dump.read("TERMS.txt").decode()


def test_the_days_archive_is_given_away_until_something_in_it_may_not_be_shown(tmp_path: Path) -> None:
    def held(site: Site) -> set[str]:
        archive = zipfile.ZipFile(io.BytesIO(site.get("/en/dump.zip").content))
        return {json.loads(line)["fields"]["name"] for line in archive.read("software.jsonl").splitlines()}

    def two(catalogue: Catalogue) -> None:
        harvest(catalogue, [item("a", name="Agora"), item("b", name="Bulletin")], "files", trusted=True)

    with served(tmp_path, fill=two) as site:
        assert held(site) == {"Agora", "Bulletin"}  # none was made yet: it is made for who asks
        assert dump.kept(site.catalogue, site.settings) is None
        assert list(dump.write(site.catalogue, site.settings, packaged())) == [0, 2]
        harvest(site.catalogue, [item("c", name="Consul")], "more", trusted=True)
        answer = site.get("/fr/dump.zip")
        assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(answer.content)))
        assert answer.headers["etag"]
        assert "last-modified" in answer.headers
        assert held(site) == {"Agora", "Bulletin"}  # the day's
        site.catalogue.review.decide(by_name(site.catalogue, "Agora").id, Operation.WITHDRAW, "ada", why="they ask")
        assert held(site) == {"Bulletin", "Consul"}
        assert list(dump.write(site.catalogue, site.settings, packaged())) == [0, 2]
        site.catalogue.erasure.erase(by_name(site.catalogue, "Bulletin").id, "ada")
        assert held(site) == {"Consul"}
        assert [one.name for one in site.settings.dump_file.parent.iterdir()] == ["civic-software-dump.zip"]


def test_a_zip_holds_published_files_to_the_letter_and_an_index_of_what_the_others_lack(tmp_path: Path) -> None:
    def with_a_file(catalogue: Catalogue) -> None:
        harvest(catalogue, [stored(VALID), item("bare", name="Bare")], "files", trusted=True)

    with served(tmp_path, fill=with_a_file) as site:
        archive = zipfile.ZipFile(io.BytesIO(site.get("/en/software.zip").content))
        assert archive.testzip() is None
        rows = {row["name"]: row for row in csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")))}
        tool = by_name(site.catalogue, TOOL.name)
        assert rows[TOOL.name]["origin"] == "published"
        held = archive.read(rows[TOOL.name]["file"])
        assert held == site.get(f"/en/software/{tool.id}/publiccode.yml").content
        assert held.decode() == VALID  # to the letter
        assert rows[TOOL.name]["verdict"].startswith("valid" if validate(held).valid else "invalid")
        assert (rows["Bare"]["origin"], rows["Bare"]["file"]) == ("none", "")
        assert "maintenance" in rows["Bare"]["missing"]
