"""A document: a published software as the indexes hold it, made from what is declared of fields and facets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit

from harvester.assess.concluded import facet_values
from harvester.assess.naming import called
from harvester.model import FACETS, FIELDS, VOCABULARIES, FieldKind, Fields, Place, Software, ValueType, fields_in
from harvester.resolve.values import to_json
from harvester.search.analysis import indexed, searchable
from harvester.search.query import UNKNOWN
from harvester.search.weights import STANDINGS, tenth_of
from harvester.search.words import squeezed
from harvester.words import packaged
from index_mappings import LANGUAGES, RAW_FIELD, TEXT_FIELDS

_SEPARATOR = "\x1f"  # sorts before everything that a name may hold
_TOP = 999_999
_OTHER_NAMES = 10
_MOST_RELATIONS = 20  # that a hit carries


@dataclass(frozen=True, slots=True)
class Document:
    """A software for an index."""

    software: Software

    @property
    def id(self) -> str:
        """The software's id."""
        return self.software.id

    @property
    def version(self) -> int:
        """The software's version, which an engine compares with what it holds."""
        return self.software.version

    @property
    def name(self) -> str:
        """The name as people are shown it."""
        return called(self.software)

    @property
    def activity(self) -> int | None:
        """Seconds since 1970 of the last push, else of the last release; None where neither is known."""
        fields = self.software.fields
        released = datetime.combine(fields.release_date, time(), UTC) if fields.release_date else None
        changed = fields.date_modified or released
        return int(changed.timestamp()) if changed else None

    def facet_values(self) -> dict[str, tuple[str, ...]]:
        """The values of each facet; empty where the sources do not say."""
        return facet_values(self.software)

    def shown(self) -> dict[str, Any]:
        """What a hit carries, as JSON: the fields that lists show by their names, and what is known around them."""
        software = self.software
        return {
            **{name: to_json(getattr(software.fields, name)) for name in fields_in(Place.LIST)},
            "id": software.id,
            "slug": software.slug,
            "version": software.version,
            "name": self.name,
            "activity": self.activity,
            "sources": list(FACETS["source"].values(software)),
            "identifiers": [str(identifier) for identifier in software.identifiers],
            "folded": [str(identifier) for identifier in software.appraisal.folded],
            **_alive(software.fields),
            "relations": [
                {
                    "type": one.type.value,
                    "software": one.object,
                    "target": one.target or None,
                    "basis": one.basis.value,
                    "probability": one.probability,
                }
                for one in software.appraisal.relations[:_MOST_RELATIONS]
            ],
            "copied_by": software.appraisal.copied_by,
            "shelf": software.appraisal.shelf.value,
            "standing": software.appraisal.standing.value,
            "called": self._called(),
            "pinned": self._pinned(),
        }

    def body(self) -> dict[str, Any]:
        """The fields to be indexed, as index_mappings/software.json declares them: the same for both engines.

        `und` holds every text without stemming, the languages what is in them or in no language that is known (names,
        topics), and what codes mean in their words; harvester.search.analysis makes the words of all of them. The
        orders are strings that end with the id, so that nothing ever ties.
        """
        return {
            "id": self.id,
            "version": self.version,
            **self._words(),
            **{name: list(values) or [UNKNOWN] for name, values in self.facet_values().items()},
            "standing": STANDINGS[tenth_of(self.software.appraisal.standing.value)],
            "called": self._called(),
            "pinned": self._pinned(),
            "by_standing": f"{_TOP - round(self.software.appraisal.standing.value * _TOP):06d}{_SEPARATOR}{self.id}",
            "by_activity": f"{_newest_first(self.activity)}{_SEPARATOR}{self.id}",
            "by_name": f"{alphabetical(self.name)}{_SEPARATOR}{self.id}",
            "document": self.shown(),
        }

    def _other_names(self) -> list[str]:
        """What else it is called: names that lost, and those that its repository has and had, but for those that the
        name holds."""
        said = [piece.value for piece in self.software.evidence.get("name", ()) if isinstance(piece.value, str)]
        paths = [urlsplit(self.software.fields.code_repository or "").path]
        paths += [urlsplit(one.value).path for one in self.software.identifiers if one.scheme == "repo"]
        repositories = [path.rstrip("/").rpartition("/")[2].removesuffix(".git") for path in paths]
        known, found = alphabetical(self.name), []
        for one in (*said, *repositories):
            if (letters := alphabetical(one)) and letters not in known:
                found.append(one)
                known += f" {letters}"
        return found[:_OTHER_NAMES]

    def _called(self) -> list[str]:
        """Its names, as a whole question is compared with them."""
        return [one for one in dict.fromkeys(map(squeezed, (self.name, *self._other_names()))) if one]

    def _pinned(self) -> list[str]:
        """The questions that an editor pinned it for, as a question is compared with them."""
        return [one for one in dict.fromkeys(map(squeezed, self.software.appraisal.pinned)) if one]

    def _words(self) -> dict[str, str]:
        held: dict[str, list[str]] = {field: [] for field in TEXT_FIELDS}
        held["name"] += [self.name, *self._other_names()]
        for name in fields_in(Place.SEARCH):
            value = self.name if name == "name" else getattr(self.software.fields, name)
            for fields, text in _texts(name, value):
                for field in fields:
                    held[field].append(text)
        held["und"] += self._owners()
        return {**indexed(held), RAW_FIELD: "\n".join(map(searchable, held["und"]))}

    def _owners(self) -> list[str]:
        """The accounts under which its repository lies and lay."""
        paths = [urlsplit(one.value).path for one in self.software.identifiers if one.scheme == "repo"]
        return list(dict.fromkeys(path.strip("/").partition("/")[0].casefold() for path in paths))[:_OTHER_NAMES]


def _alive(fields: Fields) -> dict[str, Any]:
    """What tells how alive it is, beside what lists show."""
    return {"archived": fields.archived, "release_date": to_json(fields.release_date)}


def alphabetical(name: str) -> str:
    """The key that sorts a name: without accents, case and marks before the first letter."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())[:200] or letters[:200]


def _texts(name: str, value: Any) -> Iterator[tuple[Iterable[str], str]]:
    """A field's texts, each with the fields of the index that hold it."""
    declared = FIELDS[name]
    if declared.kind is FieldKind.TEXT:
        for tag, text in value.items():
            language = tag.lower().split("-")[0]
            yield ("und", *(one for one in LANGUAGES if language in (one, "und"))), text
        return
    for one in value if declared.kind is FieldKind.UNION else (value,):
        if declared.vocabulary:
            if one in VOCABULARIES[declared.vocabulary]:
                key = f"{declared.vocabulary}.{one}"
                yield from (
                    ((language,), words(key)) for language, words in packaged().items() if language in LANGUAGES
                )
        elif declared.type is ValueType.ORGANISATION:
            yield ("und",), one.name  # names of bodies are not stemmed
        elif one is not None:
            yield ("und", *LANGUAGES), str(one)


def _newest_first(activity: int | None) -> str:
    return "~" if activity is None else f"{10**12 - activity:013d}"
