"""What anybody may say without an account or JavaScript, what a reviewer makes of it, and what its sender sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import html
from pages_site import SCRIPT, Site, served
from playwright.sync_api import Browser
from support.builders import by_name
from test_journeys import _violations
from test_pages_in_a_browser import axe, browser  # noqa: F401 - fixtures

from harvester.web.throttle import DELAY_S, SENT, WINDOW_S, Senders
from harvester.web.voices import BOUNDS

ADDRESS = "https://codeberg.org/Town/Forms"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on which nobody has to wait between two messages."""
    with served(tmp_path_factory.mktemp("said")) as opened:
        opened.app.state.house.senders.delay_s = 0
        opened.app.state.house.senders.most = 10_000
        yield opened


def post(site: Site, path: str, form: dict[str, str], role: str | None = None) -> requests.Response:
    return site.visitor(role).post(f"{site.url}/en/{path}", data=form, allow_redirects=False, timeout=10)


def sent(site: Site, path: str, form: dict[str, str]) -> str:
    """The receipt's path within a language."""
    answer = post(site, path, form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0].removeprefix("/en/")


def text_of(site: Site, path: str, role: str | None = None) -> str:
    answer = site.get(path, role)
    assert answer.status_code == 200, path
    (main,) = html.fromstring(answer.text).xpath("//main")
    return " ".join(" ".join(main.itertext()).split())


def decide(site: Site, verdict: str, **form: str) -> int:
    matter = site.catalogue.voices.listed(1)[0].id
    assert post(site, f"review/voices/{matter}/{verdict}", form, "reviewer").status_code == 303
    return matter


def test_a_missing_tool_is_proposed_previewed_accepted_and_its_fate_is_told(said: Site) -> None:
    """Journey 7 of visitors."""
    empty = text_of(said, "/en/software?q=qqqqqqq")
    assert "Is a tool missing? Propose a tool" in empty
    preview = said.get(f"/en/propose?address={ADDRESS}/issues&description=Forms+for+towns.&words=We+need+it")
    assert ADDRESS in preview.text
    assert "What we understood" in preview.text
    form = html.fromstring(preview.text).xpath("//form[@method='post' and contains(@action, '/propose')]")[0]
    receipt = sent(said, "propose", dict(form.form_values()))
    for language, waits in (("en", "Waits for review"), ("fr", "En attente de relecture")):
        answer = said.get(f"/{language}/{receipt}")
        assert waits in answer.text
        assert (answer.headers["x-robots-tag"], answer.headers["cache-control"]) == ("noindex", "no-store")
    assert "waits for review. Your words are added" in text_of(said, f"/en/propose?address={ADDRESS}")
    other = sent(said, "propose", {"address": f"{ADDRESS}.git"})
    assert other != receipt
    queue = text_of(said, "/en/review", "reviewer")
    assert "What visitors say: 1" in queue
    desk = text_of(said, f"/en/review/voices/{said.catalogue.voices.listed(1)[0].id}", "reviewer")
    assert "Voices: 2" in desk
    assert "We need it" in desk
    decide(said, "accept")
    tool = by_name(said.catalogue, "Forms")
    for one in (receipt, other):
        page = said.get(f"/en/{one}").text
        assert "Accepted" in page
        assert f"/software/{tool.id}/" in page
    assert "Proposed by visitors" in text_of(said, f"/en/software/{tool.id}/{tool.slug}")
    there = said.get(f"/en/propose?address={ADDRESS}").text
    assert "published here already" in there
    assert "Send for review" not in there
    assert post(said, "propose", {"address": ADDRESS}).status_code == 400


def test_a_use_stands_on_the_tool_and_in_the_api_with_its_evidence_until_taken_back(said: Site) -> None:
    tool = by_name(said.catalogue, "DemoQ")
    page = f"/en/software/{tool.id}/{tool.slug}"
    assert f"/en/propose/use?software={tool.id}" in said.get(page).text
    told = {"software": tool.id, "organisation": "City of Example", "evidence": "https://city.example.org/tools"}
    account = {"purpose": "asking the old town", "since": "2021", "many": "300"}
    receipt = sent(said, "propose/use", {**told, **account})
    assert "City of Example" not in text_of(said, page)
    matter = decide(said, "accept")
    shown = text_of(said, page)
    for words in ("City of Example", "asking the old town", "Since: 2021", "People: 300", "A visitor, after review"):
        assert words in shown
    entry = said.get(f"/api/v1/software/{tool.id}").json()
    assert entry["usedBy"] == ["City of Example"]
    assert (entry["uses"][0]["purpose"], entry["uses"][0]["many"]) == ("asking the old town", 300)
    assert entry["provenance"]["usedBy"][0]["url"] == "https://city.example.org/tools"
    said.catalogue.organisations.refresh()
    assert "https://city.example.org/tools" in said.get("/en/organisations/city-of-example").text
    assert "Accepted" in text_of(said, f"/en/{receipt}")
    assert post(said, f"review/voices/{matter}/undo", {}, "reviewer").status_code == 303
    assert "City of Example" not in text_of(said, page)
    assert "Waits for review" in text_of(said, f"/en/{receipt}")
    decide(said, "refuse", reason="no-evidence")
    assert "le lien montre autre chose" in text_of(said, f"/fr/{receipt}")


