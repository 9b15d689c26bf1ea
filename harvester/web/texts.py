"""Texts of the catalogue for a page: the right language, and long ones from Markdown to safe HTML."""

from __future__ import annotations

from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from harvester.model import LangMap

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "blockquote", "br"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its BCP 47 tag; None where nobody said which language it is."""

    html: str | Markup
    lang: str | None

    def __bool__(self) -> bool:
        return bool(self.html)


def best(texts: LangMap, language: str) -> Text:
    """The text in the page's language, else in English or French, else any; empty when there is none."""
    for wanted in (language, "en", "fr"):
        for tag, text in texts.items():
            if tag.partition("-")[0].lower() == wanted:
                return Text(text, tag)
    for tag, text in texts.items():
        return Text(text, None if tag == "und" else tag)
    return Text("", None)


def rich(text: Text) -> Text:
    """A long text's Markdown as HTML of few tags, its links told apart from ours; nothing of it can run."""
    html = nh3.clean(
        _MARKDOWN.render(str(text.html)),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="nofollow noopener",
    )
    return Text(Markup(html), text.lang)
