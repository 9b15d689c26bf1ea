"""A simulated catalogue API in the shape of Developers Italia's: pages with opaque cursors, YAML inside JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from starlette.responses import Response

from simulators.exchange import Ask, as_json, revalidated

DEFAULT_SIZE = 25
MOST = 100


class Italia:
    """GET /v1/software over entries with `id`, `url`, `aliases`, `publiccodeYml`, `active`, `createdAt`, `updatedAt`.

    Entries are listed by date of creation. A cursor holds the date and the id at which a page begins or ends.
    """

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._entries = sorted(entries, key=_place)

    def answer(self, ask: Ask) -> Response:
        """A page of entries, one entry, or a problem."""
        if ask.path == "/v1/software":
            ask.operation = "GET /v1/software"
            ask.unit = f"after={ask.query.get('page[after]', '')}"
            return revalidated(ask, self._page(ask))
        if ask.path.startswith("/v1/software/"):
            ask.operation = "GET /v1/software/{id}"
            wanted = ask.path.rsplit("/", 1)[1]
            found = next((entry for entry in self._entries if entry["id"] == wanted), None)
            return _problem(404, "can't get Software") if found is None else revalidated(ask, as_json(found))
        return _problem(404, "Not Found")

    def _page(self, ask: Ask) -> Response:
        size = ask.number("page[size]", DEFAULT_SIZE)
        if size > MOST:
            return _problem(422, f"page[size] is {size}, at most {MOST} are given")
        places = [_place(entry) for entry in self._entries]
        try:
            after, before = _decoded(ask.query.get("page[after]")), _decoded(ask.query.get("page[before]"))
        except ValueError:
            return _problem(422, "wrong cursor format in page[after] or page[before]")
        if before is not None:
            end = sum(place < before for place in places)
            start = max(0, end - size)
        else:
            start = sum(place <= after for place in places) if after else 0
            end = min(start + size, len(places))
        # the real API repeats neither the size nor the host in its links
        following = f"?page[after]={_encoded(places[end - 1])}" if 0 < end < len(places) else None
        earlier = f"?page[before]={_encoded(places[start])}" if 0 < start < len(places) else None
        return as_json({"data": self._entries[start:end], "links": {"prev": earlier, "next": following}})


class RecordedPages:
    """GET /v1/software answering recorded pages as they are: the first, then each at the cursor that leads to it."""

    def __init__(self, pages: Sequence[bytes]) -> None:
        self._first = pages[0]
        self._at: dict[str, bytes] = {}
        for page, following in pairwise(pages):
            self._at[_cursor(json.loads(page)["links"]["next"])] = following
            self._at[_cursor(json.loads(following)["links"]["prev"])] = page

    def answer(self, ask: Ask) -> Response:
        """A recorded page, byte by byte; its size is as recorded, whatever is asked."""
        if ask.path != "/v1/software":
            return _problem(404, "Not Found")
        ask.operation = "GET /v1/software"
        cursor = ask.query.get("page[after]") or ask.query.get("page[before]")
        ask.unit = f"after={cursor or ''}"
        body = self._at.get(cursor) if cursor else self._first
        if body is None:
            return _problem(422, "wrong cursor format in page[after] or page[before]")
        return revalidated(ask, Response(body, media_type="application/json"))


def _cursor(link: str) -> str:
    return link.partition("]=")[2]


def _place(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry["createdAt"]), str(entry["id"])


def _encoded(place: tuple[str, str]) -> str:
    return base64.b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def _decoded(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    date, identifier = json.loads(base64.b64decode(cursor, validate=True))
    return str(date), str(identifier)


def _problem(status: int, detail: str) -> Response:
    title = {404: "Not found", 422: "Unprocessable Entity"}[status]
    return as_json({"title": title, "detail": detail, "status": status}, status, media="application/problem+json")
