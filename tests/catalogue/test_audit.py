"""Everything that a person changes is in the audit, and whoever adds a function that writes says here which it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.builders import EPOCH, begin, by_name, harvest, item, source

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.people import MACHINE as HARVESTER
from harvester.catalogue.people import SESSION_IDLE, AuditLine, now
from harvester.catalogue.schema_doors import factor, recovery_code
from harvester.catalogue.voices import VoiceKind
from harvester.model import Checked, CheckFinding, Judgement, Operation, Outcome, Page, Reading, Reason, Unit

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""A line is written in the transaction of its change, whatever the database."""
ROOM = Path(__file__).parents[2] / "harvester" / "catalogue"

MACHINE = {
    "Absence.apply": "a run that the machine judged good, which keeps what went",
    "Shifts.settle": "what a run would change, that the machine holds or lets be",
    "Accounts.open_session": "nothing of the catalogue changes",
    "Accounts.close_session": "nothing of the catalogue changes",
    "Accounts.session": "nothing of the catalogue changes: a session that is used lasts longer",
    "Factors.use_step": "nothing of the catalogue changes: a code that was used is used",
    "ApiTokens.use": "nothing of the catalogue changes: a token that is used says when",
    "Identities.finish": "of the moment: a sign-in that was begun",
    "Identities.start": "of the moment",
    "Audit.note": "the audit itself",
    "CatalogueLedger.change": "what hosts and budgets said, of the moment",
    "Claims.leave": "of the moment: who is at what",
    "Claims.take": "of the moment",
    "Claims.take_next": "of the moment",
    "CatalogueMemory.remember": "an answer for the next conditional request",
    "Harvest.open_units": "a run's own",
    "Harvest.store": "a run's own",
    "Harvest.unit_failed": "a run's own",
    "IndexFeed.applied": "the worker's",
    "IndexFeed.begin": "a rebuild, which says itself who had it made",
    "IndexFeed.mark": "the worker's",
    "IndexFeed.retire": "a rebuild",
    "Locks.release": "of the moment",
    "Locks.take": "of the moment",
    "Notices.back": "the worker's",
    "Notices.keep": "what is so is noticed: nobody changes anything",
    "Notices.take": "the worker's",
    "Organisations.refresh": "the machine's",
    "Policy.appraise_all": "nothing of what people decided changes: it is concluded anew",
    "Relations._store": "the machine's",
    "Review.end_due": "the machine's, which says so in its own name",
    "Review.tried": "nothing of it is kept",
    "Resolver.resolve": "the machine's, which says with its own name what came of it",
    "Runs.claim": "the worker's",
    "Runs.finish": "the worker's",
    "Runs.heartbeat": "the worker's",
    "Runs.keep_left": "the worker's",
    "Runs.missed": "the clock's",
    "Runs.pause": "the worker's",
    "Runs.release": "the worker's",
    "Suggestions._store": "the machine's",
    "Voices.hear": "a visitor's, who has no name: it says so as of one",
    "SourceChecks.keep": "a check asks, and changes nothing of its source",
}
"""What no person does, or what changes nothing that outlives the moment; with the reason."""

Act = Callable[[Catalogue], object]
"""Does something in the name of "ada" that has to leave one line of hers, and returns its subject."""


def _candidate(catalogue: Catalogue, name: str) -> str:
    harvest(catalogue, [item(name)], f"of-{name}")
    return str(by_name(catalogue, name).id)


def _two_entries(catalogue: Catalogue, name: str) -> str:
    """A candidate of two entries, which can be split."""
    both = [item(f"{name}-{n}", name=name, names=[f"repo:https://f.example/{name}"]) for n in (1, 2)]
    harvest(catalogue, both, f"of-{name}")
    return str(by_name(catalogue, name).id)


def _decide(operation: Operation, *, undo: bool = False, **said: object) -> Act:
    def act(catalogue: Catalogue) -> str:
        mine = _candidate(catalogue, f"{operation.value}-{undo}")
        if operation in (Operation.SAME, Operation.DIFFERENT, Operation.RELATE, Operation.UNRELATE):
            said["value"] = _candidate(catalogue, f"other-{operation.value}-{undo}")
        if operation is Operation.SPLIT:
            mine = _two_entries(catalogue, f"two-{undo}")
            said["value"] = sorted(catalogue.software.provenance(mine))[1:]
        decision = catalogue.review.decide(mine, operation, "grace" if undo else "ada", **said)  # type: ignore[arg-type]
        if undo:
            catalogue.review.undo(decision.id, "ada")
        return f"software:{mine}"

    return act


