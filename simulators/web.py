"""The simulated web: many hosts behind one address, told apart by the Host header as a proxy would."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from simulators.exchange import Ask, Host, as_json

STATS_HOST = "simulated.test"
KEPT_LINES = 10_000
KEPT_ENDPOINTS = 2_000


@dataclass(slots=True)
class AccessLog:
    """What was asked of whom: the newest lines, counts by host and endpoint, and all lines in a file if one is given.

    No line holds a token, a body or an address of the asker.
    """

    file: TextIO | None = None
    lines: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    endpoints: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    most_in_flight: Counter[str] = field(default_factory=Counter)

    def begin(self, host: str) -> None:
        """A request of that host is being answered from now on."""
        self.in_flight[host] += 1
        self.most_in_flight[host] = max(self.most_in_flight[host], self.in_flight[host])

    def end(self, ask: Ask, status: int) -> None:
        """The request is answered."""
        host = ask.host
        line = {
            "host": host,
            "method": ask.method,
            "path": ask.path[:500],
            "operation": ask.operation,
            "unit": ask.unit,
            "status": status,
            "in_flight": self.in_flight[host],
        }
        self.in_flight[host] -= 1
        self.lines.append(line)
        self.requests[host] += 1
        self.statuses[f"{host} {status}"] += 1
        endpoint = f"{host} {ask.operation or ask.method}"
        if endpoint in self.endpoints or len(self.endpoints) < KEPT_ENDPOINTS:
            self.endpoints[endpoint] += 1
        if self.file is not None:
            self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.file.flush()

    def stats(self) -> dict[str, Any]:
        """The counts since the start or the last reset."""
        return {
            "total": self.requests.total(),
            "requests": dict(self.requests),
            "statuses": dict(self.statuses),
            "endpoints": dict(self.endpoints),
            "most_in_flight": dict(self.most_in_flight),
        }

    def reset(self) -> None:
        """Begin counting anew."""
        for kept in (self.requests, self.statuses, self.endpoints, self.most_in_flight):
            kept.clear()
        self.lines.clear()


class SimulatedWeb:
    """An ASGI application of virtual hosts. `latency_s` passes before each answer, as on a real network."""

    def __init__(self, hosts: Mapping[str, Host], *, latency_s: float = 0.0, log: AccessLog | None = None) -> None:
        self.hosts = {name.lower(): host for name, host in hosts.items()}
        self.latency_s = latency_s
        self.log = log or AccessLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        ask = await asked(request)
        if ask.host == STATS_HOST:
            await self._own(ask)(scope, receive, send)
            return
        self.log.begin(ask.host)
        status = 500
        try:
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            answer = self.respond(ask)
            status = answer.status_code
            if ask.method == "HEAD":
                answer.body = b""
            await answer(scope, receive, send)
        finally:
            self.log.end(ask, status)

    def respond(self, ask: Ask) -> Response:
        """The answer of the host that was asked; 502 where there is no such host, as a proxy says it."""
        host = self.hosts.get(ask.host)
        if host is None:
            return PlainTextResponse(f"The simulated web has no host {ask.host!r}.\n", 502)
        return host.answer(ask)

    def _own(self, ask: Ask) -> Response:
        if ask.path == "/_stats":
            return as_json(self.log.stats())
        if ask.path == "/_log":
            return as_json(list(self.log.lines)[-ask.number("last", 1000, most=KEPT_LINES) :])
        if ask.path == "/_reset" and ask.method == "POST":
            self.log.reset()
            return as_json({})
        if ask.path == "/_hosts":
            return as_json(sorted(self.hosts))
        return PlainTextResponse("/_stats, /_log, /_hosts, POST /_reset\n", 404)


async def asked(request: Request) -> Ask:
    """The request in the hosts' words. The host is the Host header's, without its port."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return Ask(
        host=request.headers.get("host", "").rsplit(":", 1)[0].lower(),
        method=request.method,
        path=raw.decode("ascii", "replace"),
        query=dict(parse_qsl(request.scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)),
        headers=dict(request.headers),
        body=await request.body() if request.method in ("POST", "PUT", "PATCH") else b"",
    )


def create_app(hosts: Mapping[str, Host], *, latency_s: float = 0.0, log_file: Path | None = None) -> Starlette:
    """The simulated web as an application; `log_file` gets a JSON line for each request."""
    log = AccessLog(file=log_file.open("a", encoding="utf-8") if log_file else None)
    web = SimulatedWeb(hosts, latency_s=latency_s, log=log)
    app = Starlette(routes=[Mount("/", app=web)])
    app.state.web = web
    return app
