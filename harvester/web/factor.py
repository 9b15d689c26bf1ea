"""The second factor: set up and taken off on one's own page, and its code, asked for after the password."""

from __future__ import annotations

import logging
import secrets
import time
from base64 import b32encode
from typing import Annotated

import pyotp
import segno
from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from harvester.catalogue.people import Account, session_id
from harvester.errors import Conflict, NotFound
from harvester.web import pages
from harvester.web.auth import ask_again, device_of, password_right, proven_of, safe_next, show_login, signed_in
from harvester.web.house import House, house_of
from harvester.web.identity import Access, token_hash, visitor_of
from harvester.web.rooms import FACTOR, Rooms

CODES = 10
"""Recovery codes that an account gets at once."""
CHANGES = ("begin", "confirm", "codes", "off")
"""What a button of one's own page does."""
_STEP_S = 30
_RANDOM_BYTES = 15  # of a recovery code: 24 letters, as many as no list of digests is searched for
_log = logging.getLogger("harvester.security")


def step_of(secret: str, code: str, at: float) -> int | None:
    """Which thirty seconds since 1970 a code is of: those of `at`, or the ones before or after; None: of none.

    One before and one after, since clocks differ and people type.
    """
    made, now = pyotp.TOTP(secret), int(at) // _STEP_S
    steps = (now, now - 1, now + 1)
    return next((one for one in steps if secrets.compare_digest(made.generate_otp(one).encode(), code.encode())), None)


def recovery_codes() -> list[str]:
    """New recovery codes, as people write them down: four groups of six letters and digits."""
    made = (b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode().lower() for _ in range(CODES))
    return ["-".join(one[at : at + 6] for at in range(0, 24, 6)) for one in made]


def _plain(code: str) -> str:
    """What was typed, without the spaces and dashes that people put between groups."""
    return "".join(sign for sign in code[:100].lower() if sign.isascii() and sign.isalnum())


def _digest(code: str) -> str:
    return token_hash(_plain(code))


def _takes(house: House, account: Account, typed: str) -> str:
    """How a code lets its owner in: "code" or "recovery code"; "" where it does not. Either does so once."""
    factor, code = house.catalogue.factors.of(account.login), _plain(typed)
    if factor is None or not factor.on:
        return ""
    step = step_of(factor.secret, code, time.time())
    if step is not None:
        return "code" if house.catalogue.factors.use_step(account.login, step) else ""
    return "recovery code" if house.catalogue.factors.use_code(account.login, _digest(code)) else ""


def show_code(request: Request, next: str = "") -> Response:
    """The page that asks for a code after the password, or for that where it was not given a moment ago."""
    if proven_of(request) is None:
        return show_login(request, next)
    return _code_page(request, going_to=next)


def _code_page(request: Request, *, going_to: str, status: int = 200, wrong: bool = False, wait_s: int = 0) -> Response:
    going_to = safe_next(going_to, default="")
    answer = pages.render(request, "login_code.html", status=status, going_to=going_to, wrong=wrong, wait_s=wait_s)
    answer.headers["cache-control"] = "no-store"
    if wait_s:
        answer.headers["retry-after"] = str(wait_s)
    return answer


