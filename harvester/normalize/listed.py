"""What readers of catalogues share: an entry's record, what names it, and why one is refused or skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.model import Basis, Fields, Identifier, Issue, LangMap, Outcome, RawItem, Reading, Record
from harvester.normalize.languages import tag
from harvester.normalize.personal import without_mail
from harvester.normalize.urls import (
    Repository,
    addresses_in,
    canonical_page,
    canonical_repository,
    is_shared_host,
    repository_at,
    repository_url,
    web_address,
)
from harvester.normalize.values import payload_of, prose, text

PRIORITY = 60
SHORT = 500  # characters of a short description


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


def refused(code: str, *, place: str | None = None, value: object = None, **args: Any) -> Reading:
    """An entry that cannot be read, with the issue that says why."""
    return Reading(
        outcome=Outcome.REFUSED,
        issues=(Issue.of(code, place=place, value=shown(value), **args),),
    )


def object_of(raw: RawItem) -> dict[str, Any] | Reading:
    """The payload as a JSON object, or the refusal of what is none."""
    found = payload_of(raw)
    if not isinstance(found, Issue):
        return found
    value = shown(raw.payload[:200].decode("utf-8", "replace"))
    return Reading(outcome=Outcome.REFUSED, issues=(replace(found, value=value),))


def skipped(reason: str) -> Reading:
    """An entry that is readable and not for us."""
    return Reading(outcome=Outcome.SKIPPED, reason=reason)


def doubt(code: str, *, place: str, value: object, **args: Any) -> Issue:
    """A warning: the entry was used without this value."""
    return Issue.of(code, place=place, value=shown(value), **args)


def shown(value: object) -> str | None:
    """A value as an issue shows it."""
    if value is None:
        return None
    written = value if isinstance(value, str) else repr(value)
    return without_mail(text(written) or "")[:200]


def reading(
    fields: Fields,
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
    """One record of an entry, named by its repository, its own site or its number; refused when nothing names it.

    `also` are further strong names, `suggests` weak ones. `key` is REPOSITORY for a row of a list of repositories.
    """
    problems = list(issues)
    names = list(also)
    weak = list(suggests)
    several = addresses_in(where.repository or "")
    if len(several) > 1:
        problems.append(doubt("several-repositories", place=where.place, value=where.repository, count=len(several)))
        weak += [Identifier("repo", one) for url in several[1:] if (one := canonical_repository(url))]
        where = replace(where, repository=several[0])
    canonical = canonical_repository(where.repository) if where.repository else None
    if where.repository and canonical is None:
        problems.append(doubt("no-repository", place=where.place, value=where.repository))
    if canonical and where.repository:
        names.append(Identifier("repo", canonical))
        fields = replace(fields, kind="software", code_repository=repository_url(where.repository))
    website = web_address(where.website)
    if website:
        page = None if is_shared_host(website) else canonical_page(website)
        if page and canonical is None:
            (names if where.site_names else weak).append(Identifier("landing", page))
        if canonical is None or canonical_repository(website) != canonical:
            fields = replace(fields, landing_url=website)
    elif where.website:
        problems.append(doubt("bad-url", place="website", value=where.website))
    if where.number and (number := text(where.number)):
        names.append(Identifier("catalogue", number))
    if not names:
        problems.append(_nameless(where, fields.name))
        return Reading(outcome=Outcome.REFUSED, issues=tuple(problems))
    record = Record(
        key=key,
        reader=reader,
        fields=fields,
        identifiers=tuple(dict.fromkeys(names)),
        suggests=tuple(dict.fromkeys(weak)),
        basis=dict(basis or {}),
        priority=priority,
    )
    return Reading(outcome=Outcome.READ, records=(record,), issues=tuple(problems))


def _nameless(where: Where, name: str | None) -> Issue:
    return Issue.of("no-address", place=where.place, value=shown(where.repository or where.website or name))


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


def is_repository_link(href: str) -> bool:
    """Whether a link leads to a repository, certainly or perhaps."""
    return repository_at(href).repository is not Repository.NO
