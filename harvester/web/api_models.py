"""What the JSON API takes and answers, as OpenAPI describes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from harvester.model import FACETS
from harvester.search.query import MAX_SIZE, Query


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class FacetValueOut(_Answer):
    """A value, and the address that chooses it, or lets it go."""

    value: str
    label: str
    count: int
    selected: bool
    toggle_url: str


class FacetOut(_Answer):
    """A facet; `truncated`: it has more values than are listed."""

    name: str
    label: str
    values: list[FacetValueOut]
    truncated: bool


class ItemOut(_Answer):
    """A software in a list, by the names of publiccode.yml where it has one."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: str
    name: str
    url: str
    page: str
    short_description: dict[str, str]
    organisations: list[str]
    countries: list[str]
    use_cases: list[str]
    kind: str | None
    license: str | None
    available_languages: list[str]
    programming_languages: list[str]
    development_status: str | None
    date_modified: str | None
    has_publiccode: bool | None
    used_by: int
    sources: list[str]
    version: int
    score: float


class ListOut(_Answer):
    """A page of softwares."""

    total: int
    of_all: int
    page: int
    pages: int
    items: list[ItemOut]
    facets: list[FacetOut]
    took_ms: float


class SourceOut(_Answer):
    """A source, on what terms its data may be used, and how many published softwares it knows of."""

    name: str
    title: str
    spider: str
    publisher: str | None
    country: str | None
    license: str | None
    terms_url: str | None
    attribution: str | None
    share_alike: bool
    software: int
    last_good: datetime | None


class RunOut(_Answer):
    """A run: its state and judgement, and what it brought."""

    id: int
    source: str
    state: str
    judgement: str | None
    reasons: list[str]
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    entries: int
    new: int
    changed: int
    gone: int
    issues: int
    requests: int


class Problem(_Answer):
    """What went wrong, why, and what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A parameter passes a limit; the answer names it."},
    503: {"model": Problem, "description": "The search index is not there."},
}


def _chosen() -> Any:
    return Field(default_factory=list, description="Chosen values; several of one facet widen the list.")


class SearchParams(BaseModel):
    """The parameters of a search: the page's own. `unknown` is a value of every facet."""

    q: str = Field("", description="Words, all of which must occur; accents and case do not count.")
    use_case: list[str] = _chosen()
    country: list[str] = _chosen()
    organisation: list[str] = _chosen()
    license: list[str] = _chosen()
    programming_language: list[str] = _chosen()
    language: list[str] = _chosen()
    development_status: list[str] = _chosen()
    source: list[str] = _chosen()
    publiccode: list[str] = _chosen()
    kind: list[str] = _chosen()
    sort: Literal["relevance", "activity", "name"] = "relevance"
    page: int = Field(1, ge=1, le=10_000)
    size: int = Field(20, ge=1, le=MAX_SIZE)

    def query(self) -> Query:
        """The query that they mean. SearchError: it passes a limit."""
        chosen = {name: tuple(getattr(self, name)) for name in FACETS}
        return Query(text=self.q, selections=chosen, sort=self.sort, page=self.page, size=self.size)


class SourcesOut(_Answer):
    """All sources."""

    total: int
    items: list[SourceOut]


class RunsOut(_Answer):
    """The newest runs first."""

    total: int
    items: list[RunOut]


class HealthOut(_Answer):
    """Whether the parts answer: "ok", or what is wrong."""

    status: str
    database: str
    index: str
