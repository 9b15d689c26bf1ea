"""An address that only a catalogue lists is asked at its forge, and is an alias where the forge leads on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.asked import came, response
from support.runs import Runs, running

from harvester.assess.meaning import understood
from harvester.catalogue import schema
from harvester.forges.github.queries import names_query
from harvester.model import Operation, Page, Unit
from harvester.normalize.readers import read
from harvester.runs import execute as executing
from harvester.runs.execute import Ending
from pipelines.validate import validated
from simulators.exchange import Host
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.github_store import GitHubStore, Repo
from simulators.gitlab_store import Project
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from spiders.base import Former

AT = "2026-01-01T00:00:00Z"
README = {"README.md": "# Permits\n\nHelps residents.\n"}
PAGE = {"name": "page", "spider": "html_page", "params": {"url": "http://town.example/tools"}, "trusted": True}


def list_on_a_page(runs: Runs, *addresses: str) -> None:
    """A run of the town's page, which links to these; only Scrapy's downloader is left out."""
    links = "".join(f'<li><a href="{one}">Permit desk</a> Handles permits.</li>' for one in addresses)
    page = f'<!DOCTYPE html><html lang="en"><title>Tools</title><body><main><ul>{links}</ul></main></body></html>'
    source, forges = runs.catalogue.sources.get("page"), frozenset(runs.catalogue.sources.forges().items())
    found = came(source, lambda request: response(request, page.encode(), "text/html")).items
    items = tuple((raw, validated(raw, understood(read(raw, forges=forges)))) for raw, _ in found)
    runs.catalogue.runs.queue("page", datetime.now(UTC))
    run = runs.catalogue.runs.claim("test", 600)
    assert run is not None
    (unit,) = runs.catalogue.harvest.open_units(run.id, run.attempt, [Unit("page")])
    stored = Page(unit=unit, raw_items=tuple(raw for raw, _ in items))
    runs.catalogue.harvest.store(run.id, run.attempt, [(stored, items)])
    executing._end(runs.catalogue, run, executing._Crawl(Ending(finish_reason="finished", errors=0), spent={}))


def github() -> tuple[str, dict[str, Host], dict[str, Any]]:
    moved = {"owner": "civic-coop", "name": "permits", "former": ("town/permit-desk",)}
    store = GitHubStore.of([Repo(database_id=77, pushed_at=AT, created_at=AT, files=README, **moved)])
    hosts: dict[str, Host] = {"api.github.com": GitHub(store)}
    return (
        "github.com",
        hosts,
        {"spider": "github", "params": {"owners": ["civic-coop"], "api_url": "http://api.github.com"}},
    )


def forgejo() -> tuple[str, dict[str, Host], dict[str, Any]]:
    one = Repository(
        id=7, owner="civic-coop", name="permits", updated_at=AT, files=README, former=("town/permit-desk",)
    )
    hosts: dict[str, Host] = {"forge.example": Forgejo("forge.example", ForgejoStore([one]))}
    params = {"url": "http://forge.example", "organisations": ["civic-coop"]}
    return "forge.example", hosts, {"spider": "forgejo", "params": params}


def gitlab() -> tuple[str, dict[str, Host], dict[str, Any]]:
    one = Project(
        id=5, path="civic-coop/permits", name="Permits", active_at=AT, files=README, former=("town/permit-desk",)
    )
    hosts: dict[str, Host] = {"gitlab.example": GitLab("gitlab.example", [one])}
    return (
        "gitlab.example",
        hosts,
        {"spider": "gitlab", "params": {"url": "http://gitlab.example", "groups": ["civic-coop"]}},
    )


def published(runs: Runs) -> int:
    query = sa.select(sa.func.count()).where(schema.software.c.state == "published")
    with runs.catalogue.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def names(runs: Runs) -> set[str]:
    """Addresses that the forge's records bear."""
    record, raw, name = schema.record, schema.raw_item, schema.identifier
    query = (
        sa.select(name.c.value)
        .select_from(name)
        .join(record)
        .join(raw)
        .where(raw.c.source == "tested", name.c.scheme == "repo")
    )
    with runs.catalogue.database.read() as connection:
        return set(connection.execute(query).scalars())


