"""The demo's facts: real tools of open government, and the scenario that spreads them over simulated systems.

The facts stand in `demo/data/tools/*.yml`, a file for each country or region (`zz.yml`: several), the scenario in
`demo/data/scenario.yml`. Reading is strict: an unknown key, a missing required key, a wrong type or a slug used twice
raises `InputError` naming the file and the entry. What a file does not say is unknown: None or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from harvester.errors import InputError

LangMap = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The organisation that makes or publishes a tool. `country` is ISO 3166-1 alpha-2."""

    name: str
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The newest release that the facts know."""

    version: str | None = None
    date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One real tool. `repository` is as its forge writes it, None for a service without public source.

    `aliases` are former addresses of the same repository, `forge_id` the forge's own number for it. `license` is an
    SPDX expression, `languages` (of the interface) BCP 47, `countries` ISO 3166-1 alpha-2, `created` and `last_push`
    UTC days. `publiccode`: whether the demo serves a publiccode.yml for it. `corrects` says, by field, why a fact
    here is not what a recorded catalogue holds.
    """

    slug: str
    name: str
    kind: str
    description: LangMap
    long: LangMap = field(default_factory=dict)
    repository: str | None = None
    aliases: tuple[str, ...] = ()
    forge_id: int | None = None
    landing_url: str | None = None
    license: str | None = None
    programming_languages: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    organisation: Body | None = None
    use_cases: tuple[str, ...] = ()
    status: str | None = None
    topics: tuple[str, ...] = ()
    created: date | None = None
    last_push: date | None = None
    release: Release | None = None
    used_by: tuple[str, ...] = ()
    publiccode: bool = False
    corrects: LangMap = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How one source shows a tool: `url`, `name` and `aliases` replace the tool's own where they are given.

    `differs` says in words what is different, None where nothing is.
    """

    tool: str
    url: str | None = None
    name: str | None = None
    aliases: tuple[str, ...] = ()
    differs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A repository that is no tool of its own: something else that stands among them, or a part of one.

    `empty`: nothing was ever pushed to it, and nothing describes it.
    """

    repository: str
    description: str | None = None
    programming_languages: tuple[str, ...] = ()
    license: str | None = None
    topics: tuple[str, ...] = ()
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An invented body, by its account on a forge. `country` is ISO 3166-1 alpha-2."""

    login: str
    name: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """That an invented body, by its account, copied the repository of the tool `of`.

    `silent`: the forge says that it is a fork and not of what.
    """

    of: str
    owner: str
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An entry of `source` that is broken in the way that `how` names; `why` says so in words.

    `how` is one of "yaml-syntax", "url-mismatch", "wrong-type", "unknown-licence", "empty-publiccode". `tool` is the
    tool whose entry it is, and where the source has an entry of that tool, this one stands in its place; without a
    tool, `name` and `url` are all there is. `value` is the wrong value, where one is wrong.
    """

    source: str
    how: str
    why: str
    tool: str | None = None
    url: str | None = None
    name: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One source of the demo: a part of a simulated system, harvested by one spider.

    `system` is "github", "gitlab", "developers_italia" or "html_page"; `host` the real host that is simulated;
    `page` the path of an HTML page. `trusted`: what only this source brings is published without a reviewer.
    """

    name: str
    system: str
    host: str
    title: str
    trusted: bool
    page: str | None = None
    publisher: str | None = None
    country: str | None = None
    entries: tuple[Entry, ...] = ()
    parts: tuple[Plain, ...] = ()
    plain: tuple[Plain, ...] = ()
    owners: tuple[Owner, ...] = ()
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All of the demo's sources, and the entries that are broken on purpose."""

    sites: tuple[Site, ...]
    broken: tuple[Broken, ...] = ()


@cache
def load_tools() -> tuple[Tool, ...]:
    """Every tool, by slug."""
    found: dict[str, Tool] = {}
    folder = files("demo").joinpath("data", "tools")
    for source in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for entry in _list(_yaml(source.read_text("utf-8"), source.name), source.name):
            tool = read_tool(entry, source.name)
            if tool.slug in found:
                raise InputError("slug used twice", place=source.name, value=tool.slug)
            found[tool.slug] = tool
    return tuple(found[slug] for slug in sorted(found))


@cache
def load_scenario() -> Scenario:
    """How the tools are spread; every tool that it names exists."""
    name = "scenario.yml"
    data = _map(_yaml(files("demo").joinpath("data", name).read_text("utf-8"), name), name)
    unknown = sorted(set(data) - {"sites", "broken"})
    if unknown:
        raise InputError("unknown keys", place=name, value=", ".join(unknown))
    scenario = Scenario(
        sites=tuple(_site(entry, name) for entry in _list(data.get("sites"), name)),
        broken=tuple(_broken(entry, name) for entry in _list(data.get("broken", []), name)),
    )
    _refuse_strangers(scenario, {tool.slug for tool in load_tools()})
    return scenario


