"""Wikidata, asked by SPARQL for items that are known by their ids: it enriches and links, and finds nothing new.

The service cuts answers short under load and still says 200. So every pair of an item and a property is asked for by
name and has a row of its own, if an empty one: an answer without one of them is a truncated one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from pydantic import Field, StringConstraints, model_validator
from scrapy.http import Request, Response

from harvester.errors import FetchError, InputError
from harvester.model import Issue, Page, RawItem, Unit
from harvester.net.counting import without_query
from harvester.normalize.canonical import canonical_json, parse_json
from spiders.base import Params, WebSpider

Qid = Annotated[str, StringConstraints(pattern=r"^Q[1-9]\d{0,11}$")]

PROPERTIES = {
    "rdfs:label": "label",
    "schema:description": "description",
    "p:P1324": "repository",
    "wdt:P856": "website",
    "wdt:P275": "license",
    "wdt:P277": "language",
    "wdt:P178": "developer",
    "wdt:P154": "logo",
    "wdt:P4107": "framalibre",
    "p:P348": "version",
}
_KEPT = ("value", "label", "spdx", "date", "rank", "end")
_ENTITY = "http://www.wikidata.org/entity/"
_LISTED = re.compile(r'(?:wikidata\.org/(?:wiki|entity)/|"(?=Q\d+"))(Q[1-9]\d{0,11})\b')
_ACCEPT = "application/sparql-results+json"

_QUERY = """SELECT ?asked ?item ?software ?what ?value ?label ?spdx ?human ?date ?rank ?end WHERE {{
  {{ SELECT ?asked ?item ?property ?what WHERE {{
    {{ SELECT ?asked WHERE {{ VALUES ?asked {{ {items} }} }} }}
    OPTIONAL {{ ?asked owl:sameAs ?target }}
    BIND(COALESCE(?target, ?asked) AS ?item)
    VALUES (?property ?what) {{ {properties} }}
  }} }}
  BIND(EXISTS {{ ?item wdt:P31/wdt:P279* wd:Q7397 }} AS ?software)
  OPTIONAL {{
    ?item ?property ?found
    FILTER(!isLiteral(?found) || LANG(?found) IN ("", {languages}))
    OPTIONAL {{
      ?found wikibase:rank ?rank
      OPTIONAL {{ ?found ps:P348|ps:P1324 ?stated }}
      OPTIONAL {{ ?found pq:P577 ?date }}
      OPTIONAL {{ ?found pq:P582 ?end }}
    }}
    OPTIONAL {{ ?found rdfs:label ?label FILTER(LANG(?label) = "en") }}
    OPTIONAL {{ ?found wdt:P2479 ?spdx }}
    OPTIONAL {{ ?found wdt:P31 ?human FILTER(?human = wd:Q5) }}
    BIND(COALESCE(?stated, ?found) AS ?value)
  }}
}}"""


class WikidataParams(Params):
    """`items` are ids; `lists` addresses of JSON or text in which more of them stand, as ids in quotation marks or as
    items' addresses. `size` items are asked for at once; `languages` are those of labels and descriptions."""

    items: tuple[Qid, ...] = ()
    lists: tuple[str, ...] = ()
    endpoint: str = Field("https://query.wikidata.org/sparql", pattern=r"^https?://[^/?#]+/")
    size: int = Field(50, ge=1, le=200)
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], ...] = (
        "en",
        "fr",
        "it",
        "de",
        "es",
        "mul",
    )

    @model_validator(mode="after")
    def _something_is_asked(self) -> WikidataParams:
        if not (self.items or self.lists):
            raise ValueError("name items, or lists in which they stand")
        return self


