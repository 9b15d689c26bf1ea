"""Links that operators hand over where no mail is set up: an invitation, or a new password for an account."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue.links import DoorLink
from harvester.config import Settings
from harvester.errors import Conflict, InputError, NotFound
from harvester.web import pages
from harvester.web.accounts import accounts_page
from harvester.web.auth import signed_in
from harvester.web.house import house_of
from harvester.web.identity import Access, Refused, token_hash, visitor_of
from harvester.web.passwords import SHORTEST, check_choice, hash_password, objection
from harvester.web.rooms import Rooms


def new_link(settings: Settings) -> tuple[str, str, datetime]:
    """A new link: its path within the site, its digest, and when it ends (UTC)."""
    token = secrets.token_urlsafe(32)
    ends = datetime.now(UTC) + timedelta(hours=settings.link_hours)
    return f"join/{token}", token_hash(token), ends


def do_link(
    request: Request,
    language: str,
    change: Annotated[str, Form(max_length=20)],
    role: Annotated[str, Form(max_length=20)] = "",
    login: Annotated[str, Form(max_length=200)] = "",
    link: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Make an invitation ("invite") or a reset ("reset"), whose link is shown this once, or end one ("withdraw")."""
    house, actor = house_of(request), visitor_of(request).login
    if change == "withdraw":
        house.catalogue.links.withdraw(link, actor=actor)
        return RedirectResponse(f"/{language}/operations/accounts", 303)
    path, digest, ends = new_link(house.settings)
    if change == "invite":
        house.catalogue.links.invite(digest, role, ends, actor=actor)
    elif change == "reset":
        house.catalogue.links.reset(digest, login, ends, actor=actor)
    else:
        raise NotFound(f"nothing is called {change!r}")
    address = f"{pages.public_url(request)}/{language}/{path}"
    return accounts_page(request, link=address, link_ends=ends, link_for=login if change == "reset" else "")


def _opened(request: Request, token: str) -> DoorLink:
    link = house_of(request).catalogue.links.get(token_hash(token[:100]))
    if link is None:
        raise Refused(410, "link-gone")
    return link


def show_join(request: Request, token: str) -> Response:
    """The page of a link: whoever is invited chooses name and password, whoever lost theirs a password."""
    return _join_page(request, token, _opened(request, token))


def _join_page(
    request: Request, token: str, link: DoorLink, *, status: int = 200, wrong: str = "", login: str = ""
) -> Response:
    answer = pages.render(
        request,
        "join.html",
        status=status,
        token=token,
        link=link,
        wrong=wrong,
        login=login,
        shortest=SHORTEST,
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def do_join(
    request: Request,
    language: str,
    token: str,
    login: Annotated[str, Form(max_length=200)] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Use a link, once, and sign in."""
    links, link = house_of(request).catalogue.links, _opened(request, token)
    name, digest = link.login or login.strip(), token_hash(token)
    if wrong := _objection(link, name, new, again):
        return _join_page(request, token, link, status=400, wrong=wrong, login=login)
    try:
        if link.login is None:
            links.join(digest, name, hash_password(new))
        else:
            links.renew(digest, hash_password(new))
    except Conflict:
        return _join_page(request, token, link, status=409, wrong="taken", login=login)
    except NotFound:  # used meanwhile
        raise Refused(410, "link-gone") from None
    account = house_of(request).catalogue.accounts.get(name)
    assert account is not None  # accounts are never removed
    return signed_in(request, language, account, "")


def _objection(link: DoorLink, login: str, new: str, again: str) -> str:
    if new != again:
        return "again"
    if objection(new, login):
        return "weak"
    if link.login is None:
        try:
            check_choice(login, new)
        except InputError:
            return "login"
    return ""


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.form("/{language}/operations/accounts/links", do_link, access=Access.OPERATOR)
    rooms.page("/{language}/join/{token}", show_join)
    rooms.form("/{language}/join/{token}", do_join, access=Access.ANYONE)
