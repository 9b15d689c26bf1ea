"""`harvester vocabulary`: how sources' own terms are put into ours, and which of them nobody has decided on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import click

from harvester.assess import crosswalk
from harvester.assess.words import fold
from harvester.catalogue.records import DeclaredTerm
from harvester.cli.common import as_json, messages, opened, show


@click.group()
def vocabulary() -> None:
    """Sources' own vocabularies, and what their terms mean in ours.

    \b
    Example:
      harvester vocabulary gaps
    """


@vocabulary.command("list")
@as_json
def list_vocabularies(as_json: bool) -> None:
    """List the vocabularies that have a table, with how many of their terms mean something of ours.

    \b
    Example:
      harvester vocabulary list
    """
    rows = []
    for name in crosswalk.vocabularies():
        table = crosswalk.table(name)
        rows.append({"vocabulary": name, "terms": len(table), "mapped": sum(1 for codes in table.values() if codes)})
    show(rows, ("vocabulary", "terms", "mapped"), json_wanted=as_json, empty="no vocabulary has a table")


@vocabulary.command("gaps")
@click.argument("source", required=False)
@as_json
def gaps(source: str | None, as_json: bool) -> None:
    """List the terms that harvested records use and no table decides, the most used first.

    A term is decided in harvester/assess/data/crosswalk.VOCABULARY.json; `harvester renormalize` then applies it.

    \b
    Example:
      harvester vocabulary gaps
      harvester vocabulary gaps sill --json
    """
    with opened() as (_, catalogue):
        if source is not None:
            catalogue.sources.get(source)
        with messages.status("reading the records …"):
            found = _gaps(catalogue.terms.of(source))
    columns = ("vocabulary", "term", "records", "sources", "example")
    show(found, columns, json_wanted=as_json, empty="every term that records use is decided")


def _gaps(terms: Iterable[DeclaredTerm]) -> list[dict[str, object]]:
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], DeclaredTerm] = {}
    sources: dict[tuple[str, str], set[str]] = {}
    for declared in terms:
        vocabulary = crosswalk.vocabulary_of(declared.reader)
        if crosswalk.is_known(vocabulary, declared.term):
            continue
        key = (vocabulary, fold(declared.term) or declared.term)
        counts[key] += 1
        first.setdefault(key, declared)
        sources.setdefault(key, set()).add(declared.source)
    return [
        {
            "vocabulary": key[0],
            "term": first[key].term,
            "records": count,
            "sources": ", ".join(sorted(sources[key])),
            "example": first[key].url,
        }
        for key, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
