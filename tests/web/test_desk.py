"""The desk without a script: what a reviewer does with what is published, as forms; each page as a browser gets it."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from lxml import html
from pages_site import Site
from support.builders import by_name, harvest, item

from harvester.catalogue import schema
from harvester.catalogue.database import now
from harvester.catalogue.people import LogSought
from harvester.catalogue.sought import QueueSought
from harvester.model import Operation, Organisation, SoftwareState
from harvester.words import Formatter, packaged


class Reviewer:
    """Somebody at the desk, whose browser has no JavaScript."""

    def __init__(self, site: Site, role: str = "reviewer") -> None:
        self.site, self.session = site, site.visitor(role)

    def open(self, path: str) -> Any:
        self.answer = self.session.get(f"{self.site.url}/en/{path}", timeout=20)
        self.page = html.fromstring(self.answer.text)
        return self.page

    def send(self, action: str, press: tuple[str, str] | None = None, **said: object) -> requests.Response:
        """Fill in the form of the page in hand that leads there, and send it by one of its buttons."""
        forms = [one for one in self.page.forms if (one.action or "").endswith(action) and one.method == "POST"]
        assert forms, (action, [one.action for one in self.page.forms])
        data: list[tuple[str, Any]] = [(name, value) for name, value in forms[0].form_values() if name not in said]
        for name, value in said.items():
            data += [(name, one) for one in (value if isinstance(value, list) else [value])]
        data += [press] if press else []
        self.answer = self.session.post(f"{self.site.url}{forms[0].action}", data=data, timeout=20)
        self.page = html.fromstring(self.answer.text)
        return self.answer

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.page.text_content())


def both(license: str) -> list[Any]:
    """Two entries of one software."""
    names = ["repo:https://forge.example.org/both"]
    return [item(f"both-{n}", name="Both", names=names, license=license) for n in (1, 2)]


@pytest.fixture
def ada(fresh_site: Site) -> Reviewer:
    return Reviewer(fresh_site)


def test_what_is_published_is_within_reach_of_a_reviewer(ada: Reviewer) -> None:
    """Journeys 6 to 9: a wrong licence, a merge and a split, a withdrawal, and the undoing of each."""
    catalogue = ada.site.catalogue
    beside = item("beside", name="Beside", license="GPL-3.0-only")
    harvest(catalogue, [*both("MIT"), beside], "shown", trusted=True)
    ada.site.refresh()
    tool, other = by_name(catalogue, "Both"), by_name(catalogue, "Beside")
    # from any search's result, and from its own page
    links = ada.open("software?q=Both").xpath("//a[contains(@href, '/review?id=')]/@href")
    assert f"/en/review?id={tool.id}" in links
    assert "/review?" not in ada.site.get("/en/software?q=Both").text
    page = f"software/{tool.id}/{tool.slug}"
    for doing in ("correct", "merge", "split", "relate"):
        assert ada.open(page).xpath(f"//a[@href='/en/review/{tool.id}/{doing}']"), doing
    assert "/review/" not in ada.site.get(f"/en/{page}").text, "visitors see nothing of the desk"
    # a licence that lasts; what was typed stays where it cannot be
    ada.open(f"review/{tool.id}/correct?field=license")
    ada.send("/correct", ("operation", "set"), value="no such licence", why="its file", until="")
    assert ada.answer.status_code == 400
    assert "no such licence" in ada.answer.text
    assert "its file" in ada.answer.text
    ada.send("/correct", ("operation", "set"), value="apache-2.0", why="")
    assert ada.answer.status_code == 400
    ada.send("/correct", ("operation", "set"), value="apache-2.0", why="its file")
    assert ada.answer.status_code == 200
    harvest(catalogue, both("ISC"), "shown", good=False)
    assert catalogue.software.get(tool.id).fields.license == "Apache-2.0"
    ada.open("review/locks?contested=1")
    assert "Its sources say otherwise" in ada.text
    cells = [cell.text_content().strip() for cell in ada.page.xpath("//tr[@class='disputed']/td")]
    assert cells[1:3] == ["Apache-2.0", "MIT"]
    ada.send("/undo")
    assert catalogue.software.get(tool.id).fields.license == "ISC"
    # split, with a preview, and taken back
    ada.open(f"review/{tool.id}/split")
    record = max(catalogue.software.provenance(tool.id))
    ada.send("/split", ("do", "preview"), record=record)
    assert "What it would become" in ada.text
    assert len(catalogue.software.provenance(tool.id)) == 2
    ada.send("/split", ("do", "split"))
    assert len(catalogue.software.provenance(tool.id)) == 1
    ada.open(page)
    ada.send("/undo")
    assert len(catalogue.software.provenance(tool.id)) == 2
    # merge: side by side, the survivor and a value chosen
    ada.open(f"review/{tool.id}/merge?q=beside")
    assert ada.page.xpath(f"//input[@name='other'][@value='{other.id}']")
    ada.open(f"review/{tool.id}/merge?other={other.id}")
    ada.send("/merge", ("do", "preview"), survivor=other.id, **{"value-license": tool.id})
    assert "What it would become" in ada.text
    assert catalogue.software.get(tool.id).state is SoftwareState.PUBLISHED
    ada.send("/merge", ("do", "merge"))
    assert catalogue.software.get(tool.id).merged_into == other.id
    assert catalogue.software.get(other.id).fields.license == "ISC"
    assert f"/en/software/{other.id}/" in ada.answer.url
    ada.send("/undo")
    assert [catalogue.software.get(one.id).state.value for one in (tool, other)] == ["published", "published"]
    # related, and not
    ada.open(f"review/{tool.id}/relate?q=beside")
    ada.send("/relate", other=other.id, type="part")
    assert "Beside" in ada.text
    assert [one.type.value for _, one in catalogue.relations.of(other.id)] == ["part"]
    ada.send("/relate")
    assert catalogue.relations.of(other.id) == []
    # withdrawn, and reopened by somebody else
    ada.open(page)
    assert ada.send("/withdraw", why="its makers ask for it").status_code == 200
    assert catalogue.software.get(tool.id).state is SoftwareState.WITHDRAWN
    grace = Reviewer(ada.site, "operator")
    grace.open(f"review?id={tool.id}")
    grace.send("/reopen")
    assert catalogue.software.get(tool.id).state is SoftwareState.PUBLISHED


def test_a_conflict_and_a_missing_reason_keep_what_was_typed_and_lead_on(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    first = catalogue.review.queue()[0]
    ada.open(f"review?id={first.id}")
    catalogue.review.decide(first.id, Operation.ACCEPT, "grace")
    ada.send("/reject", why="a copy of the town's other one")
    assert ada.answer.status_code == 409
    assert "a copy of the town" in ada.text
    assert "Somebody was faster" in ada.text
    assert ada.page.xpath("//a[contains(@href, '/correct')]"), "it leads on"


def test_the_queue_is_whole_paged_counted_and_filtered(ada: Reviewer) -> None:
    """Journeys 2, 3 and 10: the ones that matter, past the first fifty, and what changed in what was decided."""
    catalogue = ada.site.catalogue
    entries = [item(f"conduct-{n}", name=f"codeofconduct {n:02}") for n in range(56)]
    harvest(catalogue, [*entries, item("lone", name="Lone tool")], "crowd")
    ada.open("review?q=codeofconduct")
    assert "56 waiting" in ada.text
    assert len(ada.page.xpath("//nav[@class='queue']//ol/li")) == 50
    following = ada.page.xpath("//nav[@class='queue']//p[@class='paging']/a/@href")[0]
    ada.open(following.removeprefix("/en/"))
    assert len(ada.page.xpath("//nav[@class='queue']//ol/li")) == 6
    ada.send("/reject", reason="not-software")
    assert "55 waiting" in ada.text, "the filter goes on with the next one"
    ada.open("review?source=crowd&q=lone&order=oldest")
    assert ada.page.xpath("//h1")[0].text_content() == "Lone tool"
    for kind in ("new", "question", "contested", "changed"):
        ada.open(f"review?kind={kind}&band=likely&shelf=copies&near=1&issues=1")
        assert ada.answer.status_code == 200
    lone = by_name(catalogue, "Lone tool").id
    ada.open(f"review?id={lone}")
    ada.send("/reject", reason="too-little")
    assert catalogue.review.waiting(sought=QueueSought(kind="changed")) == 0
    harvest(catalogue, [item("lone", name="Lone tool", short_description={"en": "Counts votes."})], "crowd", good=False)
    ada.open("review?kind=changed")
    assert ada.page.xpath("//h1")[0].text_content() == "Lone tool"
    assert catalogue.software.get(lone).state is SoftwareState.REJECTED


def test_the_log_is_searched_taken_away_and_forged_by_nobody(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    first, second, *_ = catalogue.review.queue()
    forged = "a copy\n2026-01-01 root accepted it\u2028\u202e=1+1"
    catalogue.review.decide(first.id, Operation.REJECT, "ada", why=forged)
    catalogue.review.decide(second.id, Operation.REJECT, "grace", why="=HYPERLINK(1)")
    ada.open(f"review/log?actor=ada&subject={first.id}")
    rows = ada.page.xpath("//table//tbody/tr")
    assert len(rows) == 1
    assert "a copy\\n2026-01-01 root accepted it\\u2028\\u202e" in rows[0].text_content()
    assert "candidate" in rows[0].text_content()
    assert "rejected" in rows[0].text_content()
    answer = ada.session.get(f"{ada.site.url}/en/review/log.csv?action=decision", timeout=20)
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["actor"] for line in lines] == ["grace", "ada"]
    assert lines[0]["why"] == "'=HYPERLINK(1)"
    assert answer.text.count("\r\n") == 3
    assert ada.site.get("/en/review/log.csv").status_code == 303


def test_two_people_never_meet_the_same_candidate(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    ada.open("review")
    (mine,) = catalogue.claims.all()
    grace = Reviewer(ada.site, "operator")
    grace.open("review")
    assert {one.login for one in catalogue.claims.all()} == {"reviewer", "operator"}
    assert len({one.software for one in catalogue.claims.all()}) == 2
    assert "reviewer is at it" in grace.text
    assert "Others at work" in grace.text
    # who opens it all the same sees whose it is, is offered no verdict, and is led on
    grace.open(f"review?id={mine.software}")
    assert "reviewer is deciding on this one" in grace.text
    assert not grace.page.xpath("//form[contains(@action, '/accept')]")
    onwards = grace.page.xpath("//a[text()='Go on with the next one']/@href")[0]
    grace.open(onwards.removeprefix("/en/"))
    assert grace.page.xpath("//form[contains(@action, '/accept')]")
    # a claim that has ended is another's to take: what was typed stays
    with catalogue.database.write() as connection:
        ended = sa.update(schema.claim).where(schema.claim.c.login == "reviewer")
        connection.execute(ended.values(until=now() - timedelta(seconds=1)))
    grace.open(f"review?id={mine.software}")
    ada.send("/reject", why="a copy of the town's other one")
    assert ada.answer.status_code == 409
    assert "operator is deciding on it now" in ada.text
    assert "a copy of the town's other one" in ada.text
    assert catalogue.software.get(mine.software).state is SoftwareState.CANDIDATE
    # deciding ends a claim and takes the next; leaving ends it
    grace.send("/accept")
    (held,) = [one for one in catalogue.claims.all() if one.login == "operator"]
    assert held.software != mine.software
    grace.send("/leave")
    assert [one.login for one in catalogue.claims.all()] == []


def test_what_is_put_off_until_a_day_is_listed_and_comes_back(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    ada.open("review")
    first = catalogue.claims.all()[0].software
    ada.send("/defer", day="2001-01-01")
    assert "That day is past" in ada.text
    day = (now() + timedelta(days=40)).date()
    ada.send("/defer", day=day.isoformat())
    assert catalogue.review.queue()[-1].id == first
    ada.open("review?kind=deferred")
    assert "1 waiting" in ada.text
    assert f"put off until {Formatter(packaged()['en']).date(day)}" in ada.text
    assert catalogue.review.end_due(now() + timedelta(days=41)) == 1
    assert catalogue.review.waiting(sought=QueueSought(kind="deferred")) == 0
    assert catalogue.review.queue()[-1].id != first


def test_what_somebody_cannot_tell_goes_to_others(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    ada.open("review")
    first = catalogue.claims.all()[0].software
    ada.send("/unsure")
    assert "3 waiting" in ada.text.partition("oldest")[0]
    assert not ada.page.xpath(f"//nav[@class='queue']//a[contains(@href, '{first}')]")
    assert catalogue.audit.recent(1)[0].action == "decision unsure"
    grace = Reviewer(ada.site, "operator")
    grace.open("review")
    assert "4 waiting" in grace.text
    grace.open("review?kind=unsure")
    assert "1 waiting" in grace.text
    ada.send("/undo")
    assert catalogue.review.waiting(sought=QueueSought(kind="unsure")) == 0


def test_the_queue_is_narrowed_by_what_things_are_and_filters_are_kept(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    town = Organisation("Ville de Brest", None, "FR")
    said: dict[str, Any] = {
        "use_cases": ("petition",),
        "countries": ("FR",),
        "organisations": (town,),
        "available_languages": ("br",),
        "artefact": "library",
    }
    harvest(catalogue, [item("bridge", name="Bridge", **said), item("plain", name="Plain")], "shelf")
    for name, value in {
        "use_case": "petition",
        "country": "FR",
        "organisation": "Ville de Brest",
        "language": "br",
        "artefact": "library",
        "source": "shelf",
        "age": "day",
    }.items():
        found = [one.fields.name for one in catalogue.review.queue(sought=QueueSought.of({name: value}))]
        assert "Bridge" in found, name
        assert ("Plain" in found) is (name in ("source", "age")), name
    assert catalogue.review.waiting(sought=QueueSought.of({"age": "older"})) == 0
    ada.open("review?organisation=Ville+de+Brest&kind=new")
    chosen = ada.page.xpath("//select[@name='organisation']/option[@selected]")
    assert [one.text_content() for one in chosen] == ["Ville de Brest: 1"]
    ada.send("/saved", name="of Brest")
    assert ada.page.xpath("//ul[@class='kept']//a[@aria-current]")[0].text_content() == "of Brest"
    assert Reviewer(ada.site, "operator").open("review").xpath("//button[@name='remove']") == []
    full = [{"login": "reviewer", "name": f"n{n}", "query": "kind=new"} for n in range(49)]
    with catalogue.database.write() as connection:
        connection.execute(sa.insert(schema.saved_filter), full)
    told = ada.site.visitor("reviewer").post(
        f"{ada.site.url}/en/review/saved", data={"name": "one more", "query": "kind=new"}, timeout=10
    )
    assert (told.status_code, "keeps at most 50 filters. Remove one" in told.text) == (400, True)
    ada.send("/saved", ("remove", "of Brest"), query=[], name=[])
    with catalogue.database.write() as connection:
        connection.execute(sa.delete(schema.saved_filter))
    assert catalogue.saved_filters.of("reviewer") == []


def test_what_helps_most_comes_first_and_says_why(ada: Reviewer) -> None:
    catalogue = ada.site.catalogue
    used = {"short_description": {"en": "Petitions of citizens."}, "used_by": tuple(f"Town {n}" for n in range(9))}
    entries = [item("much", name="Much used", use_cases=("petition",), **used), item("little", name="codeofconduct")]
    harvest(catalogue, entries, "shelf")
    names = [one.fields.name for one in catalogue.review.queue()]
    assert names.index("Much used") == 0
    assert names.index("codeofconduct") > names.index("Petition box")
    ada.open("review")
    (line,) = ada.page.xpath("//nav[@class='queue']//a[strong='Much used']")
    assert "9" in " ".join(small.text_content() for small in line.xpath("small")[1:])


def test_the_verdicts_are_three_stops_of_tab_away(ada: Reviewer) -> None:
    ada.open("review")
    stops = ada.page.xpath("//a[@href] | //button[not(@hidden)] | //input[not(@type='hidden')] | //summary")
    ahead = next(n for n, one in enumerate(stops) if one.get("href") == "#verdicts")
    bar = ada.page.get_element_by_id("verdicts")
    assert ahead + 2 <= 3
    assert bar.xpath("(.//button | .//summary)[1]/@data-key") == ["a"]
    keys = [one for form in bar.xpath(".//form[not(contains(@class, 'sheet'))]") for one in form.xpath(".//@data-key")]
    keys += bar.xpath(".//summary/@data-key")
    assert len(keys) == len(set(keys)) >= 5


def test_nothing_ticked_is_nothing_and_not_the_whole_queue(ada: Reviewer) -> None:
    ada.open("review")
    answer = ada.session.get(f"{ada.site.url}/en/review/together?ticked=1", timeout=10)
    assert (answer.status_code, "Tick what is meant first." in answer.text) == (400, True)
    assert "Decide together on 0 candidates" in answer.text


def test_many_are_decided_together_after_a_sample_was_opened_and_undone_at_once(ada: Reviewer) -> None:
    """Journey 5."""
    catalogue = ada.site.catalogue
    entries = [item(f"conduct-{n}", name=f"codeofconduct {n}") for n in range(7)]
    harvest(catalogue, [*entries, item("lone", name="Lone tool")], "crowd")
    ids = {one.fields.name: one.id for one in catalogue.review.queue()}
    ada.open("review?q=codeofconduct")
    (leads,) = ada.page.xpath("//a[@data-key='b']/@href")
    ada.open(leads.removeprefix("/en/"))
    assert "Decide together on 7 candidates" in ada.text
    assert len(ada.page.xpath("//ul[@class='columns']/li")) == 7
    assert "Sample: 1 of 5" in ada.text
    assert not [one for one in ada.page.forms if one.method == "POST" and "together" in (one.action or "")]
    carried = leads.partition("?")[2]
    refused = ada.session.post(f"{ada.site.url}/en/review/together?{carried}", data={"filters": "q=codeofconduct"})
    assert refused.status_code == 400
    (odd,) = ada.page.xpath("//section//h3")
    ada.open(ada.page.xpath("//a[@data-key='x']/@href")[0].removeprefix("/en/"))  # it is not like the others
    for n in range(5):
        assert f"Sample: {n + 1} of 5" in ada.text
        ada.open(ada.page.xpath("//a[@data-key='j']/@href")[0].removeprefix("/en/"))
    gone, held, *_ = (one for name, one in ids.items() if name.startswith("code") and name != odd.text_content())
    catalogue.review.decide(gone, Operation.ACCEPT, "grace")  # meanwhile
    catalogue.claims.take(held, "grace")
    before = len(catalogue.audit.lines(99, sought=LogSought(actor="reviewer")))
    ada.send("/together", verdict="reject")
    assert ada.answer.status_code == 400
    assert "A rejection needs a reason" in ada.text
    ada.send("/together", verdict="reject", reason="not-software", why="")
    assert len(catalogue.audit.lines(99, sought=LogSought(actor="reviewer"))) == before + 1
    states = [catalogue.software.get(one).state.value for name, one in ids.items() if name.startswith("code")]
    assert sorted(states) == ["candidate"] * 2 + ["published"] + ["rejected"] * 4
    assert "and 3 others" in ada.text
    ada.send("/undo")
    states = [catalogue.software.get(one).state.value for name, one in ids.items() if name.startswith("code")]
    assert sorted(states) == ["candidate"] * 6 + ["published"]
    # those that are ticked
    ada.open(f"review/together?id={ids['Lone tool']}&id={held}")
    assert "Decide together on 2 candidates" in ada.text
