"""What the forges' readers share: a repository's record, whatever its forge calls things, and the files in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.model import (
    COPIED_BY,
    Basis,
    Fields,
    Identifier,
    Issue,
    Organisation,
    Outcome,
    RawItem,
    Reading,
    Reason,
    Record,
)
from harvester.normalize import repository
from harvester.normalize.countries import of_place
from harvester.normalize.draft import FoundAt
from harvester.normalize.licenses import agree
from harvester.normalize.repository import Repository, is_publiccode
from harvester.normalize.repository_files import repository_files
from harvester.normalize.urls import canonical_repository, repository_url
from harvester.normalize.values import country_of, mapping, number, text, texts

PRIORITY = 40
_FORGE = (
    "archived",
    "date_created",
    "date_modified",
    "fork",
    "is_based_on",
    "license",
    "license_text",
    "mirror",
    "programming_languages",
    "release_date",
    "software_version",
    "stars",
    "template",
)
"""The forge computes or holds these; nobody declared them."""
_OF_THE_OWNER = frozenset((".github", ".github-private", "gitlab-profile", ".gitlab", ".profile", ".forgejo"))
"""Names of repositories that forges keep for what they show on the owner's page, and for community files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The organisation or group that holds a repository: its name, its page and where it says that it is.

    A person's account is nobody's organisation: it has a location at most.
    """

    name: str | None = None
    page: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a forge says of a repository.

    `address` is the repository's as the forge gives it, `place` where in the payload; `path` is its name on the forge
    ("owner/name"), `number` the forge's own id. `fields` leave to this module the name where there is none, the
    description, the organisation, the country and what the files say. `origin` is where a mirror looks, or a moved
    repository came from. `empty`: nothing was pushed to it yet.
    """

    address: str | None
    place: str
    path: str | None
    number: int | None
    description: str | None
    owner: Owner
    fields: Fields
    origin: str | None = None
    empty: bool | None = None


def read_repository(raw: RawItem, reader: str, tell: Callable[[Mapping[str, Any]], Told]) -> Reading:
    """Records: key "repository", and the path of each metadata file in it.

    What holds nothing, or the texts of its owner's pages on the forge alone, is no software and skipped.
    """
    stored = repository.read(raw)
    if isinstance(stored, Issue):
        return Reading(outcome=Outcome.REFUSED, issues=(stored,))
    told = tell(stored.told)
    if told.empty:
        return Reading(outcome=Outcome.SKIPPED, reason="the repository is empty")
    if told.path and told.path.rpartition("/")[2].lower() in _OF_THE_OWNER:
        return Reading(outcome=Outcome.SKIPPED, reason="the repository holds its owner's pages on the forge")
    canonical = canonical_repository(told.address) if told.address else None
    if told.address is None or canonical is None:
        issue = Issue.of("no-repository", place=told.place, value=told.address)
        return Reading(outcome=Outcome.REFUSED, issues=(issue,))
    shown = repository_url(told.address) or canonical
    names = _identifiers(told, canonical, told.address, formerly=stored.formerly)
    identifiers = tuple(dict.fromkeys(names))
    record = _record(raw, reader, told, address=shown, identifiers=identifiers)
    record = replace(record, fields=replace(record.fields, has_license=_has_license(stored)))
    read = reading(raw, record, stored, address=shown)
    proposed = _proposed(raw)
    return replace(read, records=tuple(replace(one, proposed=proposed) for one in read.records)) if proposed else read


def _proposed(raw: RawItem) -> Reason | None:
    """Of an origin that was found through its copies, by whom it was copied."""
    copied = mapping(raw.context.get(COPIED_BY))
    names, count = texts(copied.get("names")), number(copied.get("n"))
    if not names or not count:
        return None
    return Reason.of("proposed.copied", n=count, bodies=", ".join(names) + (", …" if count > len(names) else ""))


def _identifiers(told: Told, canonical: str, address: str, *, formerly: Sequence[str]) -> Iterator[Identifier]:
    """The forge's id, the address, and the addresses under the names that it had before: the forge redirects those.

    Without an id nothing says that it is the same repository that had them.
    """
    if told.number is None:
        yield Identifier("repo", canonical)
        return
    yield Identifier("forge", f"{canonical.split('/')[2]}:{told.number}")
    yield Identifier("repo", canonical)
    # forges ignore the letter case of paths, and others write it as they like
    yield Identifier("repo", canonical.lower())
    plain = address.removesuffix(".git")
    if told.path and plain.lower().endswith(f"/{told.path.lower()}"):
        for path in formerly:
            former = canonical_repository(plain[: -len(told.path)] + path)
            if former is not None:
                yield Identifier("repo", former)


def _record(raw: RawItem, reader: str, told: Told, *, address: str, identifiers: tuple[Identifier, ...]) -> Record:
    stated, publisher = country_of(raw), text(raw.context.get("publisher"))
    country = stated or of_place(told.owner.location)
    page = told.owner.page
    name = told.owner.name or publisher or (_last(page) if page else None)
    fields = replace(
        told.fields,
        name=told.fields.name or _last(address),
        kind="software",
        code_repository=address,
        short_description={"und": told.description} if told.description else {},
        organisations=(Organisation(name, page, country),) if name else (),
        countries=(country,) if country else (),
    )
    basis = {name: Basis.FORGE for name in _FORGE if getattr(fields, name) not in (None, ())}
    why = {}
    if country and not stated:
        basis["countries"], why["countries"] = Basis.INFERRED, told.owner.location or ""
    there = canonical_repository(told.origin) if told.origin else None
    suggested = Identifier("repo", there) if there else None
    return Record(
        key="repository",
        reader=reader,
        fields=fields,
        identifiers=identifiers,
        # the same software perhaps, for a reviewer to say
        suggests=(suggested,) if suggested and suggested not in identifiers else (),
        basis=basis,
        because=why,
        priority=PRIORITY,
    )


