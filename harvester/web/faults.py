"""What a publiccode.yml's maintainer should mend: judged from the stored file when somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from harvester.catalogue import Catalogue
from harvester.model import Severity
from harvester.normalize.repository import publiccode_of
from harvester.validate import Finding, validate

_MOST = 50
_LONGEST = 64 * 1024  # bytes; judging takes a visitor's time


@dataclass(frozen=True, slots=True)
class RecordFaults:
    """The first results of the file found at `url`, and how many there are of each severity."""

    url: str
    shown: Sequence[Finding]
    errors: int
    warnings: int


def faults_of(catalogue: Catalogue, software_id: str) -> RecordFaults | None:
    """The faults of the first publiccode.yml that a software was made from; None when it has none, or no fault."""
    for raw in catalogue.software.raw_items(software_id):
        payload = publiccode_of(raw)
        if payload is None or len(payload) > _LONGEST:
            continue
        results = _judged(payload)
        errors = sum(result.severity is Severity.ERROR for result in results)
        if not results:
            return None
        shown = sorted(results, key=lambda result: (result.severity is not Severity.ERROR, result.line))
        return RecordFaults(raw.url, shown[:_MOST], errors, len(results) - errors)
    return None


@lru_cache(maxsize=256)
def _judged(payload: bytes) -> tuple[Finding, ...]:
    return validate(payload).results
