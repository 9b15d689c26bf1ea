"""robots.txt as RFC 9309 reads it: what an answer allows, and what no answer means."""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import urlsplit

from protego import Protego

MOST_BYTES = 500 * 1024
"""What comes after is not read (RFC 9309, 2.5)."""
LONGEST_LINE = 2083 * 8 - 1
"""What comes after in a line is not read: as much as Google's parser reads of one."""
MOST_REDIRECTS = 5
LONGEST_DELAY_S = 60.0
_KEYS = "user-agent|allow|disallow|sitemap|crawl-delay|request-rate|host"
_MISSPELT = {
    "useragent": "user-agent",
    "user agent": "user-agent",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
}
_LINE = re.compile(rf"\s*({_KEYS}|{'|'.join(_MISSPELT)})(?:\s*:|\s)(.*)", re.IGNORECASE | re.DOTALL)


class Robots:
    """What one robots.txt allows. `why` says why the rest is refused."""

    def __init__(self, rules: Protego | None, *, why: str = "robots.txt forbids it", open_to_all: bool = False) -> None:
        self._rules = rules
        self._open = open_to_all
        self.why = why

    @classmethod
    def answered(cls, status: int, body: bytes) -> Self:
        """2xx is read, 429 and 5xx forbid everything, any other answer allows everything (RFC 9309, 2.3.1)."""
        if 200 <= status < 300:
            return cls(Protego.parse(normalized(body)))
        if status == 429 or status >= 500:
            return cls.unreachable(f"status {status}")
        return cls(None, open_to_all=True)

    @classmethod
    def unreachable(cls, reason: str) -> Self:
        """It could not be had, so everything is forbidden for now."""
        return cls(None, why=f"its robots.txt could not be had ({reason})")

    def allows(self, url: str, user_agent: str) -> bool:
        """Whether we may ask for the URL."""
        return self._open if self._rules is None else bool(self._rules.can_fetch(url, _product(user_agent)))

    def delay_s(self, user_agent: str) -> float | None:
        """Seconds between requests that it asks for, at most a minute; None when it asks for none."""
        told = self._rules.crawl_delay(_product(user_agent)) if self._rules is not None else None
        return min(float(told), LONGEST_DELAY_S) if told is not None and told > 0 else None


def robots_url(url: str) -> str:
    """Where the robots.txt that holds for a URL is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"


def normalized(body: bytes) -> str:
    """Lines as Protego reads them, from those that Google's parser reads.

    That is with typing errors, without a colon, with odd line ends, and with agents that are called by two words: the
    first is their name.
    """
    text = body[:MOST_BYTES].decode("utf-8", "replace").removeprefix("\ufeff").replace("\x00", "")
    lines = []
    for line in re.split(r"\r\n|\r|\n", text):
        found = _LINE.match(line[:LONGEST_LINE].partition("#")[0])
        if found:
            key, value = _MISSPELT.get(found[1].lower(), found[1].lower()), found[2].strip()
            lines.append(f"{key}: {(value.split() or [''])[0] if key == 'user-agent' else value}")
    return "\n".join(lines)


def _product(user_agent: str) -> str:
    return user_agent.partition("/")[0]
