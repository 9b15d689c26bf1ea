"""A check of a source names what became of its address, and raises no alarm about one that is fine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from starlette.responses import Response
from support.builders import source as source_of
from support.forges import gitlab_of
from support.recorded import FOLDER, Case, crawled
from support.registry_web import as_asked, registry_web

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import Conflict
from harvester.model import Checked, CheckFinding, Source
from harvester.net import Net
from harvester.net.walls import wall_of
from harvester.runs import check
from harvester.runs.check import SECOND_LOOK, check_source, look
from harvester.runs.registry import offers
from simulators.decay import DECAYS, MOVED_TO, Decayed
from simulators.exchange import Ask, Host
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
    week, hour = timedelta(days=7), timedelta(hours=1)
    due = partial(catalogue.checks.due, again=hour)
    catalogue.sources.put(source_of("one"), "test")
    later = datetime.now(UTC) + week + timedelta(hours=1)
    assert due(datetime.now(UTC), week) is None
    assert due(later, week) == "one"
    catalogue.checks.keep(Checked(source="one", at=later, by="clock", finding=CheckFinding.FINE))
    assert due(later, week) is None
    assert due(later + week + timedelta(hours=1), week) == "one"
    catalogue.sources.change("one", "test", enabled=False)
    assert due(later + 2 * week, week) is None


class Nonsense:
    """Leads to what is no address."""

    def answer(self, ask: Ask) -> Response:  # noqa: ARG002 - as every host
        return Response("", 302, {"location": "http://[bad/"})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_check_that_breaks_is_kept_and_lets_others_have_their_turn(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, hosts, _ = catalogue_of()
    catalogue.sources.put(source, "test")
    with ThreadedServer(create_app({name: Nonsense() for name in hosts})) as server:
        settings = Settings(simulated_web=server.address)
        found = check_source(catalogue, settings, source.name, by="test")
    assert found.finding is CheckFinding.SILENT
    assert "no address" in str(found.told[0].args)

    def breaks(*_: object, **__: object) -> Checked:
        raise RecursionError("too deep")

    monkeypatch.setattr(check, "look", breaks)
    found = check_source(catalogue, settings, source.name, by="test")
    assert "RecursionError: too deep" in str(found.told[0].args)
    check.broke(catalogue, source.name, by="clock")
    kept = catalogue.checks.of(source.name)
    assert kept is not None
    assert (kept.finding, kept.by) == (CheckFinding.SILENT, "clock")
    assert catalogue.checks.due(datetime.now(UTC), timedelta(days=7), again=timedelta(hours=1)) is None


def test_an_address_is_dead_after_two_looks_at_that_very_address() -> None:
    _, hosts, _ = catalogue_of()
    (name,) = hosts
    urls = [f"http://{one}.example/x.json" for one in ("first", "second")]
    both = Source(name="finland", spider="finland", title="Finland", params={"urls": urls})

    def web(*dead: str) -> dict[str, Host]:
        return {
            f"{one}.example": Decayed(hosts[name], "dead" if one in dead else "silent") for one in ("first", "second")
        }

    first = checked(both, web("first"))
    other = checked(both, web("second"), before=first, moment=NOW + SECOND_LOOK)
    assert other.finding is CheckFinding.SILENT  # the second was looked at once
    assert checked(both, web("second"), before=other, moment=NOW + 2 * SECOND_LOOK).finding is CheckFinding.DEAD


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_check_proposed_is_nothing_once_the_source_changed(catalogue: Catalogue) -> None:
    source, _, _ = catalogue_of()
    catalogue.sources.put(source, "test")
    moved = {"params": {"urls": ["https://b.example/x.json"]}}
    catalogue.checks.keep(Checked(source=source.name, at=NOW, by="clock", finding=CheckFinding.MOVED, proposed=moved))
    mine = {"urls": ["https://a.example/x.json", "https://new.example/x.json"]}
    catalogue.sources.change(source.name, "ada", params=mine)
    with pytest.raises(Conflict):
        catalogue.checks.accept(source.name, "ada")
    assert catalogue.sources.get(source.name).params == mine


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_look_that_found_nothing_is_followed_by_a_second(catalogue: Catalogue) -> None:
    catalogue.sources.put(source_of("one"), "test")
    moment = datetime.now(UTC)
    gone = Checked(source="one", at=moment, by="clock", finding=CheckFinding.SILENT, gone_since={"a": moment})
    catalogue.checks.keep(gone)
    due = partial(catalogue.checks.due, every=timedelta(days=7), again=SECOND_LOOK)
    assert due(moment + SECOND_LOOK / 2) is None
    assert due(moment + SECOND_LOOK) == "one"
