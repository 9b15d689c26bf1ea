"""Manners on the network, passed by Scrapy's downloader and by the forges' clients alike.

`guard` lets only public addresses be connected to, `governor` says when a host may be asked next and with which token,
`conditional` asks only for what changed, `counting` counts, `robots` reads what a site allows, `session` joins all that
to requests. The governor of every process of an installation keeps its books in one `ledger`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from pydantic import SecretStr

from harvester.config import Settings
from harvester.log import hide
from harvester.net.conditional import Conditional
from harvester.net.counting import Counting
from harvester.net.governor import Governor
from harvester.net.guard import Guard
from harvester.net.ledger import Ledger
from harvester.net.limits import POLITE, SIMULATED, Limits
from harvester.net.memory import Memory, Remembered
from harvester.net.session import NetSession, open_session
from harvester.net.tokens import Payer, Tokens

__all__ = ["POLITE", "SIMULATED", "Ledger", "Limits", "Memory", "Net", "NetSession", "Remembered", "Tokens"]


class Net:
    """The network for one process.

    `simulated_web` ("127.0.0.1:9001"): every request goes there as to an HTTP proxy, and nothing else is connected
    to. `allow` is reserved for tests: addresses that may be reached although they are not public. `ledger` is shared
    with the other processes of the installation, in which `holder` names this one. `tokens_for` gives the tokens that
    may be sent to the host of a URL.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        simulated_web: str | None = None,
        memory: Memory | None = None,
        limits: Limits | None = None,
        allow: Iterable[str] = (),
        ledger: Ledger | None = None,
        holder: str | None = None,
        tokens_for: Callable[[str], Sequence[SecretStr]] = lambda _url: (),
    ) -> None:
        self.user_agent = user_agent
        self._tokens_for = tokens_for
        self.simulated_web = simulated_web
        self.limits = limits or (SIMULATED if simulated_web else POLITE)
        self.guard = Guard(allow=allow, only=_place(simulated_web) if simulated_web else None)
        self.conditional = Conditional(memory)
        self.counting = Counting()
        self.governor = Governor(self.limits, ledger, holder=holder, counting=self.counting)
        self.proxies: Mapping[str, str] = {"http": f"http://{simulated_web}"} if simulated_web else {}

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        memory: Memory | None = None,
        ledger: Ledger | None = None,
        holder: str | None = None,
    ) -> Net:
        """The network as the settings allow it. Nobody who asks through it needs the settings themselves."""
        return cls(
            settings.user_agent,
            simulated_web=settings.simulated_web,
            memory=memory,
            ledger=ledger,
            holder=holder,
            tokens_for=settings.tokens_for,
        )

    def tokens_for(self, url: str) -> Sequence[SecretStr]:
        """The tokens that may be sent to the host of a URL. No log holds one of them from now on."""
        tokens = self._tokens_for(url)
        hide(token.get_secret_value() for token in tokens)
        return tokens

    def session(self, budget: str, tokens: Tokens | None = None) -> NetSession:
        """A session for a client, whose requests to the tokens' origin bring each the token that has most left.

        Where there are none the rate limits are counted against `budget` ("github:api.github.com").
        """
        return open_session(self, Payer(budget, tokens))

    def back_off(self, url: str, failures: int) -> None:
        """Leave a host alone for a while after it failed; a longer wait that it asked for stays."""
        if self.simulated_web is None:
            self.governor.close(urlsplit(url).hostname or "", self.limits.back_off_s * 2 ** (failures - 1))

    def spent(self) -> Mapping[str, int]:
        """Requests sent so far by "host group" ("api.github.com graphql"): no URLs, no secrets, at most 200 groups."""
        return self.counting.spent()

    def close(self) -> None:
        """Give back what this process holds of hosts; nothing may be asked afterwards."""
        self.governor.end()


def _place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)
