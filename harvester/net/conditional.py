"""Asking again only for what changed: validators from the last answer, and a 304 answered from memory as a 200."""

from __future__ import annotations

from collections.abc import Mapping

from harvester.net.memory import Memory, Remembered

_REPLAYED = (
    "content-type",
    "last-modified",
    "link",
    "x-next-page",
    "x-page",
    "x-per-page",
    "x-total",
    "x-total-count",
    "x-total-pages",
)
"""What a body's paging needs: an answer without a body (304) may leave it out."""
"""Headers that clients read to page on. Rate limits are of the moment and never replayed."""
_MOST_BYTES = 4 * 1024 * 1024


class Conditional:
    """Revalidation of GETs of documented APIs. Without a memory it does nothing."""

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory

    @property
    def remembers(self) -> bool:
        """Whether there is a memory at all."""
        return self._memory is not None

    def recall(self, method: str, url: str) -> Remembered | None:
        """The earlier answer, when it can be asked for again by its validators."""
        if self._memory is None or method != "GET":
            return None
        known = self._memory.recall(url)
        return known if known is not None and known.status == 200 and (known.etag or known.last_modified) else None

    def learn(self, method: str, url: str, answer: Remembered) -> None:
        """Keep an answer that can be asked for again; nothing personal: no cookies, no rate limits."""
        if self._memory is None or method != "GET" or answer.status != 200 or len(answer.body) > _MOST_BYTES:
            return
        if answer.etag or answer.last_modified:
            self._memory.remember(url, answer)


def validators(known: Remembered) -> dict[str, str]:
    """The headers that ask "only if it changed since"."""
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in asked.items() if value}


def remembered(status: int, headers: Mapping[str, str], body: bytes) -> Remembered:
    """An answer as it is kept. Header names in lower case; `no-store` leaves no validators, so it is not kept."""
    store = "no-store" not in headers.get("cache-control", "").lower()
    return Remembered(
        etag=headers.get("etag") if store else None,
        last_modified=headers.get("last-modified") if store else None,
        status=status,
        headers={name: headers[name] for name in _REPLAYED if name in headers},
        body=body,
    )
