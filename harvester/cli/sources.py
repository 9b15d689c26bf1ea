"""`harvester sources`: list, add, accept, preview. A source is told in a command's words, and they are checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import yaml

from harvester.catalogue.database import now
from harvester.catalogue.people import COMMAND_LINE
from harvester.catalogue.sources import TakenBack
from harvester.cli.common import as_json, counted, echo_json, messages, opened, prepare, show, styled
from harvester.cli.exits import EXIT_INPUT, EXIT_NETWORK
from harvester.errors import SourceError
from harvester.model import Source
from harvester.normalize.countries import alpha2
from harvester.runs.kinds import NAME, as_its_kind, check_parameters
from harvester.runs.registry import offers


def from_registry(name: str) -> Source:
    """A source as the registry has it; its note is shown. Raises SourceError for an unknown one."""
    found = offers().get(name)
    if found is None:
        raise SourceError(
            f"the registry has no source {name!r}", remedy="see harvester sources list, or say which kind: --spider"
        )
    if found.note:
        messages.print(f"{name}: {found.note}")
    return found.source


def described(source: Source, params: tuple[str, ...], options: dict[str, Any]) -> Source:
    """The source with what the options say of it."""
    told = {key: options[key] for key in ("title", "publisher", "schedule", "timezone") if options[key]}
    if options["least"] is not None:
        told["least"] = options["least"]
    if options["country"]:
        told["country"] = options["country"].upper()
    return replace(
        source, params={**source.params, **_parameters(params)}, trusted=options["trusted"] or source.trusted, **told
    )


def check(source: Source) -> None:
    """Raises SourceError where the parameters or the schedule are wrong."""
    from scheduler import trigger

    check_parameters(source)
    trigger(source)


def check_words(name: str, *, country: str | None, least: int | None) -> None:
    """Raises SourceError for what cannot name a source, is no country or no count."""
    if not NAME.fullmatch(name):
        raise SourceError(
            f"{name!r} cannot name a source", remedy="1 to 60 lower-case letters, digits and hyphens, no hyphen first"
        )
    if country is not None and not (len(country) == 2 and alpha2(country) == country.upper()):
        raise SourceError(f"country {country!r} is no ISO 3166-1 alpha-2 code", remedy="for example FR")
    if least is not None and least < 0:
        raise SourceError(f"--least {least} is below 0", remedy="0 allows a run that brings nothing")


def _parameters(params: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for param in params:
        key, equals, value = param.partition("=")
        if not equals:
            raise SourceError(f"--param {param!r} has no value", remedy="write KEY=VALUE")
        try:
            found[key] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise SourceError(f"--param {key}: {value!r} is no YAML", remedy="quote it") from None
    return found


@click.group()
def sources() -> None:
    """The configured sources and those that the registry offers: list, look, add, accept, change, remove.

    \b
    Example:
      harvester sources add developers-italia
      harvester sources preview developers-italia
      harvester sources accept developers-italia
    """


@sources.command("list")
@click.option("--added", is_flag=True, help="Leave out what the registry offers and nobody added.")
@as_json
def list_sources(added: bool, as_json: bool) -> None:
    """List the sources with their last run, then those that the registry offers. Terms are the licence of the data,
    where one is stated.

    \b
    Example:
      harvester sources list --added --json
    """
    with opened() as (_, catalogue):
        last = catalogue.runs.last_by_source(1)
        rows = [_row(source, last.get(source.name, [])) for source in catalogue.sources.all()]
    known = {row["name"] for row in rows}
    if not added:
        rows += [
            _row(each.source, []) | {"state": "available"}
            for each in offers().values()
            if each.source.name not in known
        ]
    show(
        rows,
        ("name", "spider", "publisher", "country", "terms", "schedule", "state", "last_run", "result", "records"),
        json_wanted=as_json,
        empty="no sources yet: harvester sources add NAME, where NAME is in harvester sources list, or harvester demo",
    )


def state_of(source: Source) -> str:
    """In a word or two whether the clock harvests it."""
    if source.taken_back:
        return "removed" if source.removed else "taken back"
    if not source.enabled:
        return "off"
    if not source.accepted:
        return "to be accepted"
    return "paused" if source.rests(now()) else "on"


def _row(source: Source, runs: list[Any]) -> dict[str, Any]:
    run = runs[0] if runs else None
    return {
        "name": source.name,
        "spider": source.spider,
        "title": source.title,
        "publisher": source.publisher,
        "country": source.country,
        "schedule": source.schedule,
        "state": state_of(source),
        "terms": source.terms.license,
        "terms_url": source.terms.url,
        "last_run": run.finished_at if run else None,
        "result": (run.judgement or run.state).value if run else None,
        "records": run.counts.records if run else None,
    }


@sources.command("add")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Add every source of the registry that is not there yet.")
@click.option("--spider", help="Kind of source (`harvester sources kinds`); default: as the registry has NAME.")
@click.option("--title", help="What people call it; default: the registry's or the spider's title.")
@click.option("--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; VALUE is YAML. Repeat it.")
@click.option("--country", help="ISO 3166-1 alpha-2.")
@click.option("--publisher", help="Who publishes it.")
@click.option("--schedule", help="Cron line of five fields; default: the registry's or the spider's.")
@click.option("--timezone", help="IANA zone of the schedule; default: the registry's, else UTC.")
@click.option("--least", type=int, help="How many entries a good run brings at the least.")
@click.option("--trusted", is_flag=True, help="Publish its new software without a reviewer.")
def add_source(name: str | None, everything: bool, spider: str | None, params: tuple[str, ...], **options: Any) -> None:
    """Add a source, or change it. What comes from the registry is harvested once it is accepted.

    \b
    Example:
      harvester sources add developers-italia
      harvester sources add --all
      harvester sources add etalab --spider github --param 'owners=[etalab]' --country FR
    """
    if everything or name is None:
        if not everything or name is not None or spider or params or any(options.values()):
            raise SourceError("name one source, or give --all and nothing else", remedy="harvester sources list")
        _add_all()
        return
    check_words(name, country=options["country"], least=options["least"])
    source = described(
        from_registry(name) if spider is None else as_its_kind(name, spider, _parameters(params)), params, options
    )
    check(source)
    with opened() as (_, catalogue):
        if name in catalogue.sources.names():
            before = catalogue.sources.get(name)
            source = replace(source, enabled=before.enabled)
            source = replace(source, accepted=before.accepted) if spider is None else source
        changed = catalogue.sources.put(source, COMMAND_LINE)
    then = "" if source.accepted else f", then: harvester sources accept {name}"
    messages.print(
        f"{name}: {'stored' if changed else 'unchanged'}. Look first: harvester sources preview {name}{then}"
    )


def _add_all() -> None:
    """Every source of the registry that is not there yet; one that cannot be used does not stop the others."""
    added, left_out = 0, 0
    with opened() as (_, catalogue):
        known = set(catalogue.sources.names())
        for source in (each.source for name, each in offers().items() if name not in known):
            try:
                check(source)
            except SourceError as error:
                messages.print(f"{source.name}: left out: {error}")
                left_out += 1
                continue
            added += catalogue.sources.put(source, COMMAND_LINE)
    messages.print(f"{added} sources stored; none is harvested before: harvester sources accept NAME")
    if left_out:
        raise click.exceptions.Exit(EXIT_INPUT)


@sources.command("accept")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def accept_sources(names: tuple[str, ...]) -> None:
    """Accept sources: from now on the clock harvests them.

    \b
    Example:
      harvester sources accept developers-italia sill
    """
    with opened() as (_, catalogue):
        found = [catalogue.sources.get(name) for name in names]
        for source in found:
            changed = catalogue.sources.put(replace(source, accepted=True), COMMAND_LINE)
            when = f"{source.schedule} {source.timezone}" if source.schedule else "by hand only"
            messages.print(f"{source.name}: {'accepted' if changed else 'was accepted already'}, {when}")


@sources.command("off")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def switch_off(names: tuple[str, ...]) -> None:
    """Switch sources off: the clock leaves them alone, and what they brought stays. `sources on` switches them on.

    \b
    Example:
      harvester sources off sill
    """
    _switch(names, enabled=False)


@sources.command("on")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def switch_on(names: tuple[str, ...]) -> None:
    """Switch sources on again that were switched off.

    \b
    Example:
      harvester sources on sill
    """
    _switch(names, enabled=True)


def _switch(names: tuple[str, ...], *, enabled: bool) -> None:
    word = "on" if enabled else "off"
    with opened() as (_, catalogue):
        for source in [catalogue.sources.get(name) for name in names]:
            changed = catalogue.sources.put(replace(source, enabled=enabled), COMMAND_LINE)
            waits = f", then: harvester sources accept {source.name}" if enabled and not source.accepted else ""
            messages.print(f"{source.name}: {'switched' if changed else 'was'} {word}{waits}")


@sources.command("take-back")
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Only say what would go, and what would stay.")
def take_back(name: str, dry_run: bool) -> None:
    """Switch a source off and take back all that it said: what nobody else speaks of goes, and the rest keeps what
    others say. `sources give-back` undoes it. A worker brings the index up to date.

    \b
    Example:
      harvester sources take-back sill --dry-run
    """
    with opened() as (_, catalogue):
        if dry_run:
            tell_taken_back(name, catalogue.sources.would_take_back(name), "would go")
            return
        found = catalogue.sources.take_back(name, COMMAND_LINE)
        catalogue.resolver.resolve()
    tell_taken_back(name, found, "went")


@sources.command("give-back")
@click.argument("name")
def give_back(name: str) -> None:
    """Undo `sources take-back`: what the source said counts again as it was last read. It stays switched off.

    \b
    Example:
      harvester sources give-back sill
    """
    with opened() as (_, catalogue):
        records = catalogue.sources.give_back(name, COMMAND_LINE)
        catalogue.resolver.resolve()
    messages.print(
        f"{name}: {counted(records, 'record counts', 'records count')} again; harvester sources on {name}",
    )


def tell_taken_back(name: str, found: TakenBack, went: str) -> None:
    """Say what taking back a source's word takes away, "went" or "would go", and what stays."""
    records = counted(found.records, "record", "records")
    messages.print(
        f"{name}: {records}; {len(found.going)} of what is published {went}, {found.staying} stay with what others say"
    )
    for one in found.going:
        messages.print(f"  {went}: {one}")


