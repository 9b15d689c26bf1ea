"""One's own tokens for programs: made, shown once, listed with their last use, ended."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from harvester.catalogue.people import Account
from harvester.catalogue.tokens import LONGEST_DAYS, LONGEST_NAME, SCOPES
from harvester.errors import CatalogueError, CatalogueUnavailable
from harvester.web import pages
from harvester.web.auth import password_right
from harvester.web.house import house_of
from harvester.web.identity import TOKEN_SIGN, Access, token_hash, visitor_of
from harvester.web.rooms import Rooms

_DAYS = (30, 90, 366)


def show_tokens(request: Request) -> Response:
    """One's own tokens."""
    return _page(request)


def _page(request: Request, *, status: int = 200, wait_s: int = 0, **said: object) -> Response:
    visitor, tokens = visitor_of(request), house_of(request).catalogue.tokens
    scopes = SCOPES if visitor.role == "operator" else [scope for scope in SCOPES if scope != "operate"]
    shown = {"token": "", "wrong": "", "name": "", "chosen": ("read",), "wait_s": wait_s, **said}
    shown |= {"tokens": tokens.all(visitor.login), "scopes": scopes, "spans": _DAYS, "longest": LONGEST_NAME}
    answer = pages.render(request, "account_tokens.html", status=status, **shown)
    if wait_s:
        answer.headers["retry-after"] = str(wait_s)
    return answer


async def do_token(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    scope: Annotated[list[str], Form(max_length=10)] = [],  # noqa: B006 - read alone
    days: Annotated[int, Form(ge=1, le=LONGEST_DAYS)] = 30,
    password: Annotated[str, Form()] = "",
) -> Response:
    """Make a token, which the page shows this once. The password is asked for: a token outlasts the session."""
    account = await run_in_threadpool(lambda: visitor_of(request).account)
    assert account is not None  # the route asks for one
    right, wait_s = await password_right(request, account, password)
    typed: dict[str, Any] = {"name": name, "chosen": tuple(scope)}
    if wait_s:
        return await run_in_threadpool(lambda: _page(request, status=429, wait_s=wait_s, **typed))
    if not right:
        return await run_in_threadpool(lambda: _page(request, status=403, wrong="password", **typed))
    return await run_in_threadpool(_make, request, account, name, scope, days)


def _make(request: Request, account: Account, name: str, scopes: list[str], days: int) -> Response:
    token = TOKEN_SIGN + secrets.token_urlsafe(32)
    try:
        house_of(request).catalogue.tokens.make(token_hash(token), account.login, name, scopes, days)
    except CatalogueUnavailable:  # nothing is wrong with the form
        raise
    except CatalogueError:
        return _page(request, status=400, wrong="form", name=name, chosen=tuple(scopes))
    return _page(request, token=token)


def do_end_token(request: Request, language: str, token: Annotated[str, Form(max_length=64)]) -> Response:
    """End one of one's own tokens at once."""
    login = visitor_of(request).login
    house_of(request).catalogue.tokens.end(token, actor=login, login=login)
    return RedirectResponse(f"/{language}/review/account/tokens", 303)


def do_end_any(request: Request, language: str, token: Annotated[str, Form(max_length=64)]) -> Response:
    """End anybody's token at once."""
    house_of(request).catalogue.tokens.end(token, actor=visitor_of(request).login)
    return RedirectResponse(f"/{language}/operations/accounts", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    mine = "/{language}/review/account/tokens"
    rooms.page(mine, show_tokens, access=Access.REVIEWER)
    rooms.form(mine, do_token, access=Access.REVIEWER)
    rooms.form(f"{mine}/end", do_end_token, access=Access.REVIEWER)
    rooms.form("/{language}/operations/accounts/tokens", do_end_any, access=Access.OPERATOR)
