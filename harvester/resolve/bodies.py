"""Which organisation is meant: mentions of bodies become one body each, by their accounts, addresses and names. Pure.

Two mentions are one body when
- they share an address: an account on a forge, a site of its own, a register's or Wikidata's name of it;
- they share a name, without case, accents, spaces, legal form ("GmbH") or an acronym in brackets, and no source puts
  them into two countries. A name that only repeats the account's login proves nothing: anybody can take it;
- an owner's own list of repositories names a body, all that it names lies under one account, and nobody else claims
  that account so: the name is that account's.

A unit that an inventory names within its agency ("CIO", "Region 1") is one within that agency alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache

from harvester.assess.organisations import address_of, folded, is_known, is_login, known_at, names_of, parent_of
from harvester.assess.words import fold
from harvester.model import Organisation
from harvester.normalize.urls import forge_of, is_shared_host, web_address

OWN_LISTS = frozenset(("brigade-project", "code-json"))
"""Formats in which an owner lists its own repositories."""
_INVENTORY = "code-json"
_LEAST, _SHARE = 3, 0.8  # repositories that a name has to cover before an account is taken for its own, and how many
_NOBODY = re.compile(r"[\d\W_]*|.|n a|none|unknown|null|self|tbd|other|individual|personal|various|test|anonymous")
_BRACKETS = re.compile(r"(?<!\s)\s*+\([^()]{1,30}+\)\s*+$")
_FORM = re.compile(
    r" (?:gmbh(?: co kg)?|mbh|ag|e v|ev|s ?r ?l|s ?p ?a|s ?a ?s|s ?a|sarl|ltd|limited|inc|llc|corp|plc|b ?v|n ?v|npc"
    r"|pvt ltd|pty ltd|aps|a s|oy|oyj|ab|ltda)$"
)
_WIKIDATA = re.compile(r"(?:www\.)?wikidata\.org/(?:wiki|entity)/(q[1-9]\d{0,11})$")
_SHORT_UNIT = 3  # words of a name that means something only within its agency


@dataclass(frozen=True, slots=True)
class Mention:
    """That one source names a body of a software. `account` is the address ("host/owner") of whose repository it is,
    `reader` the format that told, `within` the agency whose inventory names the body as a unit of its own."""

    organisation: Organisation
    software: str
    reader: str = ""
    account: str | None = None
    within: str | None = None


@dataclass(slots=True)
class Grouped:
    """One body: the places of its mentions, what it is known by, and how it is called. `parent` is another's place."""

    mentions: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    name: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    kind: str | None = None
    country: str | None = None
    url: str | None = None
    accounts: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    parent: int | None = None


def is_body(name: str) -> bool:
    """Whether a name can be a body's: no number, no placeholder."""
    return "@" not in name and not _NOBODY.fullmatch(fold(name) or name.strip())


def account_of(repository: str) -> str | None:
    """Under which account a repository lies: "host/owner" in lower case."""
    at = address_of(repository)
    return "/".join(at.split("/")[:2]) if at.count("/") >= 2 else None


def bodies(mentions: Sequence[Mention]) -> list[Grouped]:
    """The bodies that mentions mean, whatever their order; each mention in exactly one."""
    said = [folded(one.organisation) for one in mentions]
    keys = _keys(mentions, said)
    joined = _Joined()
    for some in keys:
        for key in some[1:]:
            joined.join(some[0], key)
    for name, account in _own_accounts(mentions, said, keys):
        joined.join(name, account)
    groups: dict[str, Grouped] = defaultdict(Grouped)
    for place, some in enumerate(keys):
        group = groups[joined.root(some[0])]
        group.mentions.append(place)
        group.keys.update(some)
    found = [groups[root] for root in sorted(groups)]
    holders = {one.account for one in mentions}
    for group in found:
        _describe(group, [said[place] for place in group.mentions], holders)
    _with_parents(found, mentions)
    return found


