"""Products that a tool can stand in for, as its texts say in seven languages. Pure.

"An open source alternative to Slack, Trello and Notion" and "Notion alternative" name products of the vocabulary in
data/products.json; a name that is not there is none. Nothing is taken from what is denied ("no alternative to Excel"),
nor from what stands further away than a list of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from harvester.assess.phrases import load
from harvester.assess.words import fold

_ADJECTIVE = r"(?:[\w-]{2,20} ){0,3}?"
_LEADS = re.compile(
    r"\b(?:"
    r"alternatives? (?:to|for)|(?:drop-in )?replacements? (?:for|of|to)|substitutes? for|replaces|instead of"
    rf"|alternatives? {_ADJECTIVE}(?:à|au|aux)|remplaçante?s? d[eu']|équivalents? {_ADJECTIVE}(?:à|au|de)|remplace"
    rf"|alternativ[ae] {_ADJECTIVE}(?:ad?|al|alla|all'|aos?)|sostituisce|sostituto di"
    r"|alternativen? (?:zu|zum|zur|für)|ersatz für|ersetzt"
    r"|reemplaza(?: a)?|sustituye a|substitui o?"
    r"|alternatie(?:f|ven) voor|vervangt|vervanging van"
    r")\s+(?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?<![\s-])[\s-]++(?:alternatives?|replacement|clone)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no|not|never|pas|aucune|non|nessuna|kein|keine|nicht|ninguna|geen|niet|não)\W+(?:\w+\W+)?$", re.IGNORECASE
)
_END = re.compile(r"[.;:()\n!?](?:\s|$)|[()\n;]")
_BETWEEN = re.compile(
    r"(?<!\s)\s*+(?:,|/|&|\bor\b|\band\b|\bet\b|\bou\b|\bund\b|\boder\b|\be\b|\bo\b|\by\b|\ben\b|\bof\b)\s*+"
)
_ARTICLE = re.compile(
    r"^(?:the|le|la|les|l'|il|lo|der|die|das|el|los|het|de|à|au|aux|zu|zum|zur|ad?|al"
    r"|products? (?:like|such as)|like|such as|comme)\s+",
    re.IGNORECASE,
)
_MOST = 4_000  # characters looked at
_LIST = 160  # characters of a list of names
_WORDS = 3  # of the longest name


@cache
def products() -> Mapping[str, str]:
    """By folded spelling the product's name."""
    found: dict[str, str] = {}
    for name, also in load("products.json").items():
        if name != "_":
            for spelling in (name, *also):
                found[fold(spelling)] = name
    return found


def infer_replaces(texts: Iterable[str]) -> dict[str, str]:
    """The products that texts say a tool can stand in for, each with the words that say so."""
    found: dict[str, str] = {}
    for written in texts:
        text = written[:_MOST]
        for lead in _LEADS.finditer(text):
            if not _DENIED.search(text[max(0, lead.start() - 30) : lead.start()]):
                for product, words in _listed(text[lead.end() : lead.end() + _LIST]):
                    found.setdefault(product, f"{lead[0].strip()} {words}")
        for after in _AFTER.finditer(text):
            before = text[max(0, after.start() - 60) : after.start()]
            if named := _last(before):
                found.setdefault(named, f"{named}{after[0]}")
    return found


def _listed(text: str) -> Iterable[tuple[str, str]]:
    """The products of a list at the beginning of a text; it ends with the sentence, or with what is no product."""
    end = _END.search(text)
    for one in _BETWEEN.split(text[: end.start()] if end else text):
        name = _ARTICLE.sub("", one.strip(" \"'“”«»*[]"))
        if product := _first(name):
            yield product, name[:60]
        elif len(name.split()) > _WORDS:
            return


def _first(text: str) -> str | None:
    """The longest product that a text begins with, written as a name."""
    words = text.split()[:_WORDS]
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count]).rstrip(",:'’")
        if (product := products().get(fold(name))) and _as_a_name(name, product):
            return product
    return None


def _last(text: str) -> str | None:
    """The longest product that a text ends with, written as a name."""
    words = [] if text[-1:] in ",;.:" else text.split()[-_WORDS:]
    for start in range(len(words)):
        name = " ".join(words[start:]).strip("\"'“”«»*[](")
        if (product := products().get(fold(name))) and _as_a_name(name, product):
            return product
    return None


def _as_a_name(written: str, product: str) -> bool:
    """Many products are called by plain words ("notion", "box"): a capital tells the name."""
    return written[:1].isupper() or written == product
