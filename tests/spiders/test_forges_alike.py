"""Each kind of forge holds the same folder: it gives the same files and records, and asks anew what is asked newly."""

from __future__ import annotations

import json
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

HOSTS = {"github": "github.com", "gitlab": "lab.example", "forgejo": "forge.example", "gogs": "gogs.example"}


_HERE = {"kind": "software", "code_repository": "https://HOST/town/ledger"}
_DECLARED = {
    "short_description": {"en": "The town's accounts, for everybody to read."},
    "license": "EUPL-1.2",
    "license_text": "EUPL-1.2",
    "development_status": "stable",
    "software_type": "standalone/web",
    "available_languages": ["en"],
    "platforms": ["web"],
    "url": "https://HOST/town/ledger",
    "has_publiccode": True,
}
RECORDS = {
    "repository": {**_HERE, "name": "ledger", "has_publiccode": True},
    "PublicCode.yml": {**_HERE, **_DECLARED, "name": "Town Ledger"},
    "docs/publiccode.yml": {**_HERE, **_DECLARED, "name": "Ledger Documents"},
    "CodeMeta.json": {**_HERE, "name": "Town Ledger", "license": "EUPL-1.2", "license_text": "EUPL-1.2"},
    "civic.json": {**_HERE, "name": "Ledger", "development_status": "beta"},
    "code.json": {**_HERE, "name": "Ledger", "development_status": "stable"},
    "citation.cff": {**_HERE, "name": "Town Ledger"},
    "README.md": {"long_description": {"en": "This tool keeps the accounts of a town, and everybody may read them.…"}},
}
"""The fields of each record; of the repository's own those that no forge tells differently."""


def records(runs: Runs, host: str) -> dict[str, dict[str, Any]]:
    """The fields of the records that stand in the catalogue, by key; `host` is HOST in them."""
    with runs.catalogue.database.read() as connection:
        found = connection.execute(sa.select(schema.record.c.key, schema.record.c.data)).all()
    fields = {row.key: json.loads(row.data.replace(host, "HOST"))["fields"] for row in found}
    fields["repository"] = {name: fields["repository"].get(name) for name in RECORDS["repository"]}
    return fields


@each_forge
def test_thirty_files_give_the_same_files_and_records(forge: Any, tmp_path: Path) -> None:
    made = forge(paths=["docs/publiccode.yml"])
    with running(made[1], tmp_path, source(made)) as runs:
        runs.harvest()
        (payload,) = runs.stored().values()
        host = HOSTS.get(made[0], "git.example")
        found = records(runs, host)
    served = folder(host)
    assert len(served) == 30
    kept = {one["path"]: (one["text"], one.get("cut", False)) for one in payload["files"]}
    wanted = ("PublicCode.yml", "CodeMeta.json", "civic.json", "code.json", "citation.cff", "README.md")
    assert list(kept) == [*wanted, "docs/publiccode.yml"]
    assert kept.pop("README.md") == (served["README.md"][: 64 * 1024], True), "cut, and said so"
    assert kept == {path: (served[path], False) for path in kept}, "as served, with their marks"
    assert found == RECORDS


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
