"""Personal data that has no place in a catalogue: mail addresses in descriptions, people where a body is asked for."""

from __future__ import annotations

import re
import unicodedata

_MAIL = re.compile(r"(?:mailto:)?[^\s@<>()\[\]\"',;:|]+@[^\s@<>()\[\]\"',;:|/]+\.[^\W\d_]{2,}", re.IGNORECASE)


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
    r"|working group)",
    re.IGNORECASE,
)
_PERSONS_WORD = re.compile(r"(?:[^\W\d_]\.?|[^\W\d_][^\W\d_A-Z.]+(?:['’-][^\W\d_]+)*|Mc\w+|Mac[A-Z]\w+)\.?")


def surely_a_body(name: str, address: str | None = None) -> bool:
    """Whether a name that a file gives to an organisation can be no person's.

    Generators of metadata mark people as organisations. A name of one word, a word that bodies are called by, or a site
    together with a name that is not made like a person's tell; "Firstname Lastname" does not.
    """
    words = name.split()
    if "@" in name:
        return False
    if len(words) == 1 or _BODY.search(_unaccented(name)):
        return True
    return address is not None and not all(_PERSONS_WORD.fullmatch(word) for word in words)


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def without_mail(text: str) -> str:
    """The text with "(address)" in place of each mail address. Addresses of the web and of git are left."""
    return _MAIL.sub(_hidden, text) if "@" in text else text


def _hidden(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    inside_url = before.endswith("//") or found[0].startswith("git@")
    return found[0] if inside_url else "(address)"
