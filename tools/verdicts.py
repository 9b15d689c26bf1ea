"""How far our validator agrees with the official one, on recorded verdicts. Nothing is asked of the network."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harvester.external import Surroundings
from harvester.model import Severity
from harvester.validate import Report, validate

Places = set[tuple[str, int]]


def agreement(corpus: Path) -> dict[str, dict[str, float]]:
    """How often we agree, by what we are compared with; a part that is not in the corpus is left out.

    `parser_go`: the official validator's own test files, as {cases, agree} in verdict, keys and lines, with the files
    beside them asked. `recorded`: files that people wrote, as {files, same_verdict, same_errors (keys and lines),
    files_a_second} (seconds of the processor).
    """
    folder = corpus / "publiccode"
    found: dict[str, dict[str, float]] = {}
    if (folder / "parser-go").is_dir():
        found["parser_go"] = _of_cases(folder)
    if (folder / "official-verdicts.jsonl.gz").is_file():
        found["recorded"] = _of_files(folder)
    return found


def _of_cases(folder: Path) -> dict[str, float]:
    outcomes = [same for _, same in cases(folder)]
    return {"cases": len(outcomes), "agree": sum(outcomes)}


def cases(folder: Path) -> Iterator[tuple[str, bool]]:
    """The official validator's own test files, and whether we agree in verdict, keys and lines."""
    root = folder / "parser-go"
    for case in json.loads((root / "expectations_v0.json").read_bytes())["cases"]:
        file = root / case["file"]
        report = Surroundings(file.parent).look(validate(file.read_bytes()))
        wanted = {(one["level"], one["key"], one["line"]) for one in case["results"]}
        found = {(one.severity.value, one.key, one.line) for one in report.results}
        valid = all(one["level"] != Severity.ERROR.value for one in case["results"])
        yield case["file"], (found, report.valid) == (wanted, valid)


def _of_files(folder: Path) -> dict[str, float]:
    files = verdicts = errors = 0
    took = 0.0
    for payload, official in recorded(folder):
        began = time.thread_time()
        report = validate(payload)
        took += time.thread_time() - began
        files += 1
        verdicts += report.valid == official["valid"]
        errors += _ours(report) == _theirs(official["results"] or ())
    return {
        "files": files,
        "same_verdict": verdicts,
        "same_errors": errors,
        "files_a_second": round(files / took) if took else 0,
    }


def recorded(folder: Path) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
    """(the file, the official verdict) of every file that people wrote."""
    with gzip.open(folder / "history.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {row["blob"]: row["text"].encode("utf-8", "surrogatepass") for row in map(json.loads, lines)}
    with gzip.open(folder / "official-verdicts.jsonl.gz", "rt", encoding="utf-8") as lines:
        for official in map(json.loads, lines):
            name = official.get("file")
            yield (folder / name).read_bytes() if name else texts[official["blob"]], official


def _ours(report: Report) -> Places:
    return {(result.key, result.line) for result in report.results if result.severity is Severity.ERROR}


def _theirs(results: Iterable[Mapping[str, Any]]) -> Places:
    return {(result["key"], result["line"]) for result in results if result["type"] == Severity.ERROR.value}
