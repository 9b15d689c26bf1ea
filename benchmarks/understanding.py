"""What one record costs to be understood and merged, beside writing it as JSON in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks.figure import Figure
from harvester.assess.use_cases import infer
from harvester.catalogue import codec
from harvester.model import Fields, Identifier, Organisation, Record
from harvester.resolve.merge import SourcedRecord, merge

_ROUNDS, _TIMES = 7, 200
_TEXT = "Participatory democracy framework with citizen proposals, assemblies and consultations for cities"


def _record() -> Record:
    fields = Fields(
        name="Forum",
        kind="software",
        code_repository="https://forge.example/city/forum",
        landing_url="https://forum.example",
        short_description={"en": _TEXT},
        license="AGPL-3.0-or-later",
        license_text="AGPL",
        stars=4000,
        date_created=datetime(2010, 1, 1, tzinfo=UTC),
        date_modified=datetime(2026, 1, 1, tzinfo=UTC),
        archived=False,
        fork=False,
        has_publiccode=True,
        organisations=(Organisation("City"),),
        countries=("GB",),
        use_cases=("deliberation",),
        topics=tuple(f"t{number}" for number in range(12)),
        programming_languages=("Python", "HTML"),
    )
    return Record(
        key="entry", reader="bench/1", fields=fields, identifiers=(Identifier("repo", "https://a.example/b"),)
    )


def _best_s(call: Callable[[], object]) -> float:
    """Seconds a call: the least of several rounds, as a busy machine only adds."""
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_TIMES):
            call()
        took.append((time.perf_counter() - began) / _TIMES)
    return min(took)


def figures() -> list[Figure]:
    """Merging at most 30 times, inferring use cases at most 5 times what writing the record as JSON takes."""
    record = _record()
    sourced = SourcedRecord(1, "bench", record)
    written = _best_s(lambda: codec.dump(record))
    return [
        Figure(
            name="merging one record / writing it as JSON",
            value=_best_s(lambda: merge([sourced])) / written,
            baseline=1.0,
            limit="<= 30",
            unit="times",
        ),
        Figure(
            name="inferring use cases of a short description / writing a record as JSON",
            value=_best_s(lambda: infer("Forum", {"en": _TEXT}, ["ruby"])) / written,
            baseline=1.0,
            limit="<= 5",
            unit="times",
        ),
    ]
