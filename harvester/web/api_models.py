"""What the JSON API takes and answers, as OpenAPI describes it, and how softwares become that.

Fields and facets stand in these models as they are declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.alias_generators import to_camel

from harvester.assess.health import health
from harvester.model import (
    FACETS,
    FIELDS,
    DeclaredFacet,
    DeclaredField,
    Evidence,
    Fields,
    Place,
    Provenance,
    Reason,
    Shelf,
    Software,
    Verdict,
    fields_in,
)
from harvester.search import UNKNOWN, Hit, Query
from harvester.search.query import DEFAULT_SIZE, MAX_CHARACTERS, MAX_REACH, MAX_SIZE, MAX_WORDS, SORTS
from harvester.web.explaining import ExplanationOut, WeightOut
from harvester.web.neighbourhood import Neighbourhood, RelatedTo
from harvester.web.told import UseAccount
from harvester.words import ENGLISH, packaged
from harvester.words.format import say


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Named(_Body):
    """Of softwares: by the names of publiccode.yml, which are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class FacetValueOut(_Body):
    """A value, and the address that chooses it, or lets it go."""

    value: str
    label: str
    count: int
    selected: bool
    toggle_url: str


class FacetOut(_Body):
    """A facet; `truncated`: it has more values than are listed."""

    name: str
    label: str
    values: list[FacetValueOut]
    truncated: bool


class OriginOut(_Named):
    """Where a record comes from, and on what terms."""

    source: str
    title: str
    url: str
    license: str | None
    terms_url: str | None
    attribution: str | None
    share_alike: bool
    first_seen: datetime
    last_seen: datetime


class EvidenceOut(_Named):
    """One source's value of one field; `chosen` is false for those that lost, `basis` how the value came to be."""

    value: Any
    source: str
    url: str | None
    last_seen: datetime | None
    basis: str
    because: str | None
    chosen: bool


class ItemRelationOut(_Named):
    """How it stands to another: that one's id, or what names it where the catalogue does not have it."""

    type: str
    software: str | None
    target: str | None
    basis: str
    probability: float


class ItemHealthOut(_Named):
    """How alive it is: 0 to 100, null where `status` is unknown."""

    score: int | None
    status: str


class _Item(_Named):
    """A software in a list; the fields' names are publiccode.yml's where it has one."""

    id: str
    url: str
    page: str
    version: int
    sources: list[str]
    identifiers: list[str]
    score: float = Field(description="Of the words and the standing; what stands before what follows `step` first.")
    step: str = Field(description="How much of q it answers: all words, those that say something, most of those.")
    listed: bool
    shelf: str
    standing: float
    copied_by: int
    folded: list[str] = Field(description="Identifiers of the copies that stand under it.")
    relations: list[ItemRelationOut] = Field(description="How it stands to others, the first 20; all are in its entry.")
    health: ItemHealthOut
    explanation: ExplanationOut | None = Field(None, description="With `explain=1`: why it stands here.")


class WeighedOut(_Body):
    """A reason, in English, and what it weighs."""

    weight: float
    code: str
    words: str


class VerdictOut(_Body):
    """A figure from 0 to 1, and its reasons."""

    value: float
    reasons: list[WeighedOut]


class RelationOut(_Named):
    """How it stands to another one: that one's id, or what names it where the catalogue does not have it."""

    type: str
    software: str | None
    name: str | None
    target: str | None
    url: str | None
    basis: str
    probability: float
    because: str


class AppraisalOut(_Named):
    """What is concluded of it: on which shelf lists show it and why, the figures, and how it stands to others.

    `related` are others that stand so to it: its copies, its parts.
    """

    listed: bool
    shelf: str
    because: str | None
    artefact: list[WeighedOut]
    civic: VerdictOut
    toolbox: VerdictOut
    standing: VerdictOut
    copied_by: int
    relations: list[RelationOut]
    related: list[RelationOut]


class _ListEntry(_Named):
    """A software with the source of every value. Fields that nobody states are null or empty, never guessed."""

    id: str
    url: str
    page: str
    version: int
    first_seen: datetime | None
    last_seen: datetime | None
    identifiers: list[str]
    appraisal: AppraisalOut
    provenance: dict[str, list[EvidenceOut]]
    uses: list[UseAccount] = []
    sources: list[OriginOut]


def _described(declared: DeclaredField) -> Any:
    meaning = f" (schema.org: {declared.schema})" if declared.schema else ""
    return Field(description=packaged()[ENGLISH](declared.label) + meaning)


def _fields(names: Iterable[str]) -> dict[str, Any]:
    """Declared fields as a model's, by their names in JSON."""
    hints = get_type_hints(Fields)
    return {FIELDS[name].json: (hints[name], _described(FIELDS[name])) for name in names}


