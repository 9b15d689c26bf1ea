"""The web as the sources of the default registry ask it: each at its own address, with reconstructed answers.

A catalogue is answered as its kind's recorded case is, at the address that the registry gives; a forge holds an
invented repository for every owner, group and topic that is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.responses import PlainTextResponse, Response
from support.forges import forgejo_of, github_of, gitlab_of
from support.recorded import FOLDER, Answers, Case

from harvester.model import Source
from harvester.scrapy_process import spider_class
from simulators.exchange import Ask, Host, as_json

_CASES = {
    "awesome-selfhosted-site": "html_catalogue/awesome_selfhosted",
    "canada": "code_json/canada",
    "codegouv-repositories": "codegouv_dumps/as_json",
}
"""Where the answers to a source are not those of its kind's first case."""
_INVENTORY = "http://www.weather.example.gov/code.json"
"""The recorded inventory that stands for the one of any US agency."""
_GROUPS = "United Kingdom:\n  - town-of-examples\nFrance:\n  - ville-d-exemple\n"
_ACCOUNTS = (
    "https://github.com:\n  forge: github\n  owners:\n    ville-d-exemple:\n      pso_id: 1\n"
    "    ancien-service:\n      ignored_since: 2023-01-01\n"
)
_PUBLISHERS = json.dumps(
    {"data": [{"name": "Town", "active": True, "codeHosting": [{"url": "https://github.com/town-of-examples"}]}]}
)
_LISTS = {
    "governments.yml": _GROUPS,
    "civic_hackers.yml": _GROUPS,
    "comptes-organismes-publics.yml": _ACCOUNTS,
    "publishers.json": _PUBLISHERS,
}
"""The files of publishers that the registry names."""


def as_asked(source: Source) -> Source:
    """The source with all its parameters, and http for https: the simulated web has no certificates."""
    params = spider_class(source.spider).Params(**source.params).model_dump(mode="json")
    if source.spider == "dutch_register":  # its recorded pages hold two entries each, as their addresses say
        params["page_size"] = Case(FOLDER / "dutch_register").source().params["page_size"]
    return replace(source, params=_plain(params))


def registry_web(source: Source) -> dict[str, Host]:
    """The hosts that answer a source that `as_asked` gave."""
    params: Mapping[str, Any] = source.params
    match source.spider:
        case "github":
            return _github(params)
        case "gitlab":
            host = urlsplit(params["url"]).hostname or ""
            return {host: gitlab_of(host, params["groups"] or ["town"])}
        case "forgejo":
            host = urlsplit(params["url"]).hostname or ""
            return {host: forgejo_of(host, params["topics"])}
        case "wikidata":
            lists = {urlsplit(url).hostname or "": _Text(_items_listed()) for url in params["lists"]}
            return {**lists, urlsplit(params["endpoint"]).hostname or "": _Sparql()}
    case = Case(FOLDER / _CASES.get(source.name, source.spider))
    moved = dict(_pairs(case.source().params, params))
    if source.spider == "code_json" and source.name not in _CASES and params["urls"]:
        moved = {_INVENTORY: params["urls"][0]}
    return _moved(case, moved)


def _github(params: Mapping[str, Any]) -> dict[str, Host]:
    owners = params["owners"] or ["town-of-examples", "ville-d-exemple"]
    hosts: dict[str, Host] = {"api.github.com": github_of(owners, params["topics"])}
    if listed := params["publishers"]:
        hosts[urlsplit(listed).hostname or ""] = _Text(_LISTS[listed.rpartition("/")[2]])
    return hosts


def _moved(case: Case, moved: Mapping[str, str]) -> dict[str, Host]:
    """The answers of a case, at the addresses that the source gives in the place of the case's."""
    folder = case.folder / "answers"
    by_host: dict[str, list[Mapping[str, Any]]] = {}
    for entry in json.loads((folder / "answers.json").read_text(encoding="utf-8")):
        url = entry["url"]
        before = max((each for each in moved if url.startswith(each)), key=len, default=None)
        if before is not None:
            url = moved[before] + url[len(before) :]
        by_host.setdefault(urlsplit(url).hostname or "", []).append({**entry, "url": url})
    return {host: Answers(entries, folder) for host, entries in by_host.items()}


def _pairs(recorded: Any, asked: Any) -> Iterator[tuple[str, str]]:
    """The addresses in a case's parameters, each with the one that stands in its place in the source's."""
    if isinstance(recorded, str) and "://" in recorded and isinstance(asked, str):
        yield recorded, asked
    elif isinstance(recorded, Mapping):
        for name, value in recorded.items():
            yield from _pairs(value, asked.get(name))
    elif isinstance(recorded, list | tuple) and isinstance(asked, list | tuple):
        for value, other in zip(recorded, asked, strict=False):
            yield from _pairs(value, other)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub("^https://", "http://", value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


class _Text(Host):
    """One text at every address but robots.txt."""

    def __init__(self, text: str) -> None:
        self._text = text

    def answer(self, ask: Ask) -> Response:
        return PlainTextResponse(self._text if ask.path != "/robots.txt" else "", 200)


class _Sparql(Host):
    """Wikidata's query service: the recorded rows of the items that a query names."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for name in ("q1-q2.json", "q3.json", "q4.json"):
            for row in json.loads((FOLDER / "wikidata" / "answers" / name).read_bytes())["results"]["bindings"]:
                self._rows.setdefault(row["asked"]["value"].rpartition("/")[2], []).append(row)

    @property
    def items(self) -> list[str]:
        return list(self._rows)

    def answer(self, ask: Ask) -> Response:
        if ask.method != "POST":
            return PlainTextResponse("", 404)
        asked = re.findall(r"wd:(Q\d+)", parse_qs(ask.body.decode())["query"][0].partition("}")[0])
        rows = [row for item in asked for row in self._rows[item]]
        return as_json({"results": {"bindings": rows}}, media="application/sparql-results+json")


def _items_listed() -> str:
    return json.dumps({"softwares": [{"wikidata": {"id": item}} for item in _Sparql().items]})
