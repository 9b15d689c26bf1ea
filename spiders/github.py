"""GitHub: every public repository of the owners named, a page of several owners at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from harvester.config import load_settings
from harvester.errors import ForgeError
from harvester.forges import cost
from harvester.forges.github import API_URL, GitHub
from harvester.forges.queries import MAX_PAGE_SIZE, Listing
from harvester.model import Page, RawItem, Reading, Terms, Unit
from harvester.net import Net, Tokens
from harvester.normalize import github as reader
from harvester.normalize.canonical import canonical_json
from harvester.normalize.urls import canonical_repository
from spiders.base import ForgeSpider, Params

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_MOST_REFUSALS = 6
"""After so many answers of "too much" in a row it may be GitHub that is down: the smallest query will tell."""


def _login(value: str) -> str:
    if not _LOGIN.fullmatch(value):
        raise ValueError(f"{value!r} is no login of GitHub: give the name alone, without https://github.com/")
    return value


class GitHubParams(Params):
    """`publiccode_only`: skip repositories without the file. `page_size` repositories an owner and query;
    `placeholders` are payload fields served without meaning."""

    owners: tuple[Annotated[str, AfterValidator(_login)], ...] = Field(min_length=1)
    api_url: str = API_URL
    country: str | None = None
    publisher: str | None = None
    placeholders: tuple[str, ...] = ()
    publiccode_only: bool = False
    page_size: int = Field(33, ge=1, le=MAX_PAGE_SIZE)
    owners_per_query: int = Field(10, ge=1, le=30)


class GitHubSpider(ForgeSpider):
    """GitHub, or a GitHub Enterprise by its `api_url`."""

    name = "github"
    title = "GitHub"
    publisher = "GitHub, Inc."
    terms = Terms(url="https://docs.github.com/en/site-policy/github-terms/github-terms-of-service")
    documented_api = True
    concurrency = 1
    Params: ClassVar[type[GitHubParams]] = GitHubParams
    params: GitHubParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        api = urlsplit(self.params.api_url)
        settings = load_settings()
        # http is spoken by the simulated web only, and its GitHub wants a token as well: any word does
        given = settings.tokens_for(self.params.api_url) if api.scheme == "https" else ["simulated"]
        session = net.session(f"github:{api.hostname}", Tokens.authorization(self.params.api_url, given))
        self.client = GitHub(session, api_url=self.params.api_url, user_agent=settings.user_agent)
        self._refusals = 0
        self._totals: dict[str, int] = {}

    def first_units(self) -> Iterable[Unit]:
        """Owners by batches of `owners_per_query`, each once whatever its letter case."""
        owners = list({login.lower(): login for login in self.params.owners}.values())
        size = min(self.params.owners_per_query, cost.owners_that_fit(first=self.params.page_size))
        for batch in _batches(owners, size):
            yield _unit([Listing(login) for login in batch], self.params.page_size)

    def ask(self, unit: Unit) -> Page:
        """One query. Owners that have more follow together; a query that was too much follows in halves.

        `Page.total` is what all owners that were asked so far have.
        """
        listings = [Listing(**listing) for listing in unit.data["listings"]]
        first = int(unit.data["first"])
        if self._refusals > _MOST_REFUSALS:
            self._probe(listings[0])
        answer = self.client.repositories(listings, first=first)
        self._refusals = 0 if answer.pages else self._refusals + 1
        following = [page.following for page in answer.pages if page.following]
        next_units = [_unit(following, min(first * 2, self.params.page_size))] if following else []
        next_units += self._smaller(answer.unanswered, first, of=len(listings))
        self._totals |= {page.listing.login: page.total for page in answer.pages if page.total is not None}
        now = datetime.now(UTC)
        return Page(
            unit=unit,
            raw_items=tuple(self._raw(item, now) for page in answer.pages for item in page.payloads),
            next_units=tuple(next_units),
            total=sum(self._totals.values()) or None,
            issues=tuple(issue for page in answer.pages for issue in page.issues),
        )

    def _probe(self, listing: Listing) -> None:
        """The smallest query there is. ForgeError: it was too much as well, so no halving will help."""
        if self.client.repositories([listing], first=1).unanswered:
            raise self._too_much([listing])
        self._refusals = 0

    def _smaller(self, listings: Sequence[Listing], first: int, *, of: int) -> Iterator[Unit]:
        """Units that ask for `listings` again, each for less than the query of `of` owners that left them out."""
        if not listings:
            return
        if len(listings) < of:
            yield _unit(listings, first)
        elif of > 1:
            middle = (of + 1) // 2
            yield _unit(listings[:middle], first)
            yield _unit(listings[middle:], first)
        elif first > 1:
            yield _unit(listings, first // 2)
        else:
            raise self._too_much(listings)

    def _too_much(self, listings: Sequence[Listing]) -> ForgeError:
        url = self.client.requester.graphql_url
        owners = ", ".join(listing.login for listing in listings)
        return ForgeError(f"{url} gave up, however little was asked of {owners}", url=url, remedy="try again later")

    def _raw(self, item: Mapping[str, Any], now: datetime) -> RawItem:
        placeholders = self.params.placeholders
        number = None if "databaseId" in placeholders else item["databaseId"]
        url = item["url"] or f"https://{self.client.host}/{item['nameWithOwner']}"
        key = f"{self.client.host}:{number}" if number is not None else canonical_repository(url) or url
        context: dict[str, Any] = {
            "country": self.params.country,
            "publisher": self.params.publisher,
            "publiccode_only": self.params.publiccode_only,
        }
        return RawItem(
            key=key,
            format="github",
            payload=canonical_json(item),
            url=url,
            fetched_at=now,
            context={name: value for name, value in context.items() if value}
            | ({"placeholders": sorted(placeholders)} if placeholders else {}),
        )

    def closed(self, _reason: str) -> None:
        """Scrapy's hook at the end: what the run cost in points of GitHub's hourly budget, among Scrapy's stats."""
        if self.crawler.stats is not None:
            self.crawler.stats.set_value("github/points", self.client.points)

    @classmethod
    def read(cls, raw: RawItem) -> Reading:
        """The repository's record, and its publiccode.yml's."""
        return reader.read(raw)


def _batches(owners: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(owners), size):
        yield owners[start : start + size]


def _unit(listings: Sequence[Listing], first: int) -> Unit:
    """A unit named after its first owner, and a digest of all that it asks."""
    asked = "\n".join(f"{listing.login} {listing.after or ''}" for listing in listings)
    digest = hashlib.sha256(asked.encode()).hexdigest()[:12]
    more = f"+{len(listings) - 1}" if len(listings) > 1 else ""
    data = [{"login": each.login, "after": each.after, "seen": each.seen} for each in listings]
    return Unit(f"owner:{listings[0].login}{more}:{digest}:first={first}", {"listings": data, "first": first})
