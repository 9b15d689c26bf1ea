"""The name that people are shown."""

from __future__ import annotations

import pytest

from harvester.assess.naming import called
from harvester.model import Fields, Software, SoftwareState


@pytest.mark.parametrize(
    ("name", "repository", "shown"),
    [
        ("backend", "https://github.com/betagouv/backend", "betagouv / backend"),
        ("Docs", "https://gitlab.com/town/desk/docs", "town / Docs"),
        ("Open Data", "https://github.com/town/open-data", "Open Data"),
        ("town-website", "https://github.com/town/town-website", "town-website"),
        ("website", "https://github.com/website/website", "website"),
        ("API", None, "API"),
        (None, "https://github.com/town/x", "slug"),
    ],
)
def test_a_name_that_says_nothing_carries_its_owner(name: str | None, repository: str | None, shown: str) -> None:
    fields = Fields(name=name, code_repository=repository)
    software = Software(id="1", slug="slug", state=SoftwareState.PUBLISHED, version=1, fields=fields)
    assert called(software) == shown
