"""Harvests a source from its recorded answers and prints what came, for a person to check and store.

`python -m tests.sources.record SPIDER[/CASE] [--answer URL FILE]...`; see tests/sources/README.md.
"""

from __future__ import annotations

import argparse
import json
import mimetypes
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.recorded import FOLDER, Case, shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Print expected.json as it would be; 1 when something was asked in vain."""
    parser = argparse.ArgumentParser(prog="python -m tests.sources.record", description=__doc__)
    parser.add_argument("case", help="the spider's name, or SPIDER/CASE")
    parser.add_argument(
        "--answer", nargs=2, action="append", default=[], metavar=("URL", "FILE"), help="keep FILE as URL's answer"
    )
    chosen = parser.parse_args(arguments)
    case = Case(FOLDER / chosen.case)
    answers = case.folder / "answers"
    answers.mkdir(parents=True, exist_ok=True)
    for url, file in chosen.answer:
        _keep(answers, url, Path(file))
    if not (case.folder / "source.json").is_file():
        (case.folder / "source.json").write_text('{"params": {}}\n', encoding="utf-8")
    harvested, in_vain, unasked = case.harvest()
    print(json.dumps(shown(harvested), ensure_ascii=False, indent=1))
    for failed in harvested.failures:
        print(f"failed: {failed.unit.key}: {failed.reason}", file=sys.stderr)
    for line in in_vain:
        print(f"no answer to: {line}", file=sys.stderr)
    for line in unasked:
        print(f"nobody asked: {line}", file=sys.stderr)
    return 1 if in_vain or unasked else 0


def _keep(answers: Path, url: str, file: Path) -> None:
    index = answers / "answers.json"
    entries = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else []
    if file.resolve().parent != answers.resolve():
        shutil.copyfile(file, answers / file.name)
    media = mimetypes.guess_type(file.name)[0] or "text/plain"
    entries.append({"method": "GET", "url": url, "status": 200, "headers": {"content-type": media}, "body": file.name})
    index.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
