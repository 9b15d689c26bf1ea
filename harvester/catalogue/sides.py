"""Who may be one software: what is published apart, what reviewers joined and split, and what two softwares claim."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from harvester.model import Decision, Identifier, Operation, SoftwareState


def picking(
    parted: Mapping[int, str],
    named: Mapping[int, Sequence[Identifier]],
    homes: Mapping[int, str],
    heir: Callable[[str], str],
) -> Callable[[str, Sequence[Identifier]], Identifier | int]:
    """What stands for a software that reviewers joined with another: a record of its own, as what was joined with it
    before may have gone home since; where some of what it was has been split off, one on its own side, as both sides
    may bear a name."""
    at_home: dict[str, list[int]] = {}
    for record in sorted(named):
        if record in homes:
            at_home.setdefault(homes[record], []).append(record)

    def pick(software: str, names: Sequence[Identifier]) -> Identifier | int:
        side, wanted = heir(software), set(names)
        candidates: list[int] = [*at_home.get(software, ()), *(sorted(named) if parted else ())]
        for record in candidates:
            if parted.get(record, side) == side and not wanted.isdisjoint(named[record]):
                return record
        return names[0]

    return pick


def published_of(
    membership: Mapping[int, str], rows: Mapping[str, Any], decisions: Sequence[Decision], heir: Callable[[str], str]
) -> dict[int, str]:
    """By record the published software that it is part of; those that reviewers joined are one."""
    standing = [one for one in decisions if one.undone_at is None]
    accepted = {one.software for one in standing if one.operation is Operation.ACCEPT}
    # a merged one has records again where a reviewer's word that joined it was taken back
    was = (SoftwareState.PUBLISHED, SoftwareState.MERGED, SoftwareState.WITHDRAWN)
    is_published = {
        owner for owner, row in rows.items() if owner in accepted or (row.state in was and row.published_at is not None)
    }
    return {record_id: heir(owner) for record_id, owner in membership.items() if owner in is_published}


def disputed(
    names: Mapping[int, Sequence[Identifier]], groups: Sequence[frozenset[int]], *, apart: Collection[frozenset[int]]
) -> set[int]:
    """The places of those groups that claim a name of another one and that no reviewer told apart."""
    place_of = {record_id: place for place, group in enumerate(groups) for record_id in group}
    bearers: dict[Identifier, set[int]] = {}
    for record_id, identifiers in names.items():
        for name in identifiers:
            bearers.setdefault(name, set()).add(place_of[record_id])
    return {
        place
        for places in bearers.values()
        if len(places) > 1
        for place in places
        if any(
            other != place and not any(one & groups[place] and one & groups[other] for one in apart) for other in places
        )
    }