def _has_license(stored: Repository) -> bool | None:
    """Whether the forge, which was asked, found a licence in the repository.

    False only where the repository was looked into as well; None where nobody asked, or may look.
    """
    told = [stored.told[name] for name in ("license", "licenses", "license_files") if name in stored.told]
    if any(told):
        return True
    return False if told and stored.held is not None else None


def _last(address: str) -> str:
    return address.rpartition("/")[2]


def reading(raw: RawItem, record: Record, stored: Repository, *, address: str) -> Reading:
    """The repository's record, and one for each metadata file in it, its key the file's path.

    A README describes the software where nothing else does. Where the source asks for publiccode.yml only (context
    "publiccode_only"), a repository without one is skipped, and one whose file cannot be read is refused.
    """
    declared = any(is_publiccode(file.path) for file in stored.files())
    only = bool(raw.context.get("publiccode_only"))
    if only and not declared:
        return Reading(outcome=Outcome.SKIPPED, reason="no publiccode.yml")
    if stored.held is not None:
        record = replace(record, fields=replace(record.fields, has_publiccode=declared))
    place = FoundAt(repository=address, identifiers=record.identifiers, country=country_of(raw))
    records, issues = _under_its_licence(record, *repository_files(stored.files(), place))
    if record.fields.mirror:  # its files are those of what it mirrors, and rightly name that
        issues = tuple(issue for issue in issues if issue.code != "url-mismatch")
    if raw.context.get("describes_another"):
        return _described(records, issues)
    if only and not any(is_publiccode(one.key) for one in records):
        return Reading(outcome=Outcome.REFUSED, issues=issues)
    if not _holds_code(stored, record) and _main_elsewhere(records) is not None:
        return _asked((record, *records), issues)
    return Reading(outcome=Outcome.READ, records=(record, *records), issues=issues)


def _holds_code(stored: Repository, record: Record) -> bool:
    """False where the forge was asked for the languages of a repository's files, and knows of none."""
    told = stored.told.get("languages")
    return bool(record.fields.programming_languages) or not isinstance(told, list | dict)


def _main_elsewhere(records: Iterable[Record]) -> Record | None:
    """The publiccode.yml that names another repository than the one it was found in."""
    return next((one for one in records if is_publiccode(one.key) and one.suggests and one.fields.url), None)


def _asked(records: Sequence[Record], issues: Sequence[Issue]) -> Reading:
    """What may be the metadata of a software whose code is elsewhere, for a reviewer to say."""
    code = "describes-another"
    told = (
        Issue.of(code, place=one.place, line=one.line, column=one.column, value=one.value)
        if one.code == "url-mismatch"
        else one
        for one in issues
    )
    asking = tuple(replace(one, question=code) for one in records)
    return Reading(outcome=Outcome.READ, records=asking, issues=tuple(told))


def _described(records: Sequence[Record], issues: Sequence[Issue]) -> Reading:
    """The software that a repository's publiccode.yml describes, where the source says that it is elsewhere: its `url`
    names it, and the repository is none."""
    main = _main_elsewhere(records)
    kept = tuple(issue for issue in issues if issue.code != "url-mismatch")
    if main is None or main.fields.url is None:
        nothing = Issue.of("no-repository", place="publiccode.yml: url")
        return Reading(outcome=Outcome.REFUSED, issues=(*kept, nothing))
    fields = replace(main.fields, code_repository=repository_url(main.fields.url), has_publiccode=None)
    record = replace(main, fields=fields, identifiers=main.suggests, suggests=())
    return Reading(outcome=Outcome.READ, records=(record,), issues=kept)


def _under_its_licence(
    repository: Record, records: Sequence[Record], issues: Sequence[Issue]
) -> tuple[tuple[Record, ...], tuple[Issue, ...]]:
    """The files' records, and an issue where one states another licence than the repository's LICENSE.

    The LICENSE holds then: a CITATION.cff or codemeta.json is often copied from a deposit, whose licence is that of a
    text. A publiccode.yml speaks of the code, and its word stays.
    """
    own, kept, found = repository.fields.license, [], list(issues)
    for record in records:
        stated = record.fields.license
        if not own or not stated or is_publiccode(record.key) or agree(own, stated):
            kept.append(record)
            continue
        found.append(Issue.of("licence-conflict", place=f"{record.key}: license", value=stated, own=own))
        kept.append(replace(record, fields=replace(record.fields, license=None, license_text=None)))
    return tuple(kept), tuple(found)


def language_names(*found: Any) -> tuple[str, ...]:
    """Programming languages of lists and single names, the first ones first, each once."""
    return tuple(dict.fromkeys(name for one in found for name in texts(one if isinstance(one, list) else [one])))
