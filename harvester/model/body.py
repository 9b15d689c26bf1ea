"""Organisations as entities: one body from all its spellings, account names and forges, and what it has to do with
software.

`Organisation` is what one source says of one; a `Body` is who is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harvester.model.fields import LangMap


class BodyRole(StrEnum):
    """What a body has to do with a software."""

    MAKES = "makes"  # a catalogue or a metadata file says that it develops or owns it
    PUBLISHES = "publishes"  # its account on a forge, or its inventory, holds it
    USES = "uses"  # a source says that it uses it
    COPIED = "copied"  # its account holds a copy of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An organisation. `id` is opaque and for ever; `slug` stands in addresses.

    `name` is what sources call it most, `names` its name by BCP 47 tag where one is told, `also` its other spellings.
    `kind` is a code of vocabularies.ORGANISATION_KINDS, `country` ISO 3166-1 alpha-2, `parent` another body's id.
    `accounts` are its pages on forges, `identifiers` what registers call it ("wikidata:Q123",
    "urn:x-italian-pa:pcm"). `counts` are published softwares by role, a software counted once in each.
    """

    id: str
    slug: str
    name: str
    names: LangMap
    also: tuple[str, ...]
    kind: str | None
    country: str | None
    parent: str | None
    url: str | None
    accounts: tuple[str, ...]
    identifiers: tuple[str, ...]
    counts: dict[BodyRole, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLink:
    """That a body makes, publishes, uses or copied a software, as one source says.

    `as_said` is what the source calls the body, `url` where a person can see that it says so, `at` (UTC) when it was
    first read there. `copy` is the id of the body's own copy, of role `copied` alone.
    """

    body: str
    slug: str
    name: str
    software: str
    role: BodyRole
    source: str
    as_said: str
    url: str | None
    at: datetime | None
    copy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPage:
    """Some bodies of a list and how many it has; `kinds` and `countries` count those that its other filters leave."""

    bodies: tuple[Body, ...]
    total: int
    kinds: dict[str, int]
    countries: dict[str, int]
