"""Simulated web sites of public bodies: plain pages that list tools with links, and their robots.txt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from simulators.exchange import Ask, revalidated

ROBOTS = "User-agent: *\nDisallow: /private/\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a page: a tool's name, where it links to, the words after it, and the country that it is of.

    `links` are further links, as (text, address): a service's page, the source code.
    """

    name: str
    url: str
    words: str = ""
    place: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """A page that lists tools under headings. `language` is BCP 47."""

    title: str
    publisher: str
    language: str = "en"
    sections: Mapping[str, Sequence[Listed]] = field(default_factory=dict)


class WebSite:
    """A site: pages by path. `robots` is its robots.txt; `robots_status` other than 200 is served instead of it."""

    def __init__(self, pages: Mapping[str, SitePage], *, robots: str = ROBOTS, robots_status: int = 200) -> None:
        self._pages = dict(pages)
        self._robots = robots
        self._robots_status = robots_status

    def answer(self, ask: Ask) -> Response:
        """A page, robots.txt, or 404."""
        if ask.path == "/robots.txt":
            ask.operation = "GET /robots.txt"
            return PlainTextResponse(self._robots if self._robots_status == 200 else "", self._robots_status)
        page = self._pages.get(ask.path)
        ask.operation = "GET page"
        ask.unit = ask.path
        if page is None:
            return HTMLResponse("<!doctype html><title>Not found</title><h1>Not found</h1>", 404)
        return revalidated(ask, HTMLResponse(rendered(page)))


def rendered(page: SitePage) -> str:
    """The page as HTML, with what stands around a list on a real one: navigation, footer, social links."""
    sections = "\n".join(_section(title, entries) for title, entries in page.sections.items())
    home, legal = ("Accueil", "Mentions légales") if page.language == "fr" else ("Home", "Legal notice")
    return f"""<!doctype html>
<html lang="{escape(page.language)}">
<head><meta charset="utf-8"><title>{escape(page.title)} – {escape(page.publisher)}</title>
<meta name="author" content="{escape(page.publisher)}"></head>
<body>
<nav><a href="/">{home}</a> <a href="https://github.com/">GitHub</a></nav>
<main>
<h1>{escape(page.title)}</h1>
{sections}
</main>
<footer><a href="/legal">{legal}</a> <a href="https://github.com/features">GitHub features</a>
<a href="mailto:contact@example.org">@</a></footer>
</body>
</html>
"""


def _section(title: str, entries: Sequence[Listed]) -> str:
    return f"<h2>{escape(title)}</h2>\n<ul>\n" + "\n".join(_entry(entry) for entry in entries) + "\n</ul>"


def _entry(entry: Listed) -> str:
    further = "".join(f' (<a href="{escape(url)}">{escape(text)}</a>)' for text, url in entry.links)
    words = f': <span class="words">{escape(entry.words)}</span>' if entry.words else ""
    place = f' <span class="place">{escape(entry.place)}</span>' if entry.place else ""
    return f'<li><a href="{escape(entry.url)}">{escape(entry.name)}</a>{words}{place}{further}</li>'
