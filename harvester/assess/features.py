"""What can be seen of one software that tells what it is: features by name, each with the words that show it.

A feature's name is "PLACE:WHAT". Places of words are the name (`name`, and its first and last word: `begins`, `ends`),
what the description begins with (`head`: the words before the first "for", "de", "für";
`opens` and `noun`: the first and last of them), all of its text (`text`), its
topics (`topic`) and who has it (`owner`: account, groups and organisations). WHAT is a concept of
data/assessment.concepts.json, whose words in seven languages count as one ("perhaps …": words that say it less surely;
`only_at`: the places where its words mean that); "*GROUP" is any concept of that group. `publisher` is what is known of
an account (data/assessment.marks.json). The other places (`source`, `fact`, `language`, …) are single facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from harvester.assess.phrases import load, stem
from harvester.assess.words import fold, split_humps, tokens
from harvester.model import Fields, Identifier

LONGEST_TEXT = 1500
"""Characters of a text that are looked at: what a thing is stands at its beginning."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that judging one software may look at.

    `fields` are the merged ones. `sources` are (source's name, reader's format without its version), sorted, each once.
    `relations` are the types of the relations it is the subject of: "copy", "part", "instance", "mirror". `copied_by`
    is how many bodies copied it.
    """

    fields: Fields
    identifiers: tuple[Identifier, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    relations: frozenset[str] = frozenset()
    copied_by: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One feature: how much of it is there (1 for what is or is not), and the words that show it."""

    value: float
    said: str = ""


_STOP = frozenset(
    stem(word)
    for word in (
        "for to that which using with from by in of on and allows provides is are was pour de des du d permettant"
        " qui afin sur dans avec par et est sont per di del della dei che con da für von zur zum mit der die das en"
        " para que y voor van met om"
    ).split()
)
"""Words before which a description has named the thing: "A library | for reading", "Site | de la ville"."""
_SMALL = frozenset("a an the le la les un une l il lo gli i ein eine der die das el los las de het o os um uma".split())
_OPENINGS = frozenset(
    stem(word)
    for word in (
        "repo repository code source project this contains contain collection set is a the an of for repositories main"
        " official public hosting small simple our these dépôt dépot répertoire projet ce un une le la les du des"
        " repositorio repositório oficial das der die verzeichnis progetto deposito used various here new home"
    ).split()
)
"""Words that a description begins with before it says anything: "This repository contains | scripts"."""
_HEAD = 8  # words
_YEAR = re.compile(r"(?<![0-9])(?:19[89][0-9]|20[0-3][0-9])(?![0-9])")


@cache
def _marks() -> Any:
    return load("assessment.marks.json")


@cache
def _publishers() -> Mapping[str, str]:
    """What is known of an account or group, by its name in lower case."""
    return {name.lower(): kind for kind, names in _marks()["publishers"].items() for name in names}


@cache
def _ends(name: str) -> tuple[str, ...]:
    return tuple(_marks()[name])


@cache
def _family(language: str) -> str | None:
    """The family of a programming language."""
    return next((one for one, many in _marks()["languages"].items() if language in map(str.lower, many)), None)


