"""The recorded sources as simulated systems, and the sources that harvest them. Nothing recorded is kept here.

`corpus_web(folder)` gives the hosts, `corpus_sources(folder)` the sources; tools.corpus_counts counts what they hold.
"""

from __future__ import annotations

from pathlib import Path

from harvester.model import Source
from simulators.exchange import Host
from tools import corpus_forges, corpus_lists, corpus_registers

_PARTS = (corpus_forges, corpus_registers, corpus_lists)


def corpus_web(folder: Path) -> dict[str, Host]:
    """The hosts of the recorded sources, by name."""
    found: dict[str, Host] = {}
    for part in _PARTS:
        hosts = part.hosts(folder)
        if twice := found.keys() & hosts.keys():
            raise ValueError(f"{part.__name__} serves hosts that another part serves already: {sorted(twice)}")
        found |= hosts
    return found


def corpus_sources(folder: Path) -> list[Source]:
    """A source for each recording; of the French dump one for each host. They ask the simulated web over http."""
    return [source for part in _PARTS for source in part.sources(folder)]
