"""Awesome lists: Markdown whose list items and table rows begin with a link (format "awesome-item").

`entries` cuts a list into its entries (every item and row that holds a link), `read` says what one means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harvester.model import Fields, Issue, RawItem, Reading
from harvester.normalize.draft import (
    Where,
    language_of,
    object_of,
    reading,
    refused,
    said,
    skipped,
)
from harvester.normalize.licenses import licence, spdx
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_page, is_repository_link, is_shared_host, web_address
from harvester.normalize.values import mapping, text, texts

PRIORITY = 30  # a stranger's word on it
_OPEN, _CLOSE, _CODE = "\x01", "\x02", "\x03"  # around the text of links and of code, while an item is read
_LICENSE_CODE = re.compile(r"\S*[\d-]\S*|MIT|ISC|Unlicense|WTFPL|Zlib")  # `Ruby` is a language here, not the licence
_LICENSE_FAMILY = re.compile(r"(?:[AL]?GPL|BSD|MPL|EUPL|EPL|CeCILL|CC-BY)\b.*", re.IGNORECASE)
_LINKS_ALONE = re.compile(rf"[(\[][\s,;|/]*(?:{_OPEN}[^{_CLOSE}]*{_CLOSE}[\s,;|/·]*)+[)\]]")
_HTML_LINK = re.compile(r"<a\b[^<>]*\bhref\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>|]+", re.IGNORECASE)
_DESCRIPTION = re.compile(r"descri|beschreib|descrizione|omschrijving|kuvaus|beskriv", re.IGNORECASE)
_AROUND = " \t\n-–—:|,;·•.*`"


@dataclass(slots=True)
class _Inline:
    """What an item's inline content holds, in order."""

    before: str = ""
    after: str = ""
    described: str | None = None
    links: list[dict[str, Any]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def entries(markdown: str) -> Iterator[dict[str, Any]]:
    """Every list item and table row with a link: {"links": [{"text", "href", "image"}], "before", "after", "codes",
    "headings", "line"}; `headings` are the titles above it, outermost first, below the document's own. A row also has
    the paragraph under the nearest title, "about": some lists give each tool a section with a table."""
    return _Document(_markdown().parse(markdown)).entries()


class _Document:
    """A list's tokens, walked once. What stands above an entry is kept while it is passed."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._headings: dict[int, str] = {}
        self._about = ""
        self._items: list[int] = []  # the lines of the list items that are open
        self._row: _Inline | None = None
        self._row_line, self._column, self._describing = 0, -1, -1

    def entries(self) -> Iterator[dict[str, Any]]:
        for place, token in enumerate(self._tokens):
            if token.type == "inline":
                yield from self._inline(token, before=self._tokens[place - 1].type)
            elif token.type == "heading_open":
                self._heading(int(token.tag[1]), _plain(self._tokens[place + 1]))
            elif token.type == "list_item_open":
                self._items.append(_line(token))
            elif token.type == "list_item_close":
                self._items.pop()
            else:
                yield from self._table(token)

    def _heading(self, level: int, title: str) -> None:
        self._headings = {depth: above for depth, above in self._headings.items() if depth < level} | {level: title}
        self._about = ""

    def _table(self, token: Token) -> Iterator[dict[str, Any]]:
        if token.type == "tr_open":
            self._row, self._row_line, self._column = _Inline(), _line(token), -1
        elif token.type == "thead_open":
            self._describing = -1
        elif token.type in ("th_open", "td_open"):
            self._column += 1
        elif token.type == "tr_close" and self._row is not None:
            if self._row.links:
                yield self._of_table(self._row, self._row_line)
            self._row = None

    def _inline(self, token: Token, *, before: str) -> Iterator[dict[str, Any]]:
        if self._row is not None:
            if before == "th_open" and _DESCRIPTION.match(token.content.strip()):
                self._describing = self._column
            _read_cell(token, self._row, alone=self._column == self._describing)
        elif before == "paragraph_open" and self._items:
            item = _Inline()
            _read_inline(token.children or (), item)
            if item.links:
                yield _entry(item, self._headings, _line(token) if token.map else self._items[-1])
        elif before == "paragraph_open":
            for number, line in enumerate(token.content.split("\n"), _line(token)):
                if (torn := _torn_row(line)) is not None:
                    yield self._of_table(torn, number)
            self._about = self._about or _plain(token)

    def _of_table(self, row: _Inline, line: int) -> dict[str, Any]:
        return _entry(row, self._headings, line) | ({"about": self._about} if self._about else {})


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable("table")


def _plain(token: Token) -> str:
    """A heading's words, without its images and markup."""
    return " ".join(
        "".join(child.content for child in token.children or () if child.type in ("text", "code_inline")).split()
    )


def _torn_row(line: str) -> _Inline | None:
    """A row that a blank line tore from its table, when one of its cells is an address."""
    cells = [cell.strip() for cell in line.split("|")] if line.lstrip().startswith("|") else []
    links = [{"href": cell, "text": "", "image": False, "bare": True} for cell in cells if _ADDRESS.fullmatch(cell)]
    return _Inline(links=links) if links else None


def _read_cell(cell: Token, row: _Inline, *, alone: bool) -> None:
    """Add what a table's cell holds. An address that stands by itself is a link, too; the column of descriptions
    holds all that is said."""
    written = cell.content.strip()
    if _ADDRESS.fullmatch(written):
        row.links.append({"href": written, "text": "", "image": False, "bare": True})
        return
    before = row.after
    _read_inline(cell.children or (), row)
    row.after += " | "
    if alone and _named(row):
        row.described = row.after.removeprefix(before).removesuffix(" | ")


def _read_inline(tokens: Sequence[Token], into: _Inline) -> None:
    """Add what inline tokens hold. A link that shows an image only (a badge) has no text."""
    link: dict[str, Any] | None = None
    for token in tokens:
        if token.type == "link_open":
            link = {"href": str(token.attrGet("href") or ""), "text": "", "image": False}
        elif token.type == "link_close" and link is not None:
            _close(link, into)
            link = None
        elif token.type == "image" or (token.type == "html_inline" and "<img" in token.content.lower()):
            if link is not None:
                link["image"] = True
        elif token.type == "html_inline":
            for href in _HTML_LINK.findall(token.content):
                _close({"href": href, "text": "", "image": False}, into)
        elif token.type == "code_inline":
            into.codes.append(token.content)
            _say(f"{_CODE}{token.content}{_CODE}" if link is None and _named(into) else token.content, link, into)
        elif token.type in ("text", "softbreak", "hardbreak"):
            _say(token.content if token.type == "text" else " ", link, into)


def _say(words: str, link: dict[str, Any] | None, into: _Inline) -> None:
    """Add words to the link that is open, or else before or after the first link with a text."""
    if link is not None:
        link["text"] += words
    elif _named(into):
        into.after += words
    else:
        into.before += words


def _close(link: dict[str, Any], into: _Inline) -> None:
    link["text"] = " ".join(link["text"].split())
    if _named(into) and link["text"]:
        into.after += f"{_OPEN}{link['text']}{_CLOSE}"
    into.links.append(link)


def _without_last_codes(said: str) -> str:
    """The words without the code at their end, which is no part of what they say."""
    pieces = said.split(_CODE)  # of which every second one is code
    kept = len(pieces)
    while kept > 2 and not "".join(pieces[kept - 1].split()).strip(",/"):
        kept -= 2
    return _CODE.join(pieces[:kept])


def _named(item: _Inline) -> bool:
    return any(link["text"] for link in item.links)


def _entry(item: _Inline, headings: Mapping[int, str], line: int) -> dict[str, Any]:
    after = item.after if item.described is None else item.described
    after = _without_last_codes(_LINKS_ALONE.sub("", after))
    for mark in (_OPEN, _CLOSE, _CODE):
        after = after.replace(mark, "")
    return {
        "links": item.links,
        "before": " ".join(item.before.split()),
        "after": " ".join(after.split()).lstrip(_AROUND).rstrip(_AROUND.replace(".", "")),
        "codes": item.codes,
        "headings": [title for level, title in sorted(headings.items()) if level > 1 and title],
        "line": line,
    }


@reads("awesome-item", version=3)
def read(raw: RawItem) -> Reading:
    """One record; a link that is no tool is skipped with the reason. context: {"language"?, "left_out"?: sections}."""
    entry = object_of(raw)
    if isinstance(entry, Reading):
        return entry
    given = entry.get("links")
    links = [mapping(link) for link in given] if isinstance(given, list) else []
    headings = texts(entry.get("headings"))
    left_out = {name.casefold() for name in texts(raw.context.get("left_out"))}
    if not links:
        return refused("no-link", place="links", value=given)
    out = next((title for title in headings if title.strip(_AROUND).casefold() in left_out), None)
    if out is not None:
        return skipped(f"in the section {out!r}, which the source leaves out")
    named = next((link for link in links if text(link.get("text"))), None)
    titled = next((link for link in links if link.get("bare") is True), None) if named is None else None
    if titled is not None and headings:  # a table about the tool that the heading names
        named = {"text": headings[-1], "href": titled.get("href")}
        entry, headings = {**entry, "before": "", "after": entry.get("about")}, headings[:-1]
    why = _no_tool(named, links, text(entry.get("before")) or "")
    if why is not None:
        return skipped(why)
    addresses = [found for link in links if (found := web_address(link.get("href")))]
    repository = next((address for address in addresses if is_repository_link(address)), None)
    website = web_address(named.get("href")) if named else None
    if website and repository is None and (is_shared_host(website) or canonical_page(website) is None):
        return skipped("the link leads to a host that serves many, and to no repository on it")
    codes = [code for code in texts(entry.get("codes")) if _is_licence(code)]
    issues: list[Issue] = []
    stated = licence(codes, issues, place="codes")
    fields = Fields(
        name=text(named.get("text")) if named else None,
        short_description=said(entry.get("after"), language_of(raw)),
        **stated,
        categories=headings,
    )
    where = Where(repository=repository, website=website if website != repository else None, place="links")
    return reading(fields, reader=read.name, where=where, issues=issues, priority=PRIORITY)


def _is_licence(code: str) -> bool:
    """Whether a code among an entry's last is a licence: most are languages."""
    return bool(_LICENSE_CODE.fullmatch(code) and spdx(code)) or bool(_LICENSE_FAMILY.fullmatch(code))


def _no_tool(named: Mapping[str, Any] | None, links: Sequence[Mapping[str, Any]], before: str) -> str | None:
    """Why an entry is no tool, None when it may be one."""
    if named is None:
        return "it holds badges only"
    if re.search(r"[^\W\d_]", before):
        return "it does not begin with a link"
    href = text(named.get("href")) or ""
    if web_address(href):
        return None
    if any(is_repository_link(found) for link in links if (found := web_address(link.get("href")))):
        return None
    if href.startswith("#"):
        return "a link within the page"
    try:
        scheme = urlsplit(href).scheme
    except ValueError:
        scheme = ""
    return f"a link of the scheme {scheme}" if scheme and scheme not in ("http", "https") else "a relative link"
