"""The kinds of source with their declared parameters, and whether what somebody typed can be their parameters."""

from __future__ import annotations

import inspect
import re
import threading
import types
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from harvester.config import PREFIX, Settings
from harvester.errors import SourceError
from harvester.model import Source, Terms
from harvester.runs.registry import known_of, offers

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
"""Names of sources stand in addresses of pages and in names of files."""
_NUMBERS = frozenset({"int_parsing", "int_type", "greater_than_equal", "less_than_equal", "greater_than", "less_than"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One declared parameter of a kind. `form` is how it is typed: text, lines, number, choice (of yes and no) or yaml.

    `default` is what holds where nothing is typed, as one would type it; "" where that is nothing. `example` is how the
    registry has it, else the default.
    """

    name: str
    form: str
    required: bool
    default: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """A kind of source: its name in code, what it is called, and what it can be told."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a parameter cannot be what was typed: a code (missing, number, form, value), and why in English."""

    code: str
    told: str


@cache
def kinds() -> Mapping[str, SourceKind]:
    """Every kind by its name. To read their declarations takes a second, once a process."""
    from harvester.scrapy_process import spider_class, spider_names

    return {name: _kind(name, spider_class(name)) for name in spider_names()}


def read_kinds_soon() -> None:
    """Read the declarations beside what goes on, so that who asks for them next need not wait."""
    threading.Thread(target=kinds, name="kinds", daemon=True).start()


def _kind(name: str, spider: Any) -> SourceKind:
    examples: dict[str, Any] = {}
    for offer in offers().values():
        if offer.source.spider == name:
            examples = {**offer.source.params, **examples}
    found = []
    declared = spider.Params.model_fields
    own = inspect.get_annotations(spider.Params)
    for key in sorted(declared, key=lambda name: (not declared[name].is_required(), name not in own)):
        field = declared[key]
        form = _form(field.annotation)
        if form is None:
            continue
        default = None if field.default is PydanticUndefined else field.default
        typed = written(default, form)
        example = written(examples[key], form) if key in examples else typed
        found.append(Parameter(name=key, form=form, required=field.is_required(), default=typed, example=example))
    return SourceKind(name=name, title=spider.title, parameters=tuple(found))


def _form(annotation: Any) -> str | None:
    """How a value of this type is typed; None where there is nothing to choose."""
    if get_origin(annotation) in (Union, types.UnionType):
        left = [one for one in get_args(annotation) if one is not type(None)]
        return _form(left[0]) if len(left) == 1 else "yaml"
    if hasattr(annotation, "__metadata__"):
        return _form(annotation.__origin__)
    if get_origin(annotation) is Literal or annotation == tuple[()]:
        return None
    if get_origin(annotation) is tuple:
        return "lines"
    return {bool: "choice", int: "number", str: "text"}.get(annotation, "yaml")


def written(value: Any, form: str) -> str:
    """A parameter's value as it would be typed."""
    if value is None or value in ((), [], {}):
        return ""
    if form == "lines" and isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    if form == "choice":
        return "yes" if value else "no"
    if form == "yaml":
        plain = value.model_dump(exclude_defaults=True) if hasattr(value, "model_dump") else value
        return yaml.safe_dump(plain, allow_unicode=True, width=10_000, sort_keys=False).strip() if plain else ""
    return str(value)


def read(
    kind: SourceKind, typed: Mapping[str, str], before: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """The parameters that were typed, and by name why some cannot be. What is as the kind has it is left out, unless it
    stood in the parameters `before`."""
    params = {key: value for key, value in before.items() if key not in {one.name for one in kind.parameters}}
    refused: dict[str, Refusal] = {}
    for one in kind.parameters:
        text = typed.get(one.name, "").replace("\r\n", "\n").strip()
        if one.name in before and text == written(before[one.name], one.form):
            params[one.name] = before[one.name]
        elif text and text != one.default:
            try:
                params[one.name] = _value(text, one.form)
            except (yaml.YAMLError, ValueError, RecursionError) as error:
                refused[one.name] = Refusal("number" if one.form == "number" else "value", str(error).split("\n")[0])
    return params, {**refusals(kind.name, params), **refused}


def _value(text: str, form: str) -> Any:
    if form == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if form == "number":
        return int(text)
    if form == "choice":
        return text == "yes"
    return yaml.safe_load(text) if form == "yaml" else text


def defaults(spider: str) -> Mapping[str, Any]:
    """What a kind's parameters are where nothing is said."""
    from harvester.scrapy_process import spider_class

    fields = spider_class(spider).Params.model_fields
    return {name: field.default for name, field in fields.items() if field.default is not PydanticUndefined}


def refusals(spider: str, params: Mapping[str, Any]) -> dict[str, Refusal]:
    """By name of a parameter why these cannot be a kind's; "" names all of them together. Raises SourceError for no
    kind."""
    from harvester.scrapy_process import spider_class

    try:
        spider_class(spider).Params.model_validate(dict(params))
    except ValidationError as error:
        found: dict[str, Refusal] = {}
        for one in error.errors():
            place = str(one["loc"][0]) if one["loc"] else ""
            found.setdefault(place, Refusal(_code(one["type"]), one["msg"].removeprefix("Value error, ")))
        return found
    return {}


def _code(kind: str) -> str:
    if kind == "string_pattern_mismatch":
        return "form"
    return "missing" if kind in ("missing", "too_short") else "number" if kind in _NUMBERS else "value"


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of a source's runs: `name` is of harvester.model.Bounds or a parameter's, `by` says where it is from:
    kind, source, or the variable that an operator set."""

    name: str
    most: int
    by: str


def bounds(source: Source, settings: Settings) -> Sequence[Bound]:
    """What a run of the source brings at the most; none of a kind that there is not."""
    from harvester.scrapy_process import bounds_of, spider_class

    try:
        kind = spider_class(source.spider)
    except SourceError:
        return ()
    set_to = {"pages": "run_pages", "items": "run_items", "megabytes": "run_stored_mb", "seconds": "run_time_limit_s"}
    found = []
    for name, most in asdict(bounds_of(kind.bounds, settings)).items():
        by_setting = getattr(settings, set_to[name]) is not None
        found.append(Bound(name, most, f"{PREFIX}{set_to[name].upper()}" if by_setting else "kind"))
    for name, field in kind.Params.model_fields.items():
        if name.startswith("max_"):
            most = source.params.get(name, field.default)
            found.append(Bound(name, int(most), "source" if name in source.params else "kind"))
    return found


def check_parameters(source: Source) -> None:
    """Raises SourceError that names the parameter, its value and what is allowed."""
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


def as_its_kind(name: str, spider: str, params: Mapping[str, Any]) -> Source:
    """A source as its spider would have it. Of another instance of a kind (the catalogue of another country) the kind's
    publisher and terms say nothing; how many entries are the least is known of the registry's own address alone."""
    from harvester.scrapy_process import spider_class

    kind = spider_class(spider)
    own, known = kind.asks_its_own_hosts(params), known_of(spider)
    told = known or kind
    return Source(
        name=name,
        spider=spider,
        title=kind.title,
        publisher=told.publisher if own else None,
        terms=told.terms if own else Terms(),
        schedule=kind.default_schedule,
        least=known.least if known and dict(params) == dict(known.params) else kind.least,
    )