@pytest.mark.parametrize("forge", [github, forgejo, gitlab])
def test_a_former_address_in_a_catalogue_is_an_alias_where_its_forge_leads_on(forge: Any, tmp_path: Path) -> None:
    host, hosts, source = forge()
    with running(hosts, tmp_path, {**source, "trusted": True}, PAGE) as runs:
        runs.harvest()
        list_on_a_page(runs, f"https://{host}/town/Permit-Desk", f"https://{host}/nobody/nothing")
        assert published(runs) == 3
        assert runs.harvest().counts.changed == 1
        assert published(runs) == 3, "what was published apart stays so until a reviewer has seen it"
        town = [one for one in runs.catalogue.review.queue() if one.asks]
        assert len(town) == 2, "the forge's and the page's are in question, and nobody's is not"
        runs.catalogue.review.decide(town[0].id, Operation.SAME, "ada", value=town[1].id)
        assert (published(runs), runs.catalogue.review.waiting()) == (2, 0)
        assert f"https://{host}/town/permit-desk" in {one.lower() for one in names(runs)}
        asked = len(runs.log.lines)
        run = runs.harvest()
        assert (run.counts.unchanged, run.counts.changed) == (1, 0)
        assert len(runs.log.lines) < asked, "the answers are remembered"


def test_an_address_is_asked_again_after_a_month_and_those_never_asked_come_first(tmp_path: Path) -> None:
    host, hosts, source = forgejo()
    with running(hosts, tmp_path, source, PAGE, resolves=False) as runs:
        list_on_a_page(runs, *(f"https://{host}/some/tool-{n:02}" for n in range(22)))
        claimed = runs.catalogue.harvest.claimed
        assert len(claimed("tested", host, limit=50)) == 22
        runs.harvest()
        assert claimed("tested", host, limit=50) == [f"https://{host}/some/tool-{n}" for n in (20, 21)]
        with runs.catalogue.database.write() as connection:
            past = datetime.now(UTC) - timedelta(days=31)
            connection.execute(sa.update(schema.unit).values(closed_at=past))
        due = claimed("tested", host, limit=3)
        assert due == [f"https://{host}/some/tool-{n:02}" for n in (20, 21, 0)]


def test_an_address_that_led_to_a_repository_unknown_yet_is_asked_again_when_it_is_known(tmp_path: Path) -> None:
    host, hosts, source = forgejo()
    store = hosts[host].store  # type: ignore[attr-defined]
    store.put(Repository(id=8, owner="town", name="other", updated_at=AT, files=README))
    source["params"]["organisations"] = ["town"]
    with running(hosts, tmp_path, source, PAGE, resolves=False) as runs:
        list_on_a_page(runs, f"https://{host}/town/permit-desk")
        runs.harvest()
        assert runs.catalogue.harvest.claimed("tested", host, limit=50) == []
        both = replace(
            runs.catalogue.sources.get("tested"), params=source["params"] | {"organisations": ["town", "civic-coop"]}
        )
        runs.catalogue.sources.put(both, "test")
        runs.harvest()
        assert runs.stored()[f"{host}:7"]["formerly"] == ["town/permit-desk"]


def test_a_name_that_another_repository_takes_is_no_alias_any_more(tmp_path: Path) -> None:
    host, hosts, source = forgejo()
    source["params"]["organisations"] = ["civic-coop", "town"]
    store = hosts[host].store  # type: ignore[attr-defined]
    store.put(Repository(id=8, owner="town", name="other", updated_at=AT, files=README))
    with running(hosts, tmp_path, source, PAGE) as runs:
        list_on_a_page(runs, f"https://{host}/town/permit-desk")
        runs.harvest()
        assert runs.stored()[f"{host}:7"]["formerly"] == ["town/permit-desk"]
        store.put(replace(store.by_id(8), name="permit-desk"))
        runs.harvest()
        assert "formerly" not in runs.stored()[f"{host}:7"]


def test_asking_is_forecast() -> None:
    asking = Former("github.com", "api.github.com graphql", most=300, batch=100, points=True)
    assert asking.cost(0) == {}
    assert asking.cost(101) == {"api.github.com graphql": 2, "api.github.com graphql points": 2}
    assert asking.cost(1000) == {"api.github.com graphql": 3, "api.github.com graphql points": 3}
    assert Former("forge.example", "forge.example rest /repos").cost(30) == {"forge.example rest /repos": 20}


def test_a_name_is_a_variable_of_the_query() -> None:
    assert "$owner1: String!, $name1: String!" in names_query(2)
