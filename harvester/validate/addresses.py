"""URLs and mail addresses as the official validator takes them (Go's net/url, and its validation library's rules)."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BAD_HOST = re.compile(r"[ \\^`{|}]|%(?!25)")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_PORT = re.compile(r"(?::\d*)?")
_BEYOND = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
_ATOM = rf"[a-zA-Z0-9!#$%&'*+\-/=?^_`{{|}}~{_BEYOND}]+"
_LABEL = rf"[a-zA-Z0-9{_BEYOND}](?:[a-zA-Z0-9\-.~{_BEYOND}]*[a-zA-Z0-9{_BEYOND}])?"
_LAST = rf"[a-zA-Z{_BEYOND}](?:[a-zA-Z0-9\-.~{_BEYOND}]*[a-zA-Z{_BEYOND}])?"
_MAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}\.{_LAST}\.?")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:(?:[a-z0-9()+,\-.:=@;$_!*']|%[0-9a-f]{2})+", re.IGNORECASE)
_LONGEST = 1000  # characters; the patterns are not asked about more


class ParsedAddress(NamedTuple):
    """A URL's parts; `text` is the whole."""

    text: str
    scheme: str
    opaque: str
    host: str
    path: str
    fragment: str


def parse(text: str, *, absolute: bool = False) -> ParsedAddress:
    """The parts of a URL, which may be relative unless it must be `absolute`. Raises ValueError with what is wrong."""
    if _CONTROL.search(text):
        raise ValueError("net/url: invalid control character in URL")
    rest, _, fragment = (text, "", "") if absolute else text.partition("#")
    if text.startswith(":"):
        raise ValueError("missing protocol scheme")
    found = _SCHEME.match(rest)
    scheme = found.group()[:-1].lower() if found else ""
    rest = rest[found.end() :] if found else rest
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        if scheme:
            return ParsedAddress(text, scheme, rest, "", "", fragment)
        if absolute:
            raise ValueError("invalid URI for request")
        if ":" in rest.partition("/")[0]:
            raise ValueError("first path segment in URL cannot contain colon")
    host = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest, host = slash + path, _host(authority)
    if _BAD_ESCAPE.search(rest):
        raise ValueError("invalid URL escape")
    return ParsedAddress(text, scheme, "", host, rest, fragment)


def _host(authority: str) -> str:
    user, at, host = authority.rpartition("@")
    if at and _USER.fullmatch(user) is None:
        raise ValueError("net/url: invalid userinfo")
    bracket = host.rfind("]")
    if host.startswith("[") and bracket < 0:
        raise ValueError("missing ']' in host")
    port = host[bracket + 1 :] if host.startswith("[") else host[host.rfind(":") :] if ":" in host else ""
    if _PORT.fullmatch(port) is None:
        raise ValueError(f'invalid port "{port}" after host')
    if _BAD_ESCAPE.search(host) or _BAD_HOST.search(host):
        raise ValueError("invalid character in host name")
    return host


def is_address(url: ParsedAddress) -> bool:
    """Whether it is a URL of any scheme."""
    if not url.scheme:
        return False
    if url.scheme == "file":
        return url.path not in ("", "/")
    return bool(url.host or url.fragment or url.opaque)


def is_web_address(url: ParsedAddress) -> bool:
    """Whether it is an http or https URL with a host."""
    return url.scheme in ("http", "https") and bool(url.host)


def is_mail(text: str) -> bool:
    """Whether it is a mail address."""
    return len(text) <= _LONGEST and _MAIL.fullmatch(text) is not None


def is_urn(text: str) -> bool:
    """Whether it is a URN (RFC 2141)."""
    return len(text) <= _LONGEST and _URN.fullmatch(text) is not None and not text.lower().startswith("urn:urn:")
