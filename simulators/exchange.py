"""What a simulated host is asked and answers, without any server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from starlette.responses import Response


@dataclass(slots=True, kw_only=True)
class Ask:
    """One request. `path` is as it was sent, percent-encoded, below `base`; header names are lower case.

    The host writes `operation` (the endpoint: "GET /orgs/{org}/repos") and `unit` (what of it: "org=italia page=2")
    for the log; neither holds a token or anything of a body beyond a query's variables.
    """

    host: str
    method: str = "GET"
    path: str = "/"
    base: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    operation: str = ""
    unit: str = ""

    @property
    def root(self) -> str:
        """How the host is addressed: http, as the simulated web has no certificates."""
        return f"http://{self.host}{self.base}"

    @property
    def token(self) -> str | None:
        """The token that was sent, whatever the header."""
        sent = self.headers.get("authorization", "").split(None, 1)
        if len(sent) == 2 and sent[0].lower() in ("bearer", "token"):
            return sent[1]
        return self.headers.get("private-token")

    def number(self, name: str, default: int, *, most: int | None = None) -> int:
        """A whole number of the query; the default where there is none or it is nonsense."""
        value = self.query.get(name, "")
        found = int(value) if value.isdecimal() and int(value) > 0 else default
        return found if most is None else min(found, most)

    def link(self, relation: str, **changes: object) -> str:
        """A part of a Link header: this request with other parameters; None leaves a parameter out."""
        query = {**self.query, **{name: str(value) for name, value in changes.items() if value is not None}}
        for name in (name for name, value in changes.items() if value is None):
            query.pop(name, None)
        return f'<{self.root}{self.path}?{urlencode(query)}>; rel="{relation}"'


class Host(Protocol):
    """A simulated virtual host."""

    def answer(self, ask: Ask) -> Response:
        """The answer to one request. It computes and never waits."""
        ...


class ByPath:
    """Several simulated systems under one name, each below a path of its own ("" for the one at the root).

    So two recordings of one forge keep apart what they hold while both speak as that forge.
    """

    def __init__(self, hosts: Mapping[str, Host]) -> None:
        self.hosts = dict(hosts)

    def answer(self, ask: Ask) -> Response:
        """The answer of the system with the longest path that fits."""
        for base in sorted(self.hosts, key=len, reverse=True):
            if not base or ask.path == base or ask.path.startswith(base + "/"):
                ask.base, ask.path = base, ask.path[len(base) :] or "/"
                return self.hosts[base].answer(ask)
        return as_json({"message": "Not Found"}, 404)


def as_json(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, media: str = "application/json"
) -> Response:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, dict(headers or {}), media_type=media)


def revalidated(ask: Ask, answer: Response) -> Response:
    """The answer with an ETag made from its body, or 304 without a body where the asker has it already."""
    etag = f'W/"{hashlib.sha256(bytes(answer.body)).hexdigest()[:40]}"'
    answer.headers["etag"] = etag
    if answer.status_code != 200 or etag not in ask.headers.get("if-none-match", ""):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return Response(None, 304, kept)