class WikidataSpider(WebSpider):
    """Items in batches; a batch whose answer is not whole is asked for again in halves."""

    name = "wikidata"
    title = "Wikidata"
    default_schedule = "23 2 * * 6"
    documented_api = True
    most_bytes = 32 * 1024 * 1024
    Params: ClassVar[type[WikidataParams]] = WikidataParams
    params: WikidataParams

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._known = set(self.params.items)

    def first_units(self) -> Iterable[Unit]:
        """The batches of the items that are named, and the lists."""
        yield from self._batches(self.params.items)
        for url in dict.fromkeys(self.params.lists):
            yield Unit(f"list:{url}", {"list": url})

    def request(self, unit: Unit) -> Request:
        """A list; or a query, which is too long for an address."""
        if "list" in unit.data:
            return Request(str(unit.data["list"]))
        form = urlencode({"query": query(unit.data["items"], self.params.languages)})
        headers = {"Accept": _ACCEPT, "Content-Type": "application/x-www-form-urlencoded"}
        return Request(self.params.endpoint, method="POST", body=form, headers=headers)

    def page(self, response: Response, unit: Unit) -> Page:
        """The items of an answer; or two halves to ask for, where it is not whole. FetchError: not even for one."""
        if "list" in unit.data:
            return self._listed(response, unit)
        asked = tuple(unit.data["items"])
        try:
            found = whole(response, asked)
        except FetchError as error:
            return self._halves(unit, asked, error)
        now = datetime.now(UTC)
        raws = tuple(
            RawItem(key=item, format="wikidata", payload=canonical_json(told), url=_page(item), fetched_at=now)
            for item, told in found.items()
        )
        return Page(unit=unit, raw_items=raws)

    def _listed(self, response: Response, unit: Unit) -> Page:
        where = without_query(response.url)
        named = dict.fromkeys(_LISTED.findall(response.body.decode("utf-8", "replace")))
        if not named:
            raise InputError(f"{where}: no id of Wikidata stands in it")
        fresh = [item for item in named if item not in self._known]
        self._known.update(fresh)
        return Page(unit=unit, next_units=tuple(self._batches(fresh)))

    def _batches(self, items: Sequence[str]) -> Iterable[Unit]:
        each = list(dict.fromkeys(items))
        for start in range(0, len(each), self.params.size):
            yield _unit(each[start : start + self.params.size])

    def _halves(self, unit: Unit, asked: Sequence[str], error: FetchError) -> Page:
        if len(asked) == 1:
            raise error
        middle = len(asked) // 2
        issue = Issue.of("truncated", place=unit.key, why=error.message, count=len(asked))
        return Page(unit=unit, next_units=(_unit(asked[:middle]), _unit(asked[middle:])), issues=(issue,))


def query(items: Iterable[str], languages: Iterable[str]) -> str:
    """The query for these items: a row for each value, and an empty one where a property has none."""
    return _QUERY.format(
        items=" ".join(f"wd:{item}" for item in items),
        properties=" ".join(f'({name} "{what}")' for name, what in PROPERTIES.items()),
        languages=", ".join(f'"{language}"' for language in languages),
    )


def whole(response: Response, asked: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the answer says of each item. FetchError that says what is missing, if anything is."""
    where = without_query(response.url)
    try:
        rows = parse_json(response.body)["results"]["bindings"]
        found = _told(rows)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FetchError(f"{where}: the answer of {len(response.body)} bytes is not whole") from None
    wanted = {(item, what) for item in asked for what in PROPERTIES.values()}
    had = {(item, what) for item, told in found.items() for what in told["seen"]}
    if missing := sorted({item for item, _ in wanted - had}):
        raise FetchError(f"{where}: the answer leaves out {len(missing)} of its items, such as {missing[0]}")
    if strange := sorted({item for item, _ in had - wanted}):
        raise FetchError(f"{where}: the answer is about {strange[0]}, which was not asked for")
    return {item: {name: value for name, value in told.items() if name != "seen"} for item, told in found.items()}


def _told(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        asked, item = (row[name]["value"].removeprefix(_ENTITY) for name in ("asked", "item"))
        told = found.setdefault(asked, {"asked": asked, "item": item, "software": False, "rows": [], "seen": set()})
        told["software"] = told["software"] or row.get("software", {}).get("value") == "true"
        what = row["what"]["value"]
        told["seen"].add(what)
        unsaid = row.get("value", {}).get("value", "").startswith(f"{_ENTITY}statement/")  # of "no value"
        if "value" in row and "human" not in row and not unsaid:  # people are not ours to keep
            kept = {name: row[name]["value"] for name in _KEPT if name in row}
            language = row["value"].get("xml:lang")
            told["rows"].append({"what": what, **kept, **({"language": language} if language else {})})
    for told in found.values():
        told["rows"].sort(key=lambda row: sorted(row.items()))
    return found


def _unit(items: Sequence[str]) -> Unit:
    return Unit(f"items:{items[0]}…{items[-1]}:{len(items)}", {"items": list(items)})


def _page(item: str) -> str:
    return f"https://www.wikidata.org/wiki/{item}"