if TYPE_CHECKING:
    ItemOut = _Item
    EntryOut = _ListEntry
else:
    ItemOut = create_model("ItemOut", __base__=_Item, __doc__=_Item.__doc__, **_fields(fields_in(Place.LIST)))
    EntryOut = create_model("EntryOut", __base__=_ListEntry, __doc__=_ListEntry.__doc__, **_fields(FIELDS))


def _health(shown: Mapping[str, Any], today: date, looked_at: datetime | None) -> dict[str, Any]:
    def day(said: str | None) -> date | None:
        return date.fromisoformat(said[:10]) if said else None

    changed = datetime.fromisoformat(shown["date_modified"]) if shown.get("date_modified") else None
    found = health(
        Fields(
            archived=shown["archived"],
            date_modified=changed,
            release_date=day(shown["release_date"]),
            development_status=shown["development_status"],
        ),
        today,
        looked_at=looked_at.date() if looked_at else None,
    )
    return {"score": found.score, "status": found.status}


def item(hit: Hit, *, site: str, today: date, looked_at: datetime | None) -> ItemOut:
    """A hit as the API lists it. `looked_at`: when who would know of a newer change was last asked."""
    shown = hit.document
    return ItemOut.model_validate(
        {
            **{FIELDS[name].json: shown[name] for name in fields_in(Place.LIST)},
            **_addresses(shown["id"], shown["slug"], site=site),
            "version": shown["version"],
            "sources": shown["sources"],
            "identifiers": shown["identifiers"],
            "score": hit.score,
            "step": hit.step,
            "listed": shown["shelf"] == Shelf.LISTED,
            **{name: shown[name] for name in ("shelf", "standing", "copied_by", "folded", "relations")},
            "health": _health(shown, today, looked_at),
        }
    )


def entry(software: Software, provenance: Mapping[int, Provenance], around: Neighbourhood, *, site: str) -> EntryOut:
    """A software as the API tells it."""
    return EntryOut.model_validate(
        {
            **{declared.json: getattr(software.fields, name) for name, declared in FIELDS.items()},
            **_addresses(software.id, software.slug, site=site),
            "version": software.version,
            "first_seen": software.first_seen,
            "last_seen": software.last_seen,
            "identifiers": [str(name) for name in software.identifiers],
            "appraisal": _appraisal(software, around, site=site),
            "provenance": {
                FIELDS[name].json: [_evidence(one, provenance) for one in evidence]
                for name, evidence in software.evidence.items()
            },
            "sources": [_origin(one) for one in provenance.values()],
        }
    )


def _appraisal(software: Software, around: Neighbourhood, *, site: str) -> AppraisalOut:
    said = software.appraisal
    return AppraisalOut(
        listed=said.shelf is Shelf.LISTED,
        shelf=said.shelf.value,
        because=say(said.because) if said.because else None,
        artefact=_weighed(said.artefact_reasons),
        civic=_verdict(said.civic),
        toolbox=_verdict(said.toolbox),
        standing=_verdict(said.standing),
        copied_by=said.copied_by,
        relations=[_relation(one, site=site) for one in around.of],
        related=[_relation(one, site=site) for one in around.to],
    )


def _verdict(verdict: Verdict) -> VerdictOut:
    return VerdictOut(value=verdict.value, reasons=_weighed(verdict.reasons))


def _weighed(reasons: Iterable[tuple[float, Reason]]) -> list[WeighedOut]:
    return [WeighedOut(weight=weight, code=reason.code, words=say(reason)) for weight, reason in reasons]


def _relation(one: RelatedTo, *, site: str) -> RelationOut:
    return RelationOut(
        type=one.relation.type.value,
        software=one.id,
        name=one.name,
        target=one.relation.target or None,
        url=f"{site}/api/v1/software/{one.id}" if one.id else None,
        basis=one.relation.basis.value,
        probability=one.relation.probability,
        because=say(one.relation.because),
    )


def _addresses(software_id: str, slug: str, *, site: str) -> dict[str, str]:
    return {
        "id": software_id,
        "url": f"{site}/api/v1/software/{software_id}",
        "page": f"{site}/{ENGLISH}/software/{software_id}/{slug}",
    }


def _evidence(one: Evidence, provenance: Mapping[int, Provenance]) -> EvidenceOut:
    origin = provenance.get(one.record)
    return EvidenceOut(
        value=one.value,
        source=one.source,
        url=origin.url if origin else None,
        last_seen=origin.last_seen if origin else None,
        basis=one.basis.value,
        because=one.because,
        chosen=one.chosen,
    )


