"""`harvester budget`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from harvester.catalogue import Catalogue
from harvester.cli.common import as_json, messages, opened, show
from harvester.model import Run, RunState, Source
from harvester.net import POLITE, SIMULATED
from harvester.net.budgets import Left, left
from harvester.runs.forecast import Forecast, forecast

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
        now = datetime.now(UTC)
        limits = SIMULATED if settings.simulated_web else POLITE
        known = left(catalogue.ledger)
    told = None
    if spent is not None:
        told = forecast(spent, known, limits, now=now, api=kind.documented_api, last=last)
    if as_json:
        click.echo(json.dumps(_plain(source, told, last), ensure_ascii=False, indent=2))
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
