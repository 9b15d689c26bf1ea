"""A source from the words of a command: of the registry or of a kind, with parameters that are checked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from harvester.cli.common import messages
from harvester.errors import SourceError
from harvester.model import Source, Terms
from harvester.normalize.countries import alpha2
from harvester.runs.registry import offers

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
"""Names stand in addresses of pages and in names of files."""


def of_kind(name: str, spider: str, params: tuple[str, ...]) -> Source:
    """A source as its spider would have it. Of another instance of a kind (the catalogue of another country) the kind's
    publisher and terms say nothing."""
    from harvester.scrapy_process import spider_class

    kind = spider_class(spider)
    own = kind.asks_its_own_hosts(_parameters(params))
    return Source(
        name=name,
        spider=spider,
        title=kind.title,
        publisher=kind.publisher if own else None,
        terms=kind.terms if own else Terms(),
        schedule=kind.default_schedule,
        least=kind.least,
    )


def from_registry(name: str) -> Source:
    """A source as the registry has it; its note is shown. Raises SourceError for an unknown one."""
    found = offers().get(name)
    if found is None:
        raise SourceError(
            f"the registry has no source {name!r}", remedy="see harvester sources list, or say which kind: --spider"
        )
    if found.note:
        messages.print(f"{name}: {found.note}", markup=False)
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
