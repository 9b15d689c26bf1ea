"""Signing in and out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from harvester.catalogue.people import SESSION_AGE, SESSION_IDLE, Account
from harvester.config import Settings
from harvester.web import pages
from harvester.web.house import house_of
from harvester.web.identity import Access, cookie_name, session_of, token_hash
from harvester.web.rooms import Rooms
from harvester.web.security import storable
from harvester.web.turns import turn_of

_log = logging.getLogger("harvester.security")
_DEVICE_AGE = timedelta(days=180)
_DEVICE_COOKIE = "device"
_PROVEN_AGE = timedelta(minutes=5)
_PROVEN_COOKIE = "proven"
_BUSY_S = 5
"""After which a password may be tried again when too many are being checked."""


def safe_next(address: str, *, default: str) -> str:
    """An address within this site, or the default: nobody is sent elsewhere after signing in."""
    try:
        parts = urlsplit(address)
    except ValueError:  # "//["
        return default
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if plain and not parts.netloc and not parts.scheme and address.isprintable() else default


def show_login(request: Request, next: str = "") -> Response:
    """The sign-in page."""
    return _login_page(request, going_to=next)


def _login_page(request: Request, *, going_to: str, status: int = 200, **said: object) -> Response:
    page: dict[str, object] = {
        "going_to": safe_next(going_to, default=""),
        "wrong": False,
        "wait_s": 0,
        "login": "",
        "failed": "",
        "late": False,
    }
    page["provider"] = provider_name(house_of(request).settings)
    return pages.render(request, "login.html", status=status, **{**page, **said})


def provider_name(settings: Settings) -> str:
    """What the provider of identities is called; "" where there is none."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return ""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""


def ask_again(request: Request, going_to: str) -> Response:
    """The sign-in page for whoever sent a code too long after the password."""
    return _login_page(request, going_to=going_to, status=403, late=True)


def login_failed(request: Request, failed: str, *, status: int) -> Response:
    """The sign-in page, with why the provider's answer let nobody in."""
    return _login_page(request, going_to="", status=status, failed=failed)


