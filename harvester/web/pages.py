"""Turns a template and what it shows into an answer in the visitor's language."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from harvester.web import identity
from harvester.web.house import house_of
from harvester.words import ENGLISH_MARKS

MARK_START, MARK_END = "\ue000", "\ue001"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harvester.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(static=static)
    environment.filters.update(marked=marked, bare_marks=bare_marks, web=web_address, bare=bare_address)
    return environment


@cache
def static(name: str) -> str:
    """The address of a static file, with the digest of what it holds, so that browsers may keep it."""
    body = resources.files("harvester.web").joinpath("static", name).read_bytes()
    return f"/static/{name}?{hashlib.sha256(body).hexdigest()[:12]}"


def marked(text: str) -> Markup:
    """Text with the words that were found marked; everything else is escaped."""
    safe = str(escape(text)).replace(MARK_START, "<mark>").replace(MARK_END, "</mark>")
    balanced = safe.count("<mark>") == safe.count("</mark>")
    return Markup(safe) if balanced else escape(text.replace(MARK_START, "").replace(MARK_END, ""))


def bare_marks(text: str) -> str:
    """Text without the marks of words that were found."""
    return text.replace(MARK_START, "").replace(MARK_END, "")


_TAGS_AND_TITLE = re.compile(r"(<title>[^<]*</title>|<[^<>]*>)")
_AS_ELEMENT = {ord(ENGLISH_MARKS[0]): '<span lang="en">', ord(ENGLISH_MARKS[1]): "</span>"}
_AS_NOTHING = dict.fromkeys(map(ord, ENGLISH_MARKS))


def english_told(page: str) -> str:
    """The page with its marked words in elements that say that they are English; attributes and title hold none."""
    if ENGLISH_MARKS[0] not in page:
        return page
    parts = _TAGS_AND_TITLE.split(page)
    return "".join(part.translate(_AS_NOTHING if place % 2 else _AS_ELEMENT) for place, part in enumerate(parts))


def web_address(url: object) -> str:
    """The URL when it is http(s), else nothing: harvested links never run scripts."""
    text = str(url or "")
    return text if text.lower().startswith(("https://", "http://")) else ""


def bare_address(url: object) -> str:
    """github.com/ckan/ckan: a URL as people write it."""
    return str(url).partition("://")[2].removeprefix("www.").rstrip("/")


def language_of(request: Request) -> str:
    """The language of this request's page: the URL's, or the browser's where the URL has none."""
    wanted = request.path_params.get("language") or request.url.path.split("/")[1]
    words = house_of(request).words
    return wanted if wanted in words else words.choose(request.headers.get("accept-language", ""))


def here(request: Request) -> str:
    """The address of this request within the site."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def public_url(request: Request) -> str:
    """The address of the site as visitors know it, without a slash at its end."""
    return (house_of(request).settings.public_url or str(request.base_url)).rstrip("/")


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The page. Whoever has signed in gets an answer that no cache keeps."""
    language = language_of(request)
    visitor, house = identity.visitor_of(request), house_of(request)
    formatter = house.formatter(language)
    everywhere = {
        "lang": language,
        "t": formatter.words,
        "f": formatter,
        "visitor": visitor,
        "waiting": house.catalogue.review.waiting() if visitor.role else 0,
        "alternates": [
            (other, _in_language(request, other), house.formatter(other).language(other)) for other in house.words
        ],
        "site": public_url(request),
        "site_name": house.site_name(language),
        "operator": house.settings.operator,
        "themed": house.themed,
        "has_logo": house.settings.logo is not None,
        "path": request.url.path,
        "here": here(request),
    }
    body = english_told(_environment().get_template(template).render(**{**everywhere, **context}))
    headers = {"content-language": language, "vary": "Cookie"}
    if visitor.account is not None:
        headers["cache-control"] = "no-store"
    return HTMLResponse(body, status, headers=headers)


def render_alone(request: Request, template: str, *, status: int, code: str) -> HTMLResponse:
    """A page that needs no part of the house, for when one of them broke."""
    language = language_of(request)
    body = _environment().get_template(template).render(lang=language, code=code, t=house_of(request).words[language])
    return HTMLResponse(body, status, headers={"content-language": language})


def _in_language(request: Request, language: str) -> str:
    parts = here(request).split("/", 2)
    if len(parts) == 3 and parts[1] in house_of(request).words:
        return f"/{language}/{parts[2]}"
    return f"/{language}/"