def test_an_objection_is_at_hand_where_the_value_is_corrected(said: Site) -> None:
    tool = by_name(said.catalogue, "Agora libre")
    page = said.get(f"/en/software/{tool.id}/{tool.slug}").text
    assert f"/en/propose/wrong?software={tool.id}&amp;field=license" in page
    assert "AGPL-3.0-only" in text_of(said, f"/en/propose/wrong?software={tool.id}&field=license")
    receipt = sent(said, "propose/wrong", {"software": tool.id, "field": "license", "words": "Its file says MIT"})
    form = f"/en/review/{tool.id}/correct?field=license"
    assert "Its file says MIT" in text_of(said, form, "reviewer")
    matter = said.catalogue.voices.listed(1)[0].id
    assert form in said.get(f"/en/review/voices/{matter}", "reviewer").text.replace("&amp;", "&")
    correction = {"field": "license", "operation": "set", "value": "MIT", "why": "its file"}
    assert post(said, f"review/{tool.id}/correct", correction, "reviewer").status_code == 303
    decide(said, "accept")
    assert "Its file says MIT" not in text_of(said, form, "reviewer")
    assert "Accepted" in text_of(said, f"/en/{receipt}")
    assert post(said, f"review/voices/{matter}/accept", {}, "reviewer").status_code == 409


@pytest.mark.parametrize(
    ("path", "form", "why"),
    [
        ("propose", {"address": ""}, "Something is missing"),
        ("propose", {"address": "http://127.0.0.1/admin"}, "address of a public page"),
        ("propose", {"address": "https://169.254.169.254/latest/meta"}, "address of a public page"),
        ("propose", {"address": "https://github.com/pricing"}, "cannot be told"),
        ("propose", {"address": "javascript:alert(1)"}, "cannot be told"),
        ("propose", {"address": ADDRESS + "/x" * 400}, "too long"),
        ("propose", {"address": ADDRESS, "words": "w" * (BOUNDS["words"] + 1)}, "too long"),
        ("propose", {"address": ADDRESS, "site": "https://spam.example"}, "hidden field"),
        ("propose/use", {"organisation": "A", "evidence": "javascript:alert(1)"}, "address of a public page"),
        ("propose/use", {"organisation": "A", "evidence": "http://[::1]/"}, "address of a public page"),
        ("propose/use", {"organisation": "", "evidence": "https://a.example"}, "Something is missing"),
        ("propose/use", {"organisation": "A", "evidence": "https://a.example", "since": "1066"}, "number that fits"),
        ("propose/wrong", {"field": "nothing", "words": "w"}, "Something is missing"),
        ("propose/wrong", {"field": "license", "words": " "}, "Something is missing"),
    ],
)
def test_what_cannot_be_taken_is_said_and_keeps_what_was_typed(
    said: Site, path: str, form: dict[str, str], why: str
) -> None:
    waiting = said.catalogue.voices.count()
    answer = post(said, path, {"software": by_name(said.catalogue, "Tool 1").id, **form})
    assert answer.status_code == 400
    assert why in answer.text
    assert said.catalogue.voices.count() == waiting


@pytest.mark.parametrize(
    "address",
    [
        "https://jane:secret@github.com/town/tool",
        "https://github.com@evil.example.com/x",
        "https://a.example/~j@b.example",
    ],
)
def test_an_address_that_tells_of_somebody_is_not_taken(said: Site, address: str) -> None:
    before = said.catalogue.voices.count()
    answer = post(said, "propose", {"address": address})
    assert answer.status_code == 400
    assert "no address of a public page" in answer.text
    assert said.catalogue.voices.count() == before


def test_a_hosted_service_is_proposed_by_its_own_site(said: Site) -> None:
    for address in ("https://decide.example.com", "https://decide.example.com/"):
        assert "https://decide.example.com" in text_of(said, f"/en/propose?address={address}")
    for shared in ("https://github.com/town", "https://gitlab.com/", "https://sites.google.com/x"):
        assert said.get(f"/en/propose?address={shared}").status_code == 400


