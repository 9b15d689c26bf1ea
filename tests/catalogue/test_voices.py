"""What visitors say: one matter for two who say the same, decided once, taken up, and taken back whole."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.catalogue.acts import Act
from harvester.catalogue.voices import SOURCE, Matter, MatterState, VoiceKind
from harvester.errors import CatalogueError, Conflict, NotFound
from harvester.model import BodyRole, Operation, SoftwareState

ADDRESS = "https://github.com/town/forms"
KEY = f"repo:{ADDRESS}"
_receipts = iter(range(10_000))


def propose(catalogue: Catalogue, address: str = ADDRESS, **data: str) -> int:
    told = {"address": address, "language": "en", **data}
    said = {"words": "we need it"}
    receipt = f"receipt-{next(_receipts)}"
    return catalogue.voices.hear(
        VoiceKind.PROPOSAL, f"repo:{address.lower()}", data=told, said=said, language="en", receipt=receipt
    )


def use(catalogue: Catalogue, software: str, organisation: str = "City of Example") -> int:
    return catalogue.voices.hear(
        VoiceKind.USE,
        f"use:{software}:{organisation}",
        data={"organisation": organisation},
        said={"evidence": "https://city.example.org/tools", "purpose": "permits", "since": "2021", "many": "300"},
        language="en",
        receipt=f"receipt-{next(_receipts)}",
        software=software,
    )


def object_to(catalogue: Catalogue, software: str, field: str = "license") -> int:
    return catalogue.voices.hear(
        VoiceKind.OBJECTION,
        f"objection:{software}:{field}",
        data={},
        said={"words": "it is MIT", "evidence": "https://example.org/LICENSE"},
        language="fr",
        receipt=f"receipt-{next(_receipts)}",
        software=software,
        field=field,
    )


def published(catalogue: Catalogue, name: str = "Forms") -> str:
    harvest(catalogue, [item(name, names=[KEY], license="GPL-3.0-only")], "shown", trusted=True)
    return str(by_name(catalogue, name).id)


def test_two_who_propose_one_address_are_two_voices_on_one_matter(catalogue: Catalogue) -> None:
    first, second = propose(catalogue), propose(catalogue)
    assert first == second
    matter = catalogue.voices.get(first)
    assert (matter.state, matter.voices_n, catalogue.voices.count()) == (MatterState.WAITS, 2, 1)
    catalogue.voices.refuse(first, "ada", why="no software")
    assert propose(catalogue) != first
    assert [one.state for one in catalogue.voices.of_key(KEY)] == [MatterState.WAITS, MatterState.REFUSED]


def test_an_accepted_proposal_is_published_as_proposed_and_its_undoing_takes_it_off(catalogue: Catalogue) -> None:
    matter = propose(catalogue, description="Forms for towns.")
    assert catalogue.software.count_by_state() == {}
    done = catalogue.voices.accept(matter, "ada")
    assert done.software is not None
    tool = catalogue.software.get(done.software)
    assert (tool.state, tool.fields.name, tool.fields.code_repository) == (SoftwareState.PUBLISHED, "forms", ADDRESS)
    assert tool.fields.short_description == {"en": "Forms for towns."}
    assert tool.fields.license is None
    (origin,) = catalogue.software.provenance(tool.id).values()
    assert (origin.source_title, origin.url) == ("Proposed by visitors", ADDRESS)
    assert catalogue.resolver.pending() == 0
    assert catalogue.voices.undo(matter, "grace").state is MatterState.WAITS
    assert catalogue.software.get(tool.id).state is SoftwareState.GONE
    assert catalogue.review.waiting() == 0
    again = catalogue.voices.accept(matter, "ada")
    assert again.software == tool.id
    assert catalogue.software.get(tool.id).state is SoftwareState.PUBLISHED


def test_what_a_forge_says_later_of_a_proposed_tool_joins_it(catalogue: Catalogue) -> None:
    done = catalogue.voices.accept(propose(catalogue), "ada")
    told = published(catalogue)
    assert told == done.software
    assert catalogue.software.get(told).fields.license == "GPL-3.0-only"


def test_what_is_published_already_is_not_proposed_into_another(catalogue: Catalogue) -> None:
    told = published(catalogue)
    before = catalogue.software.get(told)
    matter = propose(catalogue)
    with pytest.raises(Conflict) as refused:
        catalogue.voices.accept(matter, "ada")
    assert refused.value.reason is not None
    assert refused.value.reason.code == "conflict.there"
    assert catalogue.voices.get(matter).state is MatterState.WAITS
    assert catalogue.software.get(told) == before


def test_a_use_is_a_user_with_evidence_on_both_pages_until_it_is_undone(catalogue: Catalogue) -> None:
    tool = published(catalogue)
    done = catalogue.voices.accept(use(catalogue, tool), "ada")
    assert catalogue.software.get(tool).fields.used_by == ("City of Example",)
    assert done.decision is not None
    assert catalogue.voices.uses([done.decision])[done.decision].voices[0].said["purpose"] == "permits"
    catalogue.organisations.refresh()
    (link,) = [one for one in catalogue.organisations.of(tool) if one.role is BodyRole.USES]
    assert (link.as_said, link.url, link.at) == ("City of Example", "https://city.example.org/tools", done.decided_at)
    catalogue.voices.undo(done.id, "grace")
    assert catalogue.software.get(tool).fields.used_by == ()
    catalogue.organisations.refresh()
    assert [one.role for one in catalogue.organisations.of(tool)] == []


def test_an_objection_names_the_correction_that_settled_it(catalogue: Catalogue) -> None:
    tool = published(catalogue)
    matter = object_to(catalogue, tool)
    assert [one.id for one in catalogue.voices.objections(tool, "license")] == [matter]
    made = catalogue.review.decide(tool, Operation.SET, "ada", field="license", value="MIT", why="its file says so")
    done = catalogue.voices.accept(matter, "ada")
    assert done.decision == made.id
    assert catalogue.voices.objections(tool, "license") == []
    catalogue.voices.undo(matter, "ada")
    assert catalogue.software.get(tool).fields.license == "MIT"


def test_what_was_said_of_a_tool_that_was_merged_is_of_the_one_that_goes_on(catalogue: Catalogue) -> None:
    tool = published(catalogue)
    harvest(catalogue, [item("Formulary", names=["repo:https://gitlab.com/town/formulary"])], "shown", trusted=True)
    other = by_name(catalogue, "Formulary").id
    objection, told = object_to(catalogue, other), use(catalogue, other)
    catalogue.review.together([Act(software=tool, operation=Operation.SAME, value=other, survives=True)], "ada")
    assert [one.id for one in catalogue.voices.objections(tool, "license")] == [objection]
    catalogue.voices.accept(told, "ada")
    assert catalogue.software.get(tool).fields.used_by == ("City of Example",)


def test_several_reviewers_decide_each_matter_once_and_leave_none(catalogue: Catalogue) -> None:
    matters = [propose(catalogue, f"https://github.com/town/tool-{n}") for n in range(12)]
    decided: list[tuple[int, str]] = []

    def review(who: str) -> None:
        for number, matter in enumerate(matters):
            try:
                if number % 2:
                    catalogue.voices.accept(matter, who)
                else:
                    catalogue.voices.refuse(matter, who, why="no tool")
                decided.append((matter, who))
            except Conflict:
                continue

    threads = [threading.Thread(target=review, args=(f"reviewer-{n}",)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(matter for matter, _ in decided) == matters
    assert dict(decided) == {matter: catalogue.voices.get(matter).decided_by for matter in matters}
    assert catalogue.software.count_by_state() == {"published": 6}
    assert catalogue.voices.count() == 0


def test_what_is_said_after_a_decision_joins_it_when_that_is_undone(catalogue: Catalogue) -> None:
    first = propose(catalogue)
    catalogue.voices.refuse(first, "ada", why="no software")
    later = propose(catalogue)
    catalogue.voices.undo(first, "ada")
    assert catalogue.voices.get(first).voices_n == 2
    with pytest.raises(NotFound):
        catalogue.voices.get(later)


@pytest.mark.parametrize("second", ["accept", "refuse"])
def test_of_two_who_decide_at_once_one_decides(catalogue: Catalogue, second: str) -> None:
    outcomes: list[str] = []
    matter, ready = propose(catalogue), threading.Barrier(2)

    def decide(act: Callable[[], Matter]) -> None:
        ready.wait()
        try:
            outcomes.append(act().state.value)
        except Conflict as error:
            outcomes.append(error.reason.code if error.reason else "")

    other = {
        "accept": lambda: catalogue.voices.accept(matter, "grace"),
        "refuse": lambda: catalogue.voices.refuse(matter, "grace", why="no"),
    }
    acts = (lambda: catalogue.voices.accept(matter, "ada"), other[second])
    threads = [threading.Thread(target=decide, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(outcomes) == 2
    assert "conflict.decided" in outcomes
    with pytest.raises(CatalogueError):
        catalogue.voices.refuse(matter, "ada", why=" ")
    assert catalogue.software.count_by_state().get("published", 0) == outcomes.count("accepted")


def test_what_was_erased_takes_what_was_said_of_it_along(catalogue: Catalogue) -> None:
    tool = published(catalogue)
    said = [object_to(catalogue, tool), use(catalogue, tool), propose(catalogue)]
    catalogue.erasure.erase(tool, "ada")
    for matter in said:
        with pytest.raises(NotFound):
            catalogue.voices.get(matter)
    lines = [one for one in catalogue.audit.recent() if str(one.subject).startswith("voice:")]
    assert len(lines) == 3
    assert [(one.before, one.after, one.why) for one in lines] == [(None, None, None)] * 3
    with pytest.raises(Conflict) as refused:
        catalogue.voices.accept(propose(catalogue), "ada")
    assert refused.value.reason is not None
    assert refused.value.reason.code == "conflict.erased"


def test_nobody_takes_up_what_they_did_not_read(catalogue: Catalogue) -> None:
    tool = published(catalogue)
    matter = use(catalogue, tool)
    seen = catalogue.voices.get(matter).voices_n
    assert use(catalogue, tool) == matter  # another voice, while the first is read
    with pytest.raises(Conflict) as refused:
        catalogue.voices.accept(matter, "ada", seen=seen)
    assert refused.value.reason is not None
    assert refused.value.reason.code == "conflict.more-voices"
    assert catalogue.software.get(tool).fields.used_by == ()
    assert catalogue.voices.accept(matter, "ada", seen=seen + 1).state is MatterState.ACCEPTED


def test_what_a_visitor_asked_for_is_undone_where_it_was_accepted(catalogue: Catalogue) -> None:
    done = catalogue.voices.accept(propose(catalogue), "ada")
    assert catalogue.review.last_decision("ada") is None
    assert done.decision is not None
    for undo in (
        lambda: catalogue.review.undo(done.decision, "ada"),
        lambda: catalogue.review.reopen(str(done.software), "ada"),
    ):
        with pytest.raises(Conflict) as refused:
            undo()
        assert refused.value.reason is not None
        assert refused.value.reason.code == "conflict.of-visitors"
    assert catalogue.voices.get(done.id).state is MatterState.ACCEPTED
    assert catalogue.voices.undo(done.id, "ada").state is MatterState.WAITS


def test_what_was_said_of_a_tool_follows_it_through_every_merge(catalogue: Catalogue) -> None:
    harvest(
        catalogue, [item(name, names=[f"repo:https://github.com/town/{name}"]) for name in "abc"], "s", trusted=True
    )
    first, second, third = (by_name(catalogue, name).id for name in "abc")
    objection, used = object_to(catalogue, first), use(catalogue, first)
    early = catalogue.review.decide(third, Operation.SET, "ada", field="license", value="0BSD", why="so").id
    for one, into in ((first, second), (second, third)):
        catalogue.review.together([Act(software=into, operation=Operation.SAME, value=one, survives=True)], "ada")
    assert catalogue.software.heir(first).id == third
    assert [one.id for one in catalogue.voices.objections(third, "license")] == [objection]
    assert catalogue.voices.accept(used, "ada").state is MatterState.ACCEPTED
    assert catalogue.software.get(third).fields.used_by == ("City of Example",)
    settled = catalogue.voices.accept(objection, "ada")
    assert settled.decision == early  # the correction that came after the objection, wherever it was made


def test_more_than_anybody_reads_is_not_taken(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvester.catalogue.voices.MOST_WAITING", 1)
    propose(catalogue)
    with pytest.raises(CatalogueError):
        propose(catalogue, "https://github.com/town/other")
    assert SOURCE.name not in catalogue.sources.names()
