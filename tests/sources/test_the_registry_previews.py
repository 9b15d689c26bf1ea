"""Every source of the default registry, previewed as the registry gives it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.apart import apart
from support.registry_web import as_asked, registry_web

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import Outcome, Source
from harvester.runs.preview import Preview, look
from harvester.runs.registry import offers
from simulators.server import ThreadedServer
from simulators.web import create_app

UNANSWERED = {"us-agencies": 2}
"""Of the inventories that its recorded index names, one is empty and one a web page."""


def _look(settings: Settings, source: Source) -> Preview:
    return look(settings, source, limit=5, holder="tests")


@pytest.fixture(scope="module")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the command leaves it before it previews."""
    file = tmp_path_factory.mktemp("installation") / "catalogue.sqlite"
    Catalogue.open(f"sqlite:///{file}").close()
    return file


@pytest.mark.parametrize(
    "name", [name if n % 3 == 0 else pytest.param(name, marks=pytest.mark.long) for n, name in enumerate(offers())]
)
def test_a_source_of_the_registry_previews(name: str, tmp_path: Path, empty_catalogue: Path) -> None:
    shutil.copy(empty_catalogue, tmp_path)
    source = as_asked(offers()[name].source)
    hosts = registry_web(source)
    with ThreadedServer(create_app(hosts)) as server:
        settings = Settings(
            data=tmp_path, simulated_web=server.address, github_token="invented", dutch_register_key="invented"
        )
        seen = apart(_look, settings, source)
    assert len(seen.failures) == UNANSWERED.get(name, 0), seen.failures
    read = [item for item in seen.items if item.reading.outcome is Outcome.READ]
    assert read, seen.as_json()
    for item in read:
        assert item.raw.url
        assert item.reading.records
        for record in item.reading.records:
            assert record.fields.name
            assert record.fields.code_repository or record.fields.landing_url or record.identifiers
