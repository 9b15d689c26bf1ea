"""What `make corpus` says of counts: an entry that is in no heap is said, whatever the file or the run claims."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders import EPOCH, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import Issue, Judgement, Outcome, Reading, Run, RunCounts, RunState
from tools import corpus_report
from tools.corpus_counts import Counted

LICENCES = {
    "distinct": 4,
    "mapped": 3,
    "names": 2,
    "names_mapped": 1,
    "unmapped": [("see the\nfile", 7), ("x" * 500, 1)],
}


def ended(**counts: int) -> Run:
    return Run(
        id=1,
        source="towns",
        due_at=EPOCH,
        state=RunState.FINISHED,
        started_at=EPOCH,
        finished_at=EPOCH + timedelta(seconds=3),
        judgement=Judgement.GOOD,
        counts=RunCounts(**counts),
    )


@pytest.mark.parametrize(
    ("counts", "file", "said"),
    [
        ({"entries": 5, "read": 3, "refused": 1, "skipped": 1}, Counted(5), []),
        ({"entries": 5, "read": 5}, Counted(8, {"the same address": 3}), []),
        ({"entries": 5, "read": 5}, Counted(8, {"the same address": 2}), ["8 entries, 2 of them the same address; 5"]),
        ({"entries": 6, "read": 6}, Counted(5), ["5 entries; 6 came"]),
        ({"entries": 5, "read": 3, "refused": 1}, Counted(5), ["3 read, 1 refused and 0 skipped are not as many"]),
        ({"entries": 5, "read": 5}, None, ["nobody counted"]),
    ],
)  # fmt: skip
def test_counts_that_do_not_tell_what_became_of_every_entry_are_said(
    counts: dict[str, int], file: Counted | None, said: list[str]
) -> None:
    found = corpus_report.vanished(ended(**counts), file)
    assert len(found) == len(said)
    for sentence, part in zip(found, said, strict=True):
        assert sentence.startswith("towns: ")
        assert part in sentence


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_row_tells_of_each_entry_what_became_of_it_and_why(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Issue.of("yaml-syntax", why="no colon")
    raws = [item(str(number)) for number in range(6)]
    refused = [(raws[place][0], Reading(outcome=Outcome.REFUSED, issues=(broken, broken))) for place in (1, 2)]
    skipped = [(raws[place][0], Reading(outcome=Outcome.SKIPPED, reason="a nominee")) for place in (3, 4, 5)]
    run = harvest(catalogue, [raws[0], *refused, *skipped])
    row = corpus_report.rows(catalogue, [run], {run.source: Counted(7, {"the same address": 1})})[0]
    assert (row["file"], row["entries"], row["read"], row["refused"], row["skipped"]) == (7, 6, 1, 2, 3)
    assert (row["refused_why"], row["skipped_why"]) == ({"yaml-syntax": 2}, {"a nominee": 3})
    assert (row["merged"], row["vanished"], row["licence_recognised"]) == ({"the same address": 1}, [], None)
    assert 0 < row["fields_filled"] < 0.3

    report = corpus_report.Report(
        sources=[row], validator={"recorded": {"files": 9}}, licences=LICENCES, harvested_s=1.5, seconds=2
    )
    corpus_report.print_out(report)
    told = capsys.readouterr().out
    for line in (
        f"{run.source}: 3 skipped: a nominee",
        f"{run.source}: 2 refused: yaml-syntax",
        f"{run.source}: 1 merged: the same address",
        "validator, recorded: files 9",
        "distinct texts: 3 of 4 mapped (75.0%)",
        "distinct names: 1 of 2 mapped (50.0%)",
        "      7  see the file\n",
    ):
        assert line in told
    assert max(map(len, told.splitlines())) <= 200

    corpus_report.write(report, tmp_path / "report.json")
    stored = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert stored["sources"] == [row]
    assert stored["licences"]["unmapped"][1] == ["x" * 500, 1]
    assert stored["vanished"] == []
