"""The pages in a real Chromium: accessible, whole at every width, needing no script, never against the policy."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pages_site import PASSWORD, Site
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.builders import harvest, item
from support.install_axe import install

from harvester.model import Issue, Organisation

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
WIDTHS = (390, 1360)
SHOTS = os.environ.get("HARVESTER_SCREENSHOTS")
"""A folder; when it is set every page that is checked is also drawn there, to be looked at."""


def absent(what: str, remedy: str) -> None:
    message = f"{what}: {remedy}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).is_file():
        absent("no chromium", "install the package chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe() -> str:
    script = install()
    if script is None:
        absent("no axe-core", "install npm, and let it reach its registry")
    assert script is not None
    return script.read_text(encoding="utf-8")


def paths(site: Site) -> dict[str, str]:
    agora = site.catalogue.software.get("agora-libre")
    service = site.catalogue.software.get("hosted-service")
    run = site.catalogue.runs.recent("forge", 1)[0]
    return {
        "home": "/{}/",
        "search": "/{}/software?q=proposals&use_case=consultation",
        "all": "/{}/software",
        "zero": "/{}/software?q=proposals&license=MIT&country=FR",
        "filters": "/{}/filters?license=MIT",
        "record": f"/{{}}/software/{agora.id}/{agora.slug}",
        "service": f"/{{}}/software/{service.id}/{service.slug}",
        "sources": "/{}/sources",
        "login": "/{}/login",
        "not-found": "/{}/nothing",
        "review": "/{}/review",
        "operations": "/{}/operations",
        "run": f"/{{}}/operations/runs/{run.id}",
        "source-settings": "/{}/operations/sources/forge?sure=remove",
        "offers": "/{}/operations/offers",
        "source-form": "/{}/operations/kinds/gitlab",
        "correct": f"/{{}}/review/{agora.id}/correct",
        "merge": f"/{{}}/review/{agora.id}/merge",
        "split": f"/{{}}/review/{agora.id}/split",
        "relate": f"/{{}}/review/{agora.id}/relate",
        "locks": "/{}/review/locks",
        "log": "/{}/review/log",
        "together": "/{}/review/together",
        "collections": "/{}/review/collections",
    }


PAGES = (
    "home",
    "search",
    "all",
    "zero",
    "filters",
    "record",
    "service",
    "sources",
    "login",
    "not-found",
    "review",
    "operations",
    "run",
)
OF_THE_DESK = (
    "source-settings",
    "offers",
    "source-form",
    "correct",
    "merge",
    "split",
    "relate",
    "locks",
    "log",
    "together",
    "collections",
)
STAFF = ("review", "operations", "run", *OF_THE_DESK)


def sign_in(page: Page, site: Site, role: str = "operator") -> None:
    page.goto(f"{site.url}/en/login")
    page.fill("#login", role)
    page.fill("#password", PASSWORD)
    with page.expect_navigation(wait_until="load"):  # keys work once the script is there
        page.click("main button")
    assert "/login" not in page.url


def signed_in(browser: Browser, site: Site, role: str) -> dict[str, Any]:
    context = browser.new_context()
    sign_in(context.new_page(), site, role)
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture(scope="module")
def staff(browser: Browser, site: Site) -> dict[str, Any]:
    """The cookies of somebody who signed in as operator."""
    return signed_in(browser, site, "operator")


Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def page_of(browser: Browser, staff: dict[str, Any]) -> Opener:
    """The page of a colour scheme for a visitor or for staff: opened once, as each context costs more than a look."""
    pages: dict[tuple[str, bool], Page] = {}

    def page_of(name: str, scheme: Any = "light") -> Page:
        if (scheme, name in STAFF) not in pages:
            context = browser.new_context(color_scheme=scheme, storage_state=staff if name in STAFF else None)
            pages[scheme, name in STAFF] = context.new_page()
        return pages[scheme, name in STAFF]

    return page_of


def watch(page: Page) -> list[str]:
    """What the browser refuses or complains of, and every request that leaves the site."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: None if "127.0.0.1" in request.url else heard.append(request.url))
    return heard


