"""What a search engine is to the rest of the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from harvester.search.document import Document
from harvester.search.query import Query
from harvester.search.result import Applied, EngineHealth, Hit, Result, Suggestion


class Engine(Protocol):
    """An index in generations: one is searched, a fresh one is filled beside it and then takes its place.

    Every method raises IndexUnavailable when the engine is not there, and IndexOutdated when what stands there was
    written for another mapping.
    """

    name: str

    def begin(self) -> str:
        """Make an empty generation and return its name."""
        ...

    def activate(self, generation: str) -> None:
        """Search this generation from now on, at once for every reader; the one that was searched is kept, and all
        others are removed."""
        ...

    def previous(self) -> str | None:
        """The generation that was searched before, while it is kept: until another takes its place."""
        ...

    def discard(self, generation: str) -> None:
        """Remove a generation that was never activated."""
        ...

    def versions(self, generation: str) -> Mapping[str, int]:
        """Which version of which software a generation holds."""
        ...

    def current(self) -> str | None:
        """The generation that is searched; None before the first. IndexOutdated, IndexDamaged: it has to be rebuilt."""
        ...

    def apply(self, generation: str, upserts: Sequence[Document], deletes: Sequence[tuple[str, int]] = ()) -> Applied:
        """Write documents, and delete (id, version). A late write never wins over a newer version's, nor a deletion's.

        What was applied is found by the next search. A document that cannot be written fails alone.
        """
        ...

    def search(self, query: Query) -> Result:
        """Answer a query from the current generation."""
        ...

    def total(self, query: Query) -> int:
        """How many softwares a query finds."""
        ...

    def every(self, query: Query) -> Iterator[Mapping[str, Any]]:
        """The documents of all softwares found (Document.shown()), without end of paging, in the query's order.

        All are of one state of the index. Which of several equally good ones comes first is not said.
        """
        ...

    def after(self, query: Query, cursor: str) -> Sequence[Hit]:
        """The next `size` softwares found whose ids come after a cursor, in the order of ids; "" is before all."""
        ...

    def suggest(self, text: str, *, limit: int = 8) -> Sequence[Suggestion]:
        """Softwares of the toolbox whose name holds the words typed, the last perhaps unfinished; by standing."""
        ...

    def near(self, word: str, *, distance: int, limit: int = 200) -> Sequence[Mapping[str, Any]]:
        """The documents (Document.shown()) with a word that differs by at most `distance` letters; by standing."""
        ...

    def count(self, generation: str | None = None) -> int:
        """How many softwares a generation holds, the current one by default; 0 before the first."""
        ...

    def healthy(self) -> EngineHealth:
        """Whether a search would be answered. Never raises."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
