"""code.gouv.fr's dumps: all public repositories of French public bodies, and the list of awesome ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from harvester.errors import InputError
from harvester.model import Issue
from harvester.net.counting import without_query
from harvester.normalize.yaml_safe import decode, read_mapping
from spiders.base import Params
from spiders.files import Entry, FilesSpider, json_entry, json_of

_COLUMN = "repository_url"
_ORGANISATION = "organization_name"
_ORGANISATIONS = "organization_names"
csv.field_size_limit(1024 * 1024)


class CodegouvDumpsParams(Params):
    """`url` is a dump by its ending (.csv or .json), or the awesome list (.yml)."""

    url: str = Field(
        "https://code.gouv.fr/data/repositories/json/all.json", pattern=r"^https?://[^/?#]+/[^?#]*\.(csv|json|yml)$"
    )
    country: str = Field("FR", pattern="^[A-Z]{2}$")


class CodegouvDumpsSpider(FilesSpider):
    """One dump is one answer, of up to 20 MB today."""

    name = "codegouv_dumps"
    title = "Public repositories of code.gouv.fr"
    default_schedule = "33 3 * * 0"
    documented_api = True
    accept = "application/json, text/csv, */*"
    most_bytes = 48 * 1024 * 1024
    format = "codegouv-repository"
    Params: ClassVar[type[CodegouvDumpsParams]] = CodegouvDumpsParams
    params: CodegouvDumpsParams

    def addresses(self) -> Iterable[str]:
        """The dump's."""
        return (self.params.url,)

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """Rows by address; the organisations of rows that differ in nothing else become a list."""
        kept: dict[str, dict[str, Any]] = {}
        for place, row in enumerate(_rows(body, url, issues), 1):
            organisation = row.pop(_ORGANISATION, None)
            address = row.get(_COLUMN)
            key = address if isinstance(address, str) and address.strip() else f"row {place}"
            first = kept.setdefault(key, {**row, _ORGANISATIONS: []})
            if organisation and organisation not in first[_ORGANISATIONS]:
                first[_ORGANISATIONS].append(organisation)
            if {**first, _ORGANISATIONS: None} != {**row, _ORGANISATIONS: None}:
                issues.append(_differs(key, place))
        context = {"country": self.params.country}
        for key in list(kept):
            shown = key if key.startswith("http") else url
            # taken out, so that a large dump is not held twice
            yield Entry(key=key, payload=json_entry(kept.pop(key)), url=shown, context=context)


def _rows(body: bytes, url: str, issues: list[Issue]) -> Iterator[dict[str, Any]]:
    """The rows of a dump as they are. InputError: it is no dump."""
    where = without_query(url)
    if url.endswith(".csv"):
        yield from _of_csv(body, where)
    elif url.endswith(".yml"):
        document = read_mapping(decode(body)[0])
        for address, told in document.value.items():
            yield {**(told if isinstance(told, Mapping) else {}), _COLUMN: address}
    else:
        found = json_of(body, url=url, issues=issues)
        if not isinstance(found, list):
            raise InputError(f"{where}: a list of repositories was expected, found {type(found).__name__}")
        for each in found:
            yield dict(each) if isinstance(each, Mapping) else {"": each}


def _of_csv(body: bytes, where: str) -> Iterator[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig", "replace"), newline=""), restkey="", restval=None)
    try:
        if _COLUMN not in (rows.fieldnames or ()):
            found = ", ".join(rows.fieldnames or ())[:200]
            raise InputError(f"{where}: no column {_COLUMN!r}, found {found or 'nothing'}", place=_COLUMN)
        yield from rows
    except csv.Error as error:
        raise InputError(f"{where}: no CSV in line {rows.line_num}: {error}", line=rows.line_num) from None


def _differs(key: str, place: int) -> Issue:
    return Issue.of("twice-differing", place=f"[{place}]", value=key)