@pytest.mark.parametrize(
    ("language", "scheme", "rules"),
    [
        ("fr", "light", RULES),
        pytest.param("en", "light", RULES, marks=pytest.mark.long),
        ("fr", "dark", CONTRAST),
        pytest.param("en", "dark", RULES, marks=pytest.mark.long),
        pytest.param("fr", "dark", RULES, marks=pytest.mark.long),
    ],
    ids=["fr-light", "en-light", "fr-dark-contrast", "en-dark", "fr-dark"],
)
@pytest.mark.parametrize("name", [*PAGES, *(pytest.param(one, marks=pytest.mark.long) for one in OF_THE_DESK)])
def test_pages_are_accessible_at_both_widths(
    site: Site, page_of: Opener, axe: str, name: str, language: str, scheme: Any, rules: Any
) -> None:
    """axe, WCAG 2.2 AA, contrast included: no violation, no refusal by the policy, nothing wider than the window.

    The dark scheme changes colours and nothing else, whatever the words: where time is short its contrast is looked at
    alone, in one language and with everything open.
    """
    page = page_of(name, scheme)
    heard = watch(page)
    for width in WIDTHS if rules is RULES else WIDTHS[-1:]:
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(site.url + paths(site)[name].format(language))
        assert answer is not None
        assert answer.status == (404 if name == "not-found" else 200)
        for opened in page.query_selector_all("details:not([open]) > summary"):
            if width == WIDTHS[-1]:
                opened.click()
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{language}-{width}-{scheme}.png", full_page=True)
        asked = {"runOnly": rules, "resultTypes": ["violations"]}  # of what passes one node: naming each takes longest
        found = page.evaluate(f"{axe}; axe.run({json.dumps(asked)})")
        said = [
            (
                one["id"],
                one["help"],
                [(node["target"], node.get("failureSummary", "")[:200]) for node in one["nodes"][:3]],
            )
            for one in found["violations"]
        ]
        assert said == [], (name, width)
        assert any(one["id"] == "color-contrast" for one in found["passes"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == max(WIDTHS):
            cut = "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth).length"
            assert page.evaluate(cut) == 0
    assert [one for one in heard if "404" not in one] == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_the_narrowest_screen_and_twice_the_size(site: Site, page_of: Opener, name: str) -> None:
    page = page_of(name)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(site.url + paths(site)[name].format("fr"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 640, "height": 700})
    page.evaluate("document.documentElement.style.zoom = 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def without_script(browser: Browser) -> BrowserContext:
    return browser.new_context(java_script_enabled=False, locale="en")


def test_a_visitor_finds_and_reads_without_script(site: Site, browser: Browser) -> None:
    context = without_script(browser)
    page = context.new_page()
    page.goto(site.url + "/")
    assert page.url.endswith("/en/")
    page.fill("input[type=search]", "proposals")
    page.click("button:has-text('Search')")
    assert page.inner_text("h1") == "3 tools"
    page.click(".facet >> text=France")
    assert page.inner_text("h1") == "2 tools"
    assert "country=FR" in page.url
    page.click("a:has-text('Agora libre')")
    assert page.inner_text("h1") == "Agora libre"
    page.click("dt:has-text('Licence') + dd summary")
    assert page.is_visible("s:has-text('GPL-3.0-only')")
    page.click("text=Back to the search for")
    page.click(".chip")
    assert page.inner_text("h1") == "3 tools"
    page.go_back()
    assert page.inner_text("h1") == "2 tools"
    page.click("text=Français")
    assert page.inner_text("h1") == "2 outils"
    assert "country=FR" in page.url
    context.close()


def test_on_a_phone_the_filters_are_a_page(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + "/en/software?license=MIT")
    assert not page.is_visible("aside.facets")
    page.click("text=Filters (1)")
    page.click(".facet >> text=Finland")
    page.click("p.more a.button")
    assert page.inner_text("h1") == "1 tool"
    context.close()


def test_a_reviewer_works_without_script(fresh_site: Site, browser: Browser) -> None:
    context = without_script(browser)
    page = context.new_page()
    sign_in(page, fresh_site, "reviewer")
    first = page.inner_text("h1")
    page.click("text=Reject …")
    page.check("text=not civic or public software")
    page.click(".sheet button")
    assert page.inner_text("h1") != first
    assert f"Rejected: {first}" in page.inner_text("[role=status]")
    page.click("text=undo")
    assert page.inner_text("h1") == first
    context.close()


def test_the_queue_is_worked_by_keys_alone(fresh_site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    heard = watch(page)
    sign_in(page, fresh_site, "reviewer")
    names = [page.inner_text("h1")]

    def press(*keys: str) -> str:
        for key in keys[:-1]:
            page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press(keys[-1])
        return page.inner_text("h1")

    names.append(press("j"))
    assert names[0] != names[1]
    assert press("k") == names[0]
    assert press("a") == names[1]
    assert f"Accepted: {names[0]}" in page.inner_text("[role=status]")
    assert press("u") == names[0]
    press("r", "2", "Enter")
    rejected = fresh_site.catalogue.audit.recent(1)[0]
    assert (rejected.action, rejected.why) == ("decision reject", "not-software")
    press("d", "2", "Enter")
    assert fresh_site.catalogue.audit.recent(1)[0].action == "decision defer"
    assert fresh_site.catalogue.review.end_due(datetime.now(UTC) + timedelta(days=8)) == 1
    press("n")
    assert fresh_site.catalogue.audit.recent(1)[0].action == "decision unsure"
    page.goto(f"{fresh_site.url}/en/review")
    for key in ("Tab", "Tab", "Enter", "Tab"):  # past "Skip to content", to the verdicts
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.key") == "a"
    assert heard == []
    context.close()


def test_keys_do_nothing_while_somebody_types_and_can_be_switched_off(fresh_site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, fresh_site, "reviewer")
    before = fresh_site.catalogue.audit.count()
    page.keyboard.press("r")
    page.fill("#why", "")
    page.focus("#why")
    page.keyboard.type("a dud")
    assert page.input_value("#why") == "a dud"
    page.keyboard.press("Escape")
    assert not page.is_visible(".sheet")
    page.click("[data-keys-toggle]:visible")
    assert page.inner_text("[data-keys-toggle]:visible") == "Switch keyboard shortcuts on"
    page.keyboard.press("a")
    page.reload()
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert fresh_site.catalogue.audit.count() == before
    context.close()


def test_a_slash_goes_to_the_search_box(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.url + "/en/software")
    page.keyboard.press("/")
    page.keyboard.type("proposals/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/software?q=proposals%2F*")
    context.close()


def test_the_first_tab_stop_leads_past_the_navigation(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.url + "/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    assert page.is_visible(".skip:focus")
    page.keyboard.press("Enter")
    assert re.search("#main$", page.url)
    context.close()


def test_tab_reaches_the_box_first_and_suggestions_are_chosen_by_keys_alone(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    heard = watch(page)
    page.goto(site.url + "/en/software?q=proposals")
    for key in ("Tab", "Tab"):  # past the way to the content
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.id") == "q"
    page.goto(site.url + "/en/")
    for key in ("Tab", "Tab"):
        page.keyboard.press(key)
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    page.keyboard.type("partic")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    told = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{told}[aria-selected=true]").inner_text().startswith("Participatory budgeting")
    page.keyboard.press("Escape")
    assert (box.get_attribute("aria-expanded"), box.input_value()) == ("false", "partic")
    page.keyboard.press("ArrowDown")  # it opens again
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/use-cases/participatory-budgeting")
    assert heard == []
    context.close()


PAYLOADS = (
    "<script>hit()</script>",
    "</title><script>hit()</script>",
    "<img src=x onerror=hit()>",
    "<svg/onload=hit()>",
    '"><script>hit()</script>',
    "' onmouseover='hit()",
    "</textarea><script>hit()</script>",
    "javascript:hit()",
    "JaVaScRiPt:hit()",
    " javascript:hit()",
    "data:text/html,<script>hit()</script>",
    "{{ 7 * 7 }}{% include 'base.html' %}",
    "<iframe srcdoc='<script>parent.hit()</script>'>",
    "[click](javascript:hit())",
    "![x](x onerror=hit())",
    "<a href=javascript:hit()>x</a>",
    "\ue000<b>\ue001",
    "<style>*{display:none}</style>",
    "<base href=https://elsewhere.example>",
    "<meta http-equiv=refresh content=0;url=https://elsewhere.example>",
)


def hostile(n: int, payload: str) -> Any:
    """An item whose every field of text is the payload."""
    text = {"en": payload, "fr": payload}
    many = (payload,)
    return item(
        f"hostile-{n}",
        name=f"Hostile {payload}",
        kind="software",
        code_repository=payload,
        landing_url=payload,
        documentation=payload,
        logo=payload,
        short_description=text,
        long_description=text,
        features=text,
        license=payload,
        license_text=payload,
        development_status=payload,
        software_type=payload,
        software_version=payload,
        is_based_on=payload,
        organisations=(Organisation(payload, payload, payload[:2]),),
        countries=many,
        use_cases=many,
        categories=many,
        topics=many,
        platforms=many,
        programming_languages=many,
        available_languages=many,
        used_by=many,
        issues=[Issue.of("repository-unreadable", place=payload, value=payload, why=payload)],
    )


def test_nothing_harvested_ever_runs(fresh_site: Site, browser: Browser) -> None:
    """Twenty payloads in every field: on no page does one become a node, a link that runs, or a request."""
    items = [hostile(n, payload) for n, payload in enumerate(PAYLOADS)]
    run = harvest(fresh_site.catalogue, items[:10], "hostile", trusted=True, title=PAYLOADS[0], publisher=PAYLOADS[2])
    harvest(fresh_site.catalogue, items[10:], "hostile-candidates", title=PAYLOADS[4])
    fresh_site.refresh()
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, fresh_site, "operator")
    heard = watch(page)
    published = [one for one in fresh_site.catalogue.software.published(100) if "Hostile" in (one.fields.name or "")]
    waiting = [one for one in fresh_site.catalogue.review.queue() if "Hostile" in (one.fields.name or "")]
    assert (len(published), len(waiting)) == (10, 10)
    visited = ["/en/", "/fr/software?q=hostile", "/en/filters", "/en/sources", "/en/operations"]
    visited += [f"/en/operations/runs/{run.id}"]
    visited += [f"/en/software/{one.id}/{one.slug}" for one in published]
    visited += [f"/fr/review?id={one.id}" for one in waiting]
    for path in visited:
        page.goto(fresh_site.url + path)
        assert page.query_selector("main") is not None
        live = page.query_selector_all(
            "main script, main img, main iframe, main style, main base, main meta, [onerror], [onload], [onmouseover]"
        )
        assert live == [], path
        links = page.evaluate("[...document.links].map(a => a.protocol)")
        assert set(links) <= {"http:", "https:"}, path
        assert page.evaluate("document.querySelectorAll('main b').length") == 0, path
    assert heard == []
    context.close()


def test_the_policy_stops_a_script_that_got_in(site: Site, browser: Browser) -> None:
    """A canary: were the policy not in force, the watching above would prove nothing."""
    context = browser.new_context()
    page = context.new_page()
    heard = watch(page)
    page.goto(site.url + "/en/")
    page.evaluate("const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s)")
    assert page.evaluate("window.ran === undefined")
    assert any("Content Security Policy" in one for one in heard)
    context.close()
