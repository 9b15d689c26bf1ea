"""A check of a source names what became of its address, and raises no alarm about one that is fine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from support.builders import source as source_of
from support.forges import gitlab_of
from support.recorded import FOLDER, Case, crawled
from support.registry_web import as_asked, registry_web

from harvester.catalogue import Catalogue
from harvester.model import Checked, CheckFinding, Source
from harvester.net import Net
from harvester.net.walls import wall_of
from harvester.runs.check import SECOND_LOOK, look
from harvester.runs.registry import offers
from simulators.decay import DECAYS, MOVED_TO, Decayed
from simulators.exchange import Host
from simulators.server import ThreadedServer
from simulators.web import create_app

NOW = datetime(2026, 11, 28, tzinfo=UTC)
EXPECTED = {"anubis": CheckFinding.WALLED, "cloudflare": CheckFinding.WALLED} | {
    name: CheckFinding(name) for name in DECAYS if name not in ("anubis", "cloudflare")
}


@contextmanager
def net_of(hosts: dict[str, Host]) -> Iterator[Net]:
    """The network of these hosts."""
    with ThreadedServer(create_app(hosts)) as server:
        net = Net("CivicHarvester/test", simulated_web=server.address)
        yield net
        net.close()


def checked(
    source: Source, hosts: dict[str, Host], *, before: Checked | None = None, moment: datetime = NOW
) -> Checked:
    """What one check finds."""
    with net_of(hosts) as net:
        return look(source, net, before=before, by="test", moment=moment)


def catalogue_of() -> tuple[Source, dict[str, Host], object]:
    """A catalogue, its hosts and what it answers when it is empty."""
    case = Case(FOLDER / "finland")
    return case.source(), case.hosts(), {"projects": []}


Made = Callable[[], tuple[Source, dict[str, Host], object]]


def forge_of() -> tuple[Source, dict[str, Host], object]:
    """A forge, its host and what it answers when it is empty."""
    params = {"url": "http://gitlab.example.org", "groups": ["town"]}
    source = Source(name="town", spider="gitlab", title="Town", params=params)
    return source, {"gitlab.example.org": gitlab_of("gitlab.example.org", ["town"])}, []


# a forge's own answers bear dates, so that it never looks frozen by its file's date
@pytest.mark.parametrize(
    ("made", "decay"),
    [(made, decay) for made in (catalogue_of, forge_of) for decay in DECAYS if (made, decay) != (forge_of, "frozen")],
)
def test_each_kind_of_decay_is_named(made: Made, decay: str) -> None:
    source, hosts, empty = made()
    all_hosts = {name: Decayed(host, decay, empty) for name, host in hosts.items()}
    all_hosts |= {f"{MOVED_TO}{name}": host for name, host in hosts.items()}
    first = checked(source, all_hosts)
    if decay == "dead":  # one look is none
        assert first.finding is CheckFinding.SILENT
        assert first.proposed == {}
        assert checked(source, all_hosts, before=first, moment=NOW + SECOND_LOOK / 2).finding is CheckFinding.SILENT
        first = checked(source, all_hosts, before=first, moment=NOW + SECOND_LOOK)
        assert first.proposed == {"enabled": False}
    assert first.finding is EXPECTED[decay], first
    assert first.told
    assert first.fine_at is None
    if decay == "moved":
        mended = Source(**{**{name: getattr(source, name) for name in ("name", "spider", "title")}, **first.proposed})
        again = checked(mended, all_hosts, before=first, moment=NOW + timedelta(days=1))
        assert again.finding is CheckFinding.FINE, again
        assert (again.fine_at, again.fine_by) == (NOW + timedelta(days=1), "test")


@pytest.mark.parametrize(
    "name", [name if n % 6 == 0 else pytest.param(name, marks=pytest.mark.long) for n, name in enumerate(offers())]
)
def test_a_source_of_the_registry_that_is_fine_raises_no_alarm(name: str) -> None:
    source = as_asked(offers()[name].source)
    found = checked(source, dict(registry_web(source)))
    assert found.finding is CheckFinding.FINE, found


def test_one_of_several_addresses_that_died_is_told_and_the_source_is_not_switched_off() -> None:
    source, hosts, _ = catalogue_of()
    host = urlsplit(source.params["urls"][0]).hostname or ""
    urls = [*source.params["urls"], "http://gone.example/x.json"]
    more = Source(name="finland", spider="finland", title="Finland", params={"urls": urls})
    web = {**hosts, "gone.example": Decayed(hosts[host], "dead")}
    first = checked(more, web)
    second = checked(more, web, before=first, moment=NOW + SECOND_LOOK)
    assert second.finding is CheckFinding.DEAD
    assert "gone.example" in str(second.told[0].args)
    assert second.proposed == {}


def test_a_harvest_tells_a_wall_with_its_remedy() -> None:
    source, hosts, _ = catalogue_of()
    harvested = crawled(source, {name: Decayed(host, "anubis") for name, host in hosts.items()})
    assert harvested.items == []
    for failed in harvested.failures:
        assert "behind a wall that asks for a browser (Anubis)" in failed.reason
        assert "ask the host to allow our user agent" in failed.reason
        assert failed.final


def test_a_page_that_speaks_of_walls_is_none() -> None:
    page = b"<html><title>Anubis and Cloudflare</title><p>Making sure you&#39;re not a bot! Just a moment...</html>"
    assert wall_of(200, {"content-type": "text/html"}, page) is None
    assert wall_of(200, {"content-type": "application/json"}, b'{"x": "/cdn-cgi/challenge-platform/"}') is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_check_is_due_when_a_source_was_neither_added_nor_checked_for_long(catalogue: Catalogue) -> None:
    week = timedelta(days=7)
    catalogue.sources.put(source_of("one"), "test")
    later = datetime.now(UTC) + week + timedelta(hours=1)
    assert catalogue.checks.due(datetime.now(UTC), week) is None
    assert catalogue.checks.due(later, week) == "one"
    catalogue.checks.keep(Checked(source="one", at=later, by="clock", finding=CheckFinding.FINE))
    assert catalogue.checks.due(later, week) is None
    assert catalogue.checks.due(later + week + timedelta(hours=1), week) == "one"
    catalogue.sources.change("one", "test", enabled=False)
    assert catalogue.checks.due(later + 2 * week, week) is None
