"""The clock: every slot becomes one run, whatever the clocks of people and machines do."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support import stages
from support.apart import apart
from support.builders import source

from harvester.catalogue import Catalogue
from harvester.errors import SourceError
from harvester.model import Judgement, Reason, Run, RunCounts, RunState, Source
from harvester.words import say
from scheduler import Clock, next_due, slots, trigger

NIGHTLY = "30 2 * * *"
SHAPES = (NIGHTLY, "0 2 * * *", "59 2 * * *", "30 3 * * *", "0 3 * * *", "*/20 * * * *", "5 1-4 * * *", "30 2,3 * * 0")
NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday


def scheduled(schedule: str = NIGHTLY, timezone: str = "UTC", name: str = "alpha", **changes: object) -> Source:
    return source(name, schedule=schedule, timezone=timezone, **changes)


def clock_begun(catalogue: Catalogue, at: datetime) -> Clock:
    """A clock that was started then."""
    return Clock(catalogue, began=at)


def clock_changes(zone: str) -> list[datetime]:
    """Every moment (UTC) of 2024 to 2035 at which the zone's clocks are put forward or back."""
    where, found = ZoneInfo(zone), []
    hour = datetime(2024, 1, 1, tzinfo=UTC)
    while hour.year < 2036:
        following = hour + timedelta(hours=1)
        if hour.astimezone(where).utcoffset() != following.astimezone(where).utcoffset():
            found.append(following)
        hour = following
    return found


def runs_of(catalogue: Catalogue, *states: RunState) -> list[Run]:
    return [run for run in catalogue.runs.recent(limit=1000) if run.state in states]


def finish(catalogue: Catalogue) -> None:
    """Let whatever waits be taken and stopped, so that the next slot finds the queue empty."""
    for run in runs_of(catalogue, RunState.QUEUED):
        catalogue.runs.stop(run.id, "test")


def test_a_slot_fires_once_and_not_before_its_time(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("0 13 * * *"), "test")
    clock = clock_begun(catalogue, NOW)
    assert clock.tick(NOW + timedelta(minutes=59)) == 0
    assert clock.tick(NOW + timedelta(minutes=60)) == 1
    finish(catalogue)
    assert [clock.tick(NOW + timedelta(minutes=60, seconds=turn * 15)) for turn in range(20)] == [0] * 20
    assert [run.due_at for run in catalogue.runs.recent()] == [NOW + timedelta(hours=1)]


def test_a_slot_that_passed_before_the_first_clock_is_no_slot(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("0 11 * * *"), "test")
    assert clock_begun(catalogue, NOW).tick(NOW) == 0
    assert catalogue.runs.recent() == []


@pytest.mark.parametrize("changes", [{"enabled": False}, {"accepted": False}, {"schedule": None}])
def test_what_is_switched_off_unaccepted_or_by_hand_is_never_due(
    catalogue: Catalogue, changes: dict[str, object]
) -> None:
    catalogue.sources.put(source("alpha", **({"schedule": "* * * * *"} | changes)), "test")
    assert clock_begun(catalogue, NOW).tick(NOW + timedelta(hours=3)) == 0
    assert next_due(catalogue.sources.get("alpha")) is None


def test_a_pause_ends_by_itself_or_by_hand_and_what_passed_meanwhile_was_not_missed(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("0 * * * *"), "test")
    clock, name = clock_begun(catalogue, NOW), catalogue.sources.names()[0]
    end = NOW + timedelta(hours=3, minutes=30)
    catalogue.sources.change(name, "ada", paused=True, paused_until=end)
    assert next_due(catalogue.sources.get(name), NOW) == NOW + timedelta(hours=4)
    assert [clock.tick(NOW + timedelta(hours=hour)) for hour in range(5)] == [0, 0, 0, 0, 1]
    finish(catalogue)
    catalogue.sources.change(name, "ada", paused=True, paused_until=None)
    assert next_due(catalogue.sources.get(name), NOW) is None
    assert clock.tick(NOW + timedelta(hours=8)) == 0
    catalogue.sources.change(name, "ada", paused=False, paused_until=NOW + timedelta(hours=8, minutes=1))
    assert clock.tick(NOW + timedelta(hours=9)) == 1
    assert [run.state for run in catalogue.runs.recent()] == [RunState.QUEUED, RunState.STOPPED]


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.long)])
def test_a_clock_killed_as_it_queues_is_followed_by_one_that_runs_each_slot_once(database_url: str, kills: int) -> None:
    names = ("alpha", "beta", "gamma")
    catalogue = Catalogue.open(database_url)
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, done = random.Random(seed), 0
    try:
        for name in names:
            catalogue.sources.put(scheduled("* * * * *", name=name), "test")
        calls = apart(stages.dying, stages.tick, 0, database_url, NOW.timestamp())
        finish(catalogue)
        for minute in range(1, 2 * kills + 1):
            now = NOW + timedelta(minutes=minute)
            done += stages.killed(stages.dying, stages.tick, chance.randrange(1, calls), database_url, now.timestamp())
            clock_begun(catalogue, NOW).tick(now)
            due = [run for run in catalogue.runs.recent() if run.due_at == now]
            assert sorted((run.source, run.state) for run in due) == [(name, RunState.QUEUED) for name in names]
            assert catalogue.runs.running() == []
            finish(catalogue)
            if done == kills:
                break
        assert done == kills, "it is hardly ever killed"
        assert runs_of(catalogue, RunState.MISSED) == []
    finally:
        catalogue.close()


