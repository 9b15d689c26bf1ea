"""Which reader reads which format: each is found in this folder, by the format that it is marked with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import harvester.normalize as folder
from harvester.errors import InputError
from harvester.model import RawItem, Reading
from harvester.normalize.believed import believed
from harvester.normalize.urls import Forges, known_forges


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a format: a pure function of a raw item that raises nothing for bad input, which it refuses.

    A better reader has a higher version, so that `harvester renormalize` and what it changed can be told. `of_forge`:
    what it reads is a forge's word on a repository of its own, as it was when the forge was asked. `copies_forge`: it
    is a dump of what forges said.
    """

    format: str
    version: int
    function: Callable[[RawItem], Reading]
    of_forge: bool = False
    copies_forge: bool = False

    @property
    def name(self) -> str:
        """As a record keeps it: "sill/2"."""
        return f"{self.format}/{self.version}"

    def __call__(self, raw: RawItem) -> Reading:
        return self.function(raw)


def reads(
    format: str, *, version: int, of_forge: bool = False, copies_forge: bool = False
) -> Callable[[Callable[[RawItem], Reading]], Reader]:
    """Marks a module's `read` as the reader of a format."""

    def marked(function: Callable[[RawItem], Reading]) -> Reader:
        return Reader(format, version, function, of_forge, copies_forge)

    return marked


@cache
def readers() -> dict[str, Reader]:
    """Every reader by its format. ValueError: two read one format."""
    found: dict[str, Reader] = {}
    for module in iter_modules(folder.__path__):
        reader = getattr(import_module(f"{folder.__name__}.{module.name}"), "read", None)
        if isinstance(reader, Reader) and found.setdefault(reader.format, reader) is not reader:
            raise ValueError(f"{module.name} reads {reader.format}, which another module reads, too")
    return found


def told_by_forge(name: str) -> bool:
    """Whether a record of this reader ("github/5") is a forge's own word: a dump's may be years old."""
    reader = readers().get(name.partition("/")[0])
    return reader is not None and reader.of_forge


def looked_at(name: str, seen: datetime, as_of: datetime | None) -> datetime | None:
    """Until when a record of this reader would know of a change: of a forge until it was asked (`seen`), of a dump of
    forges until its own date (`as_of`); None: nobody can tell, as of a catalogue's entry."""
    reader = readers().get(name.partition("/")[0])
    if reader is None:
        return None
    return seen if reader.of_forge else as_of if reader.copies_forge else None


def read(raw: RawItem, *, forges: Forges = frozenset(), hosts: Sequence[str] | None = None) -> Reading:
    """What an item means, by the reader of its format.

    `forges` are hosts that are known as such beside those that everybody knows: accepted sources harvest them. `hosts`
    are the source's own, for whose things alone it speaks (see `believed`); None: the reader's word as it is.
    InputError: there is no reader, as where older code meets an item that newer code stored; nothing can be said of it
    then, not even that it is wrong.
    """
    reader = readers().get(raw.format)
    if reader is None:
        remedy = f"use a version that has one; this one reads {', '.join(sorted(readers()))}"
        raise InputError(f"{raw.key}: no reader of the format {raw.format!r}", remedy=remedy)
    with known_forges(forges):
        reading = reader(raw)
        return reading if hosts is None else believed(reading, raw, hosts=hosts, of_forge=reader.of_forge)
