"""Made data on which every sentence with a number or a negation appears somewhere, and is missing somewhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pages_site import HASHES, ROLES
from support.builders import begin, by_name, harvest, item, source
from test_faults_page import BROKEN, stored

from harvester.catalogue import Catalogue
from harvester.model import Issue, Judgement, Operation, Organisation, Page, RawItem, Reading, Reason, RunCounts, Terms
from harvester.model import Unit as WorkUnit

LONG_AGO = datetime(2021, 3, 4, tzinfo=UTC)
SHARED = "repo:https://forge.example.org/shared"


def _doubts(number: int) -> list[Issue]:
    return [Issue.of("unusable-address", place=f"links[{n}]", line=n, value="here") for n in range(1, number + 1)]


def asked_at_its_forge(made: tuple[RawItem, Reading]) -> tuple[RawItem, Reading]:
    """The item with its record as a forge's own reader gives it."""
    raw, reading = made
    return raw, replace(reading, records=tuple(replace(record, reader="github/5") for record in reading.records))


def _full(key: str = "full", **changes: Any) -> tuple[RawItem, Reading]:
    now = datetime.now(UTC)
    said: dict[str, Any] = {
        "name": "Full",
        "names": ["repo:https://forge.example.org/full"],
        "kind": "software",
        "short_description": {"en": "Everything is said of it."},
        "long_description": {"en": "At length, too."},
        "use_cases": ("consultation",),
        "license": "MIT",
        "has_license": True,
        "has_publiccode": True,
        "organisations": (Organisation("Example region", None, "FR"),),
        "countries": ("FR",),
        "development_status": "stable",
        "software_type": "standalone/web",
        "available_languages": ("fr", "en"),
        "programming_languages": ("PHP",),
        "platforms": ("web",),
        "date_modified": now - timedelta(days=21),
        "code_repository": "https://forge.example.org/full",
        "landing_url": "https://full.example.org",
        "documentation": "https://docs.example.org",
        "used_by": ("Example town", "Other town"),
    }
    return item(key, **said | changes)


def _as_of(when: datetime, entry: tuple[RawItem, Reading]) -> tuple[RawItem, Reading]:
    """The entry as a source of that day has it."""
    return replace(entry[0], as_of=when), entry[1]


def _published() -> list[tuple[RawItem, Reading]]:
    region = (Organisation("Example region", None, "FR"),)
    past, soon = LONG_AGO, datetime.now(UTC) + timedelta(days=400)
    return [
        asked_at_its_forge(_full()),
        item("bare", name="Bare", kind="software"),
        asked_at_its_forge(
            item(
                "looked",
                name="Looked into",
                kind="software",
                short_description={"en": "Nothing is in it."},
                has_publiccode=False,
                has_license=False,
                date_modified=past,
            )
        ),
        _as_of(past, item("dump", name="Dumped", kind="software", date_modified=past, license="MIT")),
        item("worded", name="Worded", kind="software", license_text="GPL, some version"),
        asked_at_its_forge(
            item("future", name="Future", date_modified=soon, release_date=datetime.now(UTC).date(), countries=("FR",))
        ),
        *(
            item(f"town-{n:02}", name=f"Town {n:02}", license="MIT", organisations=(Organisation(f"Body {n:02}"),))
            for n in range(1, 41)
        ),
        item("region", name="Region", organisations=region, license="MIT"),
        *_copied(),
    ]


def _copied() -> list[tuple[RawItem, Reading]]:
    """A tool and two forks of it, one of which says more."""
    origin = "https://github.com/agora/agora"
    names = {owner: f"https://github.com/{owner}/agora" for owner in ("agora", "town", "city")}
    said = {"en": "Deliberation for cities and their inhabitants", "town": "Quorum of a town"}
    return [
        item(
            f"agora-{owner}",
            name="Agora" if owner == "agora" else f"Agora {owner}",
            names=[f"repo:{address}"],
            code_repository=address,
            short_description={"en": said.get(owner, said["en"])},
            stars=321 if owner == "agora" else None,
            fork=owner != "agora",
            is_based_on=None if owner == "agora" else origin,
        )
        for owner, address in names.items()
    ]


