"""Each kind of forge holds the same folder: it gives the same files and records, and asks anew what is asked newly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.forges_alike import FORGES, folder, source
from support.runs import Runs, running

from harvester.catalogue import schema
from harvester.normalize import repository
from harvester.normalize.repository import METADATA, Metadata

each_forge = pytest.mark.parametrize("forge", FORGES.values(), ids=FORGES)


def keys(runs: Runs) -> set[str]:
    """Of the records that stand in the catalogue."""
    with runs.catalogue.database.read() as connection:
        return set(connection.execute(sa.select(schema.record.c.key)).scalars())


@each_forge
def test_thirty_files_give_the_same_files_and_records(forge: Any, tmp_path: Path) -> None:
    made = forge(paths=["docs/publiccode.yml"])
    with running(made[1], tmp_path, source(made)) as runs:
        runs.harvest()
        (payload,) = runs.stored().values()
        found = keys(runs)
    hosts = {"github": "github.com", "gitlab": "lab.example", "forgejo": "forge.example", "gogs": "gogs.example"}
    served = folder(hosts[made[0]])
    assert len(served) == 30
    kept = {one["path"]: (one["text"], one.get("cut", False)) for one in payload["files"]}
    wanted = ("PublicCode.yml", "CodeMeta.json", "civic.json", "code.json", "citation.cff", "README.md")
    assert list(kept) == [*wanted, "docs/publiccode.yml"]
    assert kept.pop("README.md") == (served["README.md"][: 64 * 1024], True), "cut, and said so"
    assert kept == {path: (served[path], False) for path in kept}, "as served, with their marks"
    assert found == {"repository", *wanted, "docs/publiccode.yml"}


@each_forge
def test_what_is_newly_asked_for_reaches_what_is_unchanged_at_the_price_of_its_details(
    forge: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = forge()
    with running(made[1], tmp_path, source(made), resolves=False) as runs:
        runs.harvest()
        runs.harvest()
        unchanged = len(runs.log.lines)
        assert runs.harvest().counts.unchanged == 1
        assert len(runs.log.lines) == unchanged
        monkeypatch.setattr(repository, "METADATA", (*METADATA, Metadata(format="data", names=("data-1.json",))))
        assert runs.harvest().counts.changed == 1
        assert "data-1.json" in paths(runs)
        assert len(runs.log.lines) - unchanged <= 4, "what is inside, and one file"
        params = {**made[2], "paths": ["docs/publiccode.yml"]}
        before = runs.catalogue.sources.get("tested")
        runs.catalogue.sources.put(replace(before, params=params), "test")
        assert runs.harvest().counts.changed == 1
        assert paths(runs)[-1] == "docs/publiccode.yml"
        assert len(runs.log.lines) - unchanged <= 5, "what is inside, the folder, and one file"
        assert runs.harvest().counts.unchanged == 1
        assert len(runs.log.lines) == unchanged


def paths(runs: Runs) -> list[str]:
    """Of the files that are stored of the one repository."""
    (payload,) = runs.stored().values()
    return [one["path"] for one in payload["files"]]
