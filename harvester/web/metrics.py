"""/metrics, as Prometheus reads it (text format 0.0.4): for monitors that have the installation's token alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response

from harvester import __version__
from harvester.catalogue.database import now
from harvester.model import Checked, CheckFinding, Judgement, Run, Source
from harvester.web.house import House, house_of
from harvester.web.identity import Access, Refused
from harvester.web.rooms import Rooms

MOST_SOURCES = 1_000  # that have lines of their own: no label grows without bound
_RUNS = 14
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class Metric:
    """One metric with its samples: labels and a value."""

    name: str
    means: str
    kind: str = "gauge"
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """One sample."""
        self.samples.append((labels, value))

    def lines(self) -> Iterator[str]:
        """As they are read."""
        yield f"# HELP {self.name} {self.means}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.samples:
            told = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
            yield f"{self.name}{{{told}}} {value:.17g}" if told else f"{self.name} {value:.17g}"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def show_metrics(request: Request) -> Response:
    """The metrics. Without a token in the settings there is no such page."""
    house = house_of(request)
    token = house.settings.metrics_token
    if token is None:
        raise Refused(404, "not-found")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = secrets.compare_digest(given.strip().encode(), token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not right:
        return PlainTextResponse("a token is needed\n", 401, {"www-authenticate": "Bearer"})
    text = "\n".join(line for metric in _metrics(house) for line in metric.lines())
    return Response(f"{text}\n", media_type=_TYPE)


def _metrics(house: House) -> Iterator[Metric]:
    catalogue = house.catalogue
    build = Metric("harvester_build_info", "The version that serves the pages.")
    build.add(1, version=__version__)
    softwares = Metric("harvester_softwares", "Softwares by state.")
    for state, count in sorted(catalogue.software.count_by_state().items()):
        softwares.add(count, state=state)
    waiting = Metric("harvester_review_waiting", "Softwares that wait for a reviewer.")
    waiting.add(catalogue.review.waiting())
    open_runs = Metric("harvester_runs_open", "Runs that wait, are capped or run, by state.")
    for state, count in catalogue.runs.count_open().items():
        open_runs.add(count, state=state)
    yield from (build, softwares, waiting, open_runs)
    yield from _of_sources(
        catalogue.sources.all()[:MOST_SOURCES], catalogue.runs.last_by_source(_RUNS), catalogue.checks.all(), house
    )


def _of_sources(
    sources: Sequence[Source], runs: dict[str, list[Run]], checks: dict[str, Checked], house: House
) -> Iterator[Metric]:
    moment = now()
    enabled = Metric("harvester_source_enabled", "1 where the clock harvests the source, 0 where it is off or rests.")
    failing = Metric("harvester_source_failing", "1 where the last run that ended failed.")
    success = Metric(
        "harvester_source_last_success_timestamp_seconds", "When the last good or capped run ended, of the last 14."
    )
    ended = Metric("harvester_source_last_run_timestamp_seconds", "When the last run ended.")
    took = Metric("harvester_source_last_run_duration_seconds", "How long the last run that ended took.")
    entries = Metric("harvester_source_last_run_entries", "Entries that the last run that ended brought.")
    requests = Metric("harvester_source_last_run_requests", "Requests that the last run that ended sent.")
    due = Metric("harvester_source_next_due_timestamp_seconds", "When the source is due next.")
    address = Metric("harvester_source_address_fine", "1 where the last check found its address fine, 0 in decay.")
    for source in sources:
        mine = runs.get(source.name, [])
        enabled.add(not source.rests(moment), source=source.name)
        last = next((run for run in mine if run.judgement is not None and run.finished_at), None)
        good = next((run for run in mine if run.went_well and run.finished_at), None)
        failing.add(last is not None and last.judgement is Judgement.FAILED, source=source.name)
        if good is not None:
            success.add(_stamp(good.finished_at), source=source.name)
        if last is not None:
            ended.add(_stamp(last.finished_at), source=source.name)
            entries.add(last.counts.entries, source=source.name)
            requests.add(last.counts.requests, source=source.name)
            if last.started_at and last.finished_at:
                took.add((last.finished_at - last.started_at).total_seconds(), source=source.name)
        if (following := house.next_due(source)) is not None:
            due.add(following.timestamp(), source=source.name)
        checked = checks.get(source.name)
        if checked is not None and checked.finding is not CheckFinding.SILENT:
            address.add(checked.finding is CheckFinding.FINE, source=source.name)
    yield from (enabled, failing, success, ended, took, entries, requests, due, address)


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else 0.0


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/metrics", show_metrics, access=Access.ANYONE)
