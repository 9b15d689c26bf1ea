"""From a payload to its record: what names it, its texts, licence, dates and countries, each with its own issue.

What names a software for certain is kept apart from what only suggests. A `Draft` is filled key by key; readers that
know all the fields at once give them to `reading` with `Where` the software is. A metadata file's is that of the
repository in which it was `FoundAt`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import reduce
from typing import Any

from harvester.model import (
    REPOSITORY,
    Basis,
    Fields,
    Identifier,
    Issue,
    LangMap,
    Organisation,
    Outcome,
    RawItem,
    Reading,
    Record,
)
from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag
from harvester.normalize.licenses import licence
from harvester.normalize.personal import without_mail
from harvester.normalize.urls import (
    addresses_in,
    canonical_page,
    canonical_repository,
    is_shared_host,
    repository_at,
    repository_url,
    surely_repository,
    web_address,
)
from harvester.normalize.values import SHORT, described, loose_moment, payload_of, prose, text

PRIORITY = 60
_QID = re.compile(r"(?:https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d{0,11})")


def refused(code: str, *, place: str | None = None, value: object = None, **args: Any) -> Reading:
    """An entry that cannot be read, with the issue that says why."""
    return Reading(outcome=Outcome.REFUSED, issues=(Issue.of(code, place=place, value=shown(value), **args),))


def skipped(reason: str) -> Reading:
    """An entry that is readable and not for us."""
    return Reading(outcome=Outcome.SKIPPED, reason=reason)


def object_of(raw: RawItem) -> dict[str, Any] | Reading:
    """The payload as a JSON object, or the refusal of what is none."""
    found = payload_of(raw)
    if not isinstance(found, Issue):
        return found
    value = shown(raw.payload[:200].decode("utf-8", "replace"))
    return Reading(outcome=Outcome.REFUSED, issues=(replace(found, value=value),))


def opened(raw: RawItem) -> tuple[Draft, dict[str, Any]] | Reading:
    """A draft and its payload, or the refusal of one that is no JSON object."""
    payload = object_of(raw)
    return payload if isinstance(payload, Reading) else (Draft(), payload)


def shown(value: object) -> str | None:
    """A value as an issue shows it."""
    if value is None:
        return None
    written = value if isinstance(value, str) else repr(value)
    return without_mail(text(written) or "")[:200] or None


def language_of(raw: RawItem) -> str:
    """The language that the source is configured with, `und` without one."""
    return tag(text(raw.context.get("language"))) or "und"


def said(value: Any, language: str = "und", *, most: int = SHORT) -> LangMap:
    """A text, or texts by language ({"en": …, "fr": …}), as a map by tag; without mail addresses, cut to `most`."""
    given = value if isinstance(value, Mapping) else {language: value}
    found: dict[str, str] = {}
    for name, written in given.items():
        words = prose(written)
        if words:
            words = " ".join(words.split()) if most == SHORT else words
            found.setdefault(tag(text(name)) or "und", words[:most].rstrip())
    return found


def qid(value: Any) -> str | None:
    """A Wikidata item's id ("Q42"), from the id or the item's address."""
    written = text(value)
    found = _QID.fullmatch(written) if written else None
    return found[1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAt:
    """Where a file was found: the repository's address for people and its identifiers, or neither for a bare file."""

    repository: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    country: str | None = None

    def is_called(self, repository: str) -> bool:
        """Whether the repository has, or had, this canonical address."""
        here = canonical_repository(self.repository) if self.repository else None
        return repository == here or Identifier("repo", repository) in self.identifiers


