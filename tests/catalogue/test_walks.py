"""Random walks over what is harvested and decided, beside a model that is a page long: merges, splits, corrections,
listing, harvests that say something else, and undoing in any order that is not refused.

The model replays what stands. It knows nothing of identifiers, records or homes: entries at one address are one
software, a merge joins two of which the first goes on, a split parts one, and the newest correction and the newest word
on the shelf hold of the software of which they were said.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from support.builders import harvest, item

from harvester.catalogue import Catalogue, schema
from harvester.catalogue.acts import Act
from harvester.errors import Conflict
from harvester.model import Operation, Shelf, SoftwareState

_AT = (0, 0, 1, 1, 2, 3, 4)
"""The entries' addresses: two and two share one."""
_LICENSES = ("MIT", "Apache-2.0", "GPL-3.0-only", "EUPL-1.2", "AGPL-3.0-only")
_KINDS = ("merge", "split", "correct", "shelf", "undo", "undo", "harvest")
Group = frozenset[int]


@dataclass(frozen=True)
class Word:
    """A decision that stands, said of a software. `other` is what was merged into it, `going` which entries a split
    parts from it, `of` those that it had then."""

    id: int
    kind: str
    of: Group
    software: str
    other: str = ""
    going: Group = frozenset()
    value: Any = None


@dataclass
class Model:
    """What should be: `says` is each entry's licence, `stand` the decisions in their order.

    A software is called after its address, or after the split that made it.
    """

    says: list[str]
    stand: list[Word] = field(default_factory=list)

    def owners(self) -> list[str]:
        """By entry its software."""
        of = [f"at {at}" for at in _AT]
        for word in self.stand:
            if word.kind == "merge":
                of = [self._heir(word.software, word) if one == self._heir(word.other, word) else one for one in of]
            elif word.kind == "split":
                of = [f"split {word.id}" if entry in word.going else one for entry, one in enumerate(of)]
        return of

    def groups(self) -> dict[str, Group]:
        """By software its entries."""
        of = self.owners()
        return {one: frozenset(entry for entry in range(len(of)) if of[entry] == one) for one in sorted(set(of))}

    def license(self, software: str) -> set[str]:
        """What a software's licence may be: the newest correction's, else what one of its entries says."""
        newest = self._newest("correct", software)
        return {newest.value} if newest else {self.says[one] for one in self.groups()[software]}

    def shelf(self, software: str) -> Shelf:
        newest = self._newest("shelf", software)
        return newest.value if newest else Shelf.LISTED

    def _newest(self, kind: str, software: str) -> Word | None:
        about = [word for word in self.stand if word.kind == kind and self._heir(word.software) == software]
        return about[-1] if about else None

    def _heir(self, software: str, before: Word | None = None) -> str:
        """What goes on of a software, after the merges that stand, or those of them before a word."""
        for word in self.stand:
            if word is before:
                break
            if word.kind == "merge" and word.other == software:
                software = word.software
        return software


@dataclass
class Walk:
    """One walk through a catalogue, as a source of its own."""

    catalogue: Catalogue
    name: str
    dice: random.Random
    model: Model = field(init=False)

    def __post_init__(self) -> None:
        self.model = Model([self.dice.choice(_LICENSES) for _ in _AT])
        self.harvest()

    def step(self, kind: str) -> None:
        groups = self.model.groups()
        name = self.dice.choice(sorted(groups))
        mine, group = self.owners()[min(groups[name])], groups[name]
        if kind == "merge" and len(groups) > 1:
            other = self.dice.choice(sorted(groups.keys() - {name}))
            act = Act(software=mine, operation=Operation.SAME, value=self.owners()[min(groups[other])], survives=True)
            self._decide(kind, act, name, other=other)
        elif kind == "split" and len(group) > 1:
            going = frozenset(self.dice.sample(sorted(group), self.dice.randrange(1, len(group))))
            records = {int(row.key): row.record for row in self._rows()}
            act = Act(software=mine, operation=Operation.SPLIT, value=[records[one] for one in going])
            self._decide(kind, act, name, going=going)
        elif kind == "correct":
            value = self.dice.choice(_LICENSES)
            self._decide(kind, Act(software=mine, operation=Operation.SET, field="license", value=value), name, value)
        elif kind == "shelf":
            listed = self.dice.random() < 0.5
            operation = Operation.LIST if listed else Operation.SET_ASIDE
            self._decide(kind, Act(software=mine, operation=operation), name, Shelf.LISTED if listed else Shelf.OTHER)
        elif kind == "undo" and self.model.stand:
            self.undo(self.dice.choice(self.model.stand))
        elif kind == "harvest":
            self.model.says[self.dice.randrange(len(_AT))] = self.dice.choice(_LICENSES)
            self.harvest()

    def undo(self, word: Word) -> bool:
        """Undo one; refused only where a later one is about the same entries."""
        try:
            self.catalogue.review.undo(word.id, "grace")
        except Conflict:
            later = self.model.stand[self.model.stand.index(word) + 1 :]
            assert any(one.of & word.of for one in later), "refused, and nothing stands on it"
            return False
        self.model.stand.remove(word)
        return True

    def check(self) -> None:
        """The catalogue is as the model says."""
        of, expected = self.owners(), self.model.groups()
        found = {frozenset(entry for entry in of if of[entry] == mine) for mine in of.values()}
        assert found == set(expected.values()), self.model.stand
        for name, group in expected.items():
            software = self.catalogue.software.get(of[min(group)])
            assert software.state is SoftwareState.PUBLISHED
            assert software.fields.license in self.model.license(name), (name, group, self.model.stand)
            assert software.appraisal.shelf is self.model.shelf(name), (name, group, self.model.stand)

    def owners(self) -> dict[int, str]:
        """The software of each entry."""
        return {int(row.key): row.software for row in self._rows()}

    def _rows(self) -> Iterator[Any]:
        raw, record, member = schema.raw_item, schema.record, schema.membership
        query = sa.select(raw.c.key, member.c.software, member.c.record).join(record, record.c.raw_item == raw.c.id)
        with self.catalogue.database.read() as connection:
            yield from connection.execute(query.join(member).where(raw.c.source == self.name)).all()

    def harvest(self) -> None:
        entries = [
            item(
                str(one),
                name=f"{self.name} {at}",
                names=[f"repo:https://forge.example.org/{self.name}/{at}", f"catalogue:{self.name}:{one}"],
                license=self.model.says[one],
            )
            for one, at in enumerate(_AT)
        ]
        harvest(self.catalogue, entries, self.name, trusted=True)

    def _decide(self, kind: str, act: Act, name: str, value: Any = None, **more: Any) -> None:
        made = self.catalogue.review.together([act], "ada")[0]
        of = self.model.groups()
        entries = of[name] | of.get(more.get("other", ""), frozenset())
        self.model.stand.append(Word(made.id, kind, entries, name, value=value, **more))


