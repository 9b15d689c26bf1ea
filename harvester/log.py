"""Logging: one line an event on standard error, with secrets taken out wherever they turn up."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

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


_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys instead of showing: control characters, line breaks and what turns the direction of writing;
and halves of characters, which cannot be written at all."""


def printable(text: str) -> str:
    """Text of whoever as a line that a terminal shows as it is: what it would obey stands there in Python's escapes."""
    return _COMMANDS.sub(lambda found: ascii(found.group())[1:-1], text)


class _Redacting(logging.Formatter):
    """A line an event, with a traceback below it: what it tells of the outside forges no other line. Times are UTC."""

    def __init__(self, *form: Any) -> None:
        super().__init__(*form)
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join(map(printable, super().formatException(ei).split("\n")))

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _AsJson(_Redacting):
    """A JSON object a line: time (UTC), level, logger, message, and the run and source that it is about."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_EVERYWHERE,
            **_ABOUT.get(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: redact(one) if isinstance(one, str) else one for key, one in told.items()})


_EVERYWHERE: dict[str, str | int] = {}
"""What all lines of this process are about."""
_ABOUT: ContextVar[Mapping[str, str | int]] = ContextVar("about", default=MappingProxyType({}))


def tell_everywhere(**about: str | int) -> None:
    """All lines of this process are about this: run=7, source="sill"."""
    _EVERYWHERE.update(about)


@contextmanager
def telling(**about: str | int) -> Iterator[None]:
    """Lines that are logged within are about this: run=7, source="sill"."""
    token = _ABOUT.set({**_ABOUT.get(), **about})
    try:
        yield
    finally:
        _ABOUT.reset(token)


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


def configure_logging(level: str = "INFO", form: str = "text") -> None:
    """Send the log to standard error, as "text" or "json". Libraries that tell every request stay at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    kind = _AsJson if form == "json" else _Redacting
    handler.setFormatter(kind("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ"))
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
