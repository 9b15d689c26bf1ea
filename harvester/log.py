"""Logging: one line an event on standard error, with secrets taken out wherever they turn up."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

_LEAST_HIDDEN = 6
_HIDDEN: set[str] = set()
MASK = "********"
_QUERY_SECRET = re.compile(
    r"([?&;][a-z_-]{0,40}(?:password|passwd|pwd|secret|token|api_?key)=)[^&;\s\"']++", re.IGNORECASE
)
_SECRET = re.compile(
    r"(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|(?i:authorization|private-token)\W{1,4}(?:\w+ )?\S+|://[^/\s:@]+:[^/\s@]+@)"
)


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def hide(secrets: Iterable[str]) -> None:
    """Take these values out of every later text, whatever they look like."""
    _HIDDEN.update(secret for secret in secrets if len(secret) >= _LEAST_HIDDEN)


def redact(text: str) -> str:
    """The text without tokens, authorization headers and passwords in addresses."""
    for secret in tuple(_HIDDEN):
        text = text.replace(secret, "[secret]")
    return _QUERY_SECRET.sub(r"\1[secret]", _SECRET.sub("[secret]", text))


def masked(address: str) -> str:
    """The address, or the addresses, without passwords: of a user's as of a query's; also of one that is malformed."""
    return _QUERY_SECRET.sub(r"\1" + MASK, " ".join(map(_without_user, address.split(" "))))


def _without_user(address: str) -> str:
    scheme, mark, rest = address.partition("://")
    user, at, place = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    return f"{scheme}{mark}{name}{colon}{MASK if colon else ''}{at}{place}" if at and mark else address


def configure_logging(level: str = "INFO") -> None:
    """Send the log to standard error. Libraries that tell every request stay at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in (
        "urllib3",
        "github",
        "gitlab",
        "httpx",
        "apscheduler",
        "alembic",
        "scrapy",
        "twisted",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # it tells every retry with a traceback; the error that is raised in the end says the same in one line
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
