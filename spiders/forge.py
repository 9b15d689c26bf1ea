"""What every spider of a forge is: units are asked through a client, then what no listing showed, then former names."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from harvester.errors import MISSHAPEN, BudgetSpent, FetchError, ForgeError
from harvester.forges.sweep import BROKEN_SERVER, ForgeWords, Sweep, Told
from harvester.model import COPIED, COPIED_BY, FORMER, LEADS_TO, Issue, Page, RawItem, Unit, UnitFailed
from harvester.model.bounds import FORGE
from harvester.normalize.repository import asked
from spiders.base import Former, HarvestSpider, Params

_STORED_POLL_S = 0.02
_CONFIRM = "confirm:"
MOST_BODIES = 10
"""Of those that copied an origin so many are named."""


class ForgeParams(Params):
    """What all sources that are forges have. `country` and `publisher` are those of every repository.

    `paths` are files below the root that are read as well, a publiccode.yml in a folder. `publiccode_only`: skip
    repositories without one. `describing` are names of repositories ("owner/name") that hold no software but the
    publiccode.yml of one that is elsewhere. `placeholders` are payload fields that a forge serves without meaning.
    `max_pages` ends a listing that would not end by itself; GitHub's do. `hosts` are the forge's own beside that of its
    address: where its repositories are cloned, or were before it moved. `origins`: of so many repositories a run the
    forge is asked that are known through their copies alone; 0: of none.
    """

    country: str | None = Field(None, pattern="^[A-Z]{2}$")
    publisher: str | None = None
    placeholders: tuple[str, ...] = ()
    publiccode_only: bool = False
    paths: tuple[str, ...] = Field((), max_length=10)
    describing: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    max_pages: int = Field(2000, ge=1)
    origins: int = Field(20, ge=0, le=1000)

    def sweep(
        self, words: ForgeWords, *, host: str, known: Callable[[Sequence[str]], Mapping[str, RawItem]], files: bool
    ) -> Sweep:
        """What compares the answers of the forge at `host` with what earlier runs stored of it."""
        told: dict[str, Any] = {"country": self.country, "publisher": self.publisher}
        told |= {"publiccode_only": self.publiccode_only, "placeholders": sorted(self.placeholders)}
        return Sweep(
            words,
            host=host,
            hosts=self.hosts,
            known=known,
            asked=asked(self.paths, files=files),
            context={name: value for name, value in told.items() if value},
            describing=self.describing,
        )


class ForgeSpider(HarvestSpider):
    """Asks its units through a blocking client, off the event loop, `concurrency` at a time.

    When every unit was had, what earlier runs stored and this one was not shown is asked for by itself: the answer
    tells what was renamed, moved out of the listings, or is absent. Without that, nothing is known of it.
    """

    bounds = FORGE
    params: ForgeParams
    sweep: Sweep
    named_at: ClassVar[str | None] = None  # the endpoint where a repository's name is asked
    leads_on: ClassVar[bool] = True  # a former name is led on there
    concurrency: int = 1  # GitHub asks for a serial queue
    confirm_batch: int = 0  # items a confirming unit asks for; 0: this forge is never asked

    def sweep_of(self, words: ForgeWords, *, host: str, files: bool = True) -> Sweep:
        """See ForgeParams.sweep."""
        return self.params.sweep(words, host=host, known=self.frontier.known, files=files)

    def ask(self, unit: Unit) -> Page:
        """Ask one unit (blocking). Raises FetchError when it cannot be had."""
        raise NotImplementedError

    def take(self, waiting: deque[Unit]) -> Sequence[Unit]:
        """Take the units that are asked next, all at once: the first one, where a forge is asked one by one."""
        return [waiting.popleft()]

    def ask_all(self, asked: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        """Ask units that were taken together (blocking). Raises FetchError for those that have no page yet."""
        for unit in asked:
            yield unit, self.ask(unit)

    @classmethod
    def former(cls, params: Any) -> Former | None:
        """A request each at the instance that the parameter `url` names. See HarvestSpider."""
        return cls._at(params) if cls.leads_on else None

    @classmethod
    def copied(cls, params: Any) -> Former | None:
        """A request each at the instance that the parameter `url` names. See HarvestSpider."""
        asking = cls._at(params) if cls.seeks_origins(params) else None
        return replace(asking, most=params.origins) if asking else None

    @classmethod
    def seeks_origins(cls, params: ForgeParams) -> bool:
        """Whether origins are asked for. What has to hold a publiccode.yml is not known to hold one before it is looked
        into."""
        return params.origins > 0 and not params.publiccode_only

    @classmethod
    def _at(cls, params: Any) -> Former | None:
        host = urlsplit(params.url).hostname if cls.named_at else None
        return Former(host, f"{host} rest {cls.named_at}") if host else None

    @classmethod
    def own_hosts(cls, params: Any) -> Sequence[str]:
        """The instance's, by its parameter `url`, and those that an operator names. See HarvestSpider."""
        return (urlsplit(params.url).hostname or "", *params.hosts)

    def led_to(self, names: Sequence[str]) -> Mapping[str, Told]:
        """What each of these names leads to on the forge (blocking), as far as its key needs; a name that leads nowhere
        is left out. Asked where `former` says so. Raises FetchError."""
        raise NotImplementedError

    def shown(self, names: Sequence[str]) -> Mapping[str, Any]:
        """What the forge shows of the repositories of these names (blocking), as it served it, by name; one that is
        not there is left out. Raises FetchError."""
        raise NotImplementedError

    def told(self, served: Any) -> Told | None:
        """What is kept of a repository that was served by itself; None: not everybody may see it."""
        raise NotImplementedError

    def confirm(self, unit: Unit, items: Sequence[RawItem]) -> Page:
        """Ask for each of these items by itself (blocking): each is then among the page's items, `seen` or `gone`.

        An item that is in none of them stays as it is: the forge would not say. Raises FetchError.
        """
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        whole = True
        first = self.frontier.open_units(self.first_units(), confirms=self.confirm_batch > 0)
        async for answer in self._asked(first):
            whole = whole and isinstance(answer, Page)
            yield answer
        await self._stored()
        whole = whole and not self.is_full
        if whole and self.confirm_batch:
            async for answer in self._confirmed():
                yield answer
            whole = not self.is_full
        if whole and (asking := self.former(self.params)):
            await self._stored()
            async for answer in self._asked(self._claimed(asking)):
                yield answer
        if whole and (asking := self.copied(self.params)):
            await self._stored()
            async for answer in self._asked(self._origins_of_copies(asking)):
                yield answer

    def _claimed(self, asking: Former) -> Iterator[Unit]:
        """Units for the addresses that only others list."""
        for address in self.frontier.claimed(asking.host, limit=asking.most):
            name = address.removeprefix(f"https://{asking.host}/")
            yield Unit(f"{FORMER}{address}", {"kind": "former", "name": name})

    def _former(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        """What others' addresses lead to; those that lead nowhere change nothing. What leads to a repository that is
        not stored is to be asked again when it is."""
        found = self.sweep.led(self.led_to([unit.data["name"] for unit in units]))
        for place, unit in enumerate(units):
            key = found.ask.get(unit.data["name"])
            closed = replace(unit, data={**unit.data, LEADS_TO: key}) if key else unit
            yield unit, Page(unit=closed) if place else self.sweep.page(closed, found)

    def _origins_of_copies(self, asking: Former) -> Iterator[Unit]:
        """Units for the addresses that only copies name."""
        for address, bodies in self.frontier.copied(asking.host, limit=asking.most).items():
            name = address.removeprefix(f"https://{asking.host}/")
            by = {"n": len(bodies), "names": list(bodies[:MOST_BODIES])}
            yield Unit(f"{COPIED}{address}", {"kind": "copied", "name": name, COPIED_BY: by})

    def _proposed(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, Page]]:
        """The origins of copies, each with who copied it. One that is not there is remembered by its unit."""
        copied = {unit.data["name"]: unit.data[COPIED_BY] for unit in units}
        issues: list[Issue] = []

        def told(one: tuple[str, Any]) -> tuple[str, Told] | None:
            kept = self.told(one[1])
            return None if kept is None else (one[0], kept)

        shown = self.sweep.readable(issues, self.shown(list(copied)).items(), told)
        found = self.sweep.proposed(dict(shown), copied)
        found.issues += issues
        for place, unit in enumerate(units):
            yield unit, Page(unit=unit) if place else self.sweep.page(unit, found)

    async def _confirmed(self) -> AsyncIterator[Page | UnitFailed]:
        """The pages of confirming units, until every item was asked for once, or the run has as much as it may."""
        asked: set[str] = set()
        while not self.is_full:
            items = self.frontier.unseen(limit=len(asked) + self.confirm_batch + 1)
            untold = [item.key for item in items if item.key not in asked]
            if not untold:
                return
            keys = untold[: self.confirm_batch]
            asked.update(keys)
            unit = Unit(f"{_CONFIRM}{keys[0]}+{len(keys) - 1}", {"keys": keys})
            async for answer in self._asked([unit], others_wait=len(untold) > len(keys)):
                yield answer
                if isinstance(answer, UnitFailed):
                    return
            await self._stored()

    def _answers(self, units: Sequence[Unit]) -> list[tuple[Unit, Page | FetchError]]:
        """What asking these units brings, for each of them its page or why there is none."""
        answers: dict[str, tuple[Unit, Page | FetchError]] = {}
        try:
            if units[0].key.startswith(_CONFIRM):
                unit = units[0]
                page = self.confirm(unit, list(self.frontier.known(unit.data["keys"]).values()))
                answers[unit.key] = unit, page
            else:
                for unit, page in self._ask(units[0])(units):
                    answers[unit.key] = unit, page
        except FetchError as error:
            answers |= {unit.key: (unit, error) for unit in units if unit.key not in answers}
        except MISSHAPEN as error:  # of this unit alone: the others are harvested
            self.logger.warning("%s: not understood", units[0].key, exc_info=True)
            strange = ForgeError(f"it is in no form that is understood: {type(error).__name__}: {error}")
            answers |= {unit.key: (unit, strange) for unit in units if unit.key not in answers}
        return list(answers.values())

    def _ask(self, unit: Unit) -> Callable[[Sequence[Unit]], Iterator[tuple[Unit, Page]]]:
        """How units of this one's kind are asked."""
        if unit.key.startswith(FORMER):
            return self._former
        return self._proposed if unit.key.startswith(COPIED) else self.ask_all

    async def _asked(self, first: Iterable[Unit], *, others_wait: bool = False) -> AsyncIterator[Page | UnitFailed]:
        """What asking these units and all that follow from them brings. `others_wait`: more are asked after them."""
        waiting = deque(first)
        running: set[asyncio.Task[list[tuple[Unit, Page | FetchError]]]] = set()
        capped: BudgetSpent | None = None
        answered = 0
        while waiting or running:
            await self._stored(but=answered)
            while waiting and len(running) < self.concurrency:
                if capped:
                    yield _unit_failed(waiting.popleft(), capped)
                else:
                    running.add(asyncio.create_task(asyncio.to_thread(self._answers, self.take(waiting))))
            if not running:
                break
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            answers = [answer for task in done for answer in task.result()]
            answered = len(answers)
            for unit, answer in answers:
                if isinstance(answer, Page):
                    page = self.bounded(answer, others_wait=others_wait or bool(waiting))
                    waiting.extend(page.next_units)
                    if self.is_full:
                        waiting.clear()
                    yield page
                else:
                    capped = answer if isinstance(answer, BudgetSpent) else capped
                    yield _unit_failed(unit, answer)

    async def _stored(self, *, but: int = 0) -> None:
        """Wait until no more than so many answers are still to be read and stored.

        Before more is asked, those of the answers before the last ones: what is in memory, and asked again after a
        kill, is bounded. In the end for all: Scrapy looks only every five seconds whether items kept it from ending.
        """
        slot = self.crawler.engine.scraper.slot
        if slot is None:
            return
        while slot.itemproc_size > but:  # noqa: ASYNC110 - Scrapy counts, and tells nobody
            await asyncio.sleep(_STORED_POLL_S)


def one_by_one(ask: Callable[[str], Told | None], names: Iterable[str]) -> dict[str, Told]:
    """What each name leads to, asked by itself. Raises FetchError where the forge is spent or in trouble."""
    found = {}
    for name in names:
        try:
            told = ask(name)
        except FetchError as error:
            if isinstance(error, BudgetSpent) or error.status in BROKEN_SERVER:
                raise
            continue
        if told is not None:
            found[name] = told
    return found


def _unit_failed(unit: Unit, error: FetchError) -> UnitFailed:
    if isinstance(error, BudgetSpent):
        return UnitFailed(unit, str(error), url=error.url, capped=True, retry_at=error.retry_at)
    return UnitFailed(unit, str(error), error.status, error.url, final=error.status in (404, 410))