@sources.command("kinds")
@as_json
def kinds(as_json: bool) -> None:
    """List the kinds of source (spiders) with their parameters.

    \b
    Example:
      harvester sources kinds
    """
    from harvester.scrapy_process import spider_class, spider_names

    rows = []
    for name in spider_names():
        kind = spider_class(name)
        rows.append({"spider": name, "title": kind.title, "parameters": ", ".join(kind.Params.model_fields)})
    show(rows, ("spider", "title", "parameters"), json_wanted=as_json, empty="no spiders")


@sources.command("preview")
@click.argument("name")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="Items to show.")
@as_json
def preview_source(name: str, limit: int, as_json: bool) -> None:
    """Harvest a few items of a source and show what they mean, writing nothing.

    \b
    Example:
      harvester sources preview italia --limit 5
    """
    from harvester.runs.preview import preview

    settings = prepare()
    with opened(settings) as (_, catalogue):
        source = catalogue.sources.get(name)
        with messages.status(f"asking {source.title} …"):
            result = preview(settings, source, limit=limit)
    if as_json:
        echo_json(result.as_json())
    else:
        _show_preview(result)
    for failure in result.failures:
        messages.print(styled(("failed", "red"), f" {failure}"))
    if not result.items:
        raise click.exceptions.Exit(EXIT_NETWORK)


def _show_preview(result: Any) -> None:
    rows = []
    for item in result.items:
        for record in item.reading.records or (None,):
            fields = record.fields if record else None
            rows.append(
                {
                    "item": item.raw.key,
                    "outcome": item.reading.outcome.value,
                    "name": fields.name if fields else None,
                    "repository": fields.code_repository if fields else None,
                    "license": fields.license if fields else None,
                    "issues": len(item.reading.issues),
                }
            )
    show(rows, ("item", "outcome", "name", "repository", "license", "issues"), json_wanted=False, empty="nothing came")
    told = [(item.raw.key, issue) for item in result.items for issue in item.reading.issues]
    for where, issue in (*told, *(("listing", issue) for issue in result.issues)):
        messages.print(f"{where}: {issue.severity.value}: {issue.place or ''} {issue.message}")