def _origin(one: Provenance) -> OriginOut:
    return OriginOut(
        source=one.source,
        title=one.source_title,
        url=one.url,
        license=one.terms.license,
        terms_url=one.terms.url,
        attribution=one.terms.attribution,
        share_alike=one.terms.share_alike,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
    )


class ListOut(_Body):
    """A page of softwares. Paging ends after `reachable` of the `total`: `csv_url` leads to all of them."""

    total: int
    reachable: int
    step: str = Field(
        description="How much of q was asked for: all words, those that say something, most of those; or aside: only "
        "what is set aside answers."
    )
    totals: dict[str, int] = Field(description="How many each step finds that was tried, filters obeyed.")
    listed: int = Field(
        description="How many of the first are pinned for q, or in the toolbox and answer at `step`; what follows was "
        "set aside, or answers less of q: see the items' `step` and `shelf`."
    )
    meant: list[str] = Field(description="The concepts that q names: their other names are searched as well.")
    corrected: str | None = Field(
        description="What was searched instead of q, where a word of it finds nothing; `as_typed=1` searches q itself."
    )
    misnamed: list[str] = Field(description="Names before a colon in q that are no facet's: they were taken as words.")
    next_cursor: str | None = Field(description="What `cursor` is for the next page; null at the end, and without one.")
    csv_url: str
    of_all: int
    page: int
    pages: int
    items: list[ItemOut]
    facets: list[FacetOut]
    weights: list[WeightOut] | None = Field(None, description="With `explain=1`: what orders answers, and why so.")
    took_ms: float


class SourceOut(_Body):
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


class RunOut(_Body):
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


class Problem(_Body):
    """What went wrong, why, and what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A parameter is unknown or passes a limit; the answer names it."},
    429: {"model": Problem, "description": "Your address asks for too much at once; Retry-After says when to go on."},
}
"""What any address of the API may answer."""


class _Params(BaseModel):
    """The parameters of a search: the page's own. `unknown` is a value of every facet."""

    q: str = Field(
        "",
        description="Words; accents and case do not count. All must occur, fewer where nothing holds all: see `step`. "
        '"Words in quotation marks" stand next to each other, what a minus stands before is not wanted, `license:MIT` '
        f"chooses a value. At most {MAX_CHARACTERS} characters and {MAX_WORDS} words.",
    )
    lang: Literal[tuple(packaged())] = Field(  # type: ignore[valid-type]
        ENGLISH, description="Favours matches in texts of this language, and names what is meant in it."
    )
    sort: Literal[SORTS] = "relevance"  # type: ignore[valid-type]
    page: int = Field(
        1, ge=1, le=MAX_REACH, description=f"Paging ends at item {MAX_REACH:,}: `cursor` goes through everything."
    )
    size: int = Field(DEFAULT_SIZE, ge=1, le=MAX_SIZE)
    as_typed: Literal["0", "1"] = Field("0", description="1: no word is replaced by the nearest known one.")
    explain: Literal["0", "1"] = Field("0", description="1: tell why the items stand in this order.")
    cursor: str | None = Field(
        None,
        max_length=100,
        description="Every software that has all words of q and the chosen values, in the order of ids: empty at "
        "first, then each answer's `next_cursor`. Without facets, `page` and `sort`.",
    )

    def query(self) -> Query:
        """The query that they mean. SearchError: it passes a limit."""
        chosen = {name: tuple(getattr(self, name)) for name in FACETS}
        pairs = [(name, value) for name, values in chosen.items() for value in values]
        said = {"q": self.q, "sort": self.sort, "page": str(self.page), "size": str(self.size)}
        return Query.from_params([*pairs, *said.items(), ("as_typed", self.as_typed)], language=self.lang)


def _facet_param(declared: DeclaredFacet) -> tuple[Any, Any]:
    label = packaged()[ENGLISH](declared.label)
    values = (
        Field(json_schema_extra={"enum": [*dict.fromkeys((*declared.fixed, UNKNOWN))]}) if declared.fixed else Field()
    )
    described = f"{label}: chosen values; several of one facet widen the list."
    return list[Annotated[str, values]], Field(default_factory=list, description=described)


if TYPE_CHECKING:
    SearchParams = _Params
else:
    SearchParams = create_model(
        "SearchParams",
        __base__=_Params,
        __doc__=_Params.__doc__,
        **{name: _facet_param(declared) for name, declared in FACETS.items()},
    )


class SourcesOut(_Body):
    """All sources."""

    total: int
    items: list[SourceOut]


class RunsOut(_Body):
    """The newest runs first, at most `limit` of the `total` that there are."""

    total: int
    items: list[RunOut]


class HealthOut(_Body):
    """Whether the parts answer: "ok", or what is wrong."""

    status: str
    database: str
    index: str
