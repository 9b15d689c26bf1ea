"""A provider of identities on loopback: it describes itself, keeps codes with their challenge, and signs tokens.

A test bends what it answers, to see that it is refused.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "catalogue", "a secret of the tests"
Bend = Callable[[dict[str, Any]], object]


class IdentityProvider:
    """`bend` changes a token's claims before it is signed; `key` signs it; `published` are the keys that it shows."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "one"})
        self.algorithm = "RS256"
        self.bend: Bend = lambda _: None
        self.asked = 0
        self._codes: dict[str, dict[str, str]] = {}

    def authorize(self, address: str, **claims: Any) -> dict[str, str]:
        """What somebody who signs in at this address brings back: code and state."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "claims": json.dumps(claims)}
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens of a code, once, for the client that proves itself and the verifier; None: refused."""
        proof = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        kept = self._codes.pop(form.get("code", ""), None)
        challenge = create_s256_code_challenge(form.get("code_verifier", ""))
        if kept is None or authorization != proof or challenge != kept["code_challenge"]:
            return None
        if form["redirect_uri"] != kept["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": kept["nonce"]}
        claims |= json.loads(kept["claims"])
        self.bend(claims)
        header = {"alg": self.algorithm, "kid": "one"}
        return {"access_token": "x", "token_type": "Bearer", "id_token": jwt.encode(header, claims, self.key)}

    def described(self) -> dict[str, Any]:
        """What it says of itself."""
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{place}" for name, place in places.items()}}


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """A provider that answers on loopback until the test ends."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            if self.path == "/.well-known/openid-configuration":
                self._say(provider.described())
            elif self.path == "/keys":
                self._say({"keys": [provider.published.as_dict(private=False)]})
            else:
                self._say(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(provider.token(form, self.headers.get("authorization", "")))

        def _say(self, answer: dict[str, Any] | None) -> None:
            body = json.dumps(answer or {"error": "invalid_grant"}).encode()
            self.send_response(200 if answer else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