def told(catalogue: Catalogue, source: str) -> dict[str, Any]:
    """What is exported of a source's softwares, dates of acts and versions aside."""
    shown = ("published", "candidate")
    lines = [line for line in catalogue.export.lines() if line["state"] in shown]
    mine = [line for line in lines if any(name == source for name, _ in line["sources"])]
    return {line["id"]: {key: value for key, value in line.items() if key not in _ASIDE} for line in mine}


_ASIDE = ("version", "lastSeen")


def walk(catalogue: Catalogue, seed: int, steps: int) -> None:
    """Each step leaves what the model says. Undone whole and told again what it was told first, all is exported as it
    was."""
    taken = Walk(catalogue, f"walk{seed}", random.Random(seed))
    says, before = list(taken.model.says), told(catalogue, taken.name)
    for _ in range(steps):
        taken.step(taken.dice.choice(_KINDS))
        taken.check()
    while taken.model.stand:
        undone = [taken.undo(word) for word in reversed(taken.model.stand)]
        assert any(undone), "nothing can be undone"
        taken.check()
    taken.model.says = says
    taken.harvest()
    taken.check()
    assert told(catalogue, taken.name) == before


@pytest.mark.parametrize("seed", range(4))
def test_any_walk_is_what_a_model_says(catalogue: Catalogue, seed: int) -> None:
    walk(catalogue, seed, 12)


def test_a_fault_is_found(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    # what stands for a merged software may be what was merged with it before
    monkeypatch.setattr("harvester.catalogue.resolving.picking", lambda *_: lambda _, names: names[0])
    with pytest.raises(AssertionError):
        walk(catalogue, 1, 12)


@pytest.mark.long
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("first", range(100, 600, 10))
def test_five_hundred_walks_on_each_database_are_what_a_model_says(catalogue: Catalogue, first: int) -> None:
    for seed in range(first, first + 10):
        walk(catalogue, seed, 16)


def _hostile(dice: random.Random, other: str) -> list[tuple[Any, Any]]:
    """What a source may say instead of what it said when it was corrected: another value, none, another name, an
    address that another entry claims as well, more entries of that name."""
    known = ["repo:https://forge.example.org/tool", "catalogue:register:tool"]
    license = dice.choice([*_LICENSES, None])
    entries = [item("tool", name=dice.choice(["Tool", "tool", "Another", ""]), names=known, license=license)]
    for key in dice.sample(("claims", "named", "third"), dice.randrange(3)):
        claimed = known[:1] if key == "claims" else [f"repo:https://forge.example.org/{key}"]
        entries.append(item(key, name="Tool", names=[*claimed, f"catalogue:register:{key}"], license=other))
    dice.shuffle(entries)
    return entries


def _reharvested(catalogue: Catalogue, times: int) -> None:
    dice = random.Random(times)
    said = item("tool", name="Tool", names=["repo:https://forge.example.org/tool", "catalogue:register:tool"])
    harvest(catalogue, [said], "register", trusted=True)
    (tool,) = catalogue.software.published(10)
    held = {"license": "EUPL-1.2", "name": "What reviewers call it", "landing_url": "https://tool.example.org"}
    made = {
        name: catalogue.review.decide(tool.id, Operation.SET, "ada", field=name, value=value)
        for name, value in held.items()
    }
    for _ in range(times):
        harvest(catalogue, _hostile(dice, dice.choice(_LICENSES)), "register", good=dice.random() < 0.8)
        fields = catalogue.software.get(tool.id).fields
        assert {name: getattr(fields, name) for name in held} == held, "a correction is lost"
        locks = {lock.decision.id: lock for lock in catalogue.corrections.locks()}
        assert locks.keys() == {one.id for one in made.values()}
        for lock in locks.values():
            disagrees = lock.now not in (lock.decision.saw, [lock.decision.value])
            assert lock.decision.contested == disagrees, (lock.decision, lock.now)
        contested = [lock for lock in locks.values() if lock.decision.contested]
        assert catalogue.corrections.count(contested=True) == len(contested)
        assert (tool.id in {one.id for one in catalogue.review.queue(100)}) >= bool(contested), "it is shown to nobody"


def test_hostile_harvests_lose_no_correction_and_every_conflict_is_shown(catalogue: Catalogue) -> None:
    _reharvested(catalogue, 10)


@pytest.mark.long
def test_a_hundred_hostile_harvests_lose_no_correction(catalogue: Catalogue) -> None:
    _reharvested(catalogue, 100)