def test_hostile_text_is_text_everywhere_and_mail_addresses_are_not_kept(said: Site) -> None:
    tool = by_name(said.catalogue, "Tool 2")
    words = f"{SCRIPT}\u202e\x07 write to jane@example.org"
    hostile = {"organisation": f'"><img src=x onerror=alert(1)>{SCRIPT}', "evidence": "https://a.example/<b>"}
    receipts = [
        sent(said, "propose", {"address": "https://codeberg.org/x/y", "name": SCRIPT, "words": words}),
        sent(said, "propose/use", {"software": tool.id, "purpose": words, **hostile}),
        sent(said, "propose/wrong", {"software": tool.id, "field": "name", "words": words}),
    ]
    paths = [f"/en/{one}" for one in receipts]
    paths += ["/en/review/voices", f"/en/review/{tool.id}/correct?field=name", "/en/review/log"]
    paths += [f"/en/review/voices/{one.id}" for one in said.catalogue.voices.listed(10)]
    for one in said.catalogue.voices.listed(10):
        assert post(said, f"review/voices/{one.id}/accept", {}, "reviewer").status_code == 303
    paths += [f"/en/software/{tool.id}/{tool.slug}", "/en/review/voices?state=accepted"]
    for path in paths:
        page = said.get(path, "reviewer").text
        assert SCRIPT not in page, path
        assert "<img src=x" not in page, path
        assert "jane@example.org" not in page, path
        assert "\u202e" not in page, path


def test_an_address_waits_between_messages_and_has_so_many(fresh_site: Site) -> None:
    form = {"address": ADDRESS}
    assert post(fresh_site, "propose", form).status_code == 303
    again = post(fresh_site, "propose", form)
    assert again.status_code == 429
    assert 0 < int(again.headers["retry-after"]) <= DELAY_S + 1
    assert fresh_site.catalogue.voices.get(1).voices_n == 1
    moment = [0.0]
    senders = Senders(clock=lambda: moment[0])
    for _ in range(SENT):
        assert senders.reserve("2001:db8::1") == 0
        moment[0] += DELAY_S
    assert senders.reserve("2001:db8::2") > DELAY_S
    assert senders.reserve("192.0.2.1") == 0
    moment[0] += WINDOW_S
    assert senders.reserve("2001:db8::2") == 0
    senders.forgive("2001:db8::2")
    assert senders.reserve("2001:db8::2") == 0


def test_no_page_of_another_site_speaks_in_a_visitors_name_and_no_receipt_is_guessed(said: Site) -> None:
    visitor = said.visitor()
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    address = f"{said.url}/en/propose"
    assert visitor.post(address, data={"address": ADDRESS}, headers=foreign, timeout=10).status_code == 403
    assert said.get("/en/proposals/1").status_code == 404
    hidden = said.catalogue.review.queue(1)[0].id
    assert said.get(f"/en/propose/use?software={hidden}").status_code == 404
    tokens = [sent(said, "propose", {"address": "https://codeberg.org/t/u"}) for _ in range(2)]
    assert all(re.fullmatch(r"proposals/[\w-]{32}", one) for one in tokens)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_visitor_proposes_in_a_browser_without_javascript(
    tmp_path: Path,
    browser: Browser,  # noqa: F811
    axe: str,  # noqa: F811
) -> None:
    with served(tmp_path) as site:
        page = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700}).new_page()
        page.goto(f"{site.url}/fr/")
        page.click(".foot >> text=Proposer un outil")
        page.fill("#address", ADDRESS)
        page.fill("#words", "Il nous manque.")
        page.click("text=Voir ce qui est compris")
        assert "Forms" in page.locator("main dl").inner_text()
        preview = page.url
        page.click("text=Envoyer pour relecture")
        assert "En attente de relecture" in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        receipt = page.url
        page.context.close()
        assert site.catalogue.voices.get(1).voices[0].said == {"words": "Il nous manque."}
        scripted = browser.new_context(viewport={"width": 320, "height": 700}).new_page()  # axe is a script
        tool = by_name(site.catalogue, "Agora libre").id
        forms = [f"{site.url}/fr/propose/{one}={tool}" for one in ("use?software", "wrong?field=license&software")]
        for address in (preview, receipt, *forms):
            scripted.goto(address)
            assert _violations(scripted, axe) == [], address
            assert scripted.evaluate("document.documentElement.scrollWidth") <= 320, address
        scripted.context.close()
