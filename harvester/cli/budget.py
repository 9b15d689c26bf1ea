"""`harvester budget`: what a run would cost and when it would end, by what is left and how politely hosts are asked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from harvester.catalogue import Catalogue
from harvester.cli.common import as_json, echo_json, messages, opened, show
from harvester.model import Run, RunState, Source
from harvester.net import POLITE, SIMULATED, Limits
from harvester.net.budgets import Left, left
from harvester.net.counting import POINTS, requests_in

_STRETCH = 1.16
"""By how much the governor stretches a spacing in the mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCost:
    """One endpoint: what it would cost in requests, or in points where its budget is counted in points."""

    endpoint: str
    predicted: int
    left: Left | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`waits`: it would be stopped by a spent budget and go on later. `ends_at` is None where a limit is not known."""

    lines: tuple[EndpointCost, ...]
    ends_at: datetime | None
    waits: bool


def forecast(
    spent: Mapping[str, int],
    left: Mapping[str, Left],
    limits: Limits,
    *,
    now: datetime,
    api: bool,
    last: Run | None = None,
) -> Forecast:
    """The forecast of a run that would spend so much by endpoint. `left` is by "host resource"."""
    needs: Counter[str] = Counter()
    for endpoint, number in spent.items():
        if endpoint + POINTS not in spent:
            needs[budget_of(endpoint)] += number
    refills = [_refilled_at(need, left[name], now) for name, need in needs.items() if name in left]
    known = [moment for moment in refills if moment is not None]
    paced = now + timedelta(seconds=_seconds(spent, needs, left, limits, api=api, last=last))
    return Forecast(
        lines=tuple(
            EndpointCost(endpoint=endpoint, predicted=number, left=left.get(budget_of(endpoint)))
            for endpoint, number in sorted(spent.items())
        ),
        ends_at=max(paced, *known, now) if len(known) == len(refills) else None,
        waits=any(moment is None or moment > now for moment in refills),
    )


def budget_of(endpoint: str) -> str:
    """ "host resource" that an endpoint of `Run.spent` is counted under ("api.github.com rest /search": search)."""
    host, _, what = endpoint.removesuffix(POINTS).partition(" ")
    resource = {"graphql": "graphql", "rest /search": "search"}.get(what, "core")
    return f"{host} {resource}"


def _refilled_at(need: int, left: Left, now: datetime) -> datetime | None:
    """When the budget would have had so much; None when its limit is not known."""
    lacking = need - left.remaining
    if lacking <= 0:
        return now
    if not left.limit:
        return None
    window = timedelta(seconds=left.window_s)
    first = left.resets_at if left.resets_at > now else now + window
    return first + (math.ceil(lacking / left.limit) - 1) * window


def _seconds(
    spent: Mapping[str, int],
    needs: Mapping[str, int],
    left: Mapping[str, Left],
    limits: Limits,
    *,
    api: bool,
    last: Run | None,
) -> float:
    """How long asking takes: spacing, points a minute, and how long the last run took for as many requests."""
    spacing = limits.api_spacing_s if api else limits.spacing_s
    by_host: Counter[str] = Counter()
    for endpoint, number in spent.items():
        if not endpoint.endswith(POINTS):
            by_host[endpoint.partition(" ")[0]] += number
    times = [spacing * _STRETCH * number for number in by_host.values()]
    for name, need in needs.items():
        host, _, resource = name.partition(" ")
        a_minute = limits.points_a_minute.get(host, {}).get("graphql" if resource == "graphql" else "rest")
        if a_minute:
            tokens = left[name].tokens if name in left else 1
            times.append(60.0 * max(0, math.ceil(need / (a_minute * tokens)) - 1))
    asked = requests_in(last.spent) if last is not None else 0
    if last is not None and asked and last.started_at and last.finished_at:
        times.append((last.finished_at - last.started_at).total_seconds() * requests_in(spent) / asked)
    return max(times, default=0.0)


_ENDED = (RunState.FINISHED, RunState.STOPPED, RunState.CAPPED)


@click.command()
@click.argument("source")
@as_json
def budget(source: str, as_json: bool) -> None:
    """Predict what a run of a source would cost, and when it would end.

    Costs are requests by endpoint, and points where a forge counts in points. Left is what its last answers told.

    \b
    Example:
      harvester budget italia
    """
    from harvester.scrapy_process import spider_class

    with opened() as (settings, catalogue):
        wanted = catalogue.sources.get(source)
        kind = spider_class(wanted.spider)
        last = _last(catalogue, wanted)
        params = kind.Params.model_validate(dict(wanted.params))
        spent = kind.forecast(params, known=catalogue.sources.items(source), last=last)
        if spent is not None and (asking := kind.former(params)):
            claimed = catalogue.harvest.claimed(source, asking.host, limit=asking.most)
            spent = Counter(spent) + Counter(asking.cost(len(claimed)))
        if spent is not None and (asking := kind.copied(params)):
            unlisted = catalogue.origins.unlisted(asking.host, limit=asking.most)
            spent = Counter(spent) + Counter(asking.cost(len(unlisted)))
        now = datetime.now(UTC)
        limits = SIMULATED if settings.simulated_web else POLITE
        known = left(catalogue.ledger)
    told = None
    if spent is not None:
        told = forecast(spent, known, limits, now=now, api=kind.documented_api, last=last)
    if as_json:
        echo_json(_plain(source, told, last))
        return
    if told is None:
        why = "it never ran" if last is None else f"run {last.id} sent nothing"
        messages.print(f"what a run of {source} would cost is not known: {why}, and its spider cannot tell")
        return
    show(_rows(told), ("endpoint", "predicted", "left", "limit", "refills"), json_wanted=False, empty="no requests")
    messages.print(_sentence(told, now))


def _last(catalogue: Catalogue, source: Source) -> Run | None:
    ended: Sequence[Run] = [run for run in catalogue.runs.recent(source.name, 20) if run.state in _ENDED]
    return next((run for run in ended if run.spent), ended[0] if ended else None)


def _rows(told: Forecast) -> list[dict[str, Any]]:
    return [{"endpoint": line.endpoint, "predicted": line.predicted, **_left(line.left)} for line in told.lines]


def _left(known: Left | None) -> dict[str, Any]:
    if known is None:
        return {"left": None, "limit": None, "refills": None}
    refills = known.resets_at.isoformat(timespec="seconds")
    return {"left": known.remaining, "limit": known.limit, "refills": refills}


def _plain(source: str, told: Forecast | None, last: Run | None) -> dict[str, Any]:
    return {
        "source": source,
        "last_run": last.id if last is not None else None,
        "predicted": _rows(told) if told is not None else None,
        "ends_at": told.ends_at.isoformat(timespec="seconds") if told is not None and told.ends_at else None,
        "waits_for_budget": told.waits if told is not None else None,
    }


def _sentence(told: Forecast, now: datetime) -> str:
    if told.ends_at is None:
        return "a budget would be spent, and when it refills is not known"
    waits = ", waiting for a spent budget" if told.waits else ""
    minutes = max(1, round((told.ends_at - now).total_seconds() / 60))
    return f"begun now it would end about {told.ends_at:%Y-%m-%d %H:%M} UTC, in {minutes} min{waits}"
