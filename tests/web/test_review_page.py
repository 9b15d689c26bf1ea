"""The review console, as plain forms."""

from __future__ import annotations

import re

import pytest
import requests
import sqlalchemy as sa
from lxml import html
from pages_site import Site
from support.builders import by_name, harvest, item

from harvester.model import SoftwareState

MOST_ASKED = 80
"""Statements of a decision and the page after it."""


class Desk:
    """A reviewer at the page."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session = site.visitor("reviewer")
        self.open()

    def open(self, path: str = "/en/review") -> requests.Response:
        self.page = self.session.get(self.site.url + path, timeout=10)
        return self.page

    @property
    def name(self) -> str:
        found = re.search(r"<h1>([^<]+)</h1>", self.page.text)
        assert found
        return found.group(1)

    def form(self, action: str) -> dict[str, str]:
        part = self.page.text.partition(f'action="/en/review/{action}"')[2].partition("</form>")[0]
        assert part, f"no form {action}"
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part))

    def send(self, action: str, **said: str) -> requests.Response:
        fields = {**self.form(action), **said}
        answer = self.session.post(f"{self.site.url}/en/review/{action}", data=fields, timeout=10)
        self.page = answer
        return answer

    @property
    def software_id(self) -> str:
        found = re.search(r'action="/en/review/([^/"]+)/accept"', self.page.text)
        assert found
        return found.group(1)


@pytest.fixture
def desk(fresh_site: Site) -> Desk:
    return Desk(fresh_site)


def state(desk: Desk, software_id: str) -> SoftwareState:
    return desk.site.catalogue.software.get(software_id).state


def test_the_page_answers_a_reviewers_questions_in_order(desk: Desk) -> None:
    text = desk.page.text
    assert "<strong>4 waiting</strong>" in text
    places = [
        text.index(words) for words in ("<h1>", "Why it is here", "What will be published", "Could be the same as")
    ]
    assert places == sorted(places)
    assert "its name says" in text
    assert re.search(r"[+−]\d\.\d\d", text)


def test_neighbours_are_shown_with_their_reason(desk: Desk) -> None:
    boxes = [one for one in desk.site.catalogue.review.queue() if (one.fields.name or "").lower() == "petition box"]
    text = desk.open(f"/en/review?id={boxes[0].id}").text
    assert "same name, Petition" in text
    assert f"/en/review/{boxes[0].id}/same" in text


def test_accepting_publishes_and_the_next_one_is_there(desk: Desk) -> None:
    first, name = desk.software_id, desk.name
    desk.send(f"{first}/accept")
    assert state(desk, first) is SoftwareState.PUBLISHED
    assert desk.software_id != first
    assert f"Accepted: {name}" in desk.page.text
    assert "<strong>3 waiting</strong>" in desk.page.text
    assert "1 decided today" in desk.page.text
    desk.site.refresh()
    assert desk.site.get(f"/en/software/{first}/x").status_code == 301


def test_rejecting_needs_a_reason(desk: Desk) -> None:
    first = desk.software_id
    for empty in ({}, {"why": "   "}, {"reason": "no-such-reason"}):
        answer = desk.send(f"{first}/reject", **empty)
        assert answer.status_code == 400
        assert "A rejection needs a reason" in answer.text
        assert state(desk, first) is SoftwareState.CANDIDATE
        desk.open()
    desk.send(f"{first}/reject", reason="not-civic", why="a game")
    assert state(desk, first) is SoftwareState.REJECTED
    again = desk.open(f"/fr/review?id={first}").text
    assert "pas un logiciel civique ou public: a game" in again
    assert "rejeté le" in again


def test_a_deferred_one_goes_to_the_end(desk: Desk) -> None:
    first = desk.software_id
    desk.send(f"{first}/defer")
    assert state(desk, first) is SoftwareState.CANDIDATE
    assert desk.site.catalogue.review.queue()[-1].id == first


def test_a_verdict_can_be_undone(desk: Desk) -> None:
    first = desk.software_id
    desk.send(f"{first}/accept")
    undone = desk.send("undo")
    assert undone.status_code == 200
    assert state(desk, first) is SoftwareState.CANDIDATE
    assert "Your last decision was undone" in undone.text
    assert desk.software_id == first
    assert "<s>accepted on" in undone.text


def test_a_colleague_undoes_a_decision_and_the_log_says_who(desk: Desk) -> None:
    first = desk.software_id
    desk.send(f"{first}/accept")
    decision = desk.form("undo")["decision"]
    other = desk.site.visitor("operator")
    form = {"decision": decision}
    assert other.post(f"{desk.site.url}/en/review/undo", data=form, timeout=10).status_code == 200
    assert state(desk, first) is SoftwareState.CANDIDATE
    line = desk.site.catalogue.audit.recent(1)[0]
    assert (line.actor, line.action) == ("operator", "decision accept undone")
    again = other.post(f"{desk.site.url}/en/review/undo", data=form, timeout=10)
    assert again.status_code == 409
    assert "operator undid this decision already" in again.text


def test_of_two_reviewers_one_decides(desk: Desk) -> None:
    first = desk.software_id
    other = Desk(desk.site)
    desk.send(f"{first}/accept")
    late = other.send(f"{first}/reject", reason="not-civic")
    assert late.status_code == 409
    assert "Somebody was faster" in late.text
    assert state(desk, first) is SoftwareState.PUBLISHED


def test_two_can_be_told_to_be_the_same(desk: Desk) -> None:
    boxes = [one for one in desk.site.catalogue.review.queue() if (one.fields.name or "").lower() == "petition box"]
    desk.open(f"/en/review?id={boxes[0].id}")
    desk.send(f"{boxes[0].id}/same", other=boxes[1].id)
    states = {desk.site.catalogue.software.get(one.id).state for one in boxes}
    assert SoftwareState.MERGED in states
    assert "<strong>3 waiting</strong>" in desk.page.text


def test_a_reviewer_sees_what_a_source_says_otherwise_takes_it_over_and_undoes_that(desk: Desk) -> None:
    """Accepted once, and named and led elsewhere by its source since: both stand there until somebody decides."""
    catalogue = desk.site.catalogue
    entry = {"names": ["repo:https://forge.example.org/well"]}
    harvest(catalogue, [item("well", name="Well", landing_url="https://well.example/", **entry)], "pages", good=False)
    well = by_name(catalogue, "Well")
    desk.open(f"/en/review?id={well.id}")
    desk.send(f"{well.id}/accept")
    moved = item("well", name="Well (moved)", landing_url="https://login.evil.example/", **entry)
    harvest(catalogue, [moved], "pages", good=False)

    def shown() -> str:
        desk.site.refresh()
        answer = desk.site.get(f"/en/software/{well.id}/{catalogue.software.get(well.id).slug}")
        assert answer.status_code == 200
        return answer.text

    assert "evil.example" not in shown()
    for language, words in (("en", "Pages says otherwise now:"), ("fr", "Pages dit autre chose à présent\u00a0:")):
        page = desk.open(f"/{language}/review?id={well.id}").text
        assert words in page
        (table,) = html.fromstring(page).xpath("//table[.//tr[@class='disputed']]")
        rows = [[cell.text_content() for cell in row] for row in table.xpath(".//tr[@class='disputed']")]
        assert [row[1:] for row in rows] == [
            ["Well", "Well (moved)"],
            ["https://well.example/", "https://login.evil.example/"],
        ]
        assert 'href="https://example.org/well"' in page, "where the source was asked"
    desk.open(f"/en/review?id={well.id}")
    desk.send(f"{well.id}/leave")
    assert "Left as it was: Well" in desk.page.text
    assert well.id not in [one.id for one in catalogue.review.queue()]
    desk.send("undo")
    desk.open(f"/en/review?id={well.id}")
    desk.send(f"{well.id}/take")
    assert "Taken over: Well (moved)" in desk.page.text
    assert "https://login.evil.example/" in shown()
    desk.send("undo")
    assert "evil.example" not in shown()


def test_only_what_is_in_question_is_taken_over(desk: Desk) -> None:
    tool = by_name(desk.site.catalogue, "Agora libre")
    answer = desk.session.post(f"{desk.site.url}/en/review/{tool.id}/take", data={}, timeout=10)
    assert answer.status_code == 409
    assert by_name(desk.site.catalogue, "Agora libre").version == tool.version


def test_every_decision_is_in_the_audit_with_its_actor_and_reason(desk: Desk) -> None:
    first = desk.software_id
    desk.send(f"{first}/reject", reason="demo-copy")
    line = desk.site.catalogue.audit.recent(1)[0]
    assert (line.actor, line.action, line.subject) == ("reviewer", "decision reject", f"software:{first}")
    assert line.why == "demo-copy"


def test_the_whole_queue_can_be_walked_and_emptied(desk: Desk) -> None:
    seen = {desk.software_id}
    while following := re.search(r'<a href="([^"]+)" rel="next"', desk.page.text):
        desk.open(following.group(1).replace("&amp;", "&"))
        seen.add(desk.software_id)
    assert len(seen) == 4
    for _ in range(4):
        desk.send(f"{desk.software_id}/accept")
    assert "Nothing waits for review" in desk.page.text


def test_the_next_one_is_there_at_once(desk: Desk) -> None:
    """Decision and next page ask the database few things, and as many whatever was decided before."""
    asked: list[str] = []
    engine = desk.site.app.state.house.catalogue.database.engine
    sa.event.listen(
        engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_: asked.append(statement)
    )
    counted = []
    for _ in range(3):
        asked.clear()
        desk.send(f"{desk.software_id}/accept")
        counted.append(sum(not one.startswith(("PRAGMA", "BEGIN")) for one in asked))
    assert max(counted) <= MOST_ASKED, counted
    assert counted[-1] <= counted[0] + 2, counted
