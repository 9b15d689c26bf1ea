"""Every word of every page comes from a catalog: a language made for the test, with no Latin letter of its own, is
served, and what is left in Latin letters is untranslated. And a third language is one file."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from lxml import html
from pages_site import HASHES, ROLES, Site, served
from support.builders import begin, by_name, harvest, item, source

from harvester.catalogue import Catalogue
from harvester.model import (
    Issue,
    Judgement,
    Operation,
    Organisation,
    Reason,
    RunCounts,
    Terms,
)
from harvester.model.issue import ISSUES
from harvester.words import Catalogs

FOLDER = Path(str(resources.files("harvester.words"))) / "locale"
PSEUDO = "el"
"""Greek as the locale data has it (dates, countries, languages), so that nothing of it is in Latin letters."""
SEEN_ATTRIBUTES = ("title", "alt", "aria-label", "placeholder", "data-turn-on", "data-turn-off")
DATA = (
    "AGPL-3.0-only GPL-3.0-only CC0-1.0 PHP publiccode.yml codemeta.json record.jsonld CSV JSON lines DCAT UTC tantivy "
    "reviewer operator html_page ghost_tool "
    "English Français"
).split()
"""What sources, standards and machines call things: the same in every language. The rest of the data is Cyrillic."""
ADDRESS = re.compile(r"\S*\b(?:example\.org|page:1)\S*")
KEYS = re.compile(r"<kbd[^>]*>.*?</kbd>", re.DOTALL)


def pseudo(text: str) -> str:
    """The English words in brackets, every letter changed; markup and {names} stay."""
    letters = {ord(letter): chr(ord("Ⓐ") + place) for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    letters |= {ord(letter): chr(ord("ⓐ") + place) for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
    parts = re.split(r"({\w+}|<[^>]+>)", text)
    return "⟦" + "".join(part if place % 2 else part.translate(letters) for place, part in enumerate(parts)) + "⟧"


def write_pseudo(folder: Path) -> Catalogs:
    """The shipped catalogs and the made one beside them."""
    shutil.copytree(FOLDER, folder)
    made = Catalog(locale=PSEUDO, fuzzy=False)
    for message in read_po(io.BytesIO((FOLDER / "en.po").read_bytes())):
        if isinstance(message.id, str):
            made.add(message.id, pseudo(str(message.string))) if message.id else None
        else:
            made.add(message.id, tuple(map(pseudo, message.string or ())))
    for code, kind in ISSUES.items():
        made.add(f"issue.{code}.message", pseudo(kind.message))
        made.add(f"issue.{code}.remedy", pseudo(kind.remedy))
    with (folder / f"{PSEUDO}.po").open("wb") as file:
        write_po(file, made)
    return Catalogs(folder)


def fill(catalogue: Catalogue) -> None:
    """A software of each kind, candidates, runs of each judgement, issues and decisions: data in Cyrillic letters."""
    doubt = Issue.of("missing", place="§ 7", line=7)
    now = datetime.now(UTC)
    rich = item(
        "а",
        name="Агора",
        names=["repo:https://forge.example.org/agora"],
        kind="software",
        code_repository="https://forge.example.org/agora",
        landing_url="https://agora.example.org",
        documentation="https://docs.example.org",
        short_description={"ru": "Город спрашивает."},
        long_description={"ru": "Долгий **текст**"},
        license="AGPL-3.0-only",
        organisations=(Organisation("Область", "https://region.example.org", "FR", "regional"),),
        countries=("FR",),
        use_cases=("consultation", "petition"),
        audiences=("healthcare",),
        programming_languages=("PHP",),
        available_languages=("fr", "nl"),
        development_status="stable",
        software_type="standalone/web",
        release_date=now.date() - timedelta(days=90),
        date_created=now - timedelta(days=900),
        date_modified=now - timedelta(days=21),
        stars=1234,
        has_publiccode=True,
        used_by=("Город",),
        issues=[doubt],
    )
    bare = item("б", name="Голый", kind="software", archived=True)
    silent = item(
        "д", name="Молчит", kind="software", date_modified=now - timedelta(days=2000), license="AGPL-3.0-only"
    )
    named = item("в", name="Агора!", names=["repo:https://forge.example.org/agora"], license="GPL-3.0-only")
    service = item(
        "г",
        name="Служба",
        names=["landing:https://service.example.org"],
        kind="service",
        landing_url="https://service.example.org",
        use_cases=("petition",),
    )
    harvest(catalogue, [rich, bare, silent], "источник", trusted=True, title="Кузница", schedule="17 4 * * *")
    terms = Terms(license="CC0-1.0", attribution="Реестр", share_alike=True)
    harvest(catalogue, [named, service], "реестр", trusted=True, title="Реестр", terms=terms, schedule="0 */6 * * *")
    waiting = [
        item(
            f"к{n}", name=name, short_description={"ru": "Петиции."}, use_cases=("petition",), fork=True, issues=[doubt]
        )
        for n, name in enumerate(("Петиция раз", "Петиция Раз", "Петиция четыре"))
    ]
    harvest(catalogue, waiting, "страницы", title="Страницы")
    catalogue.suggestions.refresh()
    catalogue.sources.put(source("тихий", title="Тихий"), "test")
    for judgement, why in (
        (Judgement.SUSPICIOUS, Reason.of("judged.fell", n=60, before=100)),
        (Judgement.FAILED, Reason.of("judged.unit-failed", unit="стр. 1", why="нет ответа")),
    ):
        run = begin(catalogue, "сломан", title="Сломан", schedule="0 4 * * 1")
        counts = RunCounts(entries=60, records=60, requests=3)
        spent = {"broken.example.org": 3}
        catalogue.runs.finish(run.id, run.attempt, judgement=judgement, reasons=(why,), counts=counts, spent=spent)
    begin(catalogue, "идёт", title="Идёт")
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pseudo")
    with served(folder, fill=fill, words=write_pseudo(folder / "locale")) as opened:
        yield opened


def untranslated(page: str) -> list[str]:
    """The lines of a page, as read or heard, that hold Latin letters outside the made language and the data."""
    tree = html.fromstring(KEYS.sub("", page))
    for hidden in tree.xpath("//script | //style"):
        hidden.drop_tree()
    seen = "\n".join(tree.itertext())
    seen += "".join(f"\n{one.get(name)}" for one in tree.iter() for name in SEEN_ATTRIBUTES if one.get(name))
    seen += "".join(f"\n{one.get('content')}" for one in tree.xpath("//meta[@name='description']"))
    while seen != (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", seen)):
        seen = inner
    for known in (*DATA, PSEUDO):
        seen = re.sub(rf"(?<![\w-]){re.escape(known)}(?![\w-])", "", seen)
    return [line.strip() for line in ADDRESS.sub("", seen).split("\n") if re.search(r"[A-Za-zÀ-ÖØ-öø-ÿⒶ-ⓩ⟦⟧]", line)]


def addresses(site: Site) -> Iterator[tuple[str, str | None, int]]:
    """(path within the language, who looks, status) of every page and state."""
    catalogue = site.catalogue
    one = by_name(catalogue, "Агора")
    yield from (("", None, 200), ("sources", None, 200), ("login", None, 200), ("filters", None, 200))
    yield from ((f"software{query}", None, 200) for query in ("", "?q=город", "?sort=name&size=2&page=2"))
    yield "software?use_case=petition&country=FR&language=fr&source=реестр&publiccode=yes&kind=software", None, 200
    yield "software?q=ничего", None, 200
    yield "software?q=ничего&license=CC0-1.0", None, 200
    yield "filters?use_case=petition&find=нет", None, 200
    for name in ("Агора", "Голый", "Молчит", "Служба"):
        found = by_name(catalogue, name)
        yield f"software/{found.id}/{found.slug}", None, 200
    yield from (("software?page=99999", None, 400), ("software?sort=up", None, 400), ("nowhere", None, 404))
    yield from (("software/none", None, 404), ("review", "reviewer", 200), ("operations", "operator", 200))
    yield f"review?id={one.id}&done=accept", "reviewer", 200
    yield from ((f"review?id={waits.id}", "reviewer", 200) for waits in catalogue.review.queue(10))
    yield from ((f"operations/runs/{run.id}", "operator", 200) for run in catalogue.runs.recent(None, 50))
    yield from (("operations/runs/99999", "operator", 404), ("operations/runs/x", "operator", 400))
    yield from (("operations", "reviewer", 403), ("operations?queued=yes", "operator", 200))


def test_no_page_shows_a_word_that_is_in_no_catalog(site: Site) -> None:
    visitors = {who: site.visitor(who) for who in (None, *ROLES)}
    found = {}
    walked = 0
    for path, who, status in addresses(site):
        answer = visitors[who].get(f"{site.url}/{PSEUDO}/{path}", allow_redirects=False, timeout=10)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
        assert answer.text.count("⟦") > 5, path
        walked += 1
        if left := untranslated(answer.text):
            found[path] = left
    assert found == {}
    assert walked > 30


def test_forms_that_cannot_be_done_answer_in_the_visitors_language(site: Site) -> None:
    reviewer, nobody = site.visitor("reviewer"), site.visitor()
    waiting = site.catalogue.review.queue(10)[-1]
    forms = [
        (nobody, "login", {"login": "x", "password": "y"}),
        (reviewer, f"review/{waiting.id}/reject", {}),
        (reviewer, f"review/{waiting.id}/accept", {"seen": "99"}),
        (reviewer, f"review/{waiting.id}/accept", {"seen": "many"}),
        (reviewer, f"review/{by_name(site.catalogue, 'Агора').id}/accept", {}),
        (reviewer, "review/undo", {"decision": "7"}),
    ]
    for visitor, path, form in forms:
        answer = visitor.post(f"{site.url}/{PSEUDO}/{path}", data=form, allow_redirects=False, timeout=10)
        assert answer.status_code >= 400, path
        assert (path, untranslated(answer.text)) == (path, [])
    foreign = nobody.post(f"{site.url}/{PSEUDO}/login", headers={"origin": "https://evil.example"}, timeout=10)
    assert (foreign.status_code, untranslated(foreign.text)) == (403, [])
    long = nobody.get(f"{site.url}/{PSEUDO}/software?q={'x' * 9000}", timeout=10)
    assert (long.status_code, untranslated(f"<p>{long.text}</p>")) == (414, [])


def test_a_language_is_offered_wherever_languages_are(site: Site) -> None:
    page = html.fromstring(site.get("/en/sources").text)
    assert page.xpath("//link[@hreflang]/@hreflang") == ["en", PSEUDO, "fr", "x-default"]
    switcher = page.xpath("//header//a[@hreflang]")
    assert [(one.get("href"), one.get("lang"), one.text) for one in switcher] == [
        (f"/{PSEUDO}/sources", PSEUDO, "Ελληνικά"),
        ("/fr/sources", "fr", "Français"),
    ]
    assert f"Disallow: /{PSEUDO}/operations" in site.get("/robots.txt").text
    there = site.visitor().get(site.url, headers={"accept-language": f"{PSEUDO}-GR, en;q=0.5"}, timeout=10)
    assert (there.url, there.headers["content-language"]) == (f"{site.url}/{PSEUDO}/", PSEUDO)


def test_what_went_is_told_in_the_visitors_language(tmp_path: Path) -> None:
    with served(tmp_path, fill=fill, words=write_pseudo(tmp_path / "locale")) as site:
        refused = site.catalogue.review.queue(10)[0]
        site.catalogue.review.decide(refused.id, Operation.REJECT, "reviewer", why="not-civic: нет")
        both = [item("тут", name="Тут"), item("ушло", name="Ушло")]
        harvest(site.catalogue, both, "уход", trusted=True, title="Уход")
        leaves = by_name(site.catalogue, "Ушло")
        for _ in range(2):
            harvest(site.catalogue, both[:1], "уход")
        pages = [
            (f"software/{refused.id}/{refused.slug}", 200),
            (f"review?id={refused.id}", 200),
            (f"software/{leaves.id}/{leaves.slug}", 410),
        ]
        for path, status in pages:
            answer = site.get(f"/{PSEUDO}/{path}", "reviewer")
            assert (path, answer.status_code, untranslated(answer.text)) == (path, status, [])


def test_an_empty_site_is_told_in_the_visitors_language(tmp_path: Path) -> None:
    def people_alone(catalogue: Catalogue) -> None:
        for role in ROLES:
            catalogue.accounts.add(role, HASHES[role], role)

    with served(tmp_path, fill=people_alone, words=write_pseudo(tmp_path / "locale")) as site:
        for path in ("", "software", "sources", "filters", "review", "operations"):
            answer = site.get(f"/{PSEUDO}/{path}", "operator")
            assert (path, answer.status_code, untranslated(answer.text)) == (path, 200, [])


def test_the_check_would_see_a_word_that_is_in_no_catalog(site: Site) -> None:
    page = site.get(f"/{PSEUDO}/sources").text
    assert untranslated(page) == []
    for place in ('<h1 title="Plain">', "<h1>Plain ", "<h1><img alt=Plain>", "<h1>⟦ⓧ⟧ é"):
        assert untranslated(page.replace("<h1>", place, 1)), place


def test_a_third_language_is_one_file_and_says_in_english_what_it_lacks(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "locale")
    header = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    words = 'msgid "sources.title"\nmsgstr "Woher die Daten kommen"\n\nmsgid "nav.sources"\nmsgstr "Quellen"\n'
    (tmp_path / "locale" / "de.po").write_text(header + words, encoding="utf-8")
    with served(tmp_path, words=Catalogs(tmp_path / "locale")) as site:
        page = html.fromstring(site.get("/de/sources").text)
        assert page.get("lang") == "de"
        assert page.xpath("string(//h1)") == "Woher die Daten kommen"
        assert "Sign in" in page.text_content()
        assert page.xpath("//header//a[.='Sign in']/span/@lang") == ["en"]
        assert page.xpath("//h1//@lang") == []
        assert page.xpath("//nav/@aria-label") == ["Main"]
        pages = [site.get(f"/de/{path}", "operator").text for path in ("", "software?q=zzzz", "operations", "review")]
        assert not re.search("[\ue000-\uf8ff]", "".join(pages))
        sentence = "Nothing was found for <strong>zzzz</strong>."
        assert f'<span lang="en">{sentence}</span>' in pages[1]
        assert site.get("/de/software?q=proposals").status_code == 200
        assert Locale("de").territories["FR"] in site.get("/de/software").text
        assert [one.text for one in html.fromstring(site.get("/en/").text).xpath("//header//a[@hreflang]")] == [
            "Deutsch",
            "Français",
        ]
        assert site.get("/it/sources").status_code == 404
