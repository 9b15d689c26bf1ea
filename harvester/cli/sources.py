"""`harvester sources`: list, add, preview."""

from __future__ import annotations

import json
import re
from typing import Any

import click
import yaml

from harvester.cli.common import EXIT_NETWORK, as_json, messages, opened, prepare, show
from harvester.errors import SourceError
from harvester.model import Source
from harvester.normalize.countries import alpha2

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
"""Names stand in addresses of pages and in names of files."""


@click.group()
def sources() -> None:
    """The configured sources: list, add, preview.

    \b
    Example:
      harvester sources add italia --spider developers_italia
      harvester sources preview italia
    """


@sources.command("list")
@as_json
def list_sources(as_json: bool) -> None:
    """List the sources with their last run.

    \b
    Example:
      harvester sources list --json
    """
    with opened() as (_, catalogue):
        last = catalogue.runs.last_by_source(1)
        rows = [_row(source, last.get(source.name, [])) for source in catalogue.sources.all()]
    show(
        rows,
        ("name", "spider", "title", "country", "schedule", "state", "last_run", "result", "records"),
        json_wanted=as_json,
        empty="no sources yet: harvester sources add NAME --spider SPIDER, or harvester demo",
    )


def _row(source: Source, runs: list[Any]) -> dict[str, Any]:
    run = runs[0] if runs else None
    return {
        "name": source.name,
        "spider": source.spider,
        "title": source.title,
        "country": source.country,
        "schedule": source.schedule,
        "state": "on" if source.enabled and source.accepted else ("off" if source.accepted else "to be accepted"),
        "terms": source.terms.license,
        "last_run": run.finished_at if run else None,
        "result": (run.judgement or run.state).value if run else None,
        "records": run.counts.records if run else None,
    }


@sources.command("add")
@click.argument("name")
@click.option("--spider", required=True, help="Kind of source; `harvester sources kinds` lists them.")
@click.option("--title", help="What people call it; default: the spider's title.")
@click.option("--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; VALUE is YAML. Repeat it.")
@click.option("--country", help="ISO 3166-1 alpha-2.")
@click.option("--publisher", help="Who publishes it.")
@click.option("--schedule", help="Cron line of five fields; default: the spider's.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA zone of the schedule.")
@click.option("--least", type=int, help="How many entries a good run brings at the least.")
@click.option("--trusted", is_flag=True, help="Publish its new software without a reviewer.")
def add_source(name: str, spider: str, params: tuple[str, ...], **options: Any) -> None:
    """Add a source, or change it.

    \b
    Example:
      harvester sources add italia --spider developers_italia
      harvester sources add etalab --spider github --param 'owners=[etalab]' --country FR
    """
    from harvester.scrapy_process import spider_class
    from scheduler import trigger

    _check_words(name, country=options["country"], least=options["least"])
    kind = spider_class(spider)
    source = Source(
        name=name,
        spider=spider,
        title=options["title"] or kind.title,
        params=_parameters(params),
        publisher=options["publisher"] or kind.publisher,
        country=options["country"].upper() if options["country"] else None,
        terms=kind.terms,
        schedule=options["schedule"] or kind.default_schedule,
        timezone=options["timezone"],
        least=options["least"] if options["least"] is not None else kind.least,
        trusted=options["trusted"],
    )
    check_parameters(source)
    trigger(source)
    with opened() as (_, catalogue):
        changed = catalogue.sources.put(source, "command line")
    messages.print(f"{name}: {'stored' if changed else 'unchanged'}. Look first: harvester sources preview {name}")


def _check_words(name: str, *, country: str | None, least: int | None) -> None:
    if not _NAME.fullmatch(name):
        raise SourceError(
            f"{name!r} cannot name a source", remedy="1 to 60 lower-case letters, digits and hyphens, no hyphen first"
        )
    if country is not None and not (len(country) == 2 and alpha2(country) == country.upper()):
        raise SourceError(f"country {country!r} is no ISO 3166-1 alpha-2 code", remedy="for example FR")
    if least is not None and least < 0:
        raise SourceError(f"--least {least} is below 0", remedy="0 allows a run that brings nothing")


def check_parameters(source: Source) -> None:
    """Raises SourceError that names the parameter, its value and what is allowed."""
    from pydantic import ValidationError

    from harvester.scrapy_process import spider_class

    kind = spider_class(source.spider)
    try:
        kind.Params.model_validate(dict(source.params))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        allowed = ", ".join(kind.Params.model_fields) or "none"
        raise SourceError(
            f"source {source.name!r}: parameter {place}={first['input']!r}: {first['msg']}",
            remedy=f"parameters of {source.spider}: {allowed}",
        ) from None


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
        click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2, default=str))
    else:
        _show_preview(result)
    if not result.items:
        for failure in result.failures:
            messages.print(f"[red]failed[/red] {failure}")
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
    for item in result.items:
        for issue in item.reading.issues:
            messages.print(f"{item.raw.key}: {issue.severity.value}: {issue.place or ''} {issue.message}", markup=False)
