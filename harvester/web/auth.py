"""Signing in and out."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from harvester.web import pages, passwords
from harvester.web.house import house_of
from harvester.web.identity import SESSION_COOKIE, Access, token_hash
from harvester.web.rooms import Rooms

SESSION_AGE = timedelta(hours=12)


def safe_next(address: str, *, default: str) -> str:
    """An address within this site, or the default: nobody is sent elsewhere after signing in."""
    parts = urlsplit(address)
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if plain and not parts.netloc and not parts.scheme and address.isprintable() else default


def show_login(request: Request, next: str = "") -> Response:
    """The sign-in page."""
    return _login_page(request, going_to=next)


def _login_page(request: Request, *, going_to: str, status: int = 200, **said: object) -> Response:
    page = {"going_to": safe_next(going_to, default=""), "wrong": False, "wait_s": 0, "login": ""}
    return pages.render(request, "login.html", status=status, **{**page, **said})


def do_login(
    request: Request,
    language: str,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Sign in: a session with a new token each time, whose hash alone is stored."""
    house, address = house_of(request), request.client.host if request.client else "unknown"
    wait_s = house.throttle.wait_s(login, address)
    if wait_s:
        answer = _login_page(request, going_to=next, status=429, wait_s=wait_s, login=login)
        answer.headers["retry-after"] = str(wait_s)
        return answer
    account = house.catalogue.accounts.get(login)
    right = passwords.right(password, account.password_hash if account and account.active else None)
    if account is None or not right:
        house.throttle.failed(login, address)
        return _login_page(request, going_to=next, status=403, wrong=True, login=login)
    _end_session(request)
    token = secrets.token_urlsafe(32)
    house.catalogue.accounts.open_session(account.login, token_hash(token), datetime.now(UTC) + SESSION_AGE)
    start = f"/{language}/operations" if account.role == "operator" else f"/{language}/review"
    answer = RedirectResponse(safe_next(next, default=start), 303)
    secure, age_s = house.settings.secure_cookies, int(SESSION_AGE.total_seconds())
    answer.set_cookie(SESSION_COOKIE, token, max_age=age_s, httponly=True, samesite="lax", secure=secure)
    return answer


def do_logout(request: Request, language: str) -> Response:
    """Sign out; the session ends at once."""
    _end_session(request)
    answer = RedirectResponse(f"/{language}/", 303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _end_session(request: Request) -> None:
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        house_of(request).catalogue.accounts.close_session(token_hash(token))


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/login", show_login)
    rooms.form("/{language}/login", do_login, access=Access.ANYONE)
    rooms.form("/{language}/logout", do_logout, access=Access.ANYONE)
