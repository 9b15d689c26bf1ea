"""What protects the pages: headers on every answer, limits on every request, and proof that a form is ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_QUERY_BYTES = 8_192
MAX_BODY_BYTES = 65_536
FORM_AGE_S = 12 * 3600

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}


def add_headers(headers: MutableHeaders, *, secure: bool) -> None:
    """Put the headers on an answer; `secure`: the pages are on https."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "no-cache")
    if secure:
        headers.setdefault("strict-transport-security", "max-age=31536000")


class Forms:
    """Tokens that say: this form was written by us, for this visitor, not long ago."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="form")

    def token(self, owner: str) -> str:
        """A token for the visitor that `owner` (a session's hash, or the form cookie) stands for."""
        return self._signer.dumps(owner)

    def ours(self, token: str, owner: str) -> bool:
        """Whether the token is ours, this visitor's, and younger than twelve hours."""
        try:
            return bool(owner) and self._signer.loads(token, max_age=FORM_AGE_S) == owner
        except BadSignature:
            return False


def same_origin(headers: Headers) -> bool:
    """Whether a request comes from our own pages, by what browsers say and scripts of other sites cannot change."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class Guard:
    """Middleware: refuses what is too long or comes from elsewhere, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), secure=self._secure)
            await send(message)

        refusal = _refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)


def _refusal(scope: Scope) -> PlainTextResponse | None:
    headers = Headers(scope=scope)
    if len(scope["query_string"]) > MAX_QUERY_BYTES:
        return PlainTextResponse(f"The address is longer than {MAX_QUERY_BYTES} bytes: use fewer filters.", 414)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return PlainTextResponse(f"The form is larger than {MAX_BODY_BYTES} bytes.", 413)
    if scope["method"] not in _SAFE and not same_origin(headers):
        return PlainTextResponse("This form was not sent from our own pages, so nothing was done.", 403)
    return None
