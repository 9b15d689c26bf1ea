"""A request's turn at a host: what it asks for, whose budget it spends, and what its answer told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harvester.net import budgets, holders, hosts
from harvester.net.ledger import Entries
from harvester.net.limits import Limits
from harvester.net.tokens import Payer, Token
from harvester.net.waiting import wait_s

NOTHING = (None, None)
"""What an answer says that says nothing about the next request."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What a request may be paid from: keys of the ledger. `minute` has at most `a_minute` points."""

    token: Token | None
    budget: str
    minute: str | None = None
    a_minute: int = 0


@dataclass(slots=True, eq=False)
class Turn:
    """`purse` is chosen as the turn comes. A turn that is not `booked` was handed on within this process.

    `began` is when whoever waited went on, by the monotonic clock.
    """

    url: str
    host: str
    spacing_s: float
    purses: tuple[Purse, ...]
    account: Payer
    cost: int = 1
    booked: bool = False
    purse: Purse | None = None
    answer: tuple[int, Mapping[str, str]] | None = field(default=None, repr=False)
    began: float = 0.0
    over: bool = False

    @property
    def token(self) -> Token | None:
        """The token that the request brings."""
        return self.purse.token if self.purse else None

    @property
    def handed(self) -> bool:
        """Whether such turns may be handed on without asking the ledger for each."""
        return not self.spacing_s and self.purses[0].token is None and self.purses[0].minute is None

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in what the answer says about the next request. Header names in lower case."""
        self.answer = status, headers

    def says(self, now: float) -> tuple[float | None, budgets.ToldBudget | None]:
        """(seconds for which the host wants no request, what is left of the budget); `now` in seconds since 1970."""
        if self.answer is None:
            return NOTHING
        status, headers = self.answer
        told = budgets.told(headers, now=now)
        wait = wait_s(status, headers, now=now)
        if told is not None and told.remaining == 0 and "retry-after" not in headers:
            wait = None  # a spent budget closes itself; being told to wait closes the host
        return wait, told

    def paid_from(self, told: budgets.ToldBudget | None) -> str:
        """The key of the budget that the answer speaks of."""
        purse = self.purse or self.purses[0]
        if told is None or told.resource is None:
            return purse.budget
        return budgets.key(self.account.whose(purse.token), self.host, told.resource)


def turn_for(url: str, limits: Limits, account: Payer, *, spacing_s: float) -> Turn:
    """A turn to ask for, with the purses that its account has for this URL."""
    host = host_of(url)
    resource = budgets.resource_of(url)
    kind = "graphql" if resource == "graphql" else "rest"
    a_minute = limits.points_a_minute.get(host, {}).get(kind, 0)
    purses = []
    for token in account.at(url):
        whose = account.whose(token)
        minute = budgets.minute_key(whose, host, kind) if a_minute else None
        purses.append(Purse(token, budgets.key(whose, host, resource), minute, a_minute))
    return Turn(url, host, spacing_s, tuple(purses), account, account.cost)


def host_of(url: str) -> str:
    """The host, without the dot that ends an absolute name."""
    return (urlsplit(url).hostname or "").rstrip(".")


def keys(turn: Turn, holder: str) -> list[str]:
    """The ledger's entries that a turn asks for."""
    minutes = [purse.minute for purse in turn.purses if purse.minute]
    return [hosts.key(turn.host), holders.spent_key(holder), *(purse.budget for purse in turn.purses), *minutes]


def choose(turn: Turn, entries: Entries, now: float) -> tuple[Purse, float, float]:
    """The purse that can pay soonest, and of those that can now the fullest; seconds until its budget refills, and
    until it can pay: a minute's points are waited for, however long.
    """

    def rank(purse: Purse) -> tuple[float, float, float]:
        budget = entries[purse.budget]
        return waits(purse)[1], -budgets.available(budget, now), budget.get("asked_at", 0.0)

    def waits(purse: Purse) -> tuple[float, float]:
        budget_s = budgets.wait_s(entries[purse.budget], turn.cost, now)
        if purse.minute is None:
            return budget_s, budget_s
        minute_s = budgets.minute_wait_s(entries[purse.minute], turn.cost, purse.a_minute, now)
        return budget_s, max(budget_s, minute_s)

    best = min(turn.purses, key=rank)
    return (best, *waits(best))
