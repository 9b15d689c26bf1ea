"""Where lists show what is published: in the toolbox, or set aside as a copy, a part or no tool, and why.

A reviewer's word goes first. A copy of what the catalogue has stands under it, whatever it is; of several copies of
an origin that nobody knows, the first is shown for all of them. Everything else is listed from a share of the toolbox
on; below it, what is a part of something stands as one.
"""

from __future__ import annotations

from collections.abc import Collection

from harvester.model import Reason, Related, RelationType, Shelf

_COPIES = (RelationType.COPY, RelationType.MIRROR)
_WHOLE = (RelationType.PART, RelationType.INSTANCE)


def shelve(
    toolbox: float,
    *,
    listed_from: float,
    relations: Collection[Related] = (),
    artefact: str | None = None,
    decided: bool | None = None,
    shown_elsewhere: bool = False,
) -> tuple[Shelf, Reason]:
    """The shelf and the reason for it.

    `listed_from` is the least share of the toolbox that is listed, `decided` what a reviewer said of listing it, and
    `shown_elsewhere` that another copy of the same unknown origin is shown for it.
    """
    if decided is not None:
        shelf = Shelf.LISTED if decided else Shelf.OTHER
        return shelf, Reason(f"shelf.reviewer-{'listed' if decided else 'aside'}")
    percent = round(100 * toolbox)
    types = {one.type for one in relations}
    if any(one.type in _COPIES and (one.object or shown_elsewhere) for one in relations):
        return Shelf.COPIES, Reason("shelf.mirror" if RelationType.COPY not in types else "shelf.copy")
    if toolbox >= listed_from:
        return Shelf.LISTED, Reason.of("shelf.toolbox", percent=percent)
    if not types.isdisjoint(_WHOLE):
        return Shelf.PARTS, Reason("shelf.part" if RelationType.PART in types else "shelf.instance")
    if not types.isdisjoint(_COPIES):
        return Shelf.COPIES, Reason("shelf.copy-of-unknown")
    if artefact is not None:
        return Shelf.OTHER, Reason.of("shelf.artefact", artefact=artefact, percent=percent)
    return Shelf.OTHER, Reason.of("shelf.below", percent=percent)