async def do_login(
    request: Request,
    language: str,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Sign in: a session with a new token each time, whose hash alone is stored.

    The password is checked in a thread of its own: whoever waits for that holds up no other visitor.
    """
    house, address = house_of(request), request.client.host if request.client else "unknown"
    account = await run_in_threadpool(house.catalogue.accounts.get, login)
    device = device_of(request, account)
    tried = (account.login if account else login, address, device)
    again = partial(_login_page, request, going_to=next, login=login)
    # what was typed as a login may be a password: the log names accounts that exist, and nothing of who is not known
    named = f"account {account.login!r}" if account else "an account that there is not"
    if wait_s := house.throttle.reserve(*tried):
        _log.warning("sign-in throttled: %s", named)
        return await run_in_threadpool(_wait, again, wait_s)
    stored = account.password_hash if account and account.active else None
    async with turn_of(request.scope).let_others():
        right = await house.checks.right(password, stored, known=device is not None)
    if right is None:
        house.throttle.forgive(*tried)
        return await run_in_threadpool(_wait, again, _BUSY_S)
    if account is None or not right:
        _log.warning("sign-in refused: %s", named)
        return await run_in_threadpool(partial(again, status=403, wrong=True))
    house.throttle.forgive(*tried)
    return await run_in_threadpool(known_by_one, request, language, account, next)


def _wait(again: Callable[..., Response], wait_s: int) -> Response:
    answer = again(status=429, wait_s=wait_s)
    answer.headers["retry-after"] = str(wait_s)
    return answer


async def password_right(request: Request, account: Account, password: str) -> tuple[bool, int]:
    """Whether it is the password of who is signed in, and where that is not checked now the seconds until it may be.

    It is guessed no oftener than where people sign in: it is the same count.
    """
    if not account.has_password:
        return True, 0  # the session is what its owner can show: the provider was asked as it began
    house, device = house_of(request), device_of(request, account)
    tried = (account.login, request.client.host if request.client else "unknown", device)
    if wait_s := house.throttle.reserve(*tried):
        return False, wait_s
    async with turn_of(request.scope).let_others():
        right = await house.checks.right(password, account.password_hash, known=device is not None)
    if right is not False:
        house.throttle.forgive(*tried)
    return right is True, 0 if right is not None else _BUSY_S


def known_by_one(request: Request, language: str, account: Account, going_to: str) -> Response:
    """Sign in somebody who proved who they are; where they have a second factor, its code is asked for first."""
    factor = house_of(request).catalogue.factors.of(account.login)
    if factor is None or not factor.on:
        _log.info("signed in: account %r", account.login)
        return signed_in(request, language, account, going_to)
    secure = house_of(request).settings.secure
    answer = RedirectResponse(f"/{language}/login/code?{urlencode({'next': safe_next(going_to, default='')})}", 303)
    age = int(_PROVEN_AGE.total_seconds())
    name, value = cookie_name(_PROVEN_COOKIE, secure=secure), _proven(account, int(time.time()) + age)
    answer.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", secure=secure)
    return answer


def _proven(account: Account, until: int) -> str:
    """A cookie by which a browser shows until a moment (seconds since 1970) that the account's password was right."""
    told = f"code {account.login} {until}".encode()
    mark = hmac.new(account.password_hash.encode(), told, hashlib.sha256).hexdigest()
    return f"{base64.urlsafe_b64encode(account.login.encode()).decode()}.{until}.{mark}"


def proven_of(request: Request) -> Account | None:
    """The account of which this browser showed the password a moment ago, and may still give a code."""
    house = house_of(request)
    shown = request.cookies.get(cookie_name(_PROVEN_COOKIE, secure=house.settings.secure), "")
    login, _, rest = shown.partition(".")
    until = rest.partition(".")[0]
    if not until.isdecimal() or len(until) > 12 or int(until) < time.time():
        return None
    try:
        named = base64.urlsafe_b64decode(login.encode()).decode()
    except ValueError:
        return None
    account = house.catalogue.accounts.get(named) if storable(named) else None
    if account is None or not account.active:
        return None
    return account if hmac.compare_digest(shown.encode(), _proven(account, int(until)).encode()) else None


def signed_in(request: Request, language: str, account: Account, going_to: str) -> Response:
    """Begin a session with a new token, end the one that this browser had, and lead on."""
    house, token = house_of(request), secrets.token_urlsafe(32)
    _end_session(request)
    house.catalogue.accounts.open_session(account.login, token_hash(token), datetime.now(UTC) + SESSION_IDLE)
    start = {"operator": f"/{language}/operations", "reviewer": f"/{language}/review"}.get(
        account.role, f"/{language}/"
    )
    answer = RedirectResponse(safe_next(going_to, default=start), 303)
    secure = house.settings.secure
    for name, value, age in (("session", token, SESSION_AGE), (_DEVICE_COOKIE, _known(account), _DEVICE_AGE)):
        answer.set_cookie(
            cookie_name(name, secure=secure),
            value,
            max_age=int(age.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=secure,
        )
    if (proven := cookie_name(_PROVEN_COOKIE, secure=secure)) in request.cookies:
        answer.delete_cookie(proven, secure=secure, httponly=True, samesite="lax")
    return answer


def _known(account: Account) -> str:
    """A cookie by which a browser shows that it signed in to this account, until the account has a new password.

    Only who knows the stored hash can make one, so nothing more is kept of it.
    """
    number = secrets.token_urlsafe(12)
    return f"{number}.{_mark(account, number)}"


def _mark(account: Account, number: str) -> str:
    told = f"device {account.login} {number}".encode()
    return hmac.new(account.password_hash.encode(), told, hashlib.sha256).hexdigest()


def device_of(request: Request, account: Account | None) -> str | None:
    """The number of this browser, where it signed in to the account before."""
    number, _, mark = request.cookies.get(
        cookie_name(_DEVICE_COOKIE, secure=house_of(request).settings.secure), ""
    ).partition(".")
    known = account is not None and hmac.compare_digest(mark.encode(), _mark(account, number).encode())
    return number if known else None


def do_logout(request: Request, language: str) -> Response:
    """Sign out; the session ends at once."""
    _end_session(request)
    answer = RedirectResponse(f"/{language}/", 303)
    secure = house_of(request).settings.secure
    answer.delete_cookie(cookie_name("session", secure=secure), secure=secure, httponly=True, samesite="lax")
    return answer


def _end_session(request: Request) -> None:
    token = session_of(request)
    if token:
        house_of(request).catalogue.accounts.close_session(token_hash(token))


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/login", show_login)
    rooms.form("/{language}/login", do_login, access=Access.ANYONE)
    rooms.form("/{language}/logout", do_logout, access=Access.ANYONE)
