"""What visitors come for, walked in a browser without JavaScript; and the pages on the way, looked at by axe."""

from __future__ import annotations

import json
from collections.abc import Iterable
from xml.etree import ElementTree

import pytest
from pages_site import Site
from playwright.sync_api import Browser, Page
from support.builders import by_name
from test_pages_in_a_browser import RULES, axe, browser, pytestmark  # noqa: F401 - fixtures and marks

WALKED = (
    *("use-cases", "use-cases/consultation", "countries", "licenses/MIT", "organisations", "sources/register"),
    *("changes", "families", "statistics", "about", "privacy", "terms", "accessibility", "api"),
)


def test_a_town_compares_what_it_found_and_goes_on_from_there(site: Site, browser: Browser) -> None:  # noqa: F811
    """Journeys 1, 2, 5, 6, 8, 9 and 10 of visitors: from the home page by links and forms alone."""
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.url}/en/")
    page.click("text=Consultation")
    assert page.locator("main h1").inner_text() == "Consultation"
    page.click("text=Filter and sort")
    page.goto(f"{site.url}/en/software?q=proposals")
    boxes = page.locator(".hit input[type=checkbox]")
    assert boxes.count() == 3
    for place in (0, 1):
        boxes.nth(place).check()
    page.click("text=Compare the chosen tools")
    assert page.url.count("id=") == 2
    assert page.locator(".compare th[scope=col]").count() == 2
    page.goto(page.url)  # the address alone is the comparison
    page.click(".compare th[scope=col] >> text=Agora libre")
    assert page.locator(".criteria dt").count() == 6
    assert "Example town" in page.locator("main").inner_text()
    assert page.locator('head meta[property="og:title"]').get_attribute("content") == "Agora libre"
    page.click(".panel >> text=AGPL-3.0-only")
    assert page.url.endswith("license=AGPL-3.0-only")
    feed = page.locator('head link[type="application/atom+xml"]').first.get_attribute("href") or ""
    assert ElementTree.fromstring(site.get(feed).content).tag.endswith("feed")
    for name in ("About", "Privacy", "Terms of use", "Accessibility", "How we judge"):
        page.click(f".foot >> text={name}")
        assert page.locator("main h1").count() == 1, name
    page.click(".foot >> text=API and exports")
    dump = page.locator("main a[href$='dump.zip']").get_attribute("href") or ""
    assert site.get(dump).content.startswith(b"PK")
    page.context.close()


def _violations(page: Page, script: str) -> list[str]:
    found = page.evaluate(script + "; axe.run({runOnly: " + json.dumps(RULES) + "})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def _walk(site: Site, browser: Browser, axe: str, paths: Iterable[str]) -> None:  # noqa: F811
    page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
    for path in paths:
        answer = page.goto(f"{site.url}/en/{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert _violations(page, axe) == [], path
    page.context.close()


def test_a_comparison_and_a_use_case_bar_nobody(site: Site, browser: Browser, axe: str) -> None:  # noqa: F811
    """axe finds nothing (targets of 24 px among its rules), and no page is wider than a phone."""
    agora, demoq = (by_name(site.catalogue, name) for name in ("Agora libre", "DemoQ"))
    _walk(site, browser, axe, (f"compare?id={agora.id}&id={demoq.id}", "use-cases/consultation"))


@pytest.mark.long
def test_no_page_on_the_way_bars_anybody(site: Site, browser: Browser, axe: str) -> None:  # noqa: F811
    _walk(site, browser, axe, WALKED)
