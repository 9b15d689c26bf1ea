"""An entry of a catalogue that names its software in several ways: ids in other catalogues, repositories, sites.

What names it for certain is kept apart from what only suggests. `listed` serves entries that have just a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from harvester.model import Basis, Fields, Identifier, Issue, Outcome, RawItem, Reading, Record
from harvester.normalize.countries import alpha2
from harvester.normalize.licenses import licence
from harvester.normalize.listed import PRIORITY, SHORT, doubt
from harvester.normalize.urls import (
    addresses_in,
    canonical_page,
    canonical_repository,
    is_shared_host,
    repository_url,
    surely_repository,
    web_address,
)
from harvester.normalize.values import payload_of, prose, text

_QID = re.compile(r"(?:https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d{0,11})")


def qid(value: Any) -> str | None:
    """A Wikidata item's id ("Q42"), from the id or the item's address."""
    written = text(value)
    found = _QID.fullmatch(written) if written else None
    return found[1] if found else None


@dataclass(slots=True)
class Entry:
    """An entry that is being read: `values` become the record's fields."""

    raw: RawItem
    values: dict[str, Any] = field(default_factory=dict)
    identifiers: list[Identifier] = field(default_factory=list)
    suggests: list[Identifier] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def doubt(self, code: str, *, place: str, value: Any = None, **args: Any) -> None:
        """The entry is used, without this value."""
        self.issues.append(doubt(code, place=place, value=value, **args))

    def named(self, scheme: str, value: str) -> None:
        """A strong name of the software."""
        self.identifiers.append(Identifier(scheme, value))

    def crosswalk(self, catalogue: str, value: Any, *, place: str) -> None:
        """The software's id in another catalogue."""
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
        if written is not None and not re.search(r"\s", written) and len(written) <= 200:
            self.named("catalogue", f"{catalogue}:{written}")
        elif written is not None or value:
            self.doubt("bad-id", place=place, value=value, catalogue=catalogue)

    def wikidata(self, value: Any, *, place: str) -> None:
        """The software's item at Wikidata."""
        if (found := qid(value)) is not None:
            self.named("wikidata", found)
        elif text(value) is not None:
            self.doubt("bad-qid", place=place, value=value)

    def repository(self, value: Any, *, place: str) -> None:
        """Where the source is, as a field of that name says: shown as it is, a name where it certainly is one."""
        written = text(value)
        if written is None:
            return
        if len(addresses_in(written)) > 1:
            self.repositories(written, place=place)
            return
        address = repository_url(written)
        if address is None:
            self.doubt("no-repository", place=place, value=written)
        elif surely_repository(written):
            self._source(written, address)
        else:
            self.values.setdefault("code_repository", address)
            self.suggests.append(Identifier("repo", str(canonical_repository(written))))

    def repositories(self, value: Any, *, place: str) -> None:
        """Repositories in free text: those that certainly are, all else becomes an issue."""
        written = text(value)
        if written is None:
            return
        found = addresses_in(written)
        certain = [address for address in found if surely_repository(address)]
        for address in certain:
            self._source(address, str(repository_url(address)))
        said = reduce(lambda rest, address: rest.replace(address, " "), found, written)
        if len(certain) < len(found) or re.search(r"\w", said):
            self.doubt("not-only-repositories" if certain else "no-repository", place=place, value=written)

    def _source(self, written: str, address: str) -> None:
        """The first repository names the software; further ones may be parts that others have too."""
        canonical = str(canonical_repository(written))
        first = self.values.setdefault("code_repository", address)
        if canonical == canonical_repository(first):
            self.named("repo", canonical)
        else:
            self.suggests.append(Identifier("repo", canonical))

    def website(self, value: Any, *, place: str) -> None:
        """The software's own page; a repository in its place is taken for one."""
        written = text(value)
        if written is None:
            return
        address = web_address(written) or web_address(f"https://{written}")
        if address is None:
            self.doubt("bad-url", place=place, value=written)
        elif surely_repository(address) and "code_repository" not in self.values:
            self._source(address, str(repository_url(address)))
        else:
            self.values.setdefault("landing_url", address)

    def licenses(self, stated: Iterable[Any], *, place: str) -> None:
        """The licence: see `licence`."""
        self.values |= licence(stated, self.issues, place=place)

    def countries(self, names: Iterable[Any], *, place: str) -> None:
        """Countries by code or name; one that is not known becomes an issue."""
        found = list(self.values.get("countries", ()))
        for name in names:
            written = text(name)
            code = alpha2(written)
            if code:
                found.append(code)
            elif written:
                self.doubt("unknown-country", place=place, value=written)
        self.values["countries"] = tuple(dict.fromkeys(found))

    def describe(self, texts: Mapping[str, Any], *, name: str = "short_description") -> None:
        """Texts by language tag."""
        said = {language: words for language, value in texts.items() if (words := prose(value))}
        if name == "short_description":
            said = {language: words[:SHORT] for language, words in said.items()}
        if said:
            self.values[name] = {**self.values.get(name, {}), **said}

    def reading(
        self,
        reader: str,
        *,
        service: bool = False,
        basis: Mapping[str, Basis] | None = None,
        priority: int = PRIORITY,
        key: str = "entry",
    ) -> Reading:
        """The entry's one record. An entry without a name or without anything that names it for certain is refused.

        `service`: what has no repository is a hosted service, which its own site names. `key` is REPOSITORY for a row
        of a list of repositories.
        """
        if not self.values.get("name"):
            self.issues.append(Issue.of("no-name", place="name"))
            return Reading(outcome=Outcome.REFUSED, issues=tuple(self.issues))
        landing = self.values.get("landing_url")
        if landing and "code_repository" not in self.values and not is_shared_host(landing):
            page = Identifier("landing", str(canonical_page(landing)))
            if service:
                self.named(page.scheme, page.value)
            else:
                self.suggests.append(page)
        if not self.identifiers:
            self.issues.append(Issue.of("no-id", place="id"))
            return Reading(outcome=Outcome.REFUSED, issues=tuple(self.issues))
        hosted = "service" if landing else None
        self.values["kind"] = hosted if service and "code_repository" not in self.values else "software"
        record = replace(self._record(reader, dict(basis or {}), priority), key=key)
        return Reading(outcome=Outcome.READ, records=(record,), issues=tuple(self.issues))

    def _record(self, reader: str, basis: dict[str, Basis], priority: int) -> Record:
        return Record(
            key="entry",
            reader=reader,
            fields=Fields(**self.values),
            identifiers=tuple(dict.fromkeys(self.identifiers)),
            suggests=tuple(dict.fromkeys(self.suggests)),
            basis=basis,
            priority=priority,
        )


def opened(raw: RawItem) -> tuple[Entry, dict[str, Any]] | Reading:
    """The entry and its payload, or the refusal of one that is no JSON object."""
    payload = payload_of(raw)
    if isinstance(payload, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(payload,))
    return Entry(raw), payload
