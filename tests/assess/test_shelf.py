"""Where lists show something, and what orders them: each rule alone, and which of them goes first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from harvester.assess.shelf import shelve
from harvester.assess.standing import standing
from harvester.model import Fields, Reason, Related, RelationType, Shelf


def related(kind: RelationType, known: str | None = "origin") -> Related:
    return Related(type=kind, object=known, target="" if known else "family:x", because=Reason("relation.fork"))


COPY, PART = related(RelationType.COPY), related(RelationType.PART)
MIRROR, INSTANCE = related(RelationType.MIRROR), related(RelationType.INSTANCE)
UNKNOWN_ORIGIN = related(RelationType.COPY, None)


@pytest.mark.parametrize(
    ("toolbox", "around", "shelf", "code"),
    [
        (0.9, {}, Shelf.LISTED, "shelf.toolbox"),
        (0.4, {}, Shelf.LISTED, "shelf.toolbox"),  # the threshold itself
        (0.1, {}, Shelf.OTHER, "shelf.below"),
        (0.1, {"artefact": "documentation"}, Shelf.OTHER, "shelf.artefact"),
        (0.9, {"relations": (COPY,)}, Shelf.COPIES, "shelf.copy"),
        (0.9, {"relations": (MIRROR,)}, Shelf.COPIES, "shelf.mirror"),
        (0.9, {"relations": (PART,)}, Shelf.LISTED, "shelf.toolbox"),
        (0.1, {"relations": (PART,)}, Shelf.PARTS, "shelf.part"),
        (0.1, {"relations": (INSTANCE,)}, Shelf.PARTS, "shelf.instance"),
        (0.9, {"relations": (UNKNOWN_ORIGIN,)}, Shelf.LISTED, "shelf.toolbox"),
        (0.1, {"relations": (UNKNOWN_ORIGIN,)}, Shelf.COPIES, "shelf.copy-of-unknown"),
        (0.9, {"relations": (UNKNOWN_ORIGIN,), "shown_elsewhere": True}, Shelf.COPIES, "shelf.copy"),
        (0.1, {"decided": True}, Shelf.LISTED, "shelf.reviewer-listed"),
        (0.1, {"decided": True, "relations": (COPY,)}, Shelf.LISTED, "shelf.reviewer-listed"),
        (0.9, {"decided": False}, Shelf.OTHER, "shelf.reviewer-aside"),
    ],
)
def test_a_shelf_and_its_reason(toolbox: float, around: dict[str, object], shelf: Shelf, code: str) -> None:
    found, because = shelve(toolbox, listed_from=0.4, **around)  # type: ignore[arg-type]
    assert (found, because.code) == (shelf, code)


def codes(**known: object) -> dict[str, float]:
    around = {name: known.pop(name) for name in ("sources", "relations", "copied_by") if name in known}
    found = standing(Fields(**known), **around)  # type: ignore[arg-type]
    assert found.value == pytest.approx(sum(points for points, _ in found.reasons) / 100)
    return {reason.code.removeprefix("standing."): points for points, reason in found.reasons}


def test_what_is_used_stands_before_what_is_only_popular() -> None:
    used, liked = codes(copied_by=12, used_by=("A", "B", "C")), codes(stars=5000)
    assert sum(used.values()) > sum(liked.values())
    assert liked["stars"] == 9.2


def test_use_alone_reaches_no_further_than_its_share() -> None:
    said = codes(copied_by=1000, used_by=tuple(map(str, range(500))), sources=[str(one) for one in range(50)])
    assert said["copied"] + said["used-by"] + said["sources"] == 40


def test_a_copy_stands_behind_its_origin_and_an_archived_one_has_no_care() -> None:
    kept = {
        "date_modified": datetime(2026, 1, 2, tzinfo=UTC),
        "release_date": date(2026, 1, 1),
        "software_version": "1",
    }
    alive = codes(**kept, development_status="stable")
    assert alive["own"] == 10
    assert "own" not in codes(**kept, relations=(COPY,))
    assert codes(**kept, relations=(PART,))["beside"] == 4
    assert (alive["changed"], alive["release"], alive["stable"]) == (12, 5, 4)
    assert not {"changed", "release", "stable"} & codes(**kept, archived=True).keys()


def test_an_old_change_counts_less_and_an_unknown_one_nothing() -> None:
    years = [codes(date_modified=datetime(year, 6, 1, tzinfo=UTC)).get("changed", 0.0) for year in (2013, 2018, 2024)]
    assert (years, years[0]) == (sorted(years), 0)
    assert "changed" not in codes()
