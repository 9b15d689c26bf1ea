"""Personal data that has no place in a catalogue: mail addresses in descriptions, people where a body is asked for."""

from __future__ import annotations

import re
import unicodedata

_MOST = 40_000  # characters
_LOCAL = r"""[^\s@<>()\[\]"',;:|]"""
_MAIL = re.compile(rf"""(?:mailto:)?(?<!{_LOCAL}){_LOCAL}++@[^\s@<>()\[\]"',;:|/]+\.[^\W\d_]{{2,}}""", re.IGNORECASE)
_WITH_SIGN = re.compile(r"(?<!\S)@*+[^\s@]++@\S+")

_BODY = re.compile(
    r"\b(?:a\.?g\.|academ|administra|agenc|agentur|alliance|archiv|associa|assembl|authorit|ayuntamiento|bank|bibliot"
    r"|board|bundes|bureau|cent(?:er|re|ro)\b|city|coalition|code for|collective|college|comit|commission|committee"
    r"|communit|compan|comun|conseil|consorti|contributors|cooperat|corp|council|county|departement|department"
    r"|developers|diput|direction|division|ecole|engineering|fakult|federal|federat|fondation|fondazione|foundation"
    r"|fund|gemeen|gemeinde|generalitat|gmbh|gouvernement|government|group|gruppo|hochschule|hospital|inc\b|initiative"
    r"|institu|junta|kommune|labor|labs?\b|librar|llc|ltd|metropole|ministe|ministr|municip|museum|national|network"
    r"|observato|office|open source|organi[sz]|ospo|parlement|parliament|prefect|programme?\b|project|projekt|projet"
    r"|progetto|provinc|region|regents|research|s\.?a\.?\b|s\.?r\.?l\b|school|secretar|servi[cz]|societ|software"
    r"|solutions|stadt|state|stichting|syndicat|systems|team|technolog|town|borough|village|district|trust|union|universi|verein|verwaltung|ville"
    r"|working group)"
)
"""Of a name in small letters."""
_PERSONS_WORD = re.compile(r"(?:[^\W\d_]\.?|[^\W\d_][^\W\d_A-Z.]+(?:['’-][^\W\d_]+)*|Mc\w+|Mac[A-Z]\w+)\.?")


def surely_a_body(name: str, address: str | None = None) -> bool:
    """Whether a name that a file gives to an organisation can be no person's.

    Generators of metadata mark people as organisations. A name of one word, a word that bodies are called by, or a site
    together with a name that is not made like a person's tell; "Firstname Lastname" does not.
    """
    words = name.split()
    if "@" in name:
        return False
    if len(words) == 1 or _BODY.search(_unaccented(name.lower())):
        return True
    return address is not None and not all(_PERSONS_WORD.fullmatch(word) for word in words)


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def without_mail(text: str) -> str:
    """The text with "(address)" in place of each mail address. Addresses of the web and of git are left.

    What is longer than twice the longest text that is kept is cut before it is looked at.
    """
    text = text[:_MOST]
    found = 1 if "@" in text else 0
    while found:  # where one ends another may begin, which is seen when the first is gone
        before = text
        text = _MAIL.sub(_hidden, text)
        found = text != before
    return text


def without_words_with_at(text: str) -> str:
    """The text with "(address)" in place of each word that holds an "@" between others."""
    return _WITH_SIGN.sub("(address)", text)


def may_hold_mail(text: str) -> bool:
    """Whether a word of the text holds an "@" between others."""
    return _WITH_SIGN.search(text) is not None


def _hidden(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    inside_url = before.endswith("//") or found[0].startswith("git@")
    return found[0] if inside_url else "(address)"