def _refuse_strangers(scenario: Scenario, tools: set[str]) -> None:
    named = {entry.tool for site in scenario.sites for entry in site.entries}
    named |= {entry.tool for entry in scenario.broken if entry.tool is not None}
    named |= {copy.of for site in scenario.sites for copy in site.copies}
    if named - tools:
        raise InputError("no such tool", place="scenario.yml", value=", ".join(sorted(named - tools)))
    for site in scenario.sites:
        unknown = {copy.owner for copy in site.copies} - {owner.login for owner in site.owners}
        if unknown:
            raise InputError("no such owner", place=f"scenario.yml: {site.name}", value=", ".join(sorted(unknown)))
    strangers = {entry.source for entry in scenario.broken} - {site.name for site in scenario.sites}
    if strangers:
        raise InputError("no such site", place="scenario.yml", value=", ".join(sorted(strangers)))


def read_tool(entry: object, place: str) -> Tool:
    """One entry of the facts as a tool; raises `InputError` naming `place`."""
    data = _checked(Tool, entry, place)
    for key in ("description", "long", "corrects"):
        data[key] = _texts(data.get(key, {}), f"{place}: {data['slug']}.{key}")
    if "organisation" in data:
        data["organisation"] = Body(**_checked(Body, data["organisation"], f"{place}: {data['slug']}.organisation"))
    if "release" in data:
        data["release"] = Release(**_checked(Release, data["release"], f"{place}: {data['slug']}.release"))
    return Tool(**data)


def _site(entry: object, place: str) -> Site:
    """An entry of a site is a mapping, or the slug alone where nothing differs."""
    data = _checked(Site, entry, place)
    place = f"{place}: {data['name']}"
    entries = [{"tool": one} if isinstance(one, str) else one for one in data.get("entries", ())]
    data["entries"] = tuple(Entry(**_checked(Entry, one, place)) for one in entries)
    for key, kind in (("parts", Plain), ("plain", Plain), ("owners", Owner), ("copies", Copy)):
        data[key] = tuple(kind(**_checked(kind, one, place)) for one in data.get(key, ()))
    return Site(**data)


def _broken(entry: object, place: str) -> Broken:
    return Broken(**_checked(Broken, entry, place))


_SCALARS: Mapping[str, type | tuple[type, ...]] = {
    "str": str,
    "str | None": str,
    "int | None": int,
    "bool": bool,
    "date | None": date,
}


def _checked(kind: type[Any], entry: object, place: str) -> dict[str, Any]:
    """The entry's values by field of the dataclass `kind`: no key unknown, none missing, every type right."""
    data = _map(entry, place)
    spec = kind.__dataclass_fields__
    required = {name for name, one in spec.items() if _required(one)}
    where = f"{place}: {data.get('slug') or data.get('name') or data.get('tool') or kind.__name__}"
    if set(data) - set(spec):
        raise InputError("unknown keys", place=where, value=", ".join(sorted(set(data) - set(spec))))
    if required - set(data):
        raise InputError("missing keys", place=where, value=", ".join(sorted(required - set(data))))
    return {key: _value(value, spec[key].type, f"{where}.{key}") for key, value in data.items()}


def _required(spec: Any) -> bool:
    return spec.default is MISSING and spec.default_factory is MISSING


def _value(value: object, annotation: str, place: str) -> object:
    if annotation.startswith("tuple["):
        values = tuple(_list(value, place))
        if annotation == "tuple[str, ...]" and not all(isinstance(one, str) and one for one in values):
            raise InputError("not a list of texts", place=place, value=repr(value))
        return values
    wanted = _SCALARS.get(annotation)
    if wanted is not None and (not isinstance(value, wanted) or value == "" or (wanted is int and value is True)):
        raise InputError(f"not of type {annotation}", place=place, value=repr(value))
    return value


def _texts(value: object, place: str) -> LangMap:
    texts = _map(value, place)
    if not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise InputError("not texts by language", place=place, value=repr(value))
    return {str(tag): " ".join(str(text).split()) for tag, text in texts.items()}


def _map(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise InputError("not a mapping with text keys", place=place, value=repr(value)[:80])
    return dict(value)


def _list(value: object, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError("not a list", place=place, value=repr(value)[:80])
    return value


def _yaml(text: str, place: str) -> object:
    """`text` as YAML. "no" is Norway and Norwegian here, so bare words that YAML 1.1 takes for booleans are refused
    further up as wrong types: the data quotes them."""
    try:
        value: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"not YAML: {error}", place=place) from error
    return value
