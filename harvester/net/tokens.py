"""Tokens: which one a request brings along, and what is known of it. Their values are in no text that we make."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from harvester.errors import SettingsError
from harvester.log import hide
from harvester.net.budgets import NOBODY

_log = logging.getLogger(__name__)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Token:
    """`whose` names its budgets: twelve hexadecimal digits of the value's SHA-256."""

    whose: str
    header: str = field(repr=False)
    value: str = field(repr=False)


class Tokens:
    """The tokens of one origin (scheme, host and port), of which each request brings the one that has most left."""

    def __init__(self, url: str, secrets: Iterable[SecretStr | str], *, header: str, scheme: str = "") -> None:
        self.origin = _origin(url)
        values = [secret if isinstance(secret, str) else secret.get_secret_value() for secret in secrets]
        if self.origin[0] == "https":  # the simulated web's are words like any other
            hide(values)
        self.tokens = tuple(
            Token(hashlib.sha256(value.encode()).hexdigest()[:12], header, f"{scheme} {value}".strip())
            for value in dict.fromkeys(values)
        )

    @classmethod
    def authorization(cls, url: str, secrets: Iterable[SecretStr | str], *, scheme: str = "Bearer") -> Tokens:
        """As GitHub ("Bearer") and Forgejo ("token") want them."""
        return cls(url, secrets, header="Authorization", scheme=scheme)

    @classmethod
    def private(cls, url: str, secrets: Iterable[SecretStr | str]) -> Tokens:
        """As GitLab wants them."""
        return cls(url, secrets, header="PRIVATE-TOKEN")

    def __bool__(self) -> bool:
        return bool(self.tokens)

    def __repr__(self) -> str:
        return f"<{len(self.tokens)} tokens for {self.origin[1]}>"

    def at(self, url: str) -> tuple[Token, ...]:
        """Those that a request to this URL may bring: none to another origin."""
        return self.tokens if self.tokens and _origin(url) == self.origin else ()


class Payer:
    """On whose account a session asks: its tokens, or a budget of its own; and what a request is expected to cost."""

    def __init__(self, name: str, tokens: Tokens | None = None) -> None:
        self.name = name.replace(" ", "_") or NOBODY
        self.tokens = tokens
        self._refused: set[Token] = set()
        self._of_thread = threading.local()

    def at(self, url: str) -> tuple[Token | None, ...]:
        """The tokens to choose from; one None: no token."""
        tokens = self.tokens.at(url) if self.tokens else ()
        return tuple(token for token in tokens if token not in self._refused) or tokens or (None,)

    def refused(self, url: str, token: Token) -> bool:
        """Leave out a token that its host does not take (401); whether there is another one to ask with.

        Where there is none the refusal is an answer like any other.
        """
        if token not in self._refused:
            _log.warning("a token for %s is refused (fingerprint %s): replace it", urlsplit(url).hostname, token.whose)
        self._refused.add(token)
        return any(other not in self._refused for other in self.at(url))

    def whose(self, token: Token | None) -> str:
        """Whose budget a request spends."""
        return token.whose if token else self.name

    @property
    def cost(self) -> int:
        """What this thread's next request is expected to cost, in requests or points."""
        return int(getattr(self._of_thread, "cost", 1))

    @contextmanager
    def expecting(self, cost: int) -> Iterator[None]:
        """This thread's requests are expected to cost so much each."""
        before, self._of_thread.cost = self.cost, max(1, cost)
        try:
            yield
        finally:
            self._of_thread.cost = before

    @property
    def last(self) -> str:
        """Whose budget this thread's last request spent."""
        return str(getattr(self._of_thread, "last", self.name))

    @last.setter
    def last(self, whose: str) -> None:
        self._of_thread.last = whose


def _origin(url: str) -> tuple[str, str, int | None]:
    parts: SplitResult = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise SettingsError(f"{url!r} is no address that a token could be for") from None
    return parts.scheme, (parts.hostname or "").rstrip("."), port or _DEFAULT_PORTS.get(parts.scheme)
