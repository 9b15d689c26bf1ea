"""Language tags as BCP 47 and IANA's registry have them: "it-IT", never "it_IT" or "ita"."""

from __future__ import annotations

import re
from functools import lru_cache

from harvester.validate.vocabulary import subtags

_GRANDFATHERED = frozenset(
    "en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu"
    " sgn-be-fr sgn-be-nl sgn-ch-de art-lojban cel-gaulish no-bok no-nyn zh-guoyu zh-hakka zh-min zh-min-nan"
    " zh-xiang".split()
)
_PRIVATE = re.compile(r"x-[a-z0-9]{1,8}")
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<extended>(?:-[a-z]{3}){0,3})"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*)"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
)
_EXTENSIONS = re.compile(r"(?:-[ut](?:-[a-z0-9]{2,8})+)*")
_LONGEST = 100  # characters


@lru_cache(maxsize=2048)
def is_tag(text: str) -> bool:
    """Whether it is a well-formed tag of registered parts."""
    written = text.lower()
    if len(text) > _LONGEST or not written.isascii():
        return False
    if written in _GRANDFATHERED or _PRIVATE.fullmatch(written):
        return True
    found = _TAG.fullmatch(written)
    if found is None:
        return False
    known = subtags()
    language, script, region = found["language"], found["script"], found["region"]
    if language not in known["language"] and not ("qaa" <= language <= "qtz" and len(language) == 3):
        return False
    if script and script not in known["script"]:
        return False
    if region and region not in known["region"]:
        return False
    return (
        _prefixed(written, found["extended"], known["extlang"])
        and _prefixed(written, found["variants"], known["variant"])
        and _EXTENSIONS.fullmatch(found["extensions"]) is not None
    )


def _prefixed(tag: str, parts: str, known: dict[str, tuple[str, ...]]) -> bool:
    """Whether each part is registered for what stands before it."""
    for part in filter(None, parts.split("-")):
        prefixes = known.get(part)
        if prefixes is None or (prefixes and not tag.startswith(prefixes)):
            return False
    return True