def _put(**changes: object) -> Act:
    def act(catalogue: Catalogue) -> str:
        catalogue.sources.put(source("one", accepted=False), "somebody else")
        catalogue.sources.put(replace(catalogue.sources.get("one"), **changes), "ada")  # type: ignore[arg-type]
        return "source:one"

    return act


def _change(**changes: object) -> Act:
    def act(catalogue: Catalogue) -> str:
        catalogue.sources.put(source("one"), "somebody else")
        catalogue.sources.change("one", "ada", **changes)
        return "source:one"

    return act


def _add_source(catalogue: Catalogue) -> str:
    catalogue.sources.put(source("new"), "ada")
    return "source:new"


def _take_back(catalogue: Catalogue) -> str:
    harvest(catalogue, [item("taken")], "believed")
    catalogue.sources.take_back("believed", "ada")
    return "source:believed"


def _give_back(catalogue: Catalogue) -> str:
    catalogue.sources.put(source("doubted"), "somebody else")
    catalogue.sources.take_back("doubted", "somebody else")
    catalogue.sources.give_back("doubted", "ada")
    return "source:doubted"


def _erase(catalogue: Catalogue) -> str:
    mine = _candidate(catalogue, "unwanted")
    catalogue.erasure.erase(mine, "ada")
    return f"software:{mine}"


def _list_from(catalogue: Catalogue) -> str:
    catalogue.policy.list_from(0.5, actor="ada")
    return "policy:listed_from"


def _queue(catalogue: Catalogue) -> str:
    catalogue.sources.put(source("queued"), "somebody else")
    run = catalogue.runs.queue("queued", EPOCH, by="ada")
    assert run is not None
    return f"run:{run.id}"


def _stop(catalogue: Catalogue) -> str:
    run = begin(catalogue, "stopped")
    catalogue.runs.stop(run.id, "ada")
    return f"run:{run.id}"


def _accept_run(catalogue: Catalogue, by: str = "ada") -> str:
    items = [item(f"tool-{n}") for n in range(3)]
    harvest(catalogue, items, "held")
    run = begin(catalogue, "held")
    unit = catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), items[:1])])
    counts, why = catalogue.harvest.counts(run.id), (Reason.of("judged.held", n=2),)
    catalogue.runs.finish(run.id, run.attempt, judgement=Judgement.SUSPICIOUS, reasons=why, counts=counts, spent={})
    catalogue.absence.confirm(run.id, by)
    return f"run:{run.id}"


def _bring_back(catalogue: Catalogue) -> str:
    subject = _accept_run(catalogue, by="somebody else")
    catalogue.absence.bring_back("held", "ada")
    return subject


def _read_again(catalogue: Catalogue) -> str:
    harvest(catalogue, [item("old")], "read")
    reading: Reading = item("old", name="read better")[1]
    catalogue.rereading.reread("read", lambda _: reading, actor="ada")
    return "source:read"


def _account(*, disable: bool = False, again: bool = False) -> Act:
    def act(catalogue: Catalogue) -> str:
        catalogue.accounts.add("grace", "a hash", "reviewer", actor="ada" if not (disable or again) else "root")
        catalogue.accounts.add("root", "a hash", "operator", actor="root")
        if again:
            catalogue.accounts.add("grace", "another hash", "operator", actor="ada")
        if disable:
            catalogue.accounts.disable("grace", actor="ada")
        return "account:grace"

    return act


def _role(catalogue: Catalogue) -> str:
    catalogue.accounts.add("grace", "a hash", "reviewer", actor="root")
    catalogue.accounts.give_role("grace", "operator", actor="ada")
    return "account:grace"