def do_code(
    request: Request,
    language: str,
    code: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Sign in with the code of a second factor, or with a recovery code."""
    house, account = house_of(request), proven_of(request)
    if account is None:  # five minutes went by
        return ask_again(request, next)
    device = device_of(request, account)
    if wait_s := house.throttle.reserve_code(account.login, device):
        _log.warning("code throttled: account %r", account.login)
        return _code_page(request, going_to=next, status=429, wait_s=wait_s)
    if not (how := _takes(house, account, code)):
        _log.warning("code refused: account %r", account.login)
        return _code_page(request, going_to=next, status=403, wrong=True)
    house.throttle.forgive_code(account.login, device)
    _log.info("signed in with a %s: account %r", how, account.login)
    return signed_in(request, language, account, next)


def show_factor(request: Request, done: str = "") -> Response:
    """One's own second factor: how to set it up, or that it is on."""
    return _page(request, done=done == "off")


def _page(request: Request, *, status: int = 200, wait_s: int = 0, **said: object) -> Response:
    house, visitor = house_of(request), visitor_of(request)
    assert visitor.account is not None  # the route asks for one
    factor = house.catalogue.factors.of(visitor.login)
    shown = {"factor": factor, "qr": "", "key": "", "codes": (), "wrong": "", "done": False, "wait_s": wait_s}
    if factor is not None and not factor.on:
        named = pyotp.TOTP(factor.secret).provisioning_uri(name=visitor.login, issuer_name=house.site_name("en"))
        shown["qr"] = segno.make(named, micro=False).svg_data_uri(scale=4, light="#fff")
        shown["key"] = " ".join(factor.secret[at : at + 4] for at in range(0, len(factor.secret), 4))
    answer = pages.render(
        request,
        "account_factor.html",
        status=status,
        **{**shown, "role": visitor.account.role, "bare": visitor.bare, **said},
    )
    if wait_s:
        answer.headers["retry-after"] = str(wait_s)
    return answer


async def do_factor(
    request: Request,
    language: str,
    change: Annotated[str, Form(max_length=20)],
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Do what a button says: see CHANGES. The password is asked for, but where a code is."""
    account = await run_in_threadpool(lambda: visitor_of(request).account)
    assert account is not None  # the route asks for one
    if change not in CHANGES:
        raise NotFound(f"nothing is called {change!r}")
    if change == "confirm":
        return await run_in_threadpool(_confirm, request, account, code)
    right, wait_s = await password_right(request, account, password)
    if not right:
        said = {"status": 429, "wait_s": wait_s} if wait_s else {"status": 403, "wrong": "password"}
        return await run_in_threadpool(lambda: _page(request, **said))
    return await run_in_threadpool(_change, request, language, account, change)


def _confirm(request: Request, account: Account, code: str) -> Response:
    """Turn it on by a code of the key that was shown, and show the recovery codes, this once."""
    house, visitor = house_of(request), visitor_of(request)
    factor = house.catalogue.factors.of(account.login)
    if factor is None or factor.on:
        raise Conflict(f"{account.login!r} sets no second factor up", remedy="open the page again")
    if wait_s := house.throttle.reserve_code(account.login, visitor.session):
        return _page(request, status=429, wait_s=wait_s)
    step = step_of(factor.secret, _plain(code), time.time())
    codes = recovery_codes()
    mine = session_id(visitor.session or "")
    if step is None or not house.catalogue.factors.turn_on(
        account.login, factor.secret, step, [_digest(one) for one in codes], but=mine
    ):
        return _page(request, status=403, wrong="code")
    house.throttle.forgive_code(account.login, visitor.session)
    return _page(request, codes=codes, bare=False)


def _change(request: Request, language: str, account: Account, change: str) -> Response:
    factors, visitor = house_of(request).catalogue.factors, visitor_of(request)
    if change == "begin":
        factors.begin(account.login, pyotp.random_base32())
    elif change == "off":
        factors.take_off(account.login, actor=account.login, but=session_id(visitor.session or ""))
        return RedirectResponse(f"/{language}/review/account/factor?done=off", 303)
    else:
        factor = factors.of(account.login)
        if factor is None or not factor.on:
            raise Conflict(f"{account.login!r} has no second factor", remedy="set one up first")
        codes = recovery_codes()
        factors.new_codes(account.login, [_digest(one) for one in codes])
        return _page(request, codes=codes)
    return RedirectResponse(f"/{language}/review/account/factor", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/login/code", show_code)
    rooms.form("/{language}/login/code", do_code, access=Access.ANYONE)
    rooms.page(FACTOR, show_factor, access=Access.REVIEWER)
    rooms.form(FACTOR, do_factor, access=Access.REVIEWER)