@dataclass(slots=True)
class Draft:
    """A record that is being made: `values` become its fields. `where` gives line and column of a place in its file."""

    values: dict[str, Any] = field(default_factory=dict)
    identifiers: list[Identifier] = field(default_factory=list)
    suggests: list[Identifier] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    found: FoundAt = FoundAt()
    where: Callable[[str], tuple[int, int]] | None = None

    @classmethod
    def of_file(cls, found: FoundAt, *, where: Callable[[str], tuple[int, int]] | None = None) -> Draft:
        """What a metadata file is about by where it was found."""
        known = {"code_repository": found.repository, "countries": (found.country,) if found.country else ()}
        values = {name: value for name, value in known.items() if value}
        return cls(values, list(found.identifiers), found=found, where=where)

    def doubt(self, code: str, *, place: str, value: Any = None, **args: Any) -> None:
        """The entry is used, without this value."""
        self._tell(Issue.of(code, place=place, value=shown(value), **args))

    def _tell(self, issue: Issue) -> None:
        if self.where is not None and issue.place and issue.line is None:
            line, column = self.where(issue.place)
            issue = replace(issue, line=line, column=column)
        self.issues.append(issue)

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

    def repository(self, value: Any, *, place: str, listed: bool = False) -> None:
        """Where the source is, as a field of that name says: shown as it is, a name where it certainly is one.

        `listed`: the entry is a row of a list of repositories, which says what none of its addresses could.
        """
        written = self._first_of(value, place=place)
        if written is None:
            return
        address, verdict = repository_url(written), repository_at(written)
        if address is None or (verdict.reason == "overview" and not listed):
            self.doubt("no-repository", place=place, value=written)
        elif listed or surely_repository(written):
            self._source(written, address)
        else:
            self.values.setdefault("code_repository", address)
            self.suggests.append(Identifier("repo", str(canonical_repository(written))))

    def declared(self, value: Any, *, place: str) -> None:
        """The repository that a metadata file declares; what it declares within a repository is its `url`."""
        declared, written = text(value), self._first_of(value, place=place)
        if declared is None or written is None:
            return
        if self.found.repository is not None:
            if canonical_repository(declared):
                self.values["url"] = declared
            self.elsewhere(written, place=place)
        elif surely_repository(written):
            self._source(written, str(repository_url(written)))
        elif name := canonical_repository(written):
            self.suggests.append(Identifier("repo", name))

    def elsewhere(self, declared: str, *, place: str) -> None:
        """A file may be a copy: another repository than the one it stands in only suggests a pair."""
        name = canonical_repository(declared)
        if name is not None and not self.found.is_called(name):
            self.doubt("url-mismatch", place=place, value=declared, repository=self.found.repository)
            self.suggests.append(Identifier("repo", name))

    def _first_of(self, value: Any, *, place: str) -> str | None:
        """Of several addresses the first one; the others suggest."""
        written = text(value)
        several = addresses_in(written or "")
        if len(several) <= 1:
            return written
        self.doubt("several-repositories", place=place, value=written, count=len(several))
        self.suggests += [Identifier("repo", one) for url in several[1:] if (one := canonical_repository(url))]
        return several[0]

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
        elif not self._is_source(address):
            self.values.setdefault("landing_url", address)

    def _is_source(self, address: str) -> bool:
        own = self.values.get("code_repository")
        return own is not None and canonical_repository(address) == canonical_repository(own)

    def licenses(self, stated: Iterable[Any], *, place: str, by_choice: bool = False) -> None:
        """The licence: see `licence`."""
        doubts: list[Issue] = []
        self.values |= licence(stated, doubts, place=place, by_choice=by_choice)
        for doubt in doubts:
            self._tell(doubt)

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

    def bodies(self, found: Iterable[Organisation]) -> None:
        """Organisations, each name once; a mail address is the name of none."""
        named: dict[str, Organisation] = {}
        for one in found:
            if "@" not in one.name:
                named.setdefault(one.name, replace(one, name=one.name[:200]))
        self.values["organisations"] = tuple(named.values())

    def pages(self, *addresses: str | None) -> None:
        """The first page that is not the repository itself."""
        self.values["landing_url"] = next((one for one in addresses if one and not self._is_source(one)), None)

    def texts(self, said: LangMap) -> None:
        """Texts by language tag, of any length: see `described`."""
        self.values["short_description"], self.values["long_description"] = described(said)

    def moment(self, name: str, value: Any, *, place: str) -> None:
        """A time, as it stands."""
        self.values[name] = loose_moment(value)
        if value not in (None, "") and self.values[name] is None:
            self.doubt("bad-date", place=place, value=value)

    def day(self, name: str, value: Any, *, place: str) -> None:
        """The day of a time."""
        self.moment(name, value, place=place)
        self.values[name] = self.values[name] and self.values[name].date()

    def status(self, said: str | None, meant: Mapping[str, str], *, place: str, terms: str) -> None:
        """The development status that a format's term means, by its words in lower case."""
        self.values["development_status"] = meant.get(said.lower()) if said else None
        if said and self.values["development_status"] is None:
            self.doubt("unknown-term", place=place, value=said, terms=terms)

    def site(self, *, names: bool) -> None:
        """The software's own page names it where no repository certainly does, or only suggests."""
        landing = self.values.get("landing_url")
        if landing and not is_shared_host(landing) and not self._has("repo"):
            page = Identifier("landing", str(canonical_page(landing)))
            (self.identifiers if names else self.suggests).append(page)

    def _has(self, scheme: str) -> bool:
        return any(name.scheme == scheme for name in self.identifiers)

    def reading(self, reader: str, *, service: bool = False, **about: Any) -> Reading:
        """`finished`; with `service` what has no repository is a hosted service, which its own site names."""
        self.site(names=service)
        code, landing = self.values.get("code_repository"), self.values.get("landing_url")
        self.values["kind"] = "software" if code or not service else "service" if landing else None
        return self.finished(reader, **about)

    def finished(
        self,
        reader: str,
        *,
        nameless: Issue | None = None,
        basis: Mapping[str, Basis] | None = None,
        priority: int = PRIORITY,
        key: str = "entry",
    ) -> Reading:
        """The one record. What has no name, or nothing that names it for certain, is refused (with `nameless`).

        An address that only may be a repository is a page for certain, and names what nothing else does. `key` is
        REPOSITORY for a row of a list of repositories.
        """
        address = self.values.get("code_repository")
        if not self.identifiers and address and not is_shared_host(address):
            self.named("landing", str(canonical_page(address)))
        if not self.values.get("name"):
            return self._refused(Issue.of("no-name", place="name"))
        if not self.identifiers:
            return self._refused(nameless or Issue.of("no-id", place="id"))
        return self._read(reader, key=key, priority=priority, basis=basis or {})

    def called(self, name: str | None) -> None:
        """What a metadata file calls it, or as its repository is called."""
        self.values["name"] = (name or (self.values.get("code_repository") or "").rpartition("/")[2])[:200] or None

    def filed(self, reader: str, *, key: str, priority: int, named_at: str | None = "name") -> Reading:
        """The one record of a metadata file, which has to say at `named_at` what it is called; None: it need not.

        A bare file without a repository names nothing for certain: its record is read, and makes no software.
        """
        if named_at and not self.values.get("name"):
            return self._refused(Issue.of("no-name", place=named_at))
        self.values.setdefault("kind", "software" if self.values.get("code_repository") else None)
        return self._read(reader, key=key, priority=priority)

    def _read(self, reader: str, *, key: str, priority: int, basis: Mapping[str, Basis] | None = None) -> Reading:
        record = Record(
            key=key,
            reader=reader,
            fields=Fields(**self.values),
            identifiers=tuple(dict.fromkeys(self.identifiers)),
            suggests=tuple(dict.fromkeys(self.suggests)),
            basis=dict(basis or {}),
            priority=priority,
        )
        return Reading(outcome=Outcome.READ, records=(record,), issues=tuple(self.issues))

    def _refused(self, issue: Issue) -> Reading:
        self._tell(issue)
        return Reading(outcome=Outcome.REFUSED, issues=tuple(self.issues))


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What an entry says of where its software is, as it was written.

    `repository` is declared as such (`place` is its key), `website` is its own site, `number` its name in the
    catalogue for good ("sill:12"). `site_names` is False where a site may serve several entries (a developer's).
    """

    repository: str | None = None
    website: str | None = None
    number: str | None = None
    place: str = "url"
    site_names: bool = True


def reading(
    known: Fields,
    *,
    reader: str,
    where: Where,
    issues: Sequence[Issue] = (),
    also: Sequence[Identifier] = (),
    suggests: Sequence[Identifier] = (),
    basis: Mapping[str, Basis] | None = None,
    priority: int = PRIORITY,
    key: str = "entry",
) -> Reading:
    """One record of an entry whose fields are known, named by its repository, its own site or its number.

    `also` are further strong names, `suggests` weak ones.
    """
    values = {each.name: value for each in fields(known) if (value := getattr(known, each.name)) not in (None, (), {})}
    draft = Draft(values=values, identifiers=list(also), suggests=list(suggests), issues=list(issues))
    draft.repository(where.repository, place=where.place, listed=key == REPOSITORY)
    draft.website(where.website, place="website")
    draft.site(names=where.site_names)
    if number := text(where.number):
        draft.named("catalogue", number)
    if "code_repository" in draft.values:
        draft.values["kind"] = "software"
    value = shown(where.repository or where.website or known.name)
    nameless = Issue.of("no-address", place=where.place, value=value)
    return draft.finished(reader, nameless=nameless, basis=basis, priority=priority, key=key)
