"""How likely a tool is civic or public software, 0 to 1, and why. It orders the review queue; it decides nothing.

The figure is the sum of the reasons' weights, held between 0 and 1. A reason is (weight, Reason), its code
"relevance.CODE"; its argument `value` is words of the source. Reasons stand by weight, then code, then value.

code                 weight   value
publiccode            0.35                                   a publiccode.yml describes it
use-case              0.30    (use_case: its code)           its first use case; each of two more gives 0.05
use-case-said         0.30    the words (and use_case)       the same, where words of its texts say so
organisation          0.25    the organisation's name        a public body, by its words ("City of", "ministère")
account               0.25    the forge's account or group   an account of a known public body
public-host           0.25    the host                       its code or site is on a host of a government
civic-organisation    0.15    the organisation's name        an organisation of the civic field
topic                 0.15    the topic                      a topic of the field ("civic-tech")
words                 0.10    the words                      its descriptions speak of citizens or administrations
used-by               0.10    (n: how many)                  public bodies or others are said to use it
fork                 -0.15                                   a copy of another repository
fork-of              -0.15    what it is based on            the same, where it is said of which
mirror               -0.15                                   follows another repository
mirror-of            -0.15    what it follows                the same, where it is said which
archived             -0.10                                   its owners closed it
template             -0.25    the words                      a template or skeleton, or marked as one on its forge
demo                 -0.20    the words                      a demonstration or a test
dotfiles             -0.50    the words                      somebody's settings
personal-site        -0.40    the words                      somebody's own pages
learning             -0.20    the words                      exercises or lessons

Of organisation, account and public-host only the first found counts: they say the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from harvester.assess.phrases import Phrasebook, load, stems
from harvester.assess.use_cases import infer
from harvester.model import Fields, Reason

Weighed = tuple[float, Reason]

_PENALTIES = {"template": -0.25, "demo": -0.2, "dotfiles": -0.5, "personal-site": -0.4, "learning": -0.2}
# A user's page, as GitHub and GitLab name its repository: "ada.github.io"
_USER_PAGE = re.compile(r"/([^/]+)/\1\.(?:github|gitlab)\.io$")
_DOTFILES = re.compile(r"^\.?(?:dotfiles|dot-files|vimrc|nvim)$", re.IGNORECASE)


@cache
def _table() -> Any:
    return load("civic.json")


@cache
def _book(name: str) -> Phrasebook:
    return Phrasebook((phrase, name) for phrase in _table()[name])


@cache
def _penalty_book() -> Phrasebook:
    return Phrasebook((phrase, code) for code, phrases in _table()["penalties"].items() for phrase in phrases)


@cache
def _topic_stems() -> frozenset[tuple[str, ...]]:
    return frozenset(stems(topic) for topic in _table()["topics"])


def relevance(fields: Fields) -> tuple[float, tuple[Weighed, ...]]:
    """The figure, rounded to hundredths, and its reasons. Pure: the same fields give the same answer on any day."""
    reasons = sorted(_reasons(fields), key=_order)
    return round(min(1.0, max(0.0, sum(weight for weight, _ in reasons))), 2), tuple(reasons)


def _order(weighed: Weighed) -> tuple[float, str, list[str]]:
    weight, reason = weighed
    return -weight, reason.code, [str(value) for value in reason.args.values()]


def _reasons(fields: Fields) -> Iterator[Weighed]:
    if fields.has_publiccode:
        yield 0.35, _because("publiccode")
    yield from _use_cases(fields)
    bodies = list(_public_body(fields))
    yield from bodies
    yield from _field_words(fields)
    if fields.used_by:
        yield 0.1, _because("used-by", n=len(fields.used_by))
    yield from _penalties(fields, personal=not bodies)


def _use_cases(fields: Fields) -> Iterator[Weighed]:
    if not fields.use_cases:
        return
    because = dict(infer(fields.name, fields.short_description, fields.topics))
    for rank, code in enumerate(sorted(fields.use_cases, key=lambda code: (code not in because, code))[:3]):
        weight = 0.05 if rank else 0.3
        if code in because:
            yield weight, _because("use-case-said", use_case=code, value=because[code])
        else:
            yield weight, _because("use-case", use_case=code)


def _public_body(fields: Fields) -> Iterator[Weighed]:
    for organisation in fields.organisations:
        if _first(_book("bodies"), organisation.name):
            yield 0.25, _because("organisation", value=organisation.name)
            return
    account = _account(fields.code_repository)
    if account and account.lower() in _table()["accounts"]:
        yield 0.25, _because("account", value=account)
        return
    uris = [organisation.uri for organisation in fields.organisations]
    for url in (fields.code_repository, fields.landing_url, *uris):
        host = urlsplit(url).hostname or "" if url else ""
        if host.endswith(tuple(_table()["hosts"])):
            yield 0.25, _because("public-host", value=host)
            return
    for organisation in fields.organisations:
        if _first(_book("civic"), organisation.name):
            yield 0.15, _because("civic-organisation", value=organisation.name)
            return


def _account(repository: str | None) -> str | None:
    """The first part of a repository's path: who owns it on its forge."""
    return urlsplit(repository).path.strip("/").partition("/")[0] or None if repository else None


def _field_words(fields: Fields) -> Iterator[Weighed]:
    for topic in fields.topics:
        if stems(topic) in _topic_stems():
            yield 0.15, _because("topic", value=topic)
            break
    for text in (*fields.short_description.values(), *fields.long_description.values()):
        if said := _first(_book("words"), text):
            yield 0.1, _because("words", value=said)
            break


def _penalties(fields: Fields, *, personal: bool) -> Iterator[Weighed]:
    """`personal`: nothing says that a public body or an organisation of the field is behind it."""
    if fields.fork:
        yield -0.15, _copy("fork", fields.is_based_on)
    elif fields.mirror:
        yield -0.15, _copy("mirror", fields.is_based_on)
    if fields.archived:
        yield -0.1, _because("archived")
    for code, said in _shortcomings(fields, personal=personal).items():
        yield _PENALTIES[code], _because(code, value=said)


def _shortcomings(fields: Fields, *, personal: bool) -> dict[str, str]:
    """What speaks against it by its address and its words: code and the words that say so."""
    found: dict[str, str] = {}
    path = urlsplit(fields.code_repository).path.lower() if fields.code_repository else ""
    if personal and (page := _USER_PAGE.search(path)):
        found["personal-site"] = page.group().rpartition("/")[2]
    if fields.name and _DOTFILES.match(fields.name):
        found["dotfiles"] = fields.name
    if not fields.has_publiccode:  # whoever describes it for reuse means it
        for text in (fields.name or "", *fields.short_description.values(), *fields.topics):
            for code, said in _penalty_book().find(text):
                found.setdefault(code, said)
        if fields.template:
            found.setdefault("template", "template")  # the forge says it
    return found


def _because(code: str, /, **args: str | int) -> Reason:
    return Reason.of(f"relevance.{code}", **args)


def _copy(code: str, of: str | None) -> Reason:
    return _because(f"{code}-of", value=of) if of else _because(code)


def _first(book: Phrasebook, text: str) -> str | None:
    return next((said for _, said in book.find(text)), None)
