"""The declaration's analyzers as the embedded engine builds them, which also mark the words found for both engines.

What both engines do alike, and nothing else, may stand in index_mappings: a tokenizer that cuts at what is neither
letter nor digit, the filters below, and words overridden on Elasticsearch's side so that its stemmer agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tantivy

from harvester.errors import SearchError

WORDS_PATTERN = r"[^\p{IsAlphabetic}\p{N}]+"
_STEMMERS = {"porter2": "english", "french": "french"}


@dataclass(frozen=True, slots=True)
class Analysis:
    """Analyzers by their names, and the analyzer of each text field."""

    analyzers: Mapping[str, tantivy.TextAnalyzer]
    fields: Mapping[str, str]

    def terms(self, field: str, word: str) -> list[str]:
        """What a field's analyzer makes of a word."""
        return list(self.analyzers[self.fields[field]].analyze(word))


def analysis(declaration: Mapping[str, Any]) -> Analysis:
    """The analyzers of a declaration. Raises SearchError for what the engines would not do alike."""
    declared = declaration["settings"]["analysis"]
    properties = declaration["mappings"]["properties"]
    return Analysis(
        analyzers={name: _analyzer(name, declared) for name in declared["analyzer"]},
        fields={name: spec["analyzer"] for name, spec in properties.items() if spec["type"] == "text"},
    )


def _analyzer(name: str, declared: Mapping[str, Any]) -> tantivy.TextAnalyzer:
    spec = declared["analyzer"][name]
    tokenizer = declared["tokenizer"].get(spec["tokenizer"], {})
    if tokenizer.get("type") != "pattern" or tokenizer.get("pattern") != WORDS_PATTERN:
        raise SearchError(f"analyzer {name!r}: its tokenizer has no equal in the embedded engine")
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for filter_name in spec["filter"]:
        made = _filter(filter_name, declared["filter"].get(filter_name, {"type": filter_name}))
        if made is not None:
            builder = builder.filter(made)
    return builder.build()


def _filter(name: str, spec: Mapping[str, Any]) -> tantivy.Filter | None:
    match spec["type"]:
        case "asciifolding":
            return tantivy.Filter.ascii_fold()
        case "lowercase":
            return tantivy.Filter.lowercase()
        case "stemmer" if spec["language"] in _STEMMERS:
            return tantivy.Filter.stemmer(_STEMMERS[spec["language"]])
        case "stemmer_override":
            return None  # these are the words that the embedded stemmer cuts this way by itself
    raise SearchError(f"filter {name!r} ({spec}) has no equal in the embedded engine")
