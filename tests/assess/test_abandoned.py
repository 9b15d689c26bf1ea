"""What a tool's own text says of its end, and what that does to its figures."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from harvester.assess.abandoned import said_to_have_ended
from harvester.assess.health import health
from harvester.assess.standing import standing
from harvester.model import Fields

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[DEPRECATED] Tasks for a town", "DEPRECATED"),
        ("⛔️ UNMAINTAINED dashboard", "UNMAINTAINED"),
        (":warning: This repo is deprecated. Look elsewhere", "This repo is deprecated"),
        ("A desk for towns. The project has been replaced by another", "The project has been replaced by"),
        ("Moved to https://github.com/a/b", "Moved to"),
        ("Ce projet est abandonné", "Ce projet est abandonné"),
        ("Un guichet. Il n'est plus maintenu", "n'est plus maintenu"),
        ("Wird nicht mehr gepflegt", "nicht mehr gepflegt"),
        ("Questo non è più mantenuto", "non è più mantenuto"),
        ("Un portal que ya no se mantiene", "ya no se mantiene"),
        ("Wordt niet meer onderhouden", "niet meer onderhouden"),
        ("Replaces a deprecated tool of the town", None),
        ("Finds obsolete licences", None),
        ("Archives of a town's council", None),
        ("The projects that citizens want", None),
    ],
)
def test_a_text_says_that_a_tool_came_to_its_end(text: str, words: str | None) -> None:
    found = said_to_have_ended(Fields(short_description={"und": text}))
    assert found == (("short_description.und", words) if words else None)


def test_it_is_a_reason_of_its_activity_and_takes_its_points_of_care() -> None:
    def tool(text: str) -> Fields:
        changed = datetime(2026, 11, 1, tzinfo=UTC)
        return Fields(name="Desk", long_description={"en": text}, date_modified=changed)

    alive, ended = tool("A desk for towns"), tool("DEPRECATED: a desk for towns")
    assert health(alive, TODAY, looked_at=TODAY).score == 100
    assert health(ended, TODAY, looked_at=TODAY).score == 20
    assert [
        reason.args["value"]
        for _, reason in health(ended, TODAY, looked_at=TODAY).reasons
        if reason.code == "health.said-ended"
    ] == ["DEPRECATED"]
    assert "standing.changed" in {reason.code for _, reason in standing(alive).reasons}
    assert "standing.changed" not in {reason.code for _, reason in standing(ended).reasons}
