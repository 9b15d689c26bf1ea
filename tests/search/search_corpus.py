"""Softwares of the recorded corpus as documents, and queries about them that are the same every time."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from harvester.model import Appraisal, Evidence, Fields, Organisation, Software, SoftwareState, Verdict
from harvester.search import UNKNOWN, Document, Engine, Query

_FRENCH = frozenset(["le", "la", "les", "des", "du", "une", "et", "pour", "dans", "avec", "sur", "est", "aux", "par"])
_ENGLISH = frozenset(["the", "of", "and", "for", "with", "this", "that", "is", "to", "from", "your", "by"])
_USE_CASES = {
    "open-data-portal": ("ckan", "opendata", "open data", "données ouvertes"),
    "mapping": ("map", "gis", "geo", "carte", "cartographie"),
    "budget-and-procurement": ("budget", "procurement", "marchés publics"),
    "transparency-monitoring": ("transparency", "foia", "transparence"),
    "law-making": ("law", "legislation", "parlement", "legifrance"),
    "environment-and-mobility": ("transit", "transport", "climate", "vélo", "bike"),
    "website-and-design": ("website", "design system", "site web"),
    "data-tools": ("dataset", "pipeline", "scraper", "api"),
}
_PICKED_FACETS = ("programming_language", "organisation", "license", "country", "use_case", "source", "kind")


def document_of(
    identity: str,
    *,
    version: int = 1,
    sources: tuple[str, ...] = (),
    standing: float = 0.0,
    appraisal: Appraisal | None = None,
    **fields: Any,
) -> Document:
    """The document of a software of these fields, of this appraisal or of this standing."""
    said = tuple(Evidence(value=identity, record=place, source=source) for place, source in enumerate(sources))
    return Document(
        Software(
            id=identity,
            slug=f"slug-{identity}",
            state=SoftwareState.PUBLISHED,
            version=version,
            fields=Fields(**fields),
            evidence={"name": said},
            appraisal=appraisal or Appraisal(standing=Verdict(value=standing)),
        )
    )


def corpus_documents(corpus: Path, *, every: int = 1) -> list[Document]:
    """Every repository of Code for America's index and of the newest French dump, and known ones of GitHub; or one of
    so many."""
    catalogues = corpus / "catalogues"
    known = islice(_known(corpus / "scale"), 5_000)
    rows = chain(_american(catalogues / "cfa"), _french(catalogues / "fr-codes-sources"), known)
    return [made() for made in islice(rows, 0, None, every)]


def filled(engine: Engine, documents: Sequence[Document]) -> Engine:
    """The engine, with a generation of these documents in use."""
    generation = engine.begin()
    for start in range(0, len(documents), 2000):
        applied = engine.apply(generation, documents[start : start + 2000])
        assert not applied.failed
    engine.activate(generation)
    return engine


def _american(folder: Path) -> Iterator[Callable[[], Document]]:
    with gzip.open(folder / "brigade-projects.jsonl.gz", "rt", encoding="utf-8") as lines:
        for place, line in enumerate(lines):
            row = json.loads(line)
            github = row.get("github") or {}
            yield partial(
                _document,
                identity=f"us-{place:05d}",
                name=str(row.get("name") or github.get("name") or place),
                description=_text(row.get("description")),
                organisation=_text(row.get("organization_name")),
                country="US",
                license=_text((github.get("license") or {}).get("spdx_id")),
                language=_text(github.get("language")),
                topics=tuple(t for t in github.get("topics") or () if isinstance(t, str)),
                source="code-for-america",
                created=_text(github.get("created_at")),
                archived=github.get("archived"),
                public=bool(github),
            )


def _french(folder: Path) -> Iterator[Callable[[], Document]]:
    newest = max(folder.glob("repositories-*.csv.gz"))
    rows = csv.DictReader(io.StringIO(gzip.decompress(newest.read_bytes()).decode("utf-8")))
    for place, row in enumerate(rows):
        yield partial(
            _document,
            identity=f"fr-{place:05d}",
            name=row["name"] or str(place),
            description=row["description"] or None,
            organisation=row["organization_name"] or None,
            country="FR",
            license=row["license"] or None,
            language=row["language"] or None,
            topics=tuple(filter(None, row["topics"].split(","))),
            source=f"codes-sources-{row['platform'].lower() or 'other'}",
            created=row["last_update"] or None,
            archived=row["is_archived"] == "True",
            public=True,
        )


def _known(folder: Path) -> Iterator[Callable[[], Document]]:
    with gzip.open(folder / "githubgraph-repos-24k.csv.gz", "rt", encoding="utf-8") as lines:
        for place, row in enumerate(csv.DictReader(lines)):
            topics = tuple(re.findall(r"'([^']+)'", row["topics"]))
            yield partial(
                _document,
                identity=f"gh-{place:05d}",
                name=row["name"],
                description=" ".join(topics).replace("-", " ") or None,
                organisation=row["url"].split("/")[1],
                country="US",
                license=None,
                language=row["language"] or None,
                topics=topics,
                source="github",
                created=row["created_at"] or None,
                archived=False,
                public=True,
            )


def _document(
    *,
    identity: str,
    name: str,
    description: str | None,
    organisation: str | None,
    country: str,
    license: str | None,
    language: str | None,
    topics: tuple[str, ...],
    source: str,
    created: str | None,
    archived: object,
    public: bool,
) -> Document:
    tongue = _tongue(description or "")
    when = datetime.fromisoformat(created) if created else None
    said = f"{name} {description or ''}".lower()
    return document_of(
        identity,
        standing=zlib.crc32(identity.encode()) % 1000 / 1000,
        name=name,
        short_description={tongue: description} if description else {},
        organisations=(Organisation(organisation),) if organisation else (),
        countries=(country,) if country == "US" or "eu" not in topics else (country, "EU"),
        use_cases=tuple(code for code, words in _USE_CASES.items() if any(word in said for word in words)),
        license=None if license in (None, "NOASSERTION", "Other") else license,
        available_languages=() if tongue == "und" else (tongue,),
        programming_languages=(language,) if language else (),
        development_status="obsolete" if archived is True else None,
        sources=(source, "github") if "github" in source or country == "US" else (source,),
        has_publiccode=None if archived else False,
        kind="software" if public else "service",
        date_modified=when,
        topics=topics,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _tongue(text: str) -> str:
    words = re.findall(r"\w+", text.lower())
    french, english = (sum(word in known for word in words) for known in (_FRENCH, _ENGLISH))
    return "und" if french == english else ("fr" if french > english else "en")


@dataclass(frozen=True)
class Asked:
    """A query and why it is asked."""

    query: Query
    multiple: bool  # several values of one facet
    french: bool
    accents: bool
    kind: str = "plain"


def queries(documents: Sequence[Document], *, seed: int = 20261123, count: int = 280) -> list[Asked]:
    """Queries taken from what documents say: words, inflected words, phrases, selections, every order."""
    chance = random.Random(seed)
    french = [d for d in documents if _accented_words(_fields(d).short_description.get("fr", ""))]
    accented_bodies = [d for d in documents if any(map(_accented, _bodies(d)))]
    asked: list[Asked] = []
    for turn in range(count - count // 4):
        if turn % 3 == 0:
            asked += _pair(chance, chance.choice(french), selected=turn % 9 == 0)
            continue
        document = chance.choice(accented_bodies if turn % 13 == 0 else documents)
        several = turn % 2 == 0
        selections = _selections(chance, document, several=several) if several or turn % 13 == 7 else {}
        asked.append(Asked(Query(_typed(chance, document, turn % 13), selections), several, False, False))
    return asked


_TYPED = {
    "concept": ("open data portal", "budget participatif", "Bürgerhaushalt", "presupuestos participativos", "petition"),
    "signs": ("C++", "C#", ".net", "data.gouv.fr", "node.js"),
    "unspaced": ("市民参加", "預算", "시민참여", "データ"),
    "compound": ("open street map", "childcare", "data base", "github pages", "website"),
    "misspelt": ("libary", "goverment", "tranport", "donées", "websit"),
}
"""Questions that are typed the same whatever the documents say."""
_KINDS = (*_TYPED, "quoted", "minus", "step", "aside", "further", "shown", "sorted")


def of_all_kinds(documents: Sequence[Document], *, count: int, seed: int = 20261128) -> list[Asked]:
    """At least `count` different questions: half of them of words and selections, the others of each other kind."""
    asked = queries(documents, seed=seed, count=count // 2)
    chance = random.Random(seed)
    turn, seen = 0, {each.query for each in asked}
    while len(seen) < count:
        made = _of_kind(chance, chance.choice(documents), _KINDS[turn % len(_KINDS)], turn // len(_KINDS))
        turn += 1
        if made.query not in seen:
            seen.add(made.query)
            asked.append(made)
    return asked


def _of_kind(chance: random.Random, document: Document, kind: str, turn: int) -> Asked:
    said = " ".join((document.name, *_fields(document).short_description.values()))
    words = [*_words(chance, said, 3), "data", "web"]
    several = turn % 3 == 0
    selections = _selections(chance, document, several=several) if turn % 2 else {}
    more: dict[str, Any] = {"language": chance.choice(("en", "fr"))}
    text = " ".join(words[:2])
    if typed := _TYPED.get(kind):
        text = f"{typed[turn % len(typed)]} {words[0]}" if turn >= len(typed) else typed[turn]
        more |= {"step": ("all", "most")[turn % 2]}
    match kind:
        case "quoted":
            text = '"' + " ".join(said.replace('"', "").split()[:2]) + f'" {words[0]}'
        case "minus":
            text = f"{words[0]} -{words[1]}" if turn % 3 else f"-{words[0]}"
        case "step":
            text, more["step"] = f"logiciel {text} zzyzx", ("said", "most")[turn % 2]
        case "aside":
            more["aside"] = True
        case "further":
            text, more["step"] = f"{text} tool {words[2]}", "most"
            more |= {"further": True, "aside": turn % 2 == 0}
        case "shown":
            text, more["page"] = words[0], 1 + turn % 3
        case "sorted":
            text, more["sort"] = words[0], ("name", "activity")[turn % 2]
    return Asked(Query(text, selections, **more), several and bool(selections), False, False, kind)


def _fields(document: Document) -> Fields:
    return document.software.fields


def _bodies(document: Document) -> list[str]:
    return [organisation.name for organisation in _fields(document).organisations]


def _pair(chance: random.Random, document: Document, *, selected: bool) -> list[Asked]:
    """The same French words, typed with and without their accents."""
    said = _fields(document).short_description["fr"]
    text = " ".join([chance.choice(_accented_words(said)), *_words(chance, said, 1)])
    selections = _selections(chance, document, several=False) if selected else {}
    return [
        Asked(Query(text, selections, language="fr"), False, True, True),
        Asked(Query(_bare(text), selections, language="fr"), False, True, False),
    ]


def _typed(chance: random.Random, document: Document, turn: int) -> str:
    said = " ".join((document.name, *_fields(document).short_description.values(), *_fields(document).topics))
    words = _words(chance, said, 3)
    match turn:
        case 0:
            return _bare(" ".join(_bodies(document))).upper()
        case 4:
            return ""
        case 5 if chance.random() < 0.4:
            return " ".join(words[:2]) + " " + "".join(chance.choices("bcdfghjkz", k=7))
        case 6 | 10:
            return " ".join(_bodies(document)).upper()
        case 7:
            return " ".join(word + "s" for word in words[:1])
        case 9:
            start = chance.randrange(max(1, len(said.split()) - 1))
            return '"' + " ".join(said.split()[start : start + 2]).replace('"', "") + '"'
        case 11:
            return document.name
    return " ".join(words[: chance.randint(1, 2)])


def _selections(chance: random.Random, document: Document, *, several: bool) -> dict[str, tuple[str, ...]]:
    facet = chance.choice(_PICKED_FACETS)
    own = document.facet_values()[facet] or (UNKNOWN,)
    common = {
        "programming_language": ("Python", "JavaScript", "Ruby", "Java", UNKNOWN),
        "organisation": ("18F", "etalab", "GSA", "Open City", "incubateur-pole-emploi"),
        "license": ("MIT", "MIT License", "GPL-3.0", "Apache-2.0", UNKNOWN),
        "country": ("FR", "US", "EU", "DE"),
        "use_case": ("mapping", "open-data-portal", "data-tools", UNKNOWN),
        "source": ("github", "code-for-america", "codes-sources-gitlab"),
        "kind": ("software", "service"),
    }[facet]
    chosen = {facet: tuple(dict.fromkeys((own[0], *chance.sample(common, 2 if several else 0))))}
    if several and chance.random() < 0.4:
        chosen["language"] = (*(_fields(document).available_languages or (UNKNOWN,)), "nl")
    return chosen


def _words(chance: random.Random, text: str, most: int) -> list[str]:
    words = [word for word in re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text) if len(word) > 2]
    return chance.sample(words, min(most, len(words))) if words else ["data"]


def _accented_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]{3,}", text) if _accented(word)]


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _accented(text: str) -> bool:
    return _bare(text) != unicodedata.normalize("NFD", text)
