"""The licence's name out of a sentence that says nothing else, in five languages.

"This software is released under the MIT licence." does; "The code is MIT, its documentation CC-BY" does not: a subject
that may be a part of the work, a condition or a second licence leave words over, and then there is no name.
"""

from __future__ import annotations

import re

_SUBJECT = (
    "this the software project code source program application app library package work tool repository it is are has"
    " been free open you can redistribute and/or modify under its"
    " ce cet cette logiciel projet programme application bibliothèque outil œuvre dépôt est sont"
    " questo questa quest' il lo la l' progetto codice sorgente programma applicazione libreria strumento opera è viene"
    " dieses dieser diese das die der projekt quellcode quelltext programm anwendung bibliothek werk wird ist sind"
    " este esta el proyecto código fuente programa aplicación biblioteca obra herramienta es está se"
)
_WORDS = "|".join(sorted({re.escape(word) for word in _SUBJECT.split()}, key=len, reverse=True))
_BEGINS = rf"(?:(?:{_WORDS})[\s:;,]++)*(?:(?:{_WORDS})')?"
_STATEMENTS = tuple(
    re.compile(rf"{_BEGINS}{clause}", re.IGNORECASE)
    for clause in (
        # English
        r"(?:(?:licen[sc]ed|released|distributed|published|(?:made )?available|provided|offered|open[- ]sourced|covered"
        r"|redistribute it and/or modify it|modify it|it)\s++)?(?:under|by)\s++(?:the\s++)?"
        r"(?:terms(?:\s++and\s++conditions)?\s++of\s++(?:the\s++)?)?(?P<name>.+)",
        # French
        r"(?:(?:distribué|publié|diffusé|disponible|licencié|placé|mis|proposé|fourni|libéré)\w*\s++)?"
        r"(?:à disposition\s++)?(?:sous|selon)\s++(?:les\s++(?:termes|conditions)\s++de\s++)?(?:la\s++|une\s++|l')?"
        r"(?P<name>.+)",
        # Italian
        r"(?:(?:distribuit|rilasciat|pubblicat|disponibil|concess|licenziat)\w*\s++(?:in\s++licenza\s++)?)?"
        r"(?:con|sotto|secondo)\s++(?:i\s++termini\s++)?(?:della\s++|la\s++|una\s++)?(?P<name>licenza\b.+)",
        # German
        r"(?:(?:steht|stehen|lizenziert|lizensiert|veröffentlicht|verfügbar|freigegeben|vertrieben)\s++)?unter\s++"
        r"(?:den\s++(?:bedingungen|bestimmungen)\s++)?(?:der\s++|einer\s++|die\s++)?(?P<name>.+?)"
        r"(?:(?<!\s)\s++(?:lizenziert|lizensiert|veröffentlicht|verfügbar|freigegeben|vertrieben|bereitgestellt"
        r"|zur verfügung gestellt))?",
        # Spanish
        r"(?:(?:distribu|public|liber|licenci|disponible|ofreci)\w*\s++)?bajo\s++(?:los\s++términos\s++de\s++)?(?:la\s++|una\s++)?"
        r"(?P<name>.+)",
        # a label
        r"(?:licen[sc]e|licence|licenza|lizenz|licencia)\s*:\s*(?P<name>.+)",
    )
)
_CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?(.+)")
_SEE = re.compile(
    r"(?<![\s.,;:(–—-])[\s.,;:(–—-]++(?:please\s++)?(?:see|read|refer to|voir|cf\.?|vedi|siehe|véase|ver)\b.{0,120}$",
    re.IGNORECASE,
)
_BY_FOUNDATION = re.compile(r"(?:,|(?<![\s,]))\s++as published by the free software foundation\b,?", re.IGNORECASE)
_EITHER = re.compile(r"(?:[,;]\s*+)?\beither\s++version\s++(\d(?:\.\d)?)\s++of the licen[sc]e\b,?", re.IGNORECASE)
_TWO = re.compile(r"\bdual|\bnot\b|\bexcept|\bunless", re.IGNORECASE)


def name_in(sentence: str) -> str | None:
    """The words that name the licence, or None when the sentence says something else, too."""
    classifier = _CLASSIFIER.fullmatch(sentence)
    if classifier:
        return classifier[1]
    if _TWO.search(sentence):
        return None
    plain = _EITHER.sub(r" version \1 ", _BY_FOUNDATION.sub(" ", sentence.replace("’", "'").strip()))
    plain = _SEE.sub("", plain).rstrip(" .!")
    for statement in _STATEMENTS:
        found = statement.fullmatch(plain)
        if found and found["name"] != sentence:
            return found["name"].strip(" \"'«»“”„")
    return plain if plain != sentence else None
