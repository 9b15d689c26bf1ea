"""Ids are for ever: which component goes on under which software's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime


def assign(
    groups: Sequence[frozenset[int]],
    membership: Mapping[int, str],
    first_seen: Mapping[str, datetime],
    *,
    homes: Mapping[int, str],
    mint: Callable[[], str],
) -> list[tuple[frozenset[int], str]]:
    """Give each component an id: the oldest software that its records belonged to, or a minted one.

    `membership` is each record's software until now, `first_seen` those softwares' dates, `homes` each record's first
    software: a part that is split off goes home, so that undoing a merge brings both ids back.
    """
    claims: list[tuple[datetime, str, bool, int, int, frozenset[int]]] = []
    for group in groups:
        owners: dict[str, int] = {}
        for record_id in group:
            owner = membership.get(record_id)
            if owner is not None:
                owners[owner] = owners.get(owner, 0) + 1
        for owner, count in owners.items():
            stranger = all(homes.get(record_id) != owner for record_id in group)
            claims.append((first_seen[owner], owner, stranger, -count, min(group), group))
    given: dict[frozenset[int], str] = {}
    used: set[str] = set()
    # the oldest id survives a merge; after a split the part that it came from, else that with most records, keeps it
    for _, owner, _, _, _, group in sorted(claims, key=lambda claim: claim[:5]):
        if group not in given and owner not in used:
            given[group] = owner
            used.add(owner)
    for group in groups:
        home = next((homes[record] for record in sorted(group) if record in homes and homes[record] not in used), None)
        if group not in given and home is not None:
            given[group] = home
            used.add(home)
    return [(group, given.get(group) or mint()) for group in groups]
