"""Who asks, and what they may do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from fastapi import Request

from harvester.catalogue.people import ROLES, Account
from harvester.catalogue.tokens import ApiToken
from harvester.web.house import house_of

_LONGEST_TOKEN = 100


def cookie_name(name: str, *, secure: bool) -> str:
    """A cookie's name. On https it is one that browsers take from this very host alone, over https alone."""
    return f"__Host-{name}" if secure else name


def session_of(request: Request) -> str | None:
    """The token of this request's session."""
    return request.cookies.get(cookie_name("session", secure=house_of(request).settings.secure))


TOKEN_SIGN = "civic_"
"""How a token of a program begins, so that whoever finds one knows what it is."""


class Access(StrEnum):
    """Who may use a route. An operator may do all that a reviewer may."""

    ANYONE = "anyone"
    REVIEWER = "reviewer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `session` is the hash of their session's token; both None for whoever has not signed in.

    `bare`: they have to set up a second factor, and may do no more than a visitor until they did.
    """

    account: Account | None = None
    session: str | None = None
    bare: bool = False

    @property
    def role(self) -> str | None:
        """What they may do as: reviewer, operator or None."""
        role = self.account.role if self.account and not self.bare else None
        return role if role in ROLES else None

    @property
    def login(self) -> str:
        """The name that decisions and the audit carry."""
        return self.account.login if self.account else "visitor"

    def may(self, access: Access) -> bool:
        """Whether they may use a route of this access."""
        return access is Access.ANYONE or self.role in (access.value, "operator")


def token_hash(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(request: Request) -> ApiToken | None:
    """The token by which a program acts, which is from now on who asks; None: none that lets anybody do anything."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token.startswith(TOKEN_SIGN) or len(token) > _LONGEST_TOKEN:
        return None
    found = house_of(request).catalogue.tokens.use(token_hash(token))
    if found is None:
        return None
    account, used = found
    request.state.visitor = Visitor(account, bare=_lacks_factor(request, account))
    return used


def visitor_of(request: Request) -> Visitor:
    """Who asks; looked up once a request."""
    known = getattr(request.state, "visitor", None)
    if known is None:
        known = request.state.visitor = _find_visitor(request)
    return cast(Visitor, known)


def _find_visitor(request: Request) -> Visitor:
    token = session_of(request)
    if not token:
        return Visitor()
    hashed = token_hash(token)
    account = house_of(request).catalogue.accounts.session(hashed)
    return Visitor(account, hashed, bare=_lacks_factor(request, account)) if account else Visitor()


def _lacks_factor(request: Request, account: Account) -> bool:
    """Whether the account has to have a second factor, and has none."""
    house = house_of(request)
    wanted = house.settings.second_factor
    if wanted == "chosen" or (wanted == "operators" and account.role != "operator"):
        return False
    factor = house.catalogue.factors.of(account.login)
    return factor is None or not factor.on


class Refused(Exception):
    """A request that is refused; `code` names the words that say why ("error.CODE")."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class FactorFirst(Exception):
    """A page was asked for by somebody who has to set up a second factor before."""


class SignInFirst(Exception):
    """A page for people who signed in was asked for by somebody who has not; `going_to` is that page."""

    def __init__(self, going_to: str) -> None:
        super().__init__(going_to)
        self.going_to = going_to
