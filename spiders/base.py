"""What every spider is: units are asked, pages are stored. See docs/adding-a-source.md; forges: spiders.forge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from time import monotonic
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

import scrapy
from pydantic import BaseModel, ConfigDict
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from harvester.errors import MISSHAPEN, AddressRefused, BudgetSpent, FetchError, HarvesterError, RobotsRefused, Walled
from harvester.model import (
    BOUND_REACHED,
    PAGING_TRAP,
    Bounds,
    Issue,
    Page,
    RawItem,
    Reading,
    Run,
    Source,
    Terms,
    Unit,
    UnitFailed,
)
from harvester.model.bounds import CATALOGUE
from harvester.net import Net


class Params(BaseModel):
    """Typed parameters of a source; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Frontier(Protocol):
    """The run as the catalogue keeps it: its units, and where its pages go."""

    def forges(self) -> Mapping[str, str]:
        """The hosts that accepted sources harvest as forges, each with its kind ("gitlab")."""
        ...

    def open_units(self, first: Iterable[Unit], *, confirms: bool = False) -> Sequence[Unit]:
        """The units still to be asked; a run that has none yet begins with `first`.

        `confirms`: what the run is not shown is absent only where the source says so (`Page.gone`).
        """
        ...

    def known(self, keys: Sequence[str]) -> Mapping[str, RawItem]:
        """Of these keys the items as earlier runs stored them; none that is gone."""
        ...

    def brought(self) -> Sequence[RawItem]:
        """What this run stored before it was interrupted."""
        ...

    def unseen(self, *, limit: int) -> Sequence[RawItem]:
        """Items of earlier runs that this run was neither shown nor told to be absent, in order of their keys."""
        ...

    def claimed(self, host: str, *, limit: int) -> Sequence[str]:
        """Addresses of repositories on a forge that only other sources name, those first that were never asked there.

        None that was asked in the last weeks.
        """
        ...

    def copied(self, host: str, *, limit: int) -> Mapping[str, Sequence[str]]:
        """Addresses of repositories on a forge that copies alone name, with the bodies whose copies those are.

        Those first that most bodies copied; none that was asked in the last weeks.
        """
        ...

    def store(self, pages: list[tuple[Page, tuple[tuple[RawItem, Reading], ...]]]) -> None:
        """Keep pages with what their items mean, and close their units. Raises Fenced."""
        ...

    def unit_failed(self, failed: UnitFailed) -> None:
        """Keep why a unit could not be asked. Raises Fenced."""
        ...


@dataclass(frozen=True, slots=True)
class Former:
    """How a forge is asked of addresses that others name and it did not list: those on `host`, at most `most` a
    run, `batch` in a request to `endpoint`, which costs a point where it counts `points`."""

    host: str
    endpoint: str
    most: int = 20
    batch: int = 1
    points: bool = False

    def cost(self, addresses: int) -> dict[str, int]:
        """What asking so many would send, by endpoint."""
        requests = ceil(min(addresses, self.most) / self.batch)
        counted = {self.endpoint: requests} | ({f"{self.endpoint} points": requests} if self.points else {})
        return counted if requests else {}


@dataclass(frozen=True, slots=True)
class Within:
    """The `bounds` of a run, and what it brought of them before it was interrupted. `bytes` are all that is stored of
    the source, of which there may be `source_megabytes`."""

    bounds: Bounds
    pages: int = 0
    items: int = 0
    bytes: int = 0
    source_megabytes: float = inf


@dataclass(frozen=True, slots=True)
class Look:
    """An address that a check asks. `unit` is what it is the answer to; None: of a forge, whose answer is JSON of what
    is there, the newest first."""

    url: str
    headers: Mapping[str, str]
    unit: Unit | None = None


