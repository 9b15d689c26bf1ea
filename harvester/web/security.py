"""What protects the pages: headers on every answer, limits on every request, and whether a form is ours."""

from __future__ import annotations

import logging
import re
from ipaddress import ip_address
from urllib.parse import unquote_plus, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harvester.web.problem_json import for_programs, problem
from harvester.words import ENGLISH, Catalogs

_log = logging.getLogger("harvester.security")
MAX_QUERY_BYTES = 8_192
MAX_BODY_BYTES = 65_536
MAX_ID = 2**63 - 1
"""The largest number of a row in either database."""
_LATER_S = 10  # after which whoever asks for too much at once may ask again
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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


def add_headers(headers: MutableHeaders, *, secure: bool) -> None:
    """Put the headers on an answer; `secure`: the pages are on https."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "no-cache")
    if secure:
        headers.setdefault("strict-transport-security", "max-age=31536000")


def from_our_pages(headers: Headers, *, public_url: str | None = None) -> bool:
    """Whether a form was sent by one of our own pages: what keeps other sites from acting in a visitor's name.

    Browsers say by themselves where a request comes from, in Sec-Fetch-Site (over https and on loopback) and in Origin
    (with every form), and no script of another site can change either. Each that is there has to name us, and one has
    to be there: a browser sends no form without. So no form carries a token, none grows old, and nothing is signed.
    `public_url` is the site's address where a proxy gives us another Host. docs/decisions/0013 says why this way.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):  # "none": the person asked for it, by no page
        return False
    ours = {headers.get("host"), urlsplit(public_url or "").netloc or None}
    return site is not None if origin is None else urlsplit(origin).netloc in ours


def storable(text: str) -> bool:
    """Whether a database can keep it, or be asked for it: PostgreSQL keeps no NUL, and no encoding half a character."""
    return not _NO_TEXT.search(text)


def named_hosts(*, bind: str, public_url: str | None) -> frozenset[str]:
    """The hosts by which an operator says that the site is called: of the public address, and what it is bound to."""
    named = {urlsplit(public_url or "").hostname, bind.rpartition(":")[0].strip("[]").lower()}
    return frozenset(name for name in named if name)


def _called_rightly(scope: Scope, host: str, hosts: frozenset[str]) -> bool:
    """Whether the Host names us: by a name of ours, the address that was dialled, or, on loopback, a name of that.

    Links, redirects and answers that caches keep carry this name.
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _port = parts.hostname or "", parts.port  # ValueError where it is none
    except ValueError:
        return False
    dialled = str((scope.get("server") or ("",))[0])
    whole = not set(host) & set("/?#@\\")
    return whole and (name in hosts or name == dialled or (name in _LOOPBACK and is_loopback(dialled)))


def is_loopback(address: str) -> bool:
    """Whether an IP address is of this machine alone; no name is."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


class Protection:
    """Middleware: refuses what is too long or calls us by another's name, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, *, secure: bool, words: Catalogs, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._secure = secure
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), secure=self._secure)
            await send(message)

        refusal = _refusal(scope, self._words, self._hosts)
        await (refusal or self._app)(scope, receive, send_with_headers)


def _refusal(scope: Scope, catalogs: Catalogs, hosts: frozenset[str]) -> Response | None:
    headers = Headers(scope=scope)
    if not _called_rightly(scope, headers.get("host", ""), hosts):
        return _refused(scope, catalogs, 421, "limit.host")
    if len(scope["query_string"]) > MAX_QUERY_BYTES:
        return _refused(scope, catalogs, 414, "limit.address", n=MAX_QUERY_BYTES)
    if not storable(scope["path"]) or not storable(unquote_plus(scope["query_string"].decode("latin-1"))):
        return _refused(scope, catalogs, 400, "limit.text")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return _refused(scope, catalogs, 413, "limit.form", n=MAX_BODY_BYTES)
    return None


def too_many(scope: Scope, catalogs: Catalogs) -> Response:
    """The answer for an address that has too many requests here."""
    made = _refused(scope, catalogs, 429, "limit.requests")
    made.headers["retry-after"] = str(_LATER_S)
    return made


def _refused(scope: Scope, catalogs: Catalogs, status: int, key: str, **values: int) -> Response:
    _log.warning("refused with %s: %s", status, key)
    if for_programs(scope["path"]):
        return problem(status, "bad-request", detail=catalogs[ENGLISH](key, **values))
    language = scope["path"].lstrip("/").partition("/")[0]  # "*" is a path as well
    chosen = language if language in catalogs else catalogs.choose(Headers(scope=scope).get("accept-language", ""))
    return PlainTextResponse(catalogs[chosen](key, **values), status)
