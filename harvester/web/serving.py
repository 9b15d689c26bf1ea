"""How the server takes requests: the bounds of heads and connections, and whom it believes about who asks."""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import suppress
from functools import partial
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from harvester.config import Settings

MAX_HEAD_BYTES = 32_768
"""Of a request's line and headers together; the longest address that is answered takes a quarter of it."""
REQUEST_S = 20.0
"""Within which a request has to be here, head and body: a form of ours is 64 KiB at most."""
READ_S = 60.0
"""Within which whoever asked has to read on, where an answer waits for that."""
MOST_CONNECTIONS = 4_096
_OTHER_FILES = 256  # of the database, the index and the log
_TOGETHER = 128  # connections that are accepted at once: they are counted afterwards
_TURN_S = 0.0005  # a thread may have to wait for others each time it goes on, and a page is some five threads' work


class BoundedConnection(H11Protocol):
    """A connection that ends when its request does not come in time, or its answer is not read.

    `waiting` are all that wait for a request, the oldest first: where there are too many of them it makes room.
    """

    def __init__(self, *args: Any, waiting: dict[BoundedConnection, None], most: int, **named: Any) -> None:
        super().__init__(*args, **named)
        self._waiting = waiting
        self._most = most
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._most and self._waiting:
            next(iter(self._waiting))._end()
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._within(READ_S)

    def resume_writing(self) -> None:
        self._stop()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop()
        elif self not in self._waiting and not self.transport.is_closing():
            self._wait()

    def _wait(self) -> None:
        self._within(REQUEST_S)
        self._waiting[self] = None

    def _within(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._end)

    def _stop(self) -> None:
        self._waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._stop()
        self.transport.abort()


def serving(app: FastAPI, settings: Settings, **more: Any) -> uvicorn.Config:
    """The server's configuration; without HARVESTER_TRUSTED_PROXIES nobody says for whom they ask."""
    sys.setswitchinterval(_TURN_S)
    return uvicorn.Config(
        app,
        http=partial(BoundedConnection, waiting={}, most=_most_connections()),  # type: ignore[arg-type]  # made as a class is
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,  # httptools would read headers without end
        proxy_headers=settings.trusted_proxies is not None,
        forwarded_allow_ips=settings.trusted_proxies or "",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_TOGETHER,
        timeout_graceful_shutdown=3,
        **more,
    )


def _most_connections() -> int:
    """As many as there may be files, besides others."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files < 0 else max(_TOGETHER, min(MOST_CONNECTIONS, files - _OTHER_FILES - _TOGETHER))


def allow_connections() -> None:
    """As many open files as the system lets this process have: a thousand half-sent requests take a shell's default."""
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
