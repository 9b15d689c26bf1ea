"""Gogs by its API, with a token and without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from support.asked import AllUnits
from support.runs import Runs, running

from harvester.catalogue import schema
from harvester.config import load_settings
from harvester.model import Source
from harvester.net import Net
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.sim_gogs import Gogs
from spiders.gogs import GogsSpider

HOST = "gogs.example"
AT = "2026-01-01T00:00:00Z"


def store() -> ForgejoStore:
    tools = [
        Repository(id=n, owner="town", name=f"tool-{n}", updated_at=AT, files={"README.md": "# Tool\n"})
        for n in range(1, 4)
    ]
    other = Repository(id=9, owner="someone", name="tool", updated_at=AT, files={"a": "b"}, release=("v1", AT))
    secret = Repository(id=10, owner="town", name="secret", private=True)
    return ForgejoStore([*tools, other, secret], [Account(login="someone", organisation=False)])


def source(**params: Any) -> dict[str, Any]:
    return {"spider": "gogs", "params": {"url": f"http://{HOST}", **params}}


def keys(runs: Runs) -> list[str]:
    return list(runs.stored())


def test_owners_are_listed_page_by_page_and_one_that_is_missing_is_told(tmp_path: Path) -> None:
    host = Gogs(HOST, store(), most=2)
    asked = source(organisations=["Town", "nobody"], users=["someone"])
    with running({HOST: host}, tmp_path, asked, resolves=False) as runs:
        runs.harvest()
        assert keys(runs) == [f"{HOST}:{n}" for n in (1, 2, 3, 9)]
        assert runs.issues() == ["owner-missing"]
        told = runs.stored()
        assert [one["owner"]["organisation"] for one in told.values()] == [True, True, True, False]
        assert told[f"{HOST}:9"]["release"]["tag_name"] == "v1"


def test_a_second_run_asks_the_listings_alone(tmp_path: Path) -> None:
    with running({HOST: Gogs(HOST, store())}, tmp_path, source(whole_instance=True), resolves=False) as runs:
        runs.harvest()
        run = runs.harvest()
        assert (run.counts.unchanged, run.counts.changed) == (4, 0)
        assert len(runs.log.lines) == 2, "a page, and one that shows that it was the last"


def test_a_renamed_repository_stays_and_a_deleted_one_goes_after_two_runs(tmp_path: Path) -> None:
    held = store()
    with running({HOST: Gogs(HOST, held)}, tmp_path, source(organisations=["town"]), resolves=False) as runs:
        runs.harvest()
        held.put(Repository(id=1, owner="town", name="renamed", updated_at=AT, files={"README.md": "# Tool\n"}))
        held.remove(2)
        held.put(Repository(id=20, owner="town", name="tool-2", updated_at=AT, files={"a": "b"}))
        runs.harvest()
        runs.harvest()
        assert keys(runs) == [f"{HOST}:{n}" for n in (1, 20, 3)]
        assert runs.stored()[f"{HOST}:1"]["formerly"] == ["town/tool-1"]


def test_where_files_are_not_asked_for_nothing_is_said_of_them(tmp_path: Path) -> None:
    with running({HOST: Gogs(HOST, store())}, tmp_path, source(whole_instance=True, files=False)) as runs:
        runs.harvest()
        assert all("files" not in one for one in runs.stored().values())
        with runs.catalogue.database.read() as connection:
            told = [json.loads(row) for row in connection.execute(sa.select(schema.record.c.data)).scalars()]
        assert len(told) == 4
        assert all("has_publiccode" not in record["fields"] for record in told)


def test_files_are_asked_for_where_a_token_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads_files(host: str) -> bool:
        told = {"url": f"https://{host}", "whole_instance": True}
        one = Source(name="gg", spider="gogs", title="", params=told)
        return GogsSpider(source=one, frontier=AllUnits(), net=Net.of(load_settings())).reads_files

    (tmp_path / "tokens").write_text(f"{HOST} a-word\n")
    monkeypatch.setenv("HARVESTER_TOKENS_FILE", str(tmp_path / "tokens"))
    assert reads_files(HOST)
    assert not reads_files("other.example")


def test_what_gogs_cannot_tell_is_no_parameter() -> None:
    for more in ({"topics": ["maps"]}, {"languages": True}):
        with pytest.raises(ValidationError):
            GogsSpider.Params.model_validate({"url": f"http://{HOST}", "whole_instance": True, **more})
