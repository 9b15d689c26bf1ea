"""Language tags: BCP 47, or None."""

from __future__ import annotations

from functools import lru_cache

import langcodes
from langcodes.tag_parser import LanguageTagError

_ODD = {
    "gr": "el",
    "jp": "ja",
    "cz": "cs",
    "dk": "da",
    "se": "sv",
    "ua": "uk",
    "cn": "zh",
    "english": "en",
    "français": "fr",
    "french": "fr",
    "italiano": "it",
    "italian": "it",
    "deutsch": "de",
    "german": "de",
    "español": "es",
    "spanish": "es",
}  # country codes and names that people write where a tag belongs


@lru_cache(maxsize=4096)
def tag(text: str | None) -> str | None:
    """The tag in its standard form ("it-IT" gives "it", "eng" gives "en", "zh-hant" gives "zh-Hant"), or None.

    A region that only repeats the language's usual one is dropped, so that one language is one value.
    """
    written = (text or "").strip().replace("_", "-").lower()
    if not written:
        return None
    written = _ODD.get(written, written)
    try:
        standard = langcodes.standardize_tag(written)
        language = langcodes.Language.get(standard)
    except (LanguageTagError, ValueError):
        return None
    if not language.is_valid() or not language.language or language.language in ("und", "mul", "zxx"):
        return None
    return str(langcodes.Language.make(language=language.language, script=language.script))
