"""Manners on the network, passed by Scrapy's downloader and by the forges' clients alike.

`guard` lets only public addresses be connected to, `governor` says when a host may be asked next, `conditional` asks
only for what changed, `counting` counts, `robots` reads what a site allows, `session` joins all that to requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import requests

from harvester.net.conditional import Conditional
from harvester.net.counting import Counting
from harvester.net.governor import Governor
from harvester.net.guard import Guard
from harvester.net.limits import POLITE, SIMULATED, Limits
from harvester.net.memory import Memory, Remembered
from harvester.net.session import open_session

__all__ = ["POLITE", "SIMULATED", "Limits", "Memory", "Net", "Remembered"]


class Net:
    """The network for one process.

    `simulated_web` ("127.0.0.1:9001"): every request goes there as to an HTTP proxy, and nothing else is connected
    to. `allow` is reserved for tests: addresses that may be reached although they are not public.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        simulated_web: str | None = None,
        memory: Memory | None = None,
        limits: Limits | None = None,
        allow: Iterable[str] = (),
    ) -> None:
        self.user_agent = user_agent
        self.simulated_web = simulated_web
        self.limits = limits or (SIMULATED if simulated_web else POLITE)
        self.guard = Guard(allow=allow, only=_place(simulated_web) if simulated_web else None)
        self.governor = Governor(self.limits)
        self.conditional = Conditional(memory)
        self.counting = Counting()
        self.proxies: Mapping[str, str] = {"http": f"http://{simulated_web}"} if simulated_web else {}

    def session(self, budget: str) -> requests.Session:
        """A session for a client. Its rate limits are counted against `budget` ("github:api.github.com")."""
        return open_session(self, budget)

    def back_off(self, url: str, failures: int) -> None:
        """Leave a host alone for a while after it failed; a longer wait that it asked for stays."""
        if self.simulated_web is None:
            self.governor.close(urlsplit(url).hostname or "", self.limits.back_off_s * 2 ** (failures - 1))

    def spent(self) -> Mapping[str, int]:
        """Requests sent so far by "host group" ("api.github.com graphql"): no URLs, no secrets, at most 200 groups."""
        return self.counting.spent()


def _place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)