def test_several_clocks_on_one_catalogue_queue_a_slot_once(database_url: str) -> None:
    catalogues = [Catalogue.open(database_url) for _ in range(4)]
    for name in ("alpha", "beta", "gamma"):
        catalogues[0].sources.put(scheduled("* * * * *", name=name), "test")
    clocks = [clock_begun(opened, NOW) for opened in catalogues]
    start = threading.Barrier(len(clocks))
    queued: list[int] = []

    def tick(clock: Clock) -> None:
        start.wait()
        queued.append(clock.tick(NOW + timedelta(minutes=1)))

    threads = [threading.Thread(target=tick, args=(clock,)) for clock in clocks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert sum(queued) == 3
        assert sorted(run.source for run in catalogues[0].runs.recent()) == ["alpha", "beta", "gamma"]
    finally:
        for opened in catalogues:
            opened.close()


@pytest.mark.parametrize("ticks", [50, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_four_clocks_that_tick_at_once_make_a_run_of_each_slot(database_url: str, ticks: int) -> None:
    catalogues = [Catalogue.open(database_url) for _ in range(4)]
    catalogues[0].sources.put(scheduled("* * * * *"), "test")
    clocks = [clock_begun(opened, NOW) for opened in catalogues]
    start, ended = threading.Barrier(len(clocks)), threading.Barrier(len(clocks), lambda: stop_all(catalogues[0]))
    queued: list[int] = []

    def tick(clock: Clock) -> None:
        for turn in range(1, ticks + 1):
            start.wait()
            queued.append(clock.tick(NOW + timedelta(minutes=turn)))
            ended.wait()

    with ThreadPoolExecutor(len(clocks)) as threads:
        for done in [threads.submit(tick, clock) for clock in clocks]:
            done.result()
    try:
        assert sum(queued) == catalogues[0].runs.count() == ticks
        runs = catalogues[0].runs.recent(limit=2 * ticks)
        assert [run.due_at for run in runs] == [NOW + timedelta(minutes=turn) for turn in range(ticks, 0, -1)]
        assert {run.state for run in runs} == {RunState.STOPPED}, "none is missed"
    finally:
        for opened in catalogues:
            opened.close()


def stop_all(catalogue: Catalogue) -> None:
    """So that the next slot finds the queue empty."""
    while (run := catalogue.runs.open_of("alpha")) is not None:
        catalogue.runs.stop(run.id, "test")


_PROCESS = """
import sys
from datetime import datetime
from harvester.catalogue import Catalogue
from scheduler import Clock
catalogue = Catalogue.open(sys.argv[1])
moments = [datetime.fromisoformat(text) for text in sys.argv[2:]]
print(Clock(catalogue, began=moments[0]).tick(moments[1]))
catalogue.close()
"""


def test_several_processes_on_one_catalogue_queue_a_slot_once(database_url: str) -> None:
    catalogue = Catalogue.open(database_url)
    catalogue.sources.put(scheduled("* * * * *"), "test")
    moments = [NOW.isoformat(), (NOW + timedelta(minutes=1)).isoformat()]
    command = [sys.executable, "-c", _PROCESS, database_url, *moments]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert sorted(told) == ["0", "0", "1"]
    assert len(catalogue.runs.recent()) == 1
    catalogue.close()


def test_missed_slots_become_one_catch_up_run_and_the_others_are_on_record(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("0 * * * *"), "test")
    clock = clock_begun(catalogue, NOW)
    clock.tick(NOW + timedelta(hours=1))
    finish(catalogue)
    away = NOW + timedelta(hours=6, minutes=10)
    assert clock_begun(catalogue, away).tick(away) == 1
    assert [run.due_at for run in runs_of(catalogue, RunState.QUEUED)] == [NOW + timedelta(hours=6)]
    missed = runs_of(catalogue, RunState.MISSED)
    assert [run.due_at for run in missed] == [NOW + timedelta(hours=hour) for hour in (5, 4, 3, 2)]
    assert {say(run.reasons[0], "fr") for run in missed} == {"aucun planificateur ne tournait"}
    assert clock_begun(catalogue, away).tick(away) == 0


def test_a_long_absence_records_only_the_newest_missed_slots(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("*/5 * * * *"), "test")
    clock_begun(catalogue, NOW).tick(NOW + timedelta(minutes=5))
    finish(catalogue)
    assert clock_begun(catalogue, NOW).tick(NOW + timedelta(days=30)) == 1
    assert len(runs_of(catalogue, RunState.QUEUED)) == 1
    assert 0 < len(runs_of(catalogue, RunState.MISSED)) <= 20


def test_a_weekly_slot_is_caught_up_although_it_passed_days_ago(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("0 5 * * mon"), "test")
    clock = clock_begun(catalogue, NOW)
    assert clock.tick(NOW + timedelta(days=7)) == 1
    finish(catalogue)
    assert clock_begun(catalogue, NOW).tick(datetime(2026, 6, 20, tzinfo=UTC)) == 1, "five days after a Monday"
    assert catalogue.runs.recent(limit=1)[0].due_at == datetime(2026, 6, 15, 5, tzinfo=UTC)


def test_a_run_that_waits_already_takes_the_next_slot_with_it(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("* * * * *"), "test")
    clock = clock_begun(catalogue, NOW)
    assert [clock.tick(NOW + timedelta(minutes=minute)) for minute in (1, 2, 3)] == [1, 0, 0]
    assert len(runs_of(catalogue, RunState.QUEUED)) == 1


def test_slots_that_find_the_run_before_running_are_on_record_and_one_follows_it(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled("* * * * *"), "test")
    clock = clock_begun(catalogue, NOW)
    assert clock.tick(NOW + timedelta(minutes=1)) == 1
    run = catalogue.runs.claim("test", 600)
    assert run is not None
    assert [clock.tick(NOW + timedelta(minutes=minute)) for minute in (2, 3, 4)] == [0, 0, 0]
    none = RunCounts()
    catalogue.runs.finish(run.id, run.attempt, judgement=Judgement.GOOD, reasons=(), counts=none, spent={})
    assert clock.tick(NOW + timedelta(minutes=4, seconds=15)) == 1
    skipped = sorted(runs_of(catalogue, RunState.MISSED), key=lambda one: one.due_at)
    assert [one.due_at for one in skipped] == [NOW + timedelta(minutes=minute) for minute in (2, 3)]
    assert {one.reasons for one in skipped} == {(Reason("judged.overlapped"),)}
    assert [one.due_at for one in runs_of(catalogue, RunState.QUEUED)] == [NOW + timedelta(minutes=4)]


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/Helsinki"])
@pytest.mark.parametrize("schedule", SHAPES)
def test_a_clock_change_neither_doubles_nor_loses_a_slot(zone: str, schedule: str, every: int) -> None:
    """At each of twelve years' changes; in `make test` at two of either kind."""
    line = scheduled(schedule, zone)
    changes = clock_changes(zone)
    assert len(changes) == 24
    for change in [*changes[::2][::every], *changes[1::2][::every]]:
        begin, end = change - timedelta(days=9), change + timedelta(days=9)
        found = list(slots(line, after=begin, upto=end))
        assert len({due for due, _ in found}) == len({local for _, local in found}) == len(found)
        assert [due for due, _ in found] == sorted(due for due, _ in found)
        days = {local[:10] for _, local in found}
        every_day = {f"{(begin + timedelta(days=day)).astimezone(ZoneInfo(zone)):%Y-%m-%d}" for day in range(1, 18)}
        assert days >= ({day for day in every_day if _is_sunday(day)} if schedule.endswith("0") else every_day)
        # asked slot by slot around the change, as the clock does, it comes to the same
        step, last = change - timedelta(days=1), change + timedelta(days=1)
        around = [due for due, _ in found if step <= due <= last]
        one_by_one = []
        while (found_next := next_due(line, step)) is not None and found_next <= last:
            one_by_one.append(found_next)
            step = found_next + timedelta(seconds=1)
        assert one_by_one == around


def _is_sunday(day: str) -> bool:
    return datetime.fromisoformat(day).weekday() == 6


@pytest.mark.parametrize(
    ("zone", "schedule", "night"),
    [
        ("Europe/Paris", NIGHTLY, datetime(2026, 10, 24, 22, tzinfo=UTC)),
        ("Europe/Helsinki", "30 3 * * *", datetime(2026, 10, 24, 21, tzinfo=UTC)),
    ],
)
def test_a_slot_that_the_clock_change_repeats_runs_once(
    catalogue: Catalogue, zone: str, schedule: str, night: datetime
) -> None:
    catalogue.sources.put(scheduled(schedule, zone), "test")
    clock = clock_begun(catalogue, night)
    queued = 0
    for quarter in range(1, 4 * 30):
        queued += clock.tick(night + timedelta(minutes=15 * quarter))
        finish(catalogue)
    ran = runs_of(catalogue, RunState.STOPPED)
    assert queued == len(ran) == 2, "one for each of the two nights"
    assert runs_of(catalogue, RunState.MISSED) == []


@pytest.mark.parametrize("step", [timedelta(hours=2), timedelta(hours=-2)])
@pytest.mark.parametrize("zone", ["Europe/Paris", pytest.param("Europe/Helsinki", marks=pytest.mark.long)])
@pytest.mark.parametrize("year", [2026, *(pytest.param(year, marks=pytest.mark.long) for year in range(2027, 2036))])
def test_a_machine_whose_clock_jumps_two_hours_in_the_nights_of_a_change_runs_each_slot_once(
    catalogue: Catalogue, zone: str, step: timedelta, year: int
) -> None:
    catalogue.sources.put(scheduled("30 */3 * * *", zone), "test")
    for change in (one for one in clock_changes(zone) if one.year == year):
        begin = change - timedelta(hours=12)
        clock = clock_begun(catalogue, begin)
        shown = begin
        for half in range(2 * 24):
            shown += timedelta(minutes=30) + (step if half == 2 * 11 else timedelta())
            clock.tick(shown)
            finish(catalogue)
        shown += timedelta(hours=4)  # the clock is put right and goes on
        clock.tick(shown)
        finish(catalogue)
        due = [one for one, _ in slots(catalogue.sources.get("alpha"), after=begin, upto=shown)]
        ran = sorted(run.due_at for run in catalogue.runs.recent(limit=1000) if run.due_at > begin)
        assert ran == due, "each is run, or on record as missed, once"


def test_a_slot_that_the_clock_change_skips_runs_all_the_same(catalogue: Catalogue) -> None:
    catalogue.sources.put(scheduled(NIGHTLY, "Europe/Paris"), "test")
    evening = datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert clock_begun(catalogue, evening).tick(evening + timedelta(hours=8)) == 1


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", {6}),
        ("7", {6}),
        ("1", {0}),
        ("1-5", {0, 1, 2, 3, 4}),
        ("5-7", {4, 5, 6}),
        ("sat,SUN", {5, 6}),
        ("*/3", {6, 2, 5}),
        ("2/2", {1, 3, 5}),
        ("*", set(range(7))),
    ],
)
def test_weekdays_are_counted_as_cron_counts_them(field: str, days: set[int]) -> None:
    found = slots(scheduled(f"0 12 * * {field}"), after=NOW, upto=NOW + timedelta(days=14))
    assert {due.weekday() for due, _ in found} == days


@pytest.mark.parametrize(
    ("schedule", "timezone"),
    [
        ("61 * * * *", "UTC"),
        ("* * * *", "UTC"),
        ("@daily", "UTC"),
        ("0 0 * * 8", "UTC"),
        ("0 0 * * fri-mon", "UTC"),
        ("0 0 * * funday", "UTC"),
        ("30 2 * * *", "Europe/Atlantis"),
        ("30 2 * * *", "../etc/passwd"),
    ],
)
def test_a_bad_schedule_names_its_source_and_its_line(schedule: str, timezone: str) -> None:
    with pytest.raises(SourceError, match="'alpha'") as raised:
        trigger(scheduled(schedule, timezone))
    assert repr(schedule) in str(raised.value)
    assert repr(timezone) in str(raised.value)


def test_a_bad_schedule_stops_its_source_alone(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    catalogue.sources.put(scheduled("every day", name="alpha"), "test")
    catalogue.sources.put(scheduled("* * * * *", name="beta"), "test")
    assert clock_begun(catalogue, NOW).tick(NOW + timedelta(minutes=1)) == 1
    assert "'alpha'" in caplog.text
    assert [run.source for run in catalogue.runs.recent()] == ["beta"]


def test_the_clock_ticks_by_itself_and_stops(database_url: str) -> None:
    catalogue = Catalogue.open(database_url)
    catalogue.sources.put(scheduled("* * * * *"), "test")
    clock = clock_begun(catalogue, datetime.now(UTC) - timedelta(minutes=5))
    clock.start()
    deadline = datetime.now(UTC) + timedelta(seconds=10)
    while not runs_of(catalogue, RunState.QUEUED) and datetime.now(UTC) < deadline:
        threading.Event().wait(0.05)
    clock.stop()
    clock.stop()
    assert len(runs_of(catalogue, RunState.QUEUED)) == 1
    catalogue.close()
