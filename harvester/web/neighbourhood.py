"""How a software stands to the others, as pages and the API tell it: only what visitors may see."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.assess.naming import called
from harvester.catalogue import Catalogue
from harvester.model import Related, RelationType, Software, SoftwareState

MOST = 100
"""Of what stands to a software so many are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedTo:
    """The other end of a relation; without `id` the catalogue does not have it."""

    relation: Related
    id: str | None = None
    slug: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """How a software stands to others (`of`), and others to it (`to`), the first hundred."""

    of: tuple[RelatedTo, ...] = ()
    to: tuple[RelatedTo, ...] = ()

    def told(self, *types: RelationType, others: bool = False) -> tuple[RelatedTo, ...]:
        """Those of some types: what it is, or with `others` what others are of it."""
        return tuple(one for one in (self.to if others else self.of) if one.relation.type in types)


def neighbourhood(catalogue: Catalogue, software: Software) -> Neighbourhood:
    """Who is published of them, and what the catalogue does not have. Suspected doubles are a reviewer's."""
    mine = [one for one in software.appraisal.relations if one.type is not RelationType.SAME]
    theirs = [(who, one) for who, one in catalogue.relations.of(software.id) if one.type is not RelationType.SAME][
        :MOST
    ]
    ids = {one.object for one in mine if one.object} | {who for who, _ in theirs}
    known = {one.id: one for one in catalogue.software.many(sorted(ids)) if one.state is SoftwareState.PUBLISHED}

    def neighbour(who: str | None, relation: Related) -> RelatedTo:
        other = known.get(who) if who else None
        if other is None:
            return RelatedTo(relation=relation)
        return RelatedTo(relation=relation, id=other.id, slug=other.slug, name=called(other))

    return Neighbourhood(
        of=tuple(neighbour(one.object, one) for one in mine if one.object is None or one.object in known),
        to=tuple(neighbour(who, one) for who, one in theirs if who in known),
    )
