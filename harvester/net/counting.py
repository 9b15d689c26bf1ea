"""How many requests went where: for a run's report. Groups are few and hold no path of a thing, token or query."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

MOST_GROUPS = 200
"""More hosts than this are counted together as "other"."""
POINTS = " points"
"""How a group ends that counts no requests, but what they cost."""
REST_ROOT = re.compile(r"^(?:/api/v\d+|/v\d+)(?=/|$)")
_WORD = re.compile(r"[a-z][a-z_-]{1,30}")


def group_of(url: str) -> str:
    """ "api.github.com graphql", "gitlab.example rest /projects", "www.example pages"."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path
    if path == "/robots.txt":
        return f"{host} robots"
    if path.endswith("/graphql"):
        return f"{host} graphql"
    root = REST_ROOT.match(path)
    if root is None and not host.startswith("api."):
        return f"{host} pages"
    first = path[root.end() if root else 0 :].strip("/").partition("/")[0]
    return f"{host} rest /{first}" if _WORD.fullmatch(first) else f"{host} rest"


class Counting:
    """Counts requests that were sent. Safe from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, url: str) -> None:
        """One request was sent there."""
        self._add(group_of(url), 1)

    def points(self, url: str, points: int) -> None:
        """A request that was counted cost so many points of a budget that is not counted in requests."""
        self._add(group_of(url) + POINTS, points)

    def _add(self, group: str, number: int) -> None:
        with self._lock:
            if group not in self._counts and len(self._counts) >= MOST_GROUPS:
                group = "other" + (POINTS if group.endswith(POINTS) else "")
            self._counts[group] += number

    def spent(self) -> Mapping[str, int]:
        """Requests by group, as they are now."""
        with self._lock:
            return dict(self._counts)


def requests_in(spent: Mapping[str, int]) -> int:
    """The requests of what was spent: points are no requests."""
    return sum(number for group, number in spent.items() if not group.endswith(POINTS))


def without_query(url: str) -> str:
    """The URL for a message or a log: no user, password, query or fragment, at most 200 characters."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])[:200]
