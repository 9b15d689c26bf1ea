"""What careful readers say of recorded entries, beside what the catalogue concludes of them: the report's last part.

The measures are those of the judged folder's own `score.py`, of an export and of a running server.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import SettingsError
from harvester.runs.execute import child_environment

_UP_S = 60


def judged(settings: Settings, catalogue: Catalogue, folder: Path) -> dict[str, Any]:
    """The measures of entries, pairs and queries, and what is listed. Raises SettingsError: no judged set is there."""
    score = folder / "score.py"
    if not score.is_file():
        raise SettingsError(
            f"HARVESTER_JUDGED={str(folder)!r} holds no score.py", remedy="name the judged set's folder"
        )
    export = settings.data / "judged.jsonl"
    try:
        with export.open("w", encoding="utf-8") as out:
            for line in catalogue.export.lines():
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
        found = {name: _measured(score, name, str(export)) for name in ("entries", "pairs")}
        with served(settings) as url:
            found["queries"] = _measured(score, "queries", url)
        return {**found, "listed": listed(export)}
    finally:
        export.unlink(missing_ok=True)


def listed(export: Path) -> dict[str, Any]:
    """How many are listed, by what they are, and which share of them has what a visitor asks for."""
    shelves: Counter[str] = Counter()
    artefacts: Counter[str] = Counter()
    has: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    with export.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if line["state"] != "published":
                continue
            shelves[line["shelf"]] += 1
            relations.update({f"{one['type']}, {one['basis']}" for one in line["relations"]})
            if line["listed"]:
                artefacts[line["artefact"]] += 1
                fields = line["fields"]
                has["use case"] += bool(line["useCases"])
                has["description"] += bool(fields.get("shortDescription"))
                has["its language"] += any(tag != "und" for tag in fields.get("shortDescription", ()))
                has["organisation"] += bool(fields.get("organisations"))
                has["licence"] += bool(fields.get("license"))
    total = max(1, shelves["listed"])
    return {
        "shelves": dict(shelves.most_common()),
        "artefacts": dict(artefacts.most_common()),
        "share of listed with": {name: round(count / total, 3) for name, count in has.items()},
        "relations": dict(relations.most_common()),
    }


def _measured(score: Path, name: str, where: str) -> Any:
    done = subprocess.run([sys.executable, score, name, where], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """A server of this catalogue on a free port of loopback, for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {**os.environ, **child_environment(settings.model_copy(update={"bind": bind, "public_url": None}))}
    process = subprocess.Popen([sys.executable, "-m", "harvester", "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://{bind}/healthz", process)
        yield f"http://{bind}"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _UP_S
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise SettingsError(f"no server answers at {address}", remedy="run `harvester serve` to see why")


def told(figures: Mapping[str, Any]) -> list[str]:
    """The figures as lines for a terminal."""
    found = []
    for name, part in figures.items():
        if name in ("queries", "listed"):
            found += [f"{name}, {group}: " + _flat(some) for group, some in part.items()]
        else:
            found.append(f"{name}: " + _flat(part))
    return found


def _flat(part: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key} ({_flat(value)})" if isinstance(value, dict) else f"{key} {value}" for key, value in part.items()
    )
