"""A page is read in the charset that a browser reads it in."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from spiders.html import soup_of

SAID = "Straße – école, “mairie” €"


@pytest.mark.parametrize(
    ("charset", "kind", "head"),
    [
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html; charset=UTF-8", ""),
        ("cp1252", "text/html", ""),
        ("cp1252", "text/html; charset=iso-8859-1", ""),  # which browsers read as Windows' letters
        ("cp1252", 'text/html; charset="latin1"', ""),
        ("cp1252", "text/html; charset=us-ascii", ""),
        ("cp1252", "text/html", '<meta charset="iso-8859-1">'),
        ("utf-8", "text/html", '<meta charset="utf-8">'),
        ("iso-8859-15", "text/html;charset=ISO-8859-15", ""),
        ("utf-8-sig", "text/html; charset=iso-8859-1", ""),  # the mark goes before the header
        ("utf-16", "text/html", ""),
        ("utf-8", "text/html; charset=unknown-8bit", ""),
    ],
)
def test_words_are_those_that_a_browser_shows(charset: str, kind: str, head: str) -> None:
    said = "Straße école €" if charset == "iso-8859-15" else SAID
    body = f"<html><head>{head}</head><body><p>{said}</p></body></html>".encode(charset)
    page = soup_of(HtmlResponse("https://town.example/", body=body, headers={"Content-Type": kind}))
    assert page.p is not None
    assert page.p.get_text() == said


@pytest.mark.parametrize(
    ("charset", "said"),
    [("shift_jis", "市役所"), ("gb2312", "政府"), ("big5", "市政府"), ("windows-1251", "город"), ("koi8-r", "город")],
)
@pytest.mark.parametrize("by_header", [True, False])
def test_charsets_of_other_scripts(charset: str, said: str, *, by_header: bool) -> None:
    head = "" if by_header else f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    body = f"<html><head>{head}</head><body><p>{said}</p></body></html>".encode(charset)
    kind = f"text/html; charset={charset}" if by_header else "text/html"
    page = soup_of(HtmlResponse("https://town.example/", body=body, headers={"Content-Type": kind}))
    assert page.p is not None
    assert page.p.get_text() == said
