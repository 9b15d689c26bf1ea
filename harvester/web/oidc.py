"""Signing in with a provider of identities (OpenID Connect): begun here, answered there, believed whole or not."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from harvester.catalogue.identities import START_AGE, Started
from harvester.catalogue.people import ROLES, VISITOR
from harvester.config import Settings
from harvester.errors import CatalogueError, CatalogueUnavailable, InputError
from harvester.web import pages
from harvester.web.auth import known_by_one, login_failed, provider_name, safe_next
from harvester.web.house import house_of
from harvester.web.identity import Access, Refused, cookie_name, token_hash
from harvester.web.passwords import check_login
from harvester.web.provider import Forged, Unusable
from harvester.web.rooms import Rooms

_COOKIE = "oidc"
_LONGEST = 2000  # of a state or code
_log = logging.getLogger("harvester.security")


def _redirect(request: Request) -> str:
    """Where the provider sends people back: the one address that is registered there."""
    return f"{pages.public_url(request)}/en/login/oidc/callback"


def begin(request: Request, language: str, next: str = "") -> Response:
    """Send somebody to the provider, with what its answer has to come back with."""
    house = house_of(request)
    if not provider_name(house.settings):
        raise Refused(404, "not-found")
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address = request.client.host if request.client else "unknown"
    if house.throttle.reserve("a provider", address):
        return login_failed(request, "provider", status=429)
    going_to = safe_next(next, default=f"/{language}/")[:_LONGEST]
    try:
        place = house.provider.begin(
            house.settings, redirect=_redirect(request), state=state, nonce=nonce, verifier=verifier
        )
        house.catalogue.identities.start(token_hash(state), Started(nonce=nonce, verifier=verifier, going_to=going_to))
    except Unusable as error:
        _log.warning("provider of identities: %s", error)
        return login_failed(request, "provider", status=502)
    answer = RedirectResponse(place, 303)
    answer.headers["cache-control"] = "no-store"
    secure, age = house.settings.secure, int(START_AGE.total_seconds())
    answer.set_cookie(
        cookie_name(_COOKIE, secure=secure), state, max_age=age, httponly=True, samesite="lax", secure=secure
    )
    return answer


def finish(request: Request, language: str, code: str = "", state: str = "", iss: str = "") -> Response:
    """Take the provider's answer: of the browser that began it, once, and whole."""
    house = house_of(request)
    if not provider_name(house.settings):
        raise Refused(404, "not-found")
    mine = request.cookies.get(cookie_name(_COOKIE, secure=house.settings.secure), "")
    same = bool(state) and len(state) <= _LONGEST and secrets.compare_digest(state.encode(), mine.encode())
    started = house.catalogue.identities.finish(token_hash(state)) if same else None
    if started is None or not code or len(code) > _LONGEST or (iss and iss != house.settings.oidc_issuer):
        _log.warning("provider's answer refused")
        return login_failed(request, "refused", status=403)
    try:
        claims = house.provider.claims(
            house.settings, code=code, redirect=_redirect(request), nonce=started.nonce, verifier=started.verifier
        )
    except Unusable as error:
        _log.warning("provider of identities: %s", error)
        return login_failed(request, "provider", status=502)
    except Forged as error:
        _log.warning("provider's answer refused: %s", error)
        return login_failed(request, "refused", status=403)
    try:
        account = house.catalogue.identities.account(
            str(claims["iss"]), str(claims["sub"]), name=_name(claims), role=_role(house.settings, claims)
        )
    except CatalogueUnavailable:
        raise
    except CatalogueError as error:
        _log.warning("sign-in with a provider refused: %s", error)
        return login_failed(request, "account", status=403)
    if not account.active:
        _log.warning("sign-in refused: account %r", account.login)
        return login_failed(request, "account", status=403)
    if request.client:
        house.throttle.forgive("a provider", request.client.host)
    return known_by_one(request, language, account, _after(started.going_to))


def _after(going_to: str) -> str:
    """The page that was asked for; "" where that is a home page, so that the role's own page is shown."""
    return "" if len(going_to.strip("/").split("/")) == 1 else going_to


def _name(claims: Mapping[str, Any]) -> str:
    """What a new account is called: as the provider says, where that can be a login; it finds no account."""
    for claim in ("preferred_username", "name"):
        said = claims.get(claim)
        try:
            if isinstance(said, str):
                check_login(said.strip()[:60])
                return said.strip()[:60]
        except InputError:
            continue
    return "person-" + hashlib.sha256(f"{claims['iss']} {claims['sub']}".encode()).hexdigest()[:8]


def _role(settings: Settings, claims: Mapping[str, Any]) -> str | None:
    """The role that the claim tells, the highest of several; None where no claim is asked for.

    Where one is asked for and it names no role, the account has none: whoever lost it there has lost it here.
    """
    if not settings.oidc_role_claim:
        return None
    said = claims.get(settings.oidc_role_claim)
    told = said if isinstance(said, list) else [said]
    return next((role for role in reversed(ROLES) if role in told), VISITOR)


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/login/oidc", begin, access=Access.ANYONE)
    rooms.page("/{language}/login/oidc/callback", finish, access=Access.ANYONE)