def _factor(done: str) -> Act:
    def act(catalogue: Catalogue) -> str:
        catalogue.accounts.add("ada", "a hash", "reviewer", actor="root")
        factors = catalogue.factors
        if done != "begin":
            with catalogue.database.write() as connection:
                connection.execute(sa.insert(factor).values(login="ada", secret="KEY", last_step=0))
        if done not in ("begin", "turn_on"):
            with catalogue.database.write() as connection:
                connection.execute(sa.update(factor).values(since=now()))
                connection.execute(sa.insert(recovery_code).values(login="ada", digest="a"))
        if done == "begin":
            factors.begin("ada", "KEY")
        elif done == "turn_on":
            assert factors.turn_on("ada", "KEY", 7, ["a", "b"], but="")
        elif done == "use_code":
            assert factors.use_code("ada", "a")
            assert not factors.use_code("ada", "a")
        elif done == "new_codes":
            factors.new_codes("ada", ["c"])
        else:
            assert factors.take_off("ada", actor="ada")
        return "account:ada"

    return act


def _api_token(*, end: bool = False) -> Act:
    def act(catalogue: Catalogue) -> str:
        catalogue.accounts.add("ada", "a hash", "reviewer", actor="root")
        catalogue.tokens.make("a" * 64, "ada", "nightly", ["read"], 30)
        if end:
            catalogue.tokens.end("a" * 16, actor="ada")
        return "account:ada"

    return act


def _identity(catalogue: Catalogue) -> str:
    for role in ("reviewer", None):
        assert catalogue.identities.account("https://id.example", "7", name="ada", role=role).role == "reviewer"
    return "account:ada"


def _door_link(done: str) -> Act:
    def act(catalogue: Catalogue) -> str:
        catalogue.accounts.add("root", "a hash", "operator", actor="root")
        links, by, ends = catalogue.links, "ada" if done in ("invite", "reset") else "root", now() + SESSION_IDLE
        if done in ("reset", "renew"):
            catalogue.accounts.add("ada", "a hash", "reviewer", actor="root")
            links.reset("a" * 64, "ada", ends, actor=by)
        else:
            links.invite("a" * 64, "reviewer", ends, actor=by)
        if done == "join":
            links.join("a" * 64, "ada", "a hash")
        elif done == "renew":
            assert links.renew("a" * 64, "another hash") == "ada"
        elif done == "withdraw":
            links.withdraw("a" * 16, actor="ada")
        return f"invitation:{'a' * 16}" if done in ("invite", "withdraw") else "account:ada"

    return act


def _reset(catalogue: Catalogue) -> str:
    catalogue.accounts.add("grace", "a hash", "reviewer", actor="root")
    assert not catalogue.factors.reset("grace", "another hash", actor="ada")
    return "account:grace"


def _end_sessions(catalogue: Catalogue) -> str:
    catalogue.accounts.add("grace", "a hash", "reviewer", actor="root")
    catalogue.accounts.open_session("grace", "a" * 64, now() + SESSION_IDLE)
    catalogue.accounts.end_sessions("grace", actor="ada")
    return "account:grace"


def _reopen(catalogue: Catalogue) -> str:
    mine = _candidate(catalogue, "reopened")
    catalogue.review.decide(mine, Operation.REJECT, "grace", why="a toy")
    catalogue.review.reopen(mine, "ada")
    return f"software:{mine}"


def _collection(*, again: bool = False, remove: bool = False) -> Act:
    def act(catalogue: Catalogue) -> str:
        mine = _candidate(catalogue, f"collected-{again}-{remove}")
        said: dict[str, object] = {"text": {}, "softwares": [mine]}
        by = "grace" if again or remove else "ada"
        made = catalogue.collections.put(None, title={"en": "Petitions"}, actor=by, **said)  # type: ignore[arg-type]
        if again:
            catalogue.collections.put(made.slug, title={"en": "Votes"}, actor="ada", **said)  # type: ignore[arg-type]
        if remove:
            catalogue.collections.remove(made.slug, "ada")
        return f"collection:{made.slug}"

    return act


def _keep_filter(catalogue: Catalogue) -> str:
    catalogue.saved_filters.keep("ada", "mine", "kind=new")
    return "account:ada"


def _forget_filter(catalogue: Catalogue) -> str:
    with catalogue.database.write() as connection:
        connection.execute(sa.insert(schema.saved_filter).values(login="ada", name="mine", query="kind=new"))
    catalogue.saved_filters.remove("ada", "mine")
    return "account:ada"


