"""What the standard advises against, and the two rules that look at more than one key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from harvester.model import Severity
from harvester.validate.report import Finding
from harvester.validate.rules import RULES
from harvester.validate.vocabulary import ipa_codes, video_addresses

_DEPRECATED = "This key is DEPRECATED and will be removed in the future. "
_DROP = _DEPRECATED + "It's safe to drop it"
_LONGEST = 1000  # characters; the patterns are not asked about more
_REMEDY_DROP = "drop the key"


def check(values: Mapping[str, Any]) -> Iterator[Finding]:
    """The results, without their places."""
    yield from path(values.get("logo"), "logo")
    if values.get("monochromeLogo"):
        yield warning("monochromeLogo", _DEPRECATED + "Use 'logo' instead", "move it to logo")
        yield from path(values["monochromeLogo"], "monochromeLogo")
    audience = values.get("intendedAudience") or {}
    for key in ("countries", "unsupportedCountries"):
        yield from _lowercase(f"intendedAudience.{key}", audience.get(key) or ())
    legal = values.get("legal") or {}
    if legal.get("authorsFile") is not None:
        yield warning("legal.authorsFile", _DROP, _REMEDY_DROP)
        yield from path(legal["authorsFile"], "legal.authorsFile")
    if legal.get("repoOwner") is not None:
        yield warning(
            "legal.repoOwner", _DEPRECATED + "Use 'organisation.name' instead", "move it to organisation.name"
        )
    for key in ("inputTypes", "outputTypes"):
        if values.get(key) is not None:
            yield warning(key, _DROP, _REMEDY_DROP)
    for language, description in (values.get("description") or {}).items():
        yield from _description(f"description.{language}", description)
    yield from _italy(values)


def _description(key: str, description: Mapping[str, Any]) -> Iterator[Finding]:
    if description.get("genericName"):
        yield warning(f"{key}.genericName", _DROP, _REMEDY_DROP)
    for at, screenshot in enumerate(description.get("screenshots") or ()):
        yield from path(screenshot, f"{key}.screenshots[{at}]")
    for at, video in enumerate(description.get("videos") or ()):
        if video is not None and not _shows_videos(video.text):
            yield Finding(
                key=f"{key}.videos[{at}]",
                description=f"'{video.text}' is not a valid video URL supporting oEmbed: invalid oEmbed link:"
                f" {video.text}",
                remedy="give the video's page at a site that oEmbed knows",
            )


def _italy(values: Mapping[str, Any]) -> Iterator[Finding]:
    modern, old = values.get("IT"), values.get("it")
    if old is not None:
        text = "Lowercase country codes are DEPRECATED and will be removed in the future. Use 'IT' instead"
        yield warning("it", text, "rename the key to IT")
    if old is not None and modern is not None:
        yield Finding(key="it", description="'IT' key already present. Remove this key", remedy="keep IT only")
    section = modern if modern is not None else old
    if section is None:
        return
    if section.get("conforme") is not None:
        yield warning("IT.conforme", _DROP, _REMEDY_DROP)
    code = (section.get("riuso") or {}).get("codiceIPA")
    if code and code.lower() in ipa_codes():
        body = f"urn:x-italian-pa:{code}"
        text = f"{_DEPRECATED}Use 'organisation.uri' and set it to '{body}' instead"
        yield warning("IT.riuso.codiceIPA", text, f"write organisation: uri: {body}")


def _lowercase(key: str, countries: Sequence[str]) -> Iterator[Finding]:
    for at, code in enumerate(countries):
        if code == code.lower() and RULES["country"].holds(code, ""):
            shown = code.upper()
            text = f"Lowercase country codes are DEPRECATED. Use uppercase instead ('{shown}')"
            yield warning(f"{key}[{at}]", text, f"write {shown}")


def path(text: str | None, key: str) -> Iterator[Finding]:
    """What is wrong with a path or address of a file in the repository."""
    said = None
    if text and text.startswith("/"):
        said = "is an absolute path. Only relative paths or HTTP(s) URLs allowed"
    elif text and text.startswith("file:"):
        said = "is a file:// URL. Only relative paths or HTTP(s) URLs allowed"
    if said:
        yield Finding(key=key, description=said, remedy="write the path from the repository's root, without a slash")


def _shows_videos(address: str) -> bool:
    return len(address) <= _LONGEST and any(pattern.fullmatch(address) for pattern in _videos())


@cache
def _videos() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(re.escape(address).replace(r"\*", "[^\n]*")) for address in video_addresses())


def warning(key: str, description: str, remedy: str) -> Finding:
    """A result that leaves the file valid."""
    return Finding(key=key, description=description, severity=Severity.WARNING, remedy=remedy)
