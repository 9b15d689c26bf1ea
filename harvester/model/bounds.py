"""What a run brings at the most, by the kind of its source: whoever is asked may have pages without end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The most that a run brings before it asks no further. `megabytes` are of payloads as they are stored.

    A spider's class names those of its kind. HARVESTER_RUN_PAGES, HARVESTER_RUN_ITEMS, HARVESTER_RUN_STORED_MB and
    HARVESTER_RUN_TIME_LIMIT_S put others in their places, for every source of an installation.
    """

    pages: int
    items: int
    megabytes: int
    seconds: int


LONGEST_S = 3600
"""The time of the kind that has most of it."""
FORGE = Bounds(pages=50_000, items=200_000, megabytes=2048, seconds=3600)
"""A forge's API: a page for a hundred repositories, and one for the details of some of them."""
CATALOGUE = Bounds(pages=20_000, items=100_000, megabytes=1024, seconds=3600)
"""A catalogue's API, or a server's listing: up to a page for each of its entries."""
PAGES = Bounds(pages=60_000, items=50_000, megabytes=512, seconds=3600)
"""Web pages, that are asked with a pause between them: a list, and a page for each entry."""
FILES = Bounds(pages=1_000, items=100_000, megabytes=1024, seconds=1800)
"""Files and archives that hold a catalogue whole, or a part of it each."""
