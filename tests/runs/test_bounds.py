"""A run asks no further once it came to its bounds, whatever waits; and the page of its source tells them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fastapi.responses import Response
from support.runs import running

from harvester.config import Settings
from harvester.model import Judgement, Source
from harvester.model.bounds import FILES, FORGE, LONGEST_S, PAGES
from harvester.runs.kinds import Bound, bounds
from harvester.scrapy_process import spider_class, spider_names
from simulators.exchange import Ask, as_json
from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.sim_forgejo import Forgejo
from spiders.forgejo import ForgejoSpider

HOST, FILES_N = "lists.example", 60


@dataclass
class Lists:
    """A host of files that list two repositories each."""

    asked: list[str] = field(default_factory=list)

    def answer(self, ask: Ask) -> Response:
        self.asked.append(ask.path)
        name = ask.path.strip("/").partition(".")[0]
        names = [f"{name}/tool{n}" for n in range(2)]
        return as_json([{"full_name": one, "html_url": f"https://github.com/{one}"} for one in names])


def test_files_that_wait_are_not_asked_once_the_run_has_what_it_may(tmp_path: Path) -> None:
    lists = Lists()
    source = {"spider": "github_list", "params": {"urls": [f"http://{HOST}/n{n}.json" for n in range(FILES_N)]}}
    with running({HOST: lists}, tmp_path, source, resolves=False) as runs:
        bounded = replace(runs, settings=runs.settings.model_copy(update={"run_items": 5}))
        run = bounded.harvest()
        assert (run.judgement, run.counts.entries) == (Judgement.CAPPED, 5), run.reasons
        assert len(lists.asked) < FILES_N
        assert run.counts.units_open > 0
        assert bounded.issues() == ["bound-reached"]
        assert runs.catalogue.absence.would_remove(run.id) == []


def test_what_no_listing_shows_is_asked_for_within_the_bounds_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ForgejoSpider, "confirm_batch", 1)
    names = [("town", "one"), ("town", "two"), ("town", "three"), ("town", "four"), ("other", "tool")]
    files, at = {"README.md": "# Permits\n\nHelps residents.\n"}, "2026-01-01T00:00:00Z"
    made = [
        Repository(id=n, owner=owner, name=name, updated_at=at, files=files) for n, (owner, name) in enumerate(names, 1)
    ]
    forge = Forgejo(HOST, ForgejoStore(made, [Account(login="town"), Account(login="other")]))
    params = {"url": f"http://{HOST}", "organisations": ["town"]}
    with running({HOST: forge}, tmp_path, {"spider": "forgejo", "params": params}, resolves=False) as runs:
        runs.harvest()
        told = runs.catalogue.sources.get("tested")
        runs.catalogue.sources.put(replace(told, params={**params, "organisations": ["other"]}), "test")
        bounded = replace(runs, settings=runs.settings.model_copy(update={"run_pages": 3}))
        run = bounded.harvest()
        assert (run.judgement, run.counts.entries) == (Judgement.CAPPED, 1 + 2), run.reasons
        assert bounded.issues() == ["bound-reached"]
        assert runs.catalogue.absence.would_remove(run.id) == []


def test_every_kind_declares_bounds_that_a_setting_or_the_source_changes(tmp_path: Path) -> None:
    kinds = {name: spider_class(name).bounds for name in spider_names()}
    assert (kinds["forgejo"], kinds["html_catalogue"], kinds["sill"]) == (FORGE, PAGES, FILES)
    assert max(one.seconds for one in kinds.values()) == LONGEST_S
    source = Source(name="x", spider="forgejo", title="X", params={"max_pages": 7})
    told = bounds(source, Settings(data=tmp_path, run_items=50))
    assert told == [
        Bound("pages", FORGE.pages, "kind"),
        Bound("items", 50, "HARVESTER_RUN_ITEMS"),
        Bound("megabytes", FORGE.megabytes, "kind"),
        Bound("seconds", FORGE.seconds, "kind"),
        Bound("max_pages", 7, "source"),
    ]
    assert bounds(replace(source, spider="nothing"), Settings(data=tmp_path)) == ()
