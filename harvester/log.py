"""Logging: one line an event on standard error, with secrets taken out wherever they turn up."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

_LEAST_HIDDEN = 6
_HIDDEN: set[str] = set()
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
    return _SECRET.sub("[secret]", text)


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