_NEEDS: dict[Operation, dict[str, object]] = {
    Operation.REJECT: {"why": "a copy\n2026-01-01 grace accepted it"},
    Operation.WITHDRAW: {"why": "its makers ask for it"},
    Operation.PIN: {"why": "cities ask for it", "value": "petitions"},
    Operation.RELATE: {"field": "part"},
    Operation.UNRELATE: {"field": "copy"},
    Operation.SET: {"field": "license", "value": "MIT"},
    Operation.ADD: {"field": "topics", "value": ["bus"]},
    Operation.REMOVE: {"field": "topics", "value": ["bus"]},
}


def _voice(does: str, kind: str = "proposal") -> Act:
    """Decide in a matter, or take such a decision back."""

    def act(catalogue: Catalogue) -> str:
        mine = _candidate(catalogue, f"said-{does}-{kind}") if kind != "proposal" else None
        if mine:
            catalogue.review.decide(mine, Operation.ACCEPT, "somebody else")
        key, voices = f"repo:https://github.com/town/{does}", catalogue.voices
        data = {"address": key.removeprefix("repo:"), "organisation": "City"}
        told = {"data": data, "said": {}, "language": "en", "receipt": f"{does}-{kind}", "software": mine}
        matter = voices.hear(VoiceKind(kind), f"{kind}-{key}", field="license", **told)  # type: ignore[arg-type]
        if does == "accept":
            voices.accept(matter, "ada")
        elif does == "refuse":
            voices.refuse(matter, "ada", why="no tool")
        else:
            voices.refuse(matter, "somebody else", why="no tool")
            voices.undo(matter, "ada")
        return f"voice:{matter}"

    return act


def _mend(catalogue: Catalogue) -> str:
    catalogue.sources.put(source("moved"), "somebody else")
    found = {"finding": CheckFinding.DEAD, "proposed": {"enabled": False}}
    catalogue.checks.keep(Checked(source="moved", at=datetime.now(UTC), by="clock", **found))  # type: ignore[arg-type]
    catalogue.checks.accept("moved", "ada")
    return "source:moved"


ACTS: dict[str, dict[str, Act]] = {
    "Policy.list_from": {"listing threshold": _list_from},
    "Review.together": {f"decision {one}": _decide(one, **_NEEDS.get(one, {})) for one in Operation},
    "Review.reopen": {"decision reject undone": _reopen},
    "Review.undo": {f"decision {one} undone": _decide(one, undo=True, **_NEEDS.get(one, {})) for one in Operation},
    "Collections.put": {"collection made": _collection(), "collection changed": _collection(again=True)},
    "Collections.remove": {"collection removed": _collection(remove=True)},
    "SavedFilters.keep": {"filter saved": _keep_filter},
    "SavedFilters.remove": {"filter removed": _forget_filter},
    "Sources.put": {
        "source added": _add_source,
        "source changed": _put(accepted=True),
        "source changed: off": _put(enabled=False),
        "source changed: trusted": _put(trusted=True),
        "source changed: schedule": _put(schedule="1 2 * * *"),
    },
    "Sources.change": {"source changed": _change(paused=True)},
    "SourceChecks.accept": {"source changed": _mend},
    "Sources.take_back": {"source taken back": _take_back},
    "Sources.give_back": {"source given back": _give_back},
    "Erasure.erase": {"software erased": _erase},
    "Runs.queue": {"run queued": _queue},
    "Runs.stop": {"run stopped": _stop},
    "Absence.confirm": {"run accepted": _accept_run},
    "Absence.bring_back": {"run taken back": _bring_back},
    "Rereading.reread": {"entries read again": _read_again},
    "Voices.accept": {
        "voice accepted": _voice("accept"),
        "voice accepted: a use": _voice("accept", "use"),
        "voice accepted: an objection": _voice("accept", "objection"),
    },
    "Voices.refuse": {"voice refused": _voice("refuse")},
    "Voices.undo": {"voice refused undone": _voice("undo")},
    "Accounts.add": {"account set": _account(), "account set: again": _account(again=True)},
    "Accounts.change": {"account disabled": _account(disable=True), "account role": _role},
    "Accounts.end_sessions": {"sessions ended": _end_sessions},
    "Factors.begin": {"second factor begun": _factor("begin")},
    "Factors.turn_on": {"second factor on": _factor("turn_on")},
    "Factors.use_code": {"recovery code used": _factor("use_code")},
    "Factors.new_codes": {"recovery codes made": _factor("new_codes")},
    "Factors.take_off": {"second factor off": _factor("take_off")},
    "Identities.account": {"account set": _identity},
    "ApiTokens.make": {"token made": _api_token()},
    "ApiTokens.end": {"token ended": _api_token(end=True)},
    "DoorLinks.invite": {"invitation made": _door_link("invite")},
    "DoorLinks.reset": {"reset link made": _door_link("reset")},
    "DoorLinks.withdraw": {"link withdrawn": _door_link("withdraw")},
    "DoorLinks.join": {"account set": _door_link("join")},
    "DoorLinks.renew": {"account password": _door_link("renew")},
    "Factors.reset": {"account password": _reset},
}


