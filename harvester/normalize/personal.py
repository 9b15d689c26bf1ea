"""Personal data that has no place in a catalogue: addresses that people leave in descriptions."""

from __future__ import annotations

import re

_MAIL = re.compile(r"(?:mailto:)?[^\s@<>()\[\]\"',;:|]+@[^\s@<>()\[\]\"',;:|/]+\.[^\W\d_]{2,}", re.IGNORECASE)


def without_mail(text: str) -> str:
    """The text with "(address)" in place of each mail address. Addresses of the web and of git are left."""
    return _MAIL.sub(_hidden, text) if "@" in text else text


def _hidden(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    inside_url = before.endswith("//") or found[0].startswith("git@")
    return found[0] if inside_url else "(address)"
