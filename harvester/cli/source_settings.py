"""`harvester sources show|edit|pause|resume|trust|untrust|remove`: one source, looked at and changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from harvester.catalogue import Catalogue, codec
from harvester.catalogue.database import now
from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, counted, echo_json, messages, opened, terminal
from harvester.cli.sources import check, check_words, described, sources, state_of, tell_taken_back
from harvester.errors import SourceError
from harvester.model import Source
from harvester.words import say

__all__ = ["sources"]

_NEXT = 5


@sources.command("show")
@click.argument("name")
@as_json
def show_source(name: str, as_json: bool) -> None:
    """Show all that is known of a source: settings, terms, when it is due, its last runs, its issues by cause.

    \b
    Example:
      harvester sources show developers-italia
    """
    with opened() as (_, catalogue):
        told = _told(catalogue, catalogue.sources.get(name))
    if as_json:
        echo_json(told)
        return
    out = terminal()
    for key in ("name", "title", "spider", "publisher", "country", "state", "trusted", "schedule", "timezone", "least"):
        out.print(f"{key}: {'not stated' if told[key] is None else told[key]}")
    for key, value in told["terms"].items():
        out.print(f"terms, {key}: {value}")
    for key, value in told["params"].items():
        out.print(f"parameter {key}: {value}")
    for moment in told["next"]:
        out.print(f"due: {moment}")
    out.print(f"entries that are stored: {told['items']}")
    for run in told["runs"]:
        out.print(f"run {run['id']}: {run['due']} {run['result'] or run['state']}{_because(run['why'])}")
    for group in told["issues"]:
        out.print(f"{group['severity']}: {group['message']} ({group['code']}, {group['n']})")


def _because(why: str) -> str:
    return f", {why}" if why else ""


def _told(catalogue: Catalogue, source: Source) -> dict[str, Any]:
    from scheduler import upcoming

    runs = catalogue.runs.recent(source.name, 14)
    return {
        **codec.plain(source),
        "publisher": source.publisher,
        "country": source.country,
        "schedule": source.schedule,
        "timezone": source.timezone,
        "least": source.least,
        "trusted": source.trusted,
        "params": dict(source.params),
        "terms": codec.plain(source.terms),
        "state": state_of(source),
        "next": [moment.isoformat(timespec="minutes") for moment in upcoming(source, _NEXT)],
        "items": catalogue.sources.items(source.name),
        "runs": [
            {
                "id": run.id,
                "due": run.due_at.isoformat(timespec="seconds"),
                "state": run.state.value,
                "result": run.judgement.value if run.judgement else None,
                "entries": run.counts.entries,
                "requests": run.counts.requests,
                "why": "; ".join(say(reason) for reason in run.reasons),
            }
            for run in runs
        ],
        "issues": [group.as_json() for group in catalogue.issues.groups(source=source.name)],
    }


@sources.command("edit")
@click.argument("name")
@click.option("--title", help="What people call it.")
@click.option("--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; VALUE is YAML. Repeat it.")
@click.option("--country", help="ISO 3166-1 alpha-2.")
@click.option("--publisher", help="Who publishes it.")
@click.option("--schedule", help="Cron line of five fields; an empty one: by hand only.")
@click.option("--timezone", help="IANA zone of the schedule.")
@click.option("--least", type=int, help="How many entries a good run brings at the least.")
@click.option("--dry-run", is_flag=True, help="Only show the difference.")
def edit_source(name: str, params: tuple[str, ...], schedule: str | None, dry_run: bool, **options: Any) -> None:
    """Change what is told of a source, and show the difference.

    \b
    Example:
      harvester sources edit developers-italia --schedule '30 4 * * *' --timezone Europe/Rome
    """
    check_words(name, country=options["country"], least=options["least"])
    with opened() as (_, catalogue):
        before = catalogue.sources.get(name)
        after = described(before, params, {**options, "schedule": schedule, "trusted": False})
        if schedule == "":
            after = replace(after, schedule=None)
        check(after)
        if not dry_run:
            catalogue.sources.change(name, COMMAND_LINE, **_changed(before, after))
    changed = _changed(before, after)
    for field, value in changed.items():
        messages.print(f"{name}: {field}: {getattr(before, field)!r} -> {value!r}")
    if not changed:
        messages.print(f"{name}: unchanged")


def _changed(before: Source, after: Source) -> dict[str, Any]:
    names = Source.__dataclass_fields__
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


@sources.command("pause")
@click.argument("name")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="UTC; default: until it is resumed.")
def pause_source(name: str, until: datetime | None) -> None:
    """Let the clock leave a source alone for a while; `harvester harvest` still harvests it.

    \b
    Example:
      harvester sources pause developers-italia --until 2027-01-15
    """
    moment = until.replace(tzinfo=UTC) if until else None
    if moment is not None and moment <= now():
        raise SourceError(f"--until {moment:%Y-%m-%d %H:%M} UTC is over", remedy="name a moment to come")
    with opened() as (_, catalogue):
        catalogue.sources.change(name, COMMAND_LINE, paused=True, paused_until=moment)
    until_when = f"until {moment:%Y-%m-%d %H:%M} UTC" if moment else f"until harvester sources resume {name}"
    messages.print(f"{name}: paused {until_when}")


@sources.command("resume")
@click.argument("name")
def resume_source(name: str) -> None:
    """Let the clock harvest a source again that was paused.

    \b
    Example:
      harvester sources resume developers-italia
    """
    with opened() as (_, catalogue):
        paused = catalogue.sources.get(name).paused
        if paused:
            catalogue.sources.change(name, COMMAND_LINE, paused=False, paused_until=now())
    messages.print(f"{name}: {'resumed' if paused else 'was not paused'}")


@sources.command("trust")
@click.argument("name")
def trust_source(name: str) -> None:
    """Trust a source: what it says is published without a reviewer, also what waits now.

    \b
    Example:
      harvester sources trust developers-italia
    """
    _trust(name, trusted=True)


@sources.command("untrust")
@click.argument("name")
def untrust_source(name: str) -> None:
    """Trust a source no more: what it said until now stays published, what it says from now on waits for a reviewer.

    \b
    Example:
      harvester sources untrust developers-italia
    """
    _trust(name, trusted=False)


def _trust(name: str, *, trusted: bool) -> None:
    with opened() as (_, catalogue):
        published = catalogue.software.count_by_state().get("published", 0)
        before, _ = catalogue.sources.change(name, COMMAND_LINE, trusted=trusted)
        catalogue.resolver.resolve()
        more = catalogue.software.count_by_state().get("published", 0) - published
    word = "trusted" if trusted else "not trusted"
    if before.trusted is trusted:
        messages.print(f"{name}: was {word} already")
    else:
        messages.print(f"{name}: {word}; {counted(more, 'software was', 'softwares were')} published by that")


@sources.command("remove")
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Only say what would go, and what would stay.")
def remove_source(name: str, dry_run: bool) -> None:
    """Take back all that a source said, as `sources take-back` does, and take it off every list. What it brought and
    its runs are kept; `sources give-back` undoes it. A worker brings the index up to date.

    \b
    Example:
      harvester sources remove sill --dry-run
    """
    with opened() as (_, catalogue):
        if dry_run:
            tell_taken_back(name, catalogue.sources.would_take_back(name), "would go")
            return
        found = catalogue.sources.take_back(name, COMMAND_LINE, remove=True)
        catalogue.resolver.resolve()
    tell_taken_back(name, found, "went")