class _Concepts:
    """The concepts' words by their first stem: the longest that stands somewhere counts, none overlap."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self.group = {code: told["speaks_of"] for code, told in table.items()}
        self.only_at = {code: frozenset(told["only_at"]) for code, told in table.items() if "only_at" in told}
        index: dict[str, dict[tuple[str, ...], set[str]]] = {}
        for code, told in table.items():
            for language, phrases in told.items():
                for phrase in phrases if language not in ("speaks_of", "only_at") else ():
                    first, *others = [stem(token) for token in tokens(phrase)]
                    index.setdefault(first, {}).setdefault(tuple(others), set()).add(code)
        self._index = {
            first: tuple(
                (others, tuple(sorted(codes))) for others, codes in sorted(ways.items(), key=lambda way: -len(way[0]))
            )
            for first, ways in index.items()
        }

    def find(self, stems: list[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """(start, end, codes) of what stands in the words, from the left."""
        start, index = 0, self._index
        while start < len(stems):
            after = start + 1
            for others, codes in index.get(stems[start], ()):
                end = start + 1 + len(others)
                if not others or tuple(stems[start + 1 : end]) == others:
                    yield start, end, codes
                    after = end
                    break
            start = after

    def in_one(self, word: str) -> tuple[tuple[str, ...], ...]:
        """Codes of the longest words with which a word begins and ends ("hackathontools")."""
        sides = (
            (word[:size] for size in range(len(word) - 2, 4, -1)),
            (stem(word[-size:]) for size in range(len(word) - 2, 4, -1)),
        )
        return tuple(next(filter(None, map(self._alone, parts)), ()) for parts in sides)

    def _alone(self, word: str) -> tuple[str, ...]:
        ways = self._index.get(word, ())
        return ways[-1][1] if ways and not ways[-1][0] else ()


@cache
def concepts() -> _Concepts:
    return _Concepts(load("assessment.concepts.json"))


@lru_cache(maxsize=1 << 14)
def _in_one(word: str) -> tuple[tuple[str, ...], ...]:
    return concepts().in_one(word)


def features(subject: Subject) -> dict[str, Seen]:
    """Every feature that the subject has, by name. Pure."""
    found: dict[str, Seen] = {}
    for name, seen in _all(subject):
        found.setdefault(name, seen)
    return found


def _all(subject: Subject) -> Iterator[tuple[str, Seen]]:
    fields = subject.fields
    yield from _of_name(fields)
    yield from _of_text(fields)
    yield from _in("topic", " . ".join((*fields.topics, *fields.categories))[:LONGEST_TEXT])
    yield from _of_owner(fields)
    yield from _of_sources(subject)
    yield from _facts(subject)


def _in(place: str, text: str) -> Iterator[tuple[str, Seen]]:
    written = tokens(text)
    yield from _found(place, written, [stem(token) for token in written])


def _found(place: str, written: list[str], stems: list[str]) -> Iterator[tuple[str, Seen]]:
    for start, end, codes in concepts().find(stems):
        yield from _said(place, codes, " ".join(written[start:end]))


def _said(place: str, codes: tuple[str, ...], said: str) -> Iterator[tuple[str, Seen]]:
    """Concepts that stand at a place, and their groups."""
    group, only_at, seen = concepts().group, concepts().only_at, Seen(1.0, said)
    for code in codes:
        if code in only_at and place not in only_at[code]:
            continue
        yield f"{place}:{code}", seen
        yield f"{place}:*{group[code]}", seen


@lru_cache(maxsize=4096)
def _path(address: str | None) -> tuple[str, tuple[str, ...]]:
    """Host and parts of the path of an address."""
    if not address:
        return "", ()
    parts = urlsplit(address)
    return parts.hostname or "", tuple(part for part in parts.path.split("/") if part)


def _words(name: str) -> list[str]:
    return tokens(split_humps(name[:LONGEST_NAME]))


def _of_name(fields: Fields) -> Iterator[tuple[str, Seen]]:
    _, path = _path(fields.code_repository)
    shown = (fields.name or "")[:LONGEST_NAME].strip()
    repository = (path[-1][:LONGEST_NAME] if len(path) > 1 else "") or shown
    for which in dict.fromkeys((repository, shown)):
        yield from _in_name(which)
    yield from _ends_of_name(repository)
    said, lower = Seen(1.0, repository), repository.lower()
    kinds = {
        "is a domain": lower.endswith(_ends("ends_of_domains")),
        "is a site of a forge": lower.endswith((".github.io", ".gitlab.io", ".github.com")),
        "ends as code does": lower.endswith(_ends("ends_of_code")),
        "has a year": _YEAR.search(repository),
        "is its owner's": len(path) > 1 and path[0].lower().replace("-", "") in lower.replace("-", ""),
        "is written for people": " " in shown,
    }
    yield from ((f"name:{kind}", said) for kind, so in kinds.items() if so)


def _in_name(name: str) -> Iterator[tuple[str, Seen]]:
    """Concepts and words of a name; a long word may hold some at its ends."""
    written = _words(name)
    stems = [stem(word) for word in written]
    yield from _found("name", written, stems)
    for word, folded in zip(written, stems, strict=True):
        if len(folded) > 7:
            for codes in _in_one(folded):
                yield from _said("name", codes, word)


def _ends_of_name(name: str) -> Iterator[tuple[str, Seen]]:
    """What a name begins and ends with, and what it is as a whole."""
    written = _words(name)
    stems = [stem(word) for word in written]
    last = len(stems) - (1 if stems and stems[-1].isdigit() else 0)
    for start, end, codes in concepts().find(stems):
        said = " ".join(written[start:end])
        for place, so in (("begins", start == 0), ("ends", end >= last), ("whole", start == 0 and end >= last)):
            if so:
                yield from _said(place, codes, said)


def _of_text(fields: Fields) -> Iterator[tuple[str, Seen]]:
    short = [text[:LONGEST_TEXT] for text in fields.short_description.values()][:4]
    long = [text[:LONGEST_TEXT] for text in fields.long_description.values()][:2]
    words = 0
    for rank, text in enumerate((*short, *long)):
        written = tokens(text)
        stems = [stem(token) for token in written]
        words = max(words, len(written))
        yield from _found("text", written, stems)
        if rank < len(short) or not short:
            yield from _head(written, stems)
    if short and fold(short[0]) == fold(fields.name or ""):
        yield "text:repeats the name", Seen(1.0, short[0][:LONGEST_NAME])
    yield f"text:{_size(words, (0, 3, 8, 15, 30, 80))} words", Seen(1.0, str(words))


def _size(number: int, steps: tuple[int, ...]) -> str:
    """A number as one of some sizes: "up to 8"."""
    return next((f"up to {step}" for step in steps if number <= step), f"more than {steps[-1]}")


def _head(written: list[str], stems: list[str]) -> Iterator[tuple[str, Seen]]:
    """What the description calls the thing, and the last of these words."""
    start = next((at for at, word in enumerate(stems[:12]) if word not in _OPENINGS), 0)
    end = next((at for at in range(start + 1, min(len(stems), start + _HEAD)) if stems[at] in _STOP), start + _HEAD)
    yield from _found("head", written[start:end], stems[start:end])
    spans = list(concepts().find(stems[start:end]))
    for place, (first, last, codes) in (("noun", spans[-1]), ("opens", spans[0])) if spans else ():
        yield from _said(place, codes, " ".join(written[start + first : start + last]))


def _of_owner(fields: Fields) -> Iterator[tuple[str, Seen]]:
    host, path = _path(fields.code_repository)
    owner = " . ".join(split_humps(part[:LONGEST_NAME]) for part in path[:-1])
    yield from _in("owner", owner[:LONGEST_NAME])
    for body in fields.organisations[:5]:
        yield from _in("body", body.name[:LONGEST_NAME])
        yield f"body:{body.kind or 'of no known kind'}", Seen(1.0, body.name[:LONGEST_NAME])
    if not fields.organisations:
        yield "body:none", Seen(1.0)
    account = path[0].lower().replace("-", "") if path[:-1] else ""
    if account.startswith(_ends("brigades")) or "brigade" in account:
        yield "owner:is called as brigades are", Seen(1.0, path[0])
    for part in path[:2] if path[:-1] else ():
        if kind := _publishers().get(part.lower()):
            yield f"publisher:{kind}", Seen(1.0, part)
            break
    if len(path) > 3:
        yield "owner:deep in groups", Seen(1.0, owner[:LONGEST_NAME])
    yield f"host:{_host(host)}", Seen(1.0, host)
    site, _ = _path(fields.landing_url)
    yield f"site:{_site(site)}", Seen(1.0, site)


def _host(host: str) -> str:
    """Whose a forge is."""
    if not host:
        return "none"
    if any(mark in host for mark in _ends("science_hosts")):
        return "science"
    if host.endswith(_ends("government_hosts")) or any(mark in host for mark in _ends("town_forges")):
        return "public body"
    return host if host in _ends("open_forges") else "other"


def _site(site: str) -> str:
    """Whose a site is."""
    if not site:
        return "none"
    if site.endswith(_ends("forge_sites")) or "gitlab" in site:
        return "at a forge"
    if any(mark in site for mark in _ends("science_sites")):
        return "of science"
    return "of a public body" if site.endswith(_ends("government_hosts")) else "its own"


def _of_sources(subject: Subject) -> Iterator[tuple[str, Seen]]:
    for source, reader in subject.sources:
        yield f"source:{reader}", Seen(1.0, reader)
        if reader in _ends("lists"):
            yield f"list:{source}", Seen(1.0, source)
    if len(subject.sources) > 1:
        yield "fact:several sources", Seen(1.0)


def _facts(subject: Subject) -> Iterator[tuple[str, Seen]]:
    fields = subject.fields
    flags = {
        "fork": fields.fork,
        "mirror": fields.mirror,
        "archived": fields.archived,
        "template": fields.template,
        "publiccode": fields.has_publiccode,
        "licence": fields.license,
        "no licence": fields.has_license is False,
        "logo": fields.logo,
        "documentation": fields.documentation,
        "used by": fields.used_by,
        "based on": fields.is_based_on,
        "audiences": fields.audiences,
        "interface languages": fields.available_languages,
        "platforms": fields.platforms,
        "features": fields.features,
        "long text": fields.long_description,
        "version": fields.software_version or fields.release_date,
        "service": fields.kind == "service",
        "topics": fields.topics,
        "several languages": len(fields.short_description) > 1,
        "copied": subject.copied_by,
    }
    yield from ((f"fact:{name}", Seen(1.0)) for name, so in flags.items() if so)
    for place, value in (("type", fields.software_type), ("status", fields.development_status)):
        if value:
            yield f"{place}:{value}", Seen(1.0, value)
    yield from ((f"relation:{relation}", Seen(1.0, relation)) for relation in sorted(subject.relations))
    yield from _languages(fields)
    yield from _numbers(fields)


def _languages(fields: Fields) -> Iterator[tuple[str, Seen]]:
    known = [language.lower() for language in fields.programming_languages[:30]]
    families = {language: family for language in known if (family := _family(language))}
    yield from ((f"language:{family}", Seen(1.0, language)) for language, family in families.items())
    if known and set(families.values()) <= {"html", "css"}:
        yield "language:only of pages", Seen(1.0, known[0])
    if not known:
        yield "language:none", Seen(1.0)


def _numbers(fields: Fields) -> Iterator[tuple[str, Seen]]:
    if fields.stars is not None:
        yield f"stars:{_size(fields.stars, (0, 2, 9, 49, 499))}", Seen(1.0, str(fields.stars))
    if fields.date_created and fields.date_modified:  # both of the record: no clock is asked
        days = max(0, (fields.date_modified - fields.date_created).days)
        yield f"worked on:{_size(days, (2, 31, 365))} days", Seen(1.0, str(days))
