"""Files of publishers: which accounts on a forge belong to public bodies. Pure.

Three shapes are read: groups of logins (government.github.com: `France: [etalab, ...]`), forges with their owners
(codegouvfr: `github.com: {owners: {etalab: {ignored_since: 2023-01-01}}}`), of which an owner that is ignored since
some date is left out, and publishers with their addresses (the API of Developers Italia and of developer.overheid.nl:
`data: [{codeHosting: [{url: "https://github.com/belastingdienst"}], active: true}]`), of which an inactive one is left
out. What is none of them becomes an issue, and the rest is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from harvester.errors import InputError
from harvester.model import Issue
from harvester.normalize.yaml_safe import decode, read_mapping

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""What a login of GitHub can look like, with room for those of other forges."""
_MOST_ISSUES = 20


@dataclass(slots=True)
class Publishers:
    """The logins of a file, each once whatever its letter case, and what could not be read of it."""

    logins: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def read(payload: bytes, *, host: str, groups: Sequence[str] = ()) -> Publishers:
    """The owners on `host` that a file names; of `groups` alone, where any are given."""
    found = Publishers()
    try:
        document = read_mapping(decode(payload)[0])
    except InputError as error:
        place = f"line {error.line}" if error.line else None
        issue = Issue.of("publishers-unreadable", why=error, place=place)
        found.issues.append(issue)
        return found
    logins: dict[str, str] = {}
    for place, login in _entries(document.value, host.lower(), groups, found.issues):
        if isinstance(login, str) and LOGIN.fullmatch(login):
            logins.setdefault(login.lower(), login)
        else:
            found.issues.append(_bad(place, login))
    found.logins = list(logins.values())
    found.issues += [_missing(group) for group in groups if group not in document.value]
    if len(found.issues) > _MOST_ISSUES:
        more = Issue.of("publishers-more", count=len(found.issues) - _MOST_ISSUES)
        found.issues[_MOST_ISSUES:] = [more]
    return found


def _entries(
    value: Mapping[str, Any], host: str, groups: Sequence[str], issues: list[Issue]
) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if name == "data" and isinstance(inner, list) and any(isinstance(each, dict) for each in inner):
            for position, each in enumerate(inner):
                yield from _addresses(f"data[{position}]", each, host, issues)
        elif isinstance(inner, list):
            if not groups or name in groups:
                yield from ((f"{name}[{position}]", login) for position, login in enumerate(inner))
        elif isinstance(inner, dict) and ("owners" in inner or "forge" in inner):
            if _host_of(name) == host and not inner.get("ignored_since"):
                yield from _owners(name, inner.get("owners"), issues)
        elif inner is not None:
            issues.append(_bad(name, inner))


def _owners(name: str, owners: Any, issues: list[Issue]) -> Iterator[tuple[str, Any]]:
    if isinstance(owners, dict):
        for login, facts in owners.items():
            if not (isinstance(facts, dict) and facts.get("ignored_since")):
                yield f"{name}.owners.{login}", login
    elif owners is not None:
        issues.append(_bad(f"{name}.owners", owners))


def _addresses(name: str, publisher: Any, host: str, issues: list[Issue]) -> Iterator[tuple[str, Any]]:
    """The owner in each of a publisher's addresses on `host`: the first part of its path."""
    hosting = publisher.get("codeHosting") if isinstance(publisher, dict) else None
    if not isinstance(hosting, list):
        issues.append(_bad(name, publisher))
        return
    if publisher.get("active") is False:
        return
    for position, one in enumerate(hosting):
        url = one.get("url") if isinstance(one, dict) else None
        if not isinstance(url, str):
            issues.append(_bad(f"{name}.codeHosting[{position}]", one))
        elif _host_of(url) == host:
            yield f"{name}.codeHosting[{position}]", urlsplit(url).path.strip("/").partition("/")[0]


def _host_of(name: str) -> str:
    """The host of a forge, which is named by its URL or by its host alone."""
    return (urlsplit(name if "//" in name else f"//{name}").hostname or "").removeprefix("www.")


def _bad(place: str, value: Any) -> Issue:
    return Issue.of("publishers-entry", place=place, value=value)


def _missing(group: str) -> Issue:
    return Issue.of("publishers-group", place=group, value=group)