class HarvestSpider(scrapy.Spider):
    """A kind of source. Subclasses name themselves and ask units.

    They only fetch: what a payload means says the reader of its format, in harvester.normalize.
    """

    title: ClassVar[str]
    publisher: ClassVar[str | None] = None
    terms: ClassVar[Terms] = Terms()
    default_schedule: ClassVar[str | None] = "17 4 * * *"
    least: ClassVar[int] = 1
    documented_api: ClassVar[bool] = False  # True: the API's own terms and limits hold instead of robots.txt
    bounds: ClassVar[Bounds] = CATALOGUE  # of a run, where no setting says otherwise
    most_bytes: ClassVar[int | None] = None  # of an answer, where a whole catalogue is one; None: as harvester.net says
    Params: ClassVar[type[Params]] = Params

    def __init__(
        self,
        *,
        source: Source,
        frontier: Frontier,
        net: Net,
        most_items: int | None = None,
        within: Within | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(source.name.replace("-", "_") if not getattr(self, "name", None) else self.name, **kwargs)
        self.source = source
        self.frontier = frontier
        self.net = net
        self.items_left = inf if most_items is None else most_items
        self._within = within or Within(self.bounds)
        self._pages_n, self._items_n, self._bytes_n = self._within.pages, self._within.items, self._within.bytes
        self._began, self._is_left = monotonic(), False
        self.params = self.Params.model_validate(dict(source.params))
        self._held: dict[str, set[str]] = {}

    @property
    def is_full(self) -> bool:
        """Whether this run brought as much as it may."""
        return self._reached() is not None

    def bounded(self, page: Page, *, others_wait: bool = False) -> Page:
        """The page; once the run brought as much as it may, without what is more, and with an issue that says so.

        `others_wait`: units that were opened before are still to be asked.
        """
        most = max(0, self._within.bounds.items - self._items_n)
        self._pages_n += 1
        self._items_n += len(page.raw_items) + len(page.seen)
        self._bytes_n += sum(len(raw.payload) for raw in page.raw_items)
        reached, more = self._reached(), len(page.raw_items) > most
        if reached is None or self._is_left or not (more or page.next_units or others_wait):
            return page if reached is None else replace(page, next_units=(), raw_items=page.raw_items[:most])
        self._is_left = True
        left = Issue.of(BOUND_REACHED, place=page.unit.key, bound=reached[0], most=reached[1], pages=self._pages_n)
        return replace(page, raw_items=page.raw_items[:most], next_units=(), issues=(*page.issues, left))

    def _reached(self) -> tuple[str, str] | None:
        """The setting of the bound that the run came to, and what it is; None where it goes on."""
        bounds, within = self._within.bounds, self._within
        if self._bytes_n >= within.source_megabytes * 2**20:
            return "HARVESTER_SOURCE_STORED_MB", f"{within.source_megabytes:g}"
        for setting, had, most in (
            ("HARVESTER_RUN_PAGES", self._pages_n, bounds.pages),
            ("HARVESTER_RUN_ITEMS", self._items_n, bounds.items),
            ("HARVESTER_RUN_STORED_MB", self._bytes_n - within.bytes, bounds.megabytes * 2**20),
            ("HARVESTER_RUN_TIME_LIMIT_S", monotonic() - self._began, bounds.seconds),
        ):
            if had >= most:
                return setting, str(bounds.megabytes if setting.endswith("_MB") else most)
        return None

    def left(self, place: str, *, pages: int, most: int, value: object = None) -> Issue:
        """Why a listing that leads on is left after so many pages: the source's bound of `most`, or a trap."""
        if pages >= most:
            return Issue.of(BOUND_REACHED, place=place, bound="max_pages", most=most, pages=pages)
        return Issue.of(PAGING_TRAP, place=place, value=value, pages=pages)

    def brings_new(self, names: Iterable[str], *, listing: str = "") -> bool:
        """Whether a page of a listing names what no earlier page of it did; its first page always does.

        A listing that leads on and brings nothing new does not end: that is no reason to ask it for ever. A run that
        goes on remembers nothing of it, and asks at most one round more.
        """
        first = listing not in self._held
        held = self._held.setdefault(listing, set())
        new = set(names) - held
        held |= new
        return first or bool(new)

    def first_units(self) -> Iterable[Unit]:
        """The units a run begins with."""
        raise NotImplementedError

    def looks(self) -> Iterable[Look]:
        """Addresses that tell whether the source is there, each asked once by a check. By default none is known."""
        return ()

    @classmethod
    def forecast(cls, params: Any, *, known: int, last: Run | None) -> Mapping[str, int] | None:
        """What a run would send, by endpoint as `Run.spent` counts it; None when nobody can tell.

        Endpoints are "api.github.com graphql" (requests) and "api.github.com graphql points", "gitlab.com rest
        /groups", "www.example.org pages". `known` items are stored; `last` is the last run that ended. By default as
        much as that one sent.
        """
        del params, known
        return last.spent if last is not None and last.spent else None

    @classmethod
    def former(cls, params: Any) -> Former | None:
        """How the source asks where addresses lead that only others list; None: it does not."""
        del params
        return None

    @classmethod
    def copied(cls, params: Any) -> Former | None:
        """How the source asks for the origins of copies that nobody lists; None: it does not."""
        del params
        return None

    @classmethod
    def own_hosts(cls, params: Any) -> Sequence[str]:
        """The hosts of a forge, for whose things alone it speaks, its own name first. A catalogue has none: what it
        lists is elsewhere."""
        del params
        return ()

    @classmethod
    def asks_its_own_hosts(cls, params: Mapping[str, Any]) -> bool:
        """Whether parameters lead to the hosts that the kind is named after. Of another instance of it (the catalogue
        of another country) the kind's title, publisher and terms say nothing."""
        for name, field in cls.Params.model_fields.items():
            own = _hosts(field.default)
            if own and name in params and not _hosts(params[name]) <= own:
                return False
        return True


def _hosts(value: Any) -> set[str | None]:
    """The hosts of a parameter's addresses."""
    values = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else ()
    return {urlsplit(each).hostname for each in values if isinstance(each, str) and "://" in each}


class WebSpider(HarvestSpider):
    """Asks its units through Scrapy's downloader: `request` says how, `page` what an answer holds."""

    waiting_n: int = 0  # units that are open, and were not answered yet

    def request(self, unit: Unit) -> Request:
        """How to ask for one unit."""
        raise NotImplementedError

    def page(self, response: Response, unit: Unit) -> Page:
        """The raw items of an answer, verbatim, and the units that follow.

        InputError: it is no such answer. FetchError: it is a broken one, that another attempt may get whole.
        """
        raise NotImplementedError

    def looks(self) -> Iterable[Look]:
        """What the first units ask, those that are asked by GET."""
        for unit in self.first_units():
            request = self.request(unit)
            if request.method == "GET":
                told = {name.decode(): values[-1].decode("latin-1") for name, values in request.headers.items()}
                yield Look(request.url, told, unit)

    async def start(self) -> AsyncIterator[Any]:
        units = self.frontier.open_units(self.first_units())
        self.waiting_n = len(units)
        for unit in units:
            yield self._ask(unit)

    def _ask(self, unit: Unit) -> Request:
        request = self.request(unit)
        if self.most_bytes is not None:
            request.meta["download_maxsize"] = self.most_bytes
        return request.replace(callback=self._came, errback=self._failed, cb_kwargs={"unit": unit}, dont_filter=True)

    def _came(self, response: Response, **about: Any) -> Iterator[Any]:
        self.waiting_n -= 1
        yield from self._answered(response, **about)
        if self._is_left and self.waiting_n > 0:
            raise CloseSpider("capped")

    def _answered(self, response: Response, unit: Unit) -> Iterator[Any]:
        try:
            page = self.bounded(self.page(response, unit), others_wait=self.waiting_n > 0)
        except HarvesterError as error:
            final = not isinstance(error, FetchError)
            yield UnitFailed(unit, str(error), response.status, response.url, final=final)
            return
        except MISSHAPEN as error:  # of this page alone: the others are harvested
            self.logger.warning("%s: not understood", unit.key, exc_info=True)
            why = f"it is in no form that is understood: {type(error).__name__}: {error}"
            yield UnitFailed(unit, why, response.status, response.url, final=True)
            return
        yield page
        self.items_left -= len(page.raw_items)
        if self.items_left > 0:
            self.waiting_n += len(page.next_units)
            for following in page.next_units:
                yield self._ask(following)

    def _failed(self, failure: Failure) -> Iterator[Any]:
        self.waiting_n -= 1
        request: Request = failure.request  # type: ignore[attr-defined]
        response: Response | None = getattr(failure.value, "response", None)
        status = response.status if response is not None else None
        yield UnitFailed(
            request.cb_kwargs["unit"],
            str(failure.value) or type(failure.value).__name__,
            status,
            request.url,
            final=status in (404, 410) or isinstance(failure.value, AddressRefused | RobotsRefused | Walled),
            capped=isinstance(failure.value, BudgetSpent),
            retry_at=failure.value.retry_at if isinstance(failure.value, BudgetSpent) else None,
        )
