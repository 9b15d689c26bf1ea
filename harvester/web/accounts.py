"""Accounts: the operators' page of who may sign in, and everybody's own page with their password and sessions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from harvester.catalogue.people import ROLES, Account, OpenSession, session_id
from harvester.errors import LastOperator, NotFound
from harvester.web import pages
from harvester.web.auth import password_right, signed_in
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused, visitor_of
from harvester.web.passwords import SHORTEST, hash_password, objection
from harvester.web.rooms import Rooms

CHANGES = ("disable", "enable", "reviewer", "operator", "sign-out", "factor-off")
"""What a button of the operators' page does to an account."""


def show_accounts(request: Request, refused: str = "") -> Response:
    """Who may sign in: role, state, and the sessions that are open."""
    return accounts_page(request, refused=refused == "last")


def accounts_page(request: Request, **said: Any) -> Response:
    """The operators' page, with what was just done: `link` is one that was made, shown this once."""
    house = house_of(request)
    accounts = house.catalogue.accounts.all()
    sessions: dict[str, list[OpenSession]] = {}
    for one in house.catalogue.accounts.sessions():
        sessions.setdefault(one.login, []).append(one)
    operators = [one.login for one in accounts if one.active and one.role == "operator"]
    return pages.render(
        request,
        "accounts.html",
        accounts=[(one, sessions.get(one.login, [])) for one in accounts],
        last=operators[0] if len(operators) == 1 else None,
        factors=house.catalogue.factors.on(),
        links=house.catalogue.links.all(),
        tokens=house.catalogue.tokens.all(),
        roles=ROLES,
        **{"refused": False, "link": "", "link_for": "", "link_ends": None, **said},
    )


def do_change_account(
    request: Request,
    language: str,
    login: Annotated[str, Form(max_length=200)],
    change: Annotated[str, Form(max_length=20)],
) -> Response:
    """Do what a button says: see CHANGES."""
    house, actor = house_of(request), visitor_of(request).login
    try:
        _change(house, login, change, actor=actor)
    except LastOperator:  # a page that was open while another operator went
        return RedirectResponse(f"/{language}/operations/accounts?refused=last", 303)
    return RedirectResponse(f"/{language}/operations/accounts", 303)


def _change(house: House, login: str, change: str, *, actor: str) -> None:
    accounts = house.catalogue.accounts
    if change not in CHANGES:
        raise NotFound(f"nothing is called {change!r}")
    if accounts.get(login) is None:
        raise NotFound(f"no account {login!r}")
    if change == "disable":
        accounts.disable(login, actor=actor)
    elif change == "enable":
        accounts.change(login, "account enabled", actor=actor, active=True)
    elif change == "factor-off":
        house.catalogue.factors.take_off(login, actor=actor)
    elif change == "sign-out":
        accounts.end_sessions(login, actor=actor)
    else:
        accounts.give_role(login, change, actor=actor)


def show_mine(request: Request, done: str = "") -> Response:
    """One's own account."""
    return _mine(request, done=done == "password")


def _mine(request: Request, *, status: int = 200, done: bool = False, wrong: str = "", wait_s: int = 0) -> Response:
    visitor, accounts = visitor_of(request), house_of(request).catalogue.accounts
    answer = pages.render(
        request,
        "account.html",
        status=status,
        sessions=accounts.sessions(visitor.login),
        mine=session_id(visitor.session or ""),
        shortest=SHORTEST,
        done=done,
        wrong=wrong,
        wait_s=wait_s,
    )
    if wait_s:
        answer.headers["retry-after"] = str(wait_s)
    return answer


async def do_change_password(
    request: Request,
    language: str,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Take a new password for the old one. Other sessions end, and browsers that signed in before are forgotten."""
    account = await run_in_threadpool(lambda: visitor_of(request).account)
    assert account is not None  # the route asks for one
    if not account.has_password:  # its provider has it
        raise Refused(403, "forbidden")
    right, wait_s = await password_right(request, account, old)
    if wait_s:
        return await run_in_threadpool(lambda: _mine(request, status=429, wait_s=wait_s))
    wrong = _objection(account, right=right, new=new, again=again)
    if wrong:
        return await run_in_threadpool(lambda: _mine(request, status=403 if not right else 400, wrong=wrong))
    return await run_in_threadpool(_take_password, request, language, account, new)


def _objection(account: Account, *, right: bool, new: str, again: str) -> str:
    if not right:
        return "old"
    if new != again:
        return "again"
    return "weak" if objection(new, account.login) else ""


def _take_password(request: Request, language: str, account: Account, password: str) -> Response:
    accounts = house_of(request).catalogue.accounts
    accounts.change(account.login, "account password", actor=account.login, password_hash=hash_password(password))
    changed = accounts.get(account.login)
    assert changed is not None  # accounts are never removed
    return signed_in(request, language, changed, f"/{language}/review/account?done=password")


def do_end_session(request: Request, language: str, session: Annotated[str, Form(max_length=64)]) -> Response:
    """End one of one's own sessions by its id, or "others"."""
    visitor, accounts = visitor_of(request), house_of(request).catalogue.accounts
    if session == "others":
        accounts.end_sessions(visitor.login, actor=visitor.login, but=session_id(visitor.session or ""))
    else:
        accounts.end_sessions(visitor.login, actor=visitor.login, one=session)
    return RedirectResponse(f"/{language}/review/account", 303)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/operations/accounts", show_accounts, access=Access.OPERATOR)
    rooms.form("/{language}/operations/accounts", do_change_account, access=Access.OPERATOR)
    rooms.page("/{language}/review/account", show_mine, access=Access.REVIEWER)
    rooms.form("/{language}/review/account/password", do_change_password, access=Access.REVIEWER)
    rooms.form("/{language}/review/account/sessions", do_end_session, access=Access.REVIEWER)
