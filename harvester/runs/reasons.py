"""Why a run was judged as it was: stable codes with arguments, said in English or French.

Stored as "code|argument|argument"; a stored text without a known code is shown as it is.
"""

from __future__ import annotations

_SENTENCES = {
    "crashed": ("the crawl ended unexpectedly ({0})", "la collecte s’est arrêtée de façon inattendue ({0})"),
    "time-limit": ("stopped after {0} s, its time limit", "arrêtée après {0} s, sa durée maximale"),
    "attempts": ("given up after {0} attempts", "abandonnée après {0} tentatives"),
    "unit-failed": ("{0} could not be asked: {1}", "{0} n’a pas pu être demandé : {1}"),
    "unit-answered": ("{0} was answered with {1}", "{0} a reçu la réponse {1}"),
    "more-units-failed": ("{0} more could not be asked", "{0} autres n’ont pas pu être demandés"),
    "nothing": (
        "nothing came: the source answered without a single entry",
        "rien n’est venu : aucune entrée dans la réponse",
    ),
    "least": (
        "{0} entries came, at least {1} were expected",
        "{0} entrées sont venues, au moins {1} étaient attendues",
    ),
    "fell": (
        "{0} entries came, {1} in the last good run",
        "{0} entrées sont venues, {1} lors de la dernière bonne collecte",
    ),
    "refused": ("{0} of {1} entries could not be read", "{0} entrées sur {1} n’ont pas pu être lues"),
    "units-left": ("{0} pages were never stored", "{0} pages n’ont jamais été enregistrées"),
    "capped": ("the budget is spent; the rest waits", "le budget est épuisé ; le reste attend"),
    "capped-until": (
        "the budget is spent; it goes on at {0} UTC with what is left",
        "le budget est épuisé ; elle reprendra à {0} UTC avec ce qui reste",
    ),
    "held": (
        "it would remove {0} entries, more than a fifth: nothing was removed",
        "elle retirerait {0} entrées, plus d’un cinquième : rien n’a été retiré",
    ),
    "errors": ("{0} errors in the log", "{0} erreurs dans le journal"),
    "missed": ("no scheduler was running", "aucun planificateur ne tournait"),
    "stopped-by": ("stopped by {0} before it began", "arrêtée par {0} avant son début"),
    "accepted": ("accepted by {0}", "acceptée par {0}"),
    "stopped": ("stopped by an operator", "arrêtée par un opérateur"),
}


CODES = tuple(_SENTENCES)


def reason(code: str, *arguments: object) -> str:
    """A reason as it is stored."""
    if code not in _SENTENCES:
        raise ValueError(f"unknown reason {code!r}")
    return "|".join((code, *(str(argument).replace("|", "/")[:300] for argument in arguments)))


def say(stored: str, language: str = "en") -> str:
    """A stored reason as a sentence in "fr" or, for anything else, English."""
    code, *arguments = stored.split("|")
    sentences = _SENTENCES.get(code)
    if sentences is None:
        return stored
    try:
        return sentences[1 if language == "fr" else 0].format(*arguments)
    except IndexError:
        return stored