def _waiting() -> list[tuple[RawItem, Reading]]:
    return [
        *(item(f"cand-{n:02}", name=f"Waits {n:02}") for n in range(52)),
        item("twin-a", name="Petition box", short_description={"en": "Petitions."}, used_by=("A", "B", "C")),
        item("twin-b", name="Petition Box", short_description={"en": "Petitions."}),
        item("shared-a", name="Alder tools", names=[SHARED]),
        item("shared-b", name="Birch tools", names=[SHARED]),
        item("doubted-candidate", name="Doubted candidate", issues=_doubts(25)),
        item("refused", name="Refused candidate"),
    ]


def fill(catalogue: Catalogue) -> None:
    """49 published softwares, candidates, runs of every kind and state."""
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)
    harvest(catalogue, _published(), "forge", trusted=True, title="The forge", schedule="17 4 * * *")
    service = item("service", name="Hosted", names=["landing:https://hosted.example.org"], kind="service")
    again = _full("again", software_type="library")
    terms = Terms(license="CC0-1.0")
    harvest(
        catalogue, [service, again], "register", trusted=True, title="The register", terms=terms, schedule="0 */6 * * *"
    )
    for _ in range(2):
        harvest(catalogue, [item("doubted", name="Doubtful", issues=_doubts(205))], "doubts", trusted=True)
    for languages in (("PHP",), ("Python",)):
        harvest(catalogue, [item("moved", name="Moved", programming_languages=languages)], "moves", trusted=True)
    harvest(catalogue, [stored(BROKEN)], "files", trusted=True, schedule="0 4 * * 1")
    both = [item("stays", name="Stays"), item("leaves", name="Leaves")]
    harvest(catalogue, both, "leaving", trusted=True)
    for _ in range(2):
        harvest(catalogue, both[:1], "leaving")
    harvest(catalogue, _waiting(), "pages", title="Pages")
    catalogue.suggestions.refresh()
    catalogue.review.decide(
        by_name(catalogue, "Refused candidate").id, Operation.REJECT, "reviewer", why="not-civic: it is a toy"
    )
    catalogue.sources.put(source("taken"), "operator")
    catalogue.sources.take_back("taken", "operator")
    _runs(catalogue)


def _runs(catalogue: Catalogue) -> None:
    idle = begin(catalogue, "idle")
    catalogue.runs.finish(idle.id, 1, judgement=Judgement.GOOD, reasons=(), counts=RunCounts(entries=1), spent={})
    failed = begin(catalogue, "failing")
    why = [Reason.of("judged.unit-failed", unit="page 1", why="no answer")]
    catalogue.runs.finish(failed.id, 1, judgement=Judgement.FAILED, reasons=why, counts=RunCounts(requests=3), spent={})
    catalogue.runs.queue("failing", datetime.now(UTC), by="clock")
    kept = [item(f"kept-{n}", name=f"Kept {n}") for n in range(40)]
    harvest(catalogue, kept, "held")
    harvest(catalogue, kept[:20], "held")
    held = begin(catalogue, "held")
    unit = catalogue.harvest.open_units(held.id, 1, [WorkUnit("all")])[0]
    catalogue.harvest.store(held.id, 1, [(Page(unit=unit), kept[:20])])
    counts, why = catalogue.harvest.counts(held.id), [Reason.of("judged.held", n=20)]
    catalogue.runs.finish(held.id, 1, judgement=Judgement.SUSPICIOUS, reasons=why, counts=counts, spent={})
    again = begin(catalogue, "taken-up")
    catalogue.runs.release(again.id, 1, spent={})
    assert catalogue.runs.claim("test", 60, run_id=again.id) is not None
    going = begin(catalogue, "going")
    unit = catalogue.harvest.open_units(going.id, 1, [WorkUnit("all")])[0]
    some = [item(f"going-{n}", name=f"Going {n}") for n in range(3)]
    page = Page(unit=unit, raw_items=tuple(raw for raw, _ in some), next_units=(WorkUnit("more"),), total=10)
    catalogue.harvest.store(going.id, 1, [(page, some)])
    catalogue.sources.put(source("silent", title="Never run"), "test")


def calm(catalogue: Catalogue) -> None:
    """One source that answers, and nothing else."""
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)
    harvest(catalogue, [item("one", name="One")], "calm", trusted=True)


def nobody(catalogue: Catalogue) -> None:
    """People, and nothing else."""
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)
