"""What the corpus report says of what is listed, and of the judged set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.builders import harvest, item

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import SettingsError
from tools import judged

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_what_is_listed_is_counted_with_what_it_has(catalogue: Catalogue, tmp_path: Path) -> None:
    origin = "https://github.com/decidim/decidim"
    harvest(
        catalogue,
        [
            item("tool", short_description={"en": "Petitions"}, use_cases=("petition",), license="MIT"),
            item("silent"),
            item("whole", names=[f"repo:{origin}"], code_repository=origin),
            item("fork", names=["repo:https://github.com/town/decidim"], fork=True, is_based_on=origin),
        ],
        trusted=True,
    )
    harvest(catalogue, [item("waits", short_description={"en": "Nobody accepted it"})], "heap")
    catalogue.suggestions.refresh()
    export = tmp_path / "export.jsonl"
    export.write_text("".join(json.dumps(line) + "\n" for line in catalogue.export.lines()), encoding="utf-8")
    found = judged.listed(export)
    assert found["shelves"] == {"listed": 3, "copies": 1}
    assert sum(found["artefacts"].values()) == 3
    assert found["share of listed with"] == {
        "use case": 0.333,
        "description": 0.333,
        "its language": 0.333,
        "organisation": 0.0,
        "licence": 0.333,
    }
    assert found["relations"] == {"copy, declared": 1}


@ON_SQLITE
def test_a_folder_without_measures_is_told_with_what_to_do(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"holds no score\.py.*name the judged set's folder"):
        judged.judged(Settings(data=tmp_path), catalogue, tmp_path / "nothing")
