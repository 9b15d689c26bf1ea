"""Previews of sources, while they are made and after: each is a crawl in a child process that stores nothing."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from harvester.catalogue.database import now
from harvester.config import Settings
from harvester.errors import Conflict, HarvesterError, NotFound
from harvester.model import Reason, Source
from harvester.runs import check
from harvester.runs.preview import Preview, preview

ITEMS = 20
_TOGETHER = 2  # each is an interpreter with Scrapy in it
_KEPT = 20

Look = Callable[[Settings, Source], Preview]


@dataclass(slots=True, kw_only=True)
class Looked:
    """A preview of a source that need not be stored: `result` once it came, `failure` where it could not be made."""

    id: str
    source: Source
    began: datetime
    result: Preview | None = None
    failure: str = ""

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.result is not None or bool(self.failure)

    @property
    def seconds(self) -> int:
        """For how long it is under way."""
        return round((datetime.now(UTC) - self.began).total_seconds())


class Previews:
    """The last previews of this process, and those that are under way: two at a time."""

    def __init__(self, look: Look = lambda settings, source: preview(settings, source, limit=ITEMS)) -> None:
        self._look = look
        self._kept: dict[str, Looked] = {}
        self._lock = threading.Lock()

    def start(self, settings: Settings, source: Source) -> Looked:
        """Begin one. Raises Conflict while two are under way."""
        with self._lock:
            if sum(not one.is_over for one in self._kept.values()) >= _TOGETHER:
                raise Conflict("two previews are under way", reason=Reason("conflict.previews"))
            for old in [key for key, one in self._kept.items() if one.is_over][: max(0, len(self._kept) + 1 - _KEPT)]:
                del self._kept[old]
            made = Looked(id=secrets.token_hex(8), source=source, began=now())
            self._kept[made.id] = made
        threading.Thread(target=self._make, args=(settings, made), name="preview", daemon=True).start()
        return made

    def _make(self, settings: Settings, made: Looked) -> None:
        try:
            made.result = self._look(settings, made.source)
        except HarvesterError as error:
            made.failure = error.message
        except Exception as error:  # noqa: BLE001 - whoever waits for it has to hear of it
            made.failure = f"{type(error).__name__}: {error}"

    def get(self, key: str) -> Looked:
        """One by its id. Raises NotFound where it is of an earlier start, or was long ago."""
        found = self._kept.get(key)
        if found is None:
            raise NotFound("no such preview", remedy="look again")
        return found


class Checking:
    """The sources whose addresses are being checked for somebody who asked for it on a page."""

    def __init__(self, look: Callable[[Settings, str, str], None] = check.apart) -> None:
        self._look = look
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def start(self, settings: Settings, source: str, *, by: str) -> None:
        """Begin, unless it is under way. Raises Conflict while two are."""
        with self._lock:
            if source in self._running:
                return
            if len(self._running) >= _TOGETHER:
                raise Conflict("two checks are under way", reason=Reason("conflict.checks"))
            self._running.add(source)
        threading.Thread(target=self._make, args=(settings, source, by), name="check", daemon=True).start()

    def _make(self, settings: Settings, source: str, by: str) -> None:
        try:
            self._look(settings, source, by)
        finally:
            with self._lock:
                self._running.discard(source)

    def is_under_way(self, source: str) -> bool:
        """Whether a check of it is."""
        return source in self._running
