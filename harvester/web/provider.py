"""A provider of identities as it is asked: what it says of itself, its keys, a code's token, under the address guard.

What it answers is checked here by the rules of OpenID Connect, and believed only whole.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from harvester.config import Settings
from harvester.errors import FetchError
from harvester.net import Net
from harvester.net.limits import Limits

_LIMITS = Limits(
    in_flight=8,
    spacing_s=0.0,
    api_spacing_s=0.0,
    longest_wait_s=5.0,
    connect_s=5.0,
    read_s=10.0,
    answer_s=15.0,
    body_bytes=256 * 1024,
    redirects=0,
)
_KEPT_S = 3600.0
_ASKED_AGAIN_S = 60.0  # for keys that are not among those that are known: a provider changes them now and then
_LEEWAY_S = 60
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key of the provider's own. None that a secret of ours could make, and no unsigned token."""


class Unusable(Exception):
    """The provider did not answer, or not as the standard says; the message is for the log."""


class Forged(Exception):
    """A token is not what was asked for: of another issuer, audience, nonce, key or time."""


class Provider:
    """One provider; what it says of itself is kept for an hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def begin(self, settings: Settings, *, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """The address at which somebody signs in there. Raises Unusable."""
        place = _address(settings, self._metadata(settings), "authorization_endpoint")
        return str(
            prepare_grant_uri(
                place,
                settings.oidc_client_id,
                "code",
                redirect_uri=redirect,
                scope=settings.oidc_scope,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def claims(self, settings: Settings, *, code: str, redirect: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """What the token of a code says, when all of it holds. Raises Unusable, Forged."""
        metadata = self._metadata(settings)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        form["client_id"] = settings.oidc_client_id or ""
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = secret and "client_secret_basic" in ways
        if secret and not basic:
            form["client_secret"] = secret
        auth = (form["client_id"], secret) if basic else None
        answer = self._ask(settings, _address(settings, metadata, "token_endpoint"), form=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Unusable("the answer holds no id_token")
        return self._checked(settings, metadata, token, nonce=nonce, access_token=answer.get("access_token"))

    def _checked(
        self, settings: Settings, metadata: Mapping[str, Any], token: str, *, nonce: str, access_token: object
    ) -> Mapping[str, Any]:
        place, client = _address(settings, metadata, "jwks_uri"), settings.oidc_client_id
        try:
            try:
                decoded = jwt.decode(token, self._keys(settings, place), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):  # perhaps of a key that is new
                decoded = jwt.decode(token, self._keys(settings, place, older_s=_ASKED_AGAIN_S), algorithms=_ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": client},
            }
            asked = {"nonce": nonce, "client_id": client, "access_token": access_token}
            claims = CodeIDToken(decoded.claims, decoded.header, options, asked)
            claims.validate(now=int(time.time()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Forged(type(error).__name__) from error
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise Forged("no subject")
        return dict(claims)

    def _keys(self, settings: Settings, place: str, *, older_s: float = _KEPT_S) -> KeySet:
        return KeySet.import_key_set(self._known(settings, place, older_s=older_s))  # type: ignore[arg-type]

    def _metadata(self, settings: Settings) -> Mapping[str, Any]:
        issuer = settings.oidc_issuer or ""
        found = self._known(settings, issuer.rstrip("/") + "/.well-known/openid-configuration", older_s=_KEPT_S)
        if found.get("issuer") != issuer:
            raise Unusable("it calls itself by another address than HARVESTER_OIDC_ISSUER")
        return found

    def _known(self, settings: Settings, place: str, *, older_s: float) -> Mapping[str, Any]:
        with self._lock:
            at, found = self._kept.get(place, (0.0, {}))
        if found and time.monotonic() - at < older_s:
            return found
        found = self._ask(settings, place)
        with self._lock:
            self._kept[place] = (time.monotonic(), found)
        return found

    @staticmethod
    def _ask(
        settings: Settings, place: str, *, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> Mapping[str, Any]:
        allow = [one.strip() for one in (settings.oidc_allow or "").split(",") if one.strip()]
        net = Net(settings.user_agent, limits=_LIMITS, allow=allow)
        try:
            session = net.session("oidc")
            method = "GET" if form is None else "POST"
            headers = {"accept": "application/json"}
            answer = session.request(method, place, data=form, auth=auth, headers=headers, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
        except (FetchError, requests.RequestException, ValueError, OSError) as error:
            raise Unusable(f"{type(error).__name__} at {urlsplit(place).hostname}") from error
        finally:
            net.close()
        if not isinstance(found, dict):
            raise Unusable(f"{answer.status_code} at {urlsplit(place).hostname}, or no object")
        return found


def _address(settings: Settings, metadata: Mapping[str, Any], name: str) -> str:
    """An address of the provider's; on https where its issuer is. Raises Unusable."""
    place = metadata.get(name)
    secure = (settings.oidc_issuer or "").startswith("https://")
    if not isinstance(place, str) or urlsplit(place).scheme not in (("https",) if secure else ("https", "http")):
        raise Unusable(f"it names no {name}")
    return place
