"""What is kept of an earlier answer, so that an unchanged one costs a 304."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An answer with its validators. `body` is decoded (no content encoding); `headers` are those worth replaying."""

    etag: str | None
    last_modified: str | None
    status: int
    headers: Mapping[str, str]
    body: bytes


class Memory(Protocol):
    """Where answers are kept between runs; URLs are whole, with their query."""

    def recall(self, url: str) -> Remembered | None:
        """The answer that the URL last gave."""
        ...

    def remember(self, url: str, answer: Remembered) -> None:
        """Keep an answer in the place of the earlier one."""
        ...