def writing() -> Iterator[str]:
    """Every "Class.function" of the catalogue's room that opens a transaction to write."""
    for path in sorted(ROOM.glob("*.py")):
        for kind in ast.parse(path.read_text(encoding="utf-8")).body:
            for function in kind.body if isinstance(kind, ast.ClassDef) else ():
                if isinstance(function, ast.FunctionDef) and any(map(_writes, ast.walk(function))):
                    yield f"{kind.name}.{function.name}"


def _writes(node: ast.AST) -> bool:
    call = node.func if isinstance(node, ast.Call) else None
    return isinstance(call, ast.Attribute) and call.attr == "write" and ast.unparse(call.value) == "self._db"


def test_every_function_that_writes_is_tried_here_or_is_no_persons() -> None:
    assert sorted(writing()) == sorted({**MACHINE, **ACTS})
    assert not MACHINE.keys() & ACTS.keys()


def _of_ada(catalogue: Catalogue) -> list[AuditLine]:
    return [line for line in catalogue.audit.recent(1000) if line.actor == "ada"]


@ON_SQLITE
@pytest.mark.parametrize("function", ACTS)
def test_every_change_of_a_person_leaves_one_line_with_who_what_and_to_what(
    catalogue: Catalogue, function: str
) -> None:
    for action, act in ACTS[function].items():
        before = len(_of_ada(catalogue))
        subject = act(catalogue)
        line, *others = _of_ada(catalogue)
        assert len(others) == before + (action == "token ended"), action
        assert (line.action, line.subject) == (action.partition(":")[0], subject)
        assert line.before != line.after or function in ("Rereading.reread", "Erasure.erase"), action


@ON_SQLITE
def test_a_line_says_what_was_there_and_what_is_now(catalogue: Catalogue) -> None:
    mine = _candidate(catalogue, "ledger")
    catalogue.review.decide(mine, Operation.SET, "ada", field="license", value="MIT", why="its file says so")
    line = _of_ada(catalogue)[0]
    assert (line.after["field"], line.after["value"], line.why) == ("license", "MIT", "its file says so")
    _account()(catalogue)
    _account(again=True)(catalogue)
    line = _of_ada(catalogue)[0]
    assert (line.before, line.after) == ({"role": "reviewer", "active": True}, {"role": "operator", "active": True})
    _put(trusted=True)(catalogue)
    line = _of_ada(catalogue)[0]
    assert (line.before.get("trusted", False), line.after["trusted"]) == (False, True)


@ON_SQLITE
def test_what_changes_nothing_and_what_the_clock_does_leave_no_line(catalogue: Catalogue) -> None:
    harvest(catalogue, [item("same")], "read")
    lines = catalogue.audit.count()
    catalogue.sources.put(catalogue.sources.get("read"), "ada")
    reading = item("same")[1]
    assert catalogue.rereading.reread("read", lambda _: reading, actor="ada") == (1, 0)
    assert reading.outcome is Outcome.READ
    assert catalogue.runs.queue("read", EPOCH) is not None
    assert catalogue.audit.count() == lines
    catalogue.sources.put(source("demo"), "ada")
    lines = catalogue.audit.count()
    assert catalogue.runs.queue("demo", EPOCH, by=HARVESTER) is not None
    assert catalogue.audit.count() == lines


def test_no_code_changes_or_removes_a_line() -> None:
    for path in sorted(ROOM.glob("*.py")):
        if path.name == "erasure.py":  # which takes the words out of the lines about what it erases, and no line
            continue
        text = path.read_text(encoding="utf-8")
        for verb in ("update", "delete"):
            assert f"sa.{verb}(schema.audit" not in text, path
            assert f"audit.{verb}(" not in text, path