class _Joined:
    """Which keys mean one thing."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, key: str) -> str:
        while (above := self._above.get(key, key)) != key:
            self._above[key] = self._above.get(above, above)
            key = above
        return key

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._above[high] = low


def _keys(mentions: Sequence[Mention], said: Sequence[Organisation]) -> list[list[str]]:
    """What each mention is known by, at least one key each, an address first."""
    countries: dict[str, set[str]] = defaultdict(set)
    for one in said:
        if one.country:
            countries[squashed(one.name)].add(one.country)
    found = []
    at_of = {uri: _at(uri) for uri in {one.uri for one in said}}
    for mention, one in zip(mentions, said, strict=True):
        at = at_of[one.uri]
        keys = [f"at:{at}"] if at else []
        if at is None or not is_login(one.name, one.uri) or known_at(one.uri or "") == one.name:
            keys.append(_name_key(one, mention.within, countries))
        found.append(keys)
    return found


def _name_key(one: Organisation, within: str | None, countries: Mapping[str, set[str]]) -> str:
    name = squashed(one.name)
    if within and not is_known(one.name) and len(fold(one.name).split()) <= _SHORT_UNIT:
        return f"unit:{squashed(within)}/{name}"
    places = countries.get(name, set())
    country = one.country or (next(iter(places)) if len(places) == 1 else "")
    return f"name:{name}/{country}"


@lru_cache(maxsize=65536)
def squashed(name: str) -> str:
    """A name as two of them are compared: "Open Elections (OE)" and "OpenElections" are one."""
    words = fold(_BRACKETS.sub("", name)) or fold(name) or name.casefold()
    return _FORM.sub("", words.removeprefix("the ")).replace(" ", "")


def _at(uri: str | None) -> str | None:
    """An address that is the body's own; None for a forge's or another shared host's front page."""
    if not uri:
        return None
    if uri.lower().startswith("urn:"):
        return uri.lower()
    at = address_of(uri)
    shared = "/" not in at and (forge_of(uri) is not None or is_shared_host(uri))
    return None if shared or web_address(uri) is None else at


def _own_accounts(
    mentions: Sequence[Mention], said: Sequence[Organisation], keys: Sequence[Sequence[str]]
) -> Iterable[tuple[str, str]]:
    """Names and the accounts that are theirs, as owners' own lists of repositories tell."""
    known = {some[0].removeprefix("at:") for some in keys if some[0].startswith("at:")}
    under: dict[str, set[str]] = defaultdict(set)
    named: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for mention, one, some in zip(mentions, said, keys, strict=True):
        if mention.account is None:
            continue
        under[mention.account].add(mention.software)
        if mention.reader in OWN_LISTS and not one.uri and mention.within is None:
            named[some[0]][mention.account].add(mention.software)
    claimed: dict[str, list[str]] = defaultdict(list)
    for key, accounts in named.items():
        whole = len(set().union(*accounts.values()))
        for account, softwares in accounts.items():
            if len(softwares) >= max(_LEAST, _SHARE * whole) and len(softwares) >= _SHARE * len(under[account]):
                claimed[account].append(key)
    for account, names in sorted(claimed.items()):
        if len(names) == 1 and account in known:
            yield names[0], f"at:{account}"


def _describe(group: Grouped, said: Sequence[Organisation], holders: Set[str | None]) -> None:
    """How a body is called and where it is; `holders` are the accounts that hold repositories."""
    names = Counter(one.name for one in said if not is_login(one.name, one.uri)) or Counter(one.name for one in said)
    known = [name for name in names if is_known(name)]
    group.name = min(known or names, key=lambda name: (-names[name], -len(name), name))
    group.names = names_of(group.name)
    spelt = {one.name for one in said} - {group.name}
    group.also = tuple(sorted(spelt, key=lambda name: (fold(name), name)))
    group.kind = _most(one.kind for one in said)
    group.country = _most(one.country for one in said)
    uris = Counter(one.uri for one in said if one.uri)
    addresses: dict[str, str] = {}
    for uri in sorted(uris, key=lambda uri: (-uris[uri], not uri.startswith("https:"), uri)):
        addresses.setdefault(_at(uri) or "", uri)
    addresses.pop("", None)
    accounts = {at for at, uri in addresses.items() if at in holders or ("/" in at and forge_of(uri) is not None)}
    group.accounts = tuple(sorted(addresses[at] for at in accounts))
    own = [uri for at, uri in addresses.items() if at not in accounts and not _register(at)]
    group.url = own[0] if own else None
    group.identifiers = tuple(sorted(name for at in addresses if (name := _register(at))))


def _register(at: str) -> str | None:
    if at.startswith("urn:"):
        return at
    item = _WIKIDATA.match(at)
    return f"wikidata:{item[1].upper()}" if item else None


def _most(values: Iterable[str | None]) -> str | None:
    counted = Counter(value for value in values if value)
    return min(counted, key=lambda value: (-counted[value], value)) if counted else None


def _with_parents(groups: Sequence[Grouped], mentions: Sequence[Mention]) -> None:
    """Who stands above whom: by the table of known bodies, else by the inventory that names a unit of its agency."""
    by_name: dict[str, int] = {}
    for place, group in enumerate(groups):
        for name in (group.name, *group.also):
            by_name.setdefault(squashed(name), place)
    for place, group in enumerate(groups):
        within = Counter(mentions[one].within for one in group.mentions if mentions[one].within)
        told = parent_of(group.name) or _most(within.elements())
        parent = by_name.get(squashed(folded(Organisation(told)).name)) if told else None
        if parent is not None and parent != place and not _above(groups, parent, place):
            group.parent = parent


def _above(groups: Sequence[Grouped], place: int, below: int) -> bool:
    """Whether one stands below another already, so that no body stands above itself."""
    at: int | None = place
    for _ in groups:
        if at is None or at == below:
            break
        at = groups[at].parent
    return at == below
