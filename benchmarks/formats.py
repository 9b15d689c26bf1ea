"""Records normalized a second, by format, against parsing the same bytes alone in the same run.

For the YAML formats the yardstick is PyYAML's C loader; for the JSON formats the ratio is reported. Detecting the
language of texts that state none is counted apart. The files are made here, each about another thing.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from benchmarks.figure import Figure
from harvester.assess.meaning import understood
from harvester.model import RawItem
from harvester.normalize import citation, civic_json, code_json, codemeta, github, gitlab, publiccode
from harvester.normalize.canonical import canonical_json
from harvester.normalize.detect import language_of
from harvester.normalize.draft import FoundAt

FILES = 150
ROUNDS = 5
YAML_RATIO = ">= 0.25"
_PLACE = FoundAt()
_LICENCES = ("EUPL-1.2", "AGPL-3.0-or-later", "MIT", "GPL-3.0", "LGPL-2.1-only OR MPL-2.0")
_NOUNS = "permit budget petition school archive water census library council street tender invoice form map".split()
_VERBS = "publishes collects compares counts draws explains checks answers signs sends plans keeps".split()
_WHOM = "citizens offices the town the region volunteers teachers engineers journalists planners carers".split()


@dataclass(frozen=True)
class _Format:
    """How a thing becomes a file, and a file a record."""

    name: str
    write: Callable[[_Thing], bytes]
    read: Callable[[bytes], Any]
    parse: Callable[[bytes], Any] = json.loads
    limit: str | None = None


def figures() -> list[Figure]:
    """One figure a format, one for putting records into our vocabularies, and one for languages."""
    formats = (
        _Format("publiccode.yml", _Thing.publiccode, lambda each: publiccode.read(_raw(each)), _load_yaml, YAML_RATIO),
        _Format(
            "CITATION.cff", _Thing.citation, lambda each: citation.reading_of(each, _PLACE), _load_yaml, YAML_RATIO
        ),
        _Format("codemeta.json", _Thing.codemeta, lambda each: codemeta.reading_of(each, _PLACE)),
        _Format("code.json", _Thing.release, lambda each: code_json.reading_of(each, _PLACE)),
        _Format("civic.json", _Thing.civic, lambda each: civic_json.reading_of(each, _PLACE)),
        _Format("GitHub", _Thing.github, lambda each: github.read(_raw(each))),
        _Format("GitLab", _Thing.gitlab, lambda each: gitlab.read(_raw(each))),
    )
    draw = random.Random(5)
    return [
        *(_figure(each, draw) for each in formats),
        _understanding([_Thing(draw, number).github() for number in range(FILES)]),
        _languages([_Thing(draw, 0).sentences(2) for _ in range(FILES)]),
    ]


def _figure(each: _Format, draw: random.Random) -> Figure:
    """The median of rounds. Every round has files of its own, so that nothing is remembered from the one before."""
    each.read(each.write(_Thing(draw, 0)))  # tables are loaded before the clock runs
    ratios, speeds = [], []
    for turn in range(ROUNDS):
        files = [each.write(_Thing(draw, turn * FILES + number)) for number in range(FILES)]
        parsing, reading = _seconds(each.parse, files), _seconds(each.read, files)
        ratios.append(parsing / reading)
        speeds.append(len(files) / reading)
    return Figure(
        name=f"{each.name} records normalized, against parsing alone",
        value=statistics.median(ratios),
        baseline=statistics.median(speeds),
        limit=each.limit,
        unit="of the parser's speed; baseline is records/s",
    )


def _understanding(files: Sequence[bytes]) -> Figure:
    """Milliseconds that a record costs after its reader; its language, counted apart, is known already."""
    readings = [github.read(_raw(file)) for file in files]
    for reading in readings:
        understood(reading)
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for reading in readings:
            understood(reading)
        rounds.append((time.perf_counter() - began) / len(readings) * 1000)
    return Figure(
        name="a record put into our vocabularies, its language known",
        value=min(rounds),
        baseline=len(readings),
        limit="<= 0.3",
        unit="ms; baseline is the records of a round",
    )


def _languages(texts: Sequence[str]) -> Figure:
    language_of(texts[0])
    began = time.perf_counter()
    known = sum(language_of(text) is not None for text in texts)
    taken = time.perf_counter() - began
    return Figure(
        name="languages of descriptions detected, counted apart",
        value=len(texts) / taken,
        baseline=known / len(texts),
        unit="texts/s; baseline is the share with a certain language",
    )


def _seconds(work: Callable[[bytes], Any], files: Sequence[bytes]) -> float:
    began = time.perf_counter()
    for each in files:
        work(each)
    return time.perf_counter() - began


def _raw(payload: bytes) -> RawItem:
    return RawItem(
        key="k", format="x", payload=payload, url="https://source.example", fetched_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def _load_yaml(payload: bytes) -> Any:
    return yaml.load(payload, Loader=yaml.CSafeLoader)


class _Thing:
    """A made-up tool and its files, as long as published ones usually are."""

    def __init__(self, draw: random.Random, number: int) -> None:
        self._draw = draw
        self.name = f"{draw.choice(_NOUNS)}-{draw.choice(_NOUNS)}-{number}"
        self.url = f"https://github.com/body-{number % 40}/{self.name}"

    def sentences(self, count: int) -> str:
        choose = self._draw.choice
        return " ".join(
            f"It {choose(_VERBS)} every {choose(_NOUNS)} and {choose(_NOUNS)} that {choose(_WHOM)} of the place need."
            for _ in range(count)
        )

    def publiccode(self) -> bytes:
        description = {
            language: {
                "genericName": "Tool",
                "shortDescription": self.sentences(1)[:150],
                "longDescription": self.sentences(12),
                "documentation": f"{self.url}/wiki",
                "features": [self.sentences(1) for _ in range(6)],
                "screenshots": [f"doc/screenshot-{place}.png" for place in range(3)],
            }
            for language in ("en", "it")
        }
        document = {
            "publiccodeYmlVersion": "0.4",
            "name": self.name,
            "url": f"{self.url}.git",
            "landingURL": f"https://{self.name}.example.org",
            "softwareVersion": "1.2.3",
            "releaseDate": "2024-05-06",
            "platforms": ["web", "linux"],
            "categories": self._draw.choice((["document-management", "workflow-management"], ["education"], [])),
            "developmentStatus": "stable",
            "softwareType": "standalone/web",
            "intendedAudience": {"countries": ["IT"], "scope": ["local-authorities"]},
            "description": description,
            "legal": {"license": self._draw.choice(_LICENCES), "repoOwner": "Town"},
            "maintenance": {"type": "internal", "contacts": [{"name": "Office"}]},
            "localisation": {"localisationReady": True, "availableLanguages": ["en", "it"]},
            "dependsOn": {"open": [{"name": "PostgreSQL", "versionMin": "12"}]},
        }
        return yaml.safe_dump(document, sort_keys=False).encode()

    def citation(self) -> bytes:
        document = {
            "cff-version": "1.2.0",
            "message": "Please cite it.",
            "title": self.name,
            "abstract": self.sentences(4),
            "type": "software",
            "authors": [{"family-names": "One", "given-names": "Some"}, {"name": "Town of Example"}],
            "keywords": self._draw.sample(_NOUNS, 4),
            "license": self._draw.choice(_LICENCES),
            "repository-code": self.url,
            "version": "1.2.3",
            "date-released": "2024-05-06",
        }
        return yaml.safe_dump(document, sort_keys=False).encode()

    def codemeta(self) -> bytes:
        return canonical_json(
            {
                "@context": "https://w3id.org/codemeta/3.0",
                "@type": "SoftwareSourceCode",
                "name": self.name,
                "description": self.sentences(4),
                "codeRepository": self.url,
                "license": "https://spdx.org/licenses/MIT",
                "programmingLanguage": [{"@type": "ComputerLanguage", "name": "Python"}],
                "keywords": self._draw.sample(_NOUNS, 4),
                "developmentStatus": "active",
                "dateModified": "2024-05-06",
                "softwareRequirements": [{"@type": "SoftwareApplication", "name": noun} for noun in _NOUNS],
            }
        )

    def release(self) -> bytes:
        return canonical_json(
            {
                "name": self.name,
                "repositoryURL": self.url,
                "description": self.sentences(3),
                "permissions": {
                    "licenses": [{"name": "CC0-1.0", "URL": f"{self.url}/LICENSE"}],
                    "usageType": "openSource",
                },
                "tags": self._draw.sample(_NOUNS, 4),
                "contact": {"email": "office@example.org"},
                "date": {"created": "2020-01-02", "lastModified": "2024-05-06"},
                "status": "Production",
                "languages": ["Python"],
                "organization": "Office",
            }
        )

    def civic(self) -> bytes:
        return canonical_json(
            {
                "name": self.name,
                "description": self.sentences(2),
                "license": "MIT",
                "status": "Beta",
                "repository": self.url,
                "type": "Web App",
                "tags": self._draw.sample(_NOUNS, 4),
            }
        )

    def github(self) -> bytes:
        return canonical_json(
            {
                "databaseId": self._draw.randrange(10**9),
                "nameWithOwner": self.url.removeprefix("https://github.com/"),
                "name": self.name,
                "url": self.url,
                "description": self.sentences(1),
                "pushedAt": "2024-05-06T07:08:09Z",
                "stargazerCount": 7,
                "owner": {"__typename": "Organization", "login": "body", "name": "Body", "location": "Rome, Italy"},
                "languages": ["Python", "CSS"],
                "topics": self._draw.sample(_NOUNS, 4),
                "license": {"spdxId": "MIT", "name": "MIT License"},
            }
        )

    def gitlab(self) -> bytes:
        return canonical_json(
            {
                "id": self._draw.randrange(10**9),
                "name": self.name,
                "web_url": self.url.replace("github.com", "gitlab.example.org"),
                "description": self.sentences(1),
                "last_activity_at": "2024-05-06T07:08:09.000Z",
                "star_count": 7,
                "topics": self._draw.sample(_NOUNS, 4),
                "namespace": {"kind": "group", "name": "Body", "web_url": "https://gitlab.example.org/groups/body"},
            }
        )
