"""One Query and one Result, two engines behind them, and the sync that keeps them as the catalogue is.

engine = open_engine(settings)
result = engine.search(Query(text="budget", selections={"country": ("FR",)}))
"""

from __future__ import annotations

from pathlib import Path

from harvester.config import Settings
from harvester.search.document import Document
from harvester.search.engine import Engine
from harvester.search.query import UNKNOWN, Query
from harvester.search.result import (
    MARK_END,
    MARK_START,
    Applied,
    EngineHealth,
    Facet,
    FacetValue,
    Hit,
    Result,
    Suggestion,
)

__all__ = [
    "MARK_END",
    "MARK_START",
    "UNKNOWN",
    "Applied",
    "Document",
    "Engine",
    "EngineHealth",
    "Facet",
    "FacetValue",
    "Hit",
    "Query",
    "Result",
    "Suggestion",
    "open_engine",
]


def open_engine(settings: Settings) -> Engine:
    """The engine that the settings name: a folder is the embedded one, an http(s) address is Elasticsearch."""
    target = settings.index_target
    if target.startswith(("http://", "https://")):
        from harvester.search.elastic_engine import ElasticEngine

        return ElasticEngine(target, alias=settings.index_name, certificate=settings.index_certificate)
    from harvester.search.tantivy_engine import TantivyEngine

    return TantivyEngine(Path(target))
