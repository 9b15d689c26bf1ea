"""How the server takes requests: the bounds of heads and connections, and whom it believes about who asks."""

from __future__ import annotations

from typing import Any

import uvicorn
from fastapi import FastAPI

from harvester.config import Settings

MAX_HEAD_BYTES = 32_768
"""Of a request's line and headers together; the longest address that is answered takes a quarter of it."""


def serving(app: FastAPI, settings: Settings, **more: Any) -> uvicorn.Config:
    """The server's configuration; without HARVESTER_TRUSTED_PROXIES nobody says for whom they ask."""
    return uvicorn.Config(
        app,
        http="h11",  # httptools reads headers without end
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        proxy_headers=settings.trusted_proxies is not None,
        forwarded_allow_ips=settings.trusted_proxies or "",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        **more,
    )
