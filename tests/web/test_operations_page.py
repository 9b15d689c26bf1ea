"""The operations console."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pages_site import Site
from support.builders import begin, by_name, harvest, item

from harvester.model import (
    Checked,
    CheckFinding,
    Judgement,
    Operation,
    Page,
    Reason,
    RelationType,
    RunCounts,
    RunState,
    Unit,
)


def row(page: str, title: str) -> str:
    table = page.partition("<tbody>")[2]
    return next(part for part in table.split("<tr>") if f"{title}<" in part)


def test_what_waits_for_a_person_stands_above_the_table_with_its_remedy(site: Site) -> None:
    page = site.get("/en/operations", "operator").text
    above = page.partition("<table")[0]
    assert "page 1 could not be asked: certificate expired" in above
    assert "/en/operations/sources/broken/run" in above
    assert re.search(r'class="figure alarm"><dt>Failing</dt><dd class="big">1</dd>', above)


def test_a_decision_that_has_ended_and_is_held_by_a_later_one_is_shown_until_that_one_is_undone(
    fresh_site: Site,
) -> None:
    review = fresh_site.catalogue.review
    one, two = (by_name(fresh_site.catalogue, name).id for name in ("DemoQ", "Agora libre"))
    about = {"value": two, "field": RelationType.PART}
    review.decide(one, Operation.RELATE, "reviewer", **about, until=datetime.now(UTC) - timedelta(days=1))
    assert "Past its end" not in fresh_site.get("/en/operations", "operator").text
    later = review.decide(one, Operation.UNRELATE, "operator", **about)
    told = fresh_site.get("/en/operations", "operator").text.partition("<table")[0]
    assert "Past its end" in told
    assert f"A later decision by operator stands on this one: undo decision {later.id} first." in told
    assert f"/en/software/{one}/" in told
    review.undo(later.id, "operator")
    assert "Past its end" not in fresh_site.get("/en/operations", "operator").text


def test_each_source_has_a_line_that_says_how_it_is(site: Site) -> None:
    page = site.get("/en/operations", "operator").text
    forge = row(page, "The forge")
    for words in ("github · every day", ">good<", "+11", '<rect class="good"'):
        assert words in forge, words
    assert "every 6 hours" in row(page, "The register")
    assert "never run" in row(page, "Never run")
    assert "failed: page 1 could not be asked" in row(page, "Broken source")
    assert "Times are those of Europe/Paris." in page
    assert re.search(r'<time datetime="[^"]+" title="\d{4}-\d\d-\d\d \d\d:\d\d UTC">', forge)


def test_it_says_the_same_in_french(site: Site) -> None:
    page = site.get("/fr/operations", "operator").text
    assert "page 1 n’a pas pu être demandé\u00a0: certificate expired" in page
    assert "chaque jour" in page


def test_a_run_shows_why_it_was_judged_so_and_what_it_cost(site: Site) -> None:
    run = site.catalogue.runs.recent("broken", 1)[0]
    page = site.get(f"/en/operations/runs/{run.id}", "operator").text
    assert "page 1 could not be asked: certificate expired" in page
    assert re.search(r"broken\.example\.org</th><td class=\"number\">3", page)
    good = site.catalogue.runs.recent("forge", 1)[0]
    issues = site.get(f"/en/operations/runs/{good.id}", "operator").text
    assert "description.fr is no http or https address" in issues
    assert "description.fr line 7" in issues


@pytest.mark.parametrize(("language", "words"), [("en", "to be accepted"), ("fr", "à accepter")])
def test_a_source_that_nobody_accepted_is_not_due_and_has_no_button(
    fresh_site: Site, language: str, words: str
) -> None:
    catalogue = fresh_site.catalogue
    catalogue.sources.put(replace(catalogue.sources.get("forge"), name="new", title="New one", accepted=False), "test")
    page = fresh_site.get(f"/{language}/operations", "operator").text
    assert words in row(page, "New one")
    assert "sources/new/run" not in page
    assert "sources/forge/run" in page


def test_an_unknown_run_is_not_found(site: Site) -> None:
    assert site.get("/en/operations/runs/999999", "operator").status_code == 404
    assert site.get("/en/operations/runs/abc", "operator").status_code == 400


def test_run_now_queues_one_run_and_stop_ends_it(fresh_site: Site) -> None:
    session = fresh_site.visitor("operator")
    address = f"{fresh_site.url}/en/operations"
    first = session.post(f"{address}/sources/silent/run", timeout=10)
    assert "The run is queued" in first.text
    second = session.post(f"{address}/sources/silent/run", timeout=10)
    assert "waits already" in second.text
    queued = fresh_site.catalogue.runs.recent("silent")
    assert [run.state for run in queued] == [RunState.QUEUED]
    assert f"/en/operations/runs/{queued[0].id}/stop" in row(second.text, "Never run")
    session.post(f"{address}/runs/{queued[0].id}/stop", timeout=10)
    assert fresh_site.catalogue.runs.get(queued[0].id).state is RunState.STOPPED
    line = fresh_site.catalogue.audit.recent(1)[0]
    assert (line.actor, line.action) == ("operator", "run stopped")
    missing = session.post(f"{address}/sources/nothing/run", timeout=10)
    assert missing.status_code == 404


def test_a_run_that_came_to_its_bounds_is_over_and_one_that_waits_for_its_budget_is_not(fresh_site: Site) -> None:
    runs = fresh_site.catalogue.runs
    for name, left in (("forge", False), ("silent", True)):
        run = begin(fresh_site.catalogue, name)
        told = {"counts": RunCounts(entries=7, records=7), "spent": {}, "reasons": (Reason.of("judged.bounded", n=1),)}
        if left:
            runs.pause(run.id, run.attempt, resume_at=datetime.now(UTC) + timedelta(hours=1), **told)
        else:
            runs.finish(run.id, run.attempt, judgement=Judgement.CAPPED, **told)
    page = fresh_site.get("/en/operations", "operator").text
    assert "capped: it came to 1 of its bounds" in row(page, "The forge")
    assert '<td class="number">7</td>' in row(page, "The forge")
    assert "sources/forge/run" in row(page, "The forge")
    assert "waits for its budget" in row(page, "Never run")
    assert "/stop" in row(page, "Never run")


def test_a_held_run_shows_what_would_go_and_an_operator_accepts_it(fresh_site: Site) -> None:
    catalogue = fresh_site.catalogue
    items = [item(f"tool-{n}") for n in range(40)]
    harvest(catalogue, items, "silent")
    harvest(catalogue, items[:20], "silent")
    run = begin(catalogue, "silent")
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), items[:20])])
    counts = catalogue.harvest.counts(run.id)
    suspicious, why = Judgement.SUSPICIOUS, [Reason.of("judged.held", n=20)]
    catalogue.runs.finish(run.id, run.attempt, judgement=suspicious, reasons=why, counts=counts, spent={})
    session, address = fresh_site.visitor("operator"), f"{fresh_site.url}/en/operations/runs/{run.id}"
    page = session.get(address, timeout=10).text
    assert "20 entries go" in page
    assert "<li>tool-39</li>" in page
    accepted = session.post(f"{address}/accept", timeout=10).text
    assert "accepted by operator" in accepted
    assert "Accept this result" not in accepted
    assert "20 entries went: tool-20, tool-21, " in accepted
    assert catalogue.absence.would_remove(run.id) == []
    again = session.post(f"{address}/accept", timeout=10)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("language", "title", "number"),
    [("en", "What was left of the budgets", "4,321"), ("fr", "Ce qui restait des budgets", "4\u202f321")],
)
def test_a_run_shows_what_it_spent_and_what_was_left_of_each_budget(
    fresh_site: Site, language: str, title: str, number: str
) -> None:
    catalogue = fresh_site.catalogue
    run = begin(catalogue, "silent")
    budget = {"remaining": 4321, "limit": 5000, "resets_at": "2026-05-01T12:30:00+00:00", "tokens": 1}
    catalogue.runs.keep_left(run.id, run.attempt, {"api.github.com graphql": budget})
    page = fresh_site.get(f"/{language}/operations/runs/{run.id}", "operator").text
    line = page.partition(title)[2].partition("api.github.com graphql")[2].partition("</tr>")[0]
    assert number in line
    assert "2026-05-01T12:30:00+00:00" in line


def test_a_running_source_shows_how_far_it_is(fresh_site: Site) -> None:
    begin(fresh_site.catalogue, "silent")
    line = row(fresh_site.get("/en/operations", "operator").text, "Never run")
    assert "0 entries so far" in line
    assert ">Stop<" in line


def test_a_source_that_was_removed_is_added_again_by_giving_it_back(fresh_site: Site) -> None:
    operator, address = fresh_site.visitor("operator"), f"{fresh_site.url}/en/operations"
    for path, form in (("offers", {"name": "sill"}), ("sources/sill/change/remove", {}), ("offers", {"name": "sill"})):
        answer = operator.post(f"{address}/{path}", data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 303, path
    page = operator.get(f"{fresh_site.url}{answer.headers['location']}", timeout=10).text
    assert "sources/sill/change/give-back" in page
    assert 'value="sill"' in operator.get(f"{address}/offers", timeout=10).text


def test_an_address_in_decay_stands_in_the_console_with_the_change_and_one_click_makes_it(fresh_site: Site) -> None:
    catalogue, moment = fresh_site.catalogue, datetime(2026, 11, 28, tzinfo=UTC)
    told = Reason.of("checked.moved", url="https://old.example.org", to="https://new.example.org")
    moved = Checked(
        source="forge",
        at=moment,
        by="clock",
        finding=CheckFinding.MOVED,
        told=(told,),
        proposed={"params": {"url": "https://new.example.org"}},
        fine_at=moment - timedelta(days=30),
        fine_by="ada",
    )
    catalogue.checks.keep(moved)
    operator, address = fresh_site.visitor("operator"), f"{fresh_site.url}/en/operations"
    assert "https://old.example.org is at https://new.example.org for good." in operator.get(address, timeout=10).text
    page = operator.get(f"{address}/sources/forge", timeout=10).text
    assert "Verified on" in page
    assert "by ada" in page
    assert "<ins>https://new.example.org</ins>" in page
    after = operator.post(f"{address}/sources/forge/change/mend", timeout=10).text
    assert catalogue.sources.get("forge").params == {"url": "https://new.example.org"}
    assert "change/mend" not in after
    assert operator.post(f"{address}/sources/forge/change/mend", timeout=10).status_code == 409


def test_a_source_that_failed_and_is_queued_again_still_counts_as_failing(fresh_site: Site) -> None:
    assert fresh_site.catalogue.runs.queue("broken", datetime.now(UTC)) is not None
    above = fresh_site.get("/en/operations", "operator").text.partition("<table")[0]
    assert re.search(r'class="figure alarm"><dt>Failing</dt><dd class="big">1</dd>', above)
    assert "certificate expired" in above
