"""What a tool's own text says of its end: deprecated, unmaintained, moved, replaced. In seven languages. Pure.

A word counts where it is said of the tool: at the text's beginning ("[DEPRECATED] …"), or after "this project is". What
it replaces, and "replaces a deprecated tool", say nothing of the tool itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from harvester.model import Fields

_ENDED = (
    r"deprecated|unmaintained|abandoned|discontinued|obsolete|superseded|archived"
    r"|no longer (?:maintained|supported|developed)"
    r"|not (?:actively )?maintained|retired|end[- ]of[- ]life|moved to|replaced by"
    r"|obsolète|abandonné|remplacé par|déplacé vers"
    r"|veraltet|eingestellt|ersetzt durch|umgezogen nach"
    r"|obsoleto|deprecato|dismesso|sostituito da|abandonado|descontinuado|reemplazado por|substituído por"
    r"|verouderd|vervangen door|stopgezet"
)
_AT_FIRST = re.compile(rf"^[\W_]*(?:(?:note|warning|attention|status)\W{{1,4}})?({_ENDED})\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:"
    r"(?:this|the) (?:\w+ )?(?:project|repo(?:sitory)?|tool|app(?:lication)?|library|package|code|version|site) "
    r"(?:\w+ )?"
    rf"(?:is|was|has been|has) (?:\w+ )?(?:{_ENDED})"
    r"|(?:is|are) no longer (?:maintained|supported|developed)"
    r"|n'est plus (?:maintenue?|développée?|supportée?)"
    r"|ce (?:projet|dépôt|logiciel) (?:\w+ )?est (?:abandonné|obsolète|archivé)"
    r"|nicht (?:mehr|länger) (?:gepflegt|gewartet|entwickelt|weiterentwickelt|unterstützt)"
    r"|non è più (?:mantenuto|sviluppato|supportato)|ya no se mantiene|no se mantiene más"
    r"|niet (?:meer|langer) onderhouden|não é mais mantido"
    r")\b",
    re.IGNORECASE,
)
_EDGES = re.compile(r"^[\W_]+")
_MOST = 2_000  # characters looked at: a README says so at its beginning


def said_to_have_ended(fields: Fields) -> tuple[str, str] | None:
    """(the field and language that say so, the words), or None."""
    texts: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("short_description", fields.short_description),
        ("long_description", fields.long_description),
    )
    for name, said in texts:
        for language, text in said.items():
            found = _AT_FIRST.search(text[:_MOST]) or _SAID.search(text[:_MOST])
            if found:
                return f"{name}.{language}", _EDGES.sub("", found[0])
    return None
