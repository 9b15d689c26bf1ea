"""Every error the harvester raises on purpose.

HarvesterError
├── SettingsError          a HARVESTER_ variable cannot be used
├── SourceError            a source is unknown, or its parameters are wrong
├── InputError             a payload cannot be read (with its place: line, column or path)
├── FetchError             the network answered badly; never means that a thing is gone
│   ├── AddressRefused     the address is not public, or its scheme is not http(s)
│   ├── RobotsRefused      robots.txt forbids the page, or could not be had
│   ├── Walled             the host asks for a browser
│   ├── BudgetSpent        no request may be sent before `retry_at`
│   └── ForgeError         a forge's API answered with an error
├── CatalogueError         the catalogue cannot do this
│   ├── CatalogueUnavailable  its database is not there, held by others, or damaged
│   ├── Fenced             another attempt took this run over: nothing may be stored
│   ├── NotFound           no such thing
│   └── Conflict           somebody else changed it first
└── SearchError            the index cannot answer
    ├── IndexUnavailable   the engine is not there
    │   └── IndexDamaged   its files are damaged: rebuild it
    ├── IndexOutdated      the index was written for another mapping: rebuild it
    └── IndexLosses        the one that was built anew lost much, and took no place
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harvester.model import Reason


class HarvesterError(Exception):
    """Base of the tree. `remedy` says what the reader can do about it; it is part of the printed message.

    Message and remedy are English, for logs and the command. What visitors may cause has a `reason` as well, which a
    page says in their language.
    """

    remedy: str | None

    def __init__(self, message: str, *, remedy: str | None = None, reason: Reason | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class SettingsError(HarvesterError):
    """A setting cannot be used; the message names the variable and its value."""


class SourceError(HarvesterError):
    """A source is unknown, or its parameters are wrong."""


class InputError(HarvesterError):
    """A payload cannot be read.

    `line` and `column` count from 1; `place` is a path into the payload ("description.it.features").
    """

    def __init__(
        self,
        message: str,
        *,
        place: str | None = None,
        line: int | None = None,
        column: int | None = None,
        value: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.place = place
        self.line = line
        self.column = column
        self.value = value


class FetchError(HarvesterError):
    """The network answered badly. It says nothing about whether the thing still exists."""

    def __init__(
        self, message: str, *, url: str | None = None, status: int | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.url = url
        self.status = status


class AddressRefused(FetchError):
    """The address is not public (or not http or https), so no connection was opened."""


class RobotsRefused(FetchError):
    """robots.txt forbids the page, or answered with an error, which forbids everything (RFC 9309, 2.3.1.4)."""


class Walled(FetchError):
    """Before its pages the host asks for a browser (Anubis, Cloudflare): only its owner can let us in."""


class BudgetSpent(FetchError):
    """The token's or host's budget is spent; `retry_at` is when it refills (UTC)."""

    def __init__(self, message: str, *, retry_at: datetime, url: str | None = None) -> None:
        super().__init__(message, url=url)
        self.retry_at = retry_at


class ForgeError(FetchError):
    """A forge's API answered with an error."""


class CatalogueError(HarvesterError):
    """The catalogue cannot do this."""


class CatalogueUnavailable(CatalogueError):
    """The database is not there, held by others, or damaged. `what` says so without naming a place, for strangers."""

    def __init__(self, message: str, *, what: str, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.what = what


class Fenced(CatalogueError):
    """A newer attempt of the run exists: this one may store nothing."""


class NotFound(CatalogueError):
    """No such thing in the catalogue."""


class Conflict(CatalogueError):
    """Somebody else changed it first; read it again."""


class SearchError(HarvesterError):
    """The index cannot answer."""


class IndexUnavailable(SearchError):
    """The search engine is not there."""


class IndexDamaged(IndexUnavailable):
    """The index's files are damaged: it is made anew from the catalogue."""


class IndexOutdated(SearchError):
    """The index was written for another mapping or engine version."""


class IndexLosses(SearchError):
    """The index that was built anew lacks what it should hold, and did not take the old one's place."""


class TookTooLong(BaseException):
    """Raised in the midst of what took longer than it may; no error, so that nothing on the way takes it for one."""


MISSHAPEN = (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError)
"""What comes of an answer whose values are not of the types that they should be."""
