"""The report of `make corpus`: a row for each source, what vanished, and what was not understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import click

from harvester.assess.coverage import coverage
from harvester.catalogue import Catalogue
from harvester.cli.common import show
from harvester.model import Run
from tools import judged

_COLUMNS = {
    "source": "source",
    "file": "in file",
    "entries": "entries",
    "read": "read",
    "refused": "refused",
    "skipped": "skipped",
    "records": "records",
    "issues": "issues",
    "fields_filled": "filled",
    "licence_recognised": "licence",
    "use_case_declared": "use case",
    "use_case_inferred": "inferred",
    "seconds": "seconds",
}
"""The table's columns: the report's names, and theirs on a terminal."""
_SHARES = ("fields_filled", "licence_recognised", "use_case_declared", "use_case_inferred")
_SHOWN_UNMAPPED = 20
_LONGEST = 100  # characters of an unmapped licence on a terminal: some are whole texts


class Counted(Protocol):
    """What a recorded file holds: rows, and how many of them make no entry of their own, by the reason."""

    @property
    def rows(self) -> int: ...

    @property
    def merged(self) -> Mapping[str, int]: ...

    @property
    def entries(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`sources` has a row for each source; `harvested_s` is from the first run to the filled index."""

    sources: Sequence[dict[str, Any]]
    validator: Mapping[str, Mapping[str, float]]
    licences: Mapping[str, Any]
    harvested_s: float
    seconds: float
    judged: Mapping[str, Any] = field(default_factory=dict)

    @property
    def vanished(self) -> list[str]:
        """What is wrong with the counts, a sentence for each source; empty when every entry is accounted for."""
        return [sentence for row in self.sources for sentence in row["vanished"]]


def rows(catalogue: Catalogue, runs: Sequence[Run], files: Mapping[str, Counted]) -> list[dict[str, Any]]:
    """A row for each run."""
    states = catalogue.software.count_by_source()
    return [_row(catalogue, run, states.get(run.source, {}), files.get(run.source)) for run in runs]


def _row(catalogue: Catalogue, run: Run, states: Mapping[str, int], file: Counted | None) -> dict[str, Any]:
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    counts = run.counts
    return {
        "source": run.source,
        "file": file.rows if file else None,
        "merged": {why: count for why, count in file.merged.items() if count} if file else {},
        "entries": counts.entries,
        "read": counts.read,
        "refused": counts.refused,
        "refused_why": catalogue.entries.refused(run.id),
        "skipped": counts.skipped,
        "skipped_why": catalogue.entries.skipped(run.id),
        "vanished": vanished(run, file),
        "records": counts.records,
        "issues": counts.issues,
        **asdict(coverage(catalogue.entries.read(run.id))),
        "candidates": states.get("candidate", 0),
        "published": states.get("published", 0),
        "new": counts.new,
        "changed": counts.changed,
        "requests": counts.requests,
        "result": run.judgement.value if run.judgement else run.state.value,
        "seconds": round(took, 2),
    }


def vanished(run: Run, file: Counted | None) -> list[str]:
    """Why the counts of a run do not tell what became of every entry of its file; nothing when they do."""
    counts = run.counts
    found = []
    if counts.entries != counts.read + counts.refused + counts.skipped:
        told = f"{counts.read} read, {counts.refused} refused and {counts.skipped} skipped"
        found.append(f"{run.source}: {counts.entries} entries came, {told} are not as many")
    if file is None:
        found.append(f"{run.source}: nobody counted what its file holds; tools/corpus_counts.py should")
    elif counts.entries != file.entries:
        merged = "".join(f", {count} of them {why}" for why, count in file.merged.items() if count)
        found.append(f"{run.source}: its file holds {file.rows} entries{merged}; {counts.entries} came")
    return found


def print_out(report: Report) -> None:
    """The table, then what was left out and why, the validator, and the licences."""
    table = [{title: _shown(name, row[name]) for name, title in _COLUMNS.items()} for row in report.sources]
    show([*table, _total(report.sources)], list(_COLUMNS.values()), json_wanted=False, empty="nothing was harvested")
    for row in report.sources:
        for heading in ("merged", "skipped_why", "refused_why"):
            for why, count in row[heading].items():
                click.echo(f"{row['source']}: {count} {heading.removesuffix('_why')}: {why}")
    for name, figures in report.validator.items():
        click.echo(f"validator, {name}: " + ", ".join(f"{key} {value:g}" for key, value in figures.items()))
    _print_licences(report.licences)
    for sentence in judged.told(report.judged):
        click.echo(sentence)
    click.echo(f"harvested and indexed in {report.harvested_s:g} s, with the report {report.seconds:g} s")


def _shown(name: str, value: Any) -> Any:
    return value if name not in _SHARES or value is None else f"{value:.0%}"


def _total(sources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    summed = [name for name in _COLUMNS if name != "source" and name not in _SHARES]
    sums = {_COLUMNS[name]: round(sum(row[name] or 0 for row in sources), 1) for name in summed}
    return {"source": f"{len(sources)} sources", **sums}


def _print_licences(licences: Mapping[str, Any]) -> None:
    for said, mapped, of in (("texts", "mapped", "distinct"), ("names", "names_mapped", "names")):
        share = licences[mapped] / licences[of] if licences[of] else 0
        click.echo(f"licences, distinct {said}: {licences[mapped]} of {licences[of]} mapped ({share:.1%})")
    unmapped = licences["unmapped"]
    click.echo(f"licences not mapped, {min(_SHOWN_UNMAPPED, len(unmapped))} of {len(unmapped)}:")
    for text, count in unmapped[:_SHOWN_UNMAPPED]:
        said = " ".join(text.split())
        click.echo(f"  {count:6}  {said if len(said) <= _LONGEST else said[: _LONGEST - 1] + '…'}")


def write(report: Report, path: Path) -> None:
    """The whole report as JSON; a reader never sees half of it."""
    partial = path.with_name(path.name + ".part")
    text = json.dumps({**asdict(report), "vanished": report.vanished}, ensure_ascii=False, indent=2)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)
