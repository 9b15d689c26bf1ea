"""A README as a long description: its paragraphs as plain text, until it comes to installing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harvester.model import Basis, Fields, Identifier, Record
from harvester.normalize.personal import without_mail
from harvester.normalize.values import text as clean

READER = "readme/3"  # of a file that only a repository holds: it is no format of its own
PRIORITY = 10  # where nothing else describes the software
_MOST_READ = 10_000  # characters; what matters stands at the top, and hostile Markdown costs the square of it
_MOST = 2_000
_LONGEST_TITLE = 500
_MOST_BRACKETS = 600  # what opens so many links describes nothing, and costs the parser the square of them
_MARKDOWN = (".md", ".markdown", ".mdown", "")
_ENOUGH = re.compile(
    r"\b(?:install|setup|set up|getting started|quick ?start|requirements|prerequisites|build|usage|develop|contribut"
    r"|licen[sc]e|table of contents|contents|changelog|credits|authors?|contact|support|faq|démarrage|prérequis|licence"
    r"|utilisation|sommaire|contribuer|auteurs?|installazione|requisiti|licenza|utilizzo|indice|autori|contribuire"
    r"|lizenz|voraussetzungen|mitmachen|inhalt|kontakt|instalación|requisitos|licencia|uso|autores|contribuir)"
)
"""In a title of small letters."""
_MARKUP = re.compile(r"<[^<>]{0,2000}>|!\[[^\]]*\]\([^)]*\)|\{\{[^{}]*\}\}|:[a-z0-9_+-]+:(?=\s|$)")
_OF_OTHERS = re.compile(r"^\s*(?:\.\. |:\w[\w -]*:|[=~^*#\"'`+-]{3,}\s*$|image::|include::|:toc|//|#\+|\|)")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable("table")


def record_of(content: str, *, path: str, identifiers: tuple[Identifier, ...]) -> Record | None:
    """A record that holds the long description only, or None when the file says nothing in sentences."""
    said = plain_text(content, path=path)
    if said is None:
        return None
    return Record(
        key=path,
        reader=READER,
        fields=Fields(long_description={"und": said}),
        identifiers=identifiers,
        basis={"long_description": Basis.FORGE},
        priority=PRIORITY,
    )


def plain_text(content: str, *, path: str = "README.md") -> str | None:
    """At most 2,000 characters of the file's paragraphs, one a line, without markup and mail addresses; or None."""
    name = path.rpartition("/")[2]
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    begin = (clean(content[:_MOST_READ]) or "").removeprefix("\ufeff")
    if begin.count("[") > _MOST_BRACKETS:
        return None
    paragraphs = _of_markdown(begin) if ending in _MARKDOWN else _of_others(begin)
    said: list[str] = []
    length = 0
    for paragraph in paragraphs:
        plain = " ".join(_MARKUP.sub(" ", paragraph).split())
        if sum(letter.isalpha() for letter in plain) < max(3, len(plain) // 3):
            continue
        said.append(without_mail(plain))
        length += len(said[-1]) + 1
        if length > _MOST:
            break
    found = "\n".join(said)
    return (found if len(found) <= _MOST else found[: _MOST - 1].rsplit(None, 1)[0] + "…") or None


def _of_markdown(content: str) -> Iterator[str]:
    """Paragraphs and list items before the first heading that leads elsewhere; no headings, code, images or HTML."""
    tokens = _parser().parse(content)
    for place, token in enumerate(tokens):
        if token.type != "inline":
            continue
        opened = tokens[place - 1].type if place else ""
        if opened == "heading_open":
            if _ENOUGH.search(token.content[:_LONGEST_TITLE].lower()):
                return
        elif opened == "paragraph_open":
            yield "".join(_words(token.children or []))


def _words(children: list[Token]) -> Iterator[str]:
    for child in children:
        if child.type in ("text", "code_inline"):
            yield child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield " "


def _of_others(content: str) -> Iterator[str]:
    """Paragraphs of reStructuredText, AsciiDoc and plain text, without their directives and underlines."""
    for block in re.split(r"\n\s*\n", content):
        lines = block.splitlines()
        if len(lines) <= 3 and any(re.fullmatch(r"\s*[=~^*#-]{3,}\s*", line) for line in lines[1:]):
            if _ENOUGH.search(lines[0][:_LONGEST_TITLE].lower()):
                return
            continue
        if heading := re.match(r"=+ (.+)", block.strip()):
            if _ENOUGH.search(heading[1][:_LONGEST_TITLE].lower()):
                return
            lines = lines[1:]
        yield " ".join(line for line in lines if not _OF_OTHERS.match(line))
