"""What visitors told of a software's use, as pages and the API show it beside what sources say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from harvester.catalogue import Catalogue
from harvester.catalogue.voices import SOURCE, Matter
from harvester.model import Provenance, Software


class UseAccount(BaseModel):
    """One visitor's account: what for, since which year, by how many people; each where it was told."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    organisation: str
    evidence: str | None
    purpose: str | None
    since: int | None
    many: int | None
    language: str
    accepted_at: datetime | None


def uses_of(catalogue: Catalogue, software: Software) -> Mapping[int, Matter]:
    """The accepted uses that stand in what is shown, by decision."""
    said = software.evidence.get("used_by", ())
    decisions = [-one.record for one in said if one.record < 0 and one.chosen]
    return catalogue.voices.uses(decisions) if decisions else {}


def as_provenance(uses: Mapping[int, Matter], *, title: str) -> dict[int, Provenance]:
    """Where each use was shown, by the number under which evidence names it."""
    return {
        -decision: Provenance(
            record=-decision,
            source=SOURCE.name,
            source_title=title,
            terms=SOURCE.terms,
            url=next((one.said["evidence"] for one in use.voices if one.said.get("evidence")), ""),
            reader="use/1",
            first_seen=use.at,
            last_seen=use.decided_at or use.at,
            changed_at=use.decided_at or use.at,
        )
        for decision, use in uses.items()
    }


def accounts(uses: Mapping[int, Matter]) -> list[UseAccount]:
    """What was told, the oldest first."""
    return [
        UseAccount(
            organisation=use.data["organisation"],
            evidence=voice.said.get("evidence"),
            purpose=voice.said.get("purpose"),
            since=int(voice.said["since"]) if voice.said.get("since") else None,
            many=int(voice.said["many"]) if voice.said.get("many") else None,
            language=voice.language,
            accepted_at=use.decided_at,
        )
        for _, use in sorted(uses.items())
        for voice in use.voices
    ]
