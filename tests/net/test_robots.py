"""robots.txt is obeyed as RFC 9309 says, also where it cannot be had."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path

import pytest
from published_robots import PUBLISHED

from harvester.net.robots import MOST_BYTES, Robots, normalized, robots_url

AGENT = "CivicHarvester/1 (+https://contact.example)"


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        *((status, True) for status in (200, 204, 301, 400, 401, 403, 404, 410)),
        *((status, False) for status in (429, 500, 502, 503, 599)),
    ],
)
def test_an_answer_without_rules_allows_or_forbids_everything(status: int, allowed: bool) -> None:
    assert Robots.answered(status, b"").allows("http://site.example/page", AGENT) is allowed


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /private/", "/private/x", False),
        ("User-agent: *\nDisallow: /private/", "/public", True),
        ("User-agent: civicharvester\nDisallow: /\n\nUser-agent: *\nAllow: /", "/", False),
        ("User-agent: other\nDisallow: /", "/", True),
        ("User-agent: *\nDisallow: /\nAllow: /list", "/list", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/", False),
        ("User-agent: *\rDisallow: /", "/", False),
        ("User-agent: *\r\nDisallow: /", "/", False),
        ("User-agent *\nDisallow /", "/", False),
        ("useragent: *\ndissallow: /", "/", False),
        ("user agent: *\ndisalow: /", "/", False),
        ("User-agent: *  # all\nDisallow: /x # this", "/x", False),
        ("User-agent: *\nDisallow:", "/", True),
        ("<html><body>Not found</body></html>", "/", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
    ],
)
def test_rules_are_read_as_search_engines_read_them(text: str, path: str, allowed: bool) -> None:
    assert Robots.answered(200, text.encode()).allows(f"http://site.example{path}", AGENT) is allowed


EXPECTED = [
    (name, rules, agent, path, allowed)
    for name, rules, agents in PUBLISHED
    for agent, answers in agents.items()
    for allowed, paths in zip((True, False), answers, strict=True)
    for path in paths.split()
]
OTHERWISE = [
    ("UpToFirstSpace", "Foo Bar", "/x/y"),  # we never ask under a name of two words
    ("Encoding", "Ant", "/a/b/ツ"),
    ("Encoding", "Ant", "/a/b/ツ"),
    ("Encoding", "Ant", "/a/b/baz"),  # RFC 9309, 2.2.2: an encoded letter is the letter
]
"""Where we read otherwise than is published: Protego decodes both sides before it compares them."""


def test_rules_are_read_as_is_published_but_for_four_named_cases() -> None:
    wrong = []
    for name, rules, agent, path, allowed in EXPECTED:
        robots = Robots.answered(200, rules.replace(";", "\n").encode())
        if robots.allows("" if path == "-" else f"http://site.example{path}", agent) is not allowed:
            wrong.append((name, agent, path))
    assert len(EXPECTED) == 145
    assert wrong == OTHERWISE


def test_a_line_of_blanks_costs_what_its_length_costs() -> None:
    """25 KB of blanks took seconds: time is counted by the processor, and with much to spare."""
    began = time.process_time()
    for line in ("allow: a{}b", "allow{}b", "{}allow: a", "user agent{}", "sitemap:{}x"):
        normalized(line.format(" " * 400_000).encode())
        normalized("\n".join([line.format(" " * 16_000)] * 30).encode())
    assert time.process_time() - began < 5


def test_only_the_first_500_kib_are_read() -> None:
    padding = b"# " + b"x" * (MOST_BYTES - 3) + b"\n"
    early = b"User-agent: *\nDisallow: /early\n"
    robots = Robots.answered(200, early + padding + b"User-agent: *\nDisallow: /late\n")
    assert not robots.allows("http://site.example/early", AGENT)
    assert robots.allows("http://site.example/late", AGENT)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"\x00" * 1000, b"User-agent" * 10000, b":\n" * 10000, "é".encode("latin-1")]
)
def test_nothing_makes_the_reader_raise(body: bytes) -> None:
    assert Robots.answered(200, body).allows("http://site.example/", AGENT)
    assert isinstance(normalized(body), str)


@pytest.mark.corpus
def test_recorded_files_raise_nothing_and_only_rules_forbid(corpus: Path) -> None:
    """Whoever has no rule at all for anybody allows everything."""
    with tarfile.open(corpus / "robots" / "protego.tar.xz") as archive:
        bodies = [archive.extractfile(member).read() for member in archive if member.isfile()]  # type: ignore[union-attr]
    assert len(bodies) >= 2000
    for body in bodies:
        robots = Robots.answered(200, body)
        allowed = robots.allows("http://site.example/some/page?query=1", AGENT)
        assert allowed or b"allow" in body.lower() or b"disa" in body.lower()
        delay = robots.delay_s(AGENT)
        assert delay is None or 0 <= delay <= 60


def test_a_crawl_delay_is_honoured_up_to_a_minute() -> None:
    assert Robots.answered(200, b"User-agent: *\nCrawl-delay: 5").delay_s(AGENT) == 5
    assert Robots.answered(200, b"User-agent: *\nCrawl-delay: 99999").delay_s(AGENT) == 60
    assert Robots.answered(200, b"User-agent: *\nCrawl-delay: soon").delay_s(AGENT) is None


def test_each_host_has_its_own() -> None:
    assert robots_url("https://user:word@site.example:8443/a/b?c") == "https://site.example:8443/robots.txt"


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ((200, {}, b"User-agent: *\nDisallow: /private"), ["/robots.txt", "/page"]),
        ((404, {}, b""), ["/robots.txt", "/page", "/private"]),
        ((403, {}, b""), ["/robots.txt", "/page", "/private"]),
        ((429, {"Retry-After": "900"}, b""), ["/robots.txt"]),
        ((500, {}, b""), ["/robots.txt"] * 3),
        ((503, {}, b""), ["/robots.txt"] * 3),
        (lambda _: (time.sleep(1.5), None)[1], None),
        (lambda _: None, None),
    ],
    ids=["rules", "404", "403", "429", "500", "503", "timeout", "reset"],
)
def test_scrapy_asks_no_page_that_is_not_allowed(serve, crawl, answer, asked) -> None:
    site = serve({"/robots.txt": answer, "*": (200, {}, b"page")})
    limits = {"back_off_s": 0.01, "spacing_s": 0.01, "answer_s": 0.5}
    urls = [site.url("/page"), site.url("/private")]
    result = crawl({"net": {"allow": ["127.0.0.1"], "limits": limits}, "urls": urls})
    assert sorted(site.paths()) == sorted(asked) if asked is not None else set(site.paths()) == {"/robots.txt"}
    assert len(result["seen"]) + len(result["failed"]) == 2


@pytest.mark.parametrize(("redirects", "why"), [(5, "robots.txt forbids it"), (6, "its robots.txt could not be had")])
def test_redirects_of_robots_are_followed_five_times(serve, crawl, redirects: int, why: str) -> None:
    rules = (200, {}, b"User-agent: *\nDisallow: /")
    site = serve({f"/r{number}": (302, {"Location": f"/r{number + 1}"}, b"") for number in range(1, redirects)})
    site.answers |= {"/robots.txt": (302, {"Location": "/r1"}, b""), f"/r{redirects}": rules, "/page": (200, {}, b"")}
    limits = {"spacing_s": 0.01}
    result = crawl({"net": {"allow": ["127.0.0.1"], "limits": limits}, "urls": [site.url("/page")]})
    assert "/page" not in site.paths()
    assert why in result["failed"][0]["reason"]
