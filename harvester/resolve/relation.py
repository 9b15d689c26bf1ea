"""How one software stands to another, and what is compared of a software to tell it."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlsplit

from harvester.assess.words import fold, split_humps
from harvester.model import Basis, Fields, Identifier, Reason
from harvester.normalize.urls import canonical_repository
from harvester.resolve import evidence
from harvester.resolve.claims import bare, whole

Key = TypeVar("Key", bound=Hashable)
TYPES = ("same", "copy", "mirror", "part", "instance", "replaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What is compared of one software. `suggests` are weak identifiers that its records declare; `sources` are
    (source's name, reader's format without its version), sorted, each once. `published`: somebody let it in."""

    id: str
    fields: Fields
    identifiers: tuple[Identifier, ...] = ()
    suggests: tuple[Identifier, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    published: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """`subject` is a `type` of `object`, a software's id; of `target` ("scheme:value") where that is not in the
    catalogue: an address that somebody declares, or a minted "family:…" that all copies of one unknown origin share.

    `basis` is DECLARED with probability 1 or INFERRED with a lower one.
    """

    subject: str
    type: str
    object: str | None
    target: str
    basis: Basis
    probability: float
    because: Reason


def probability(log_odds: float) -> float:
    """Never 1, which is for what is declared."""
    return round(min(0.99, 1 / (1 + math.exp(-log_odds))), 3)


def inferred(subject: str, type: str, whole: str | None, target: str, log_odds: float, because: Reason) -> Relation:
    return Relation(
        subject=subject,
        type=type,
        object=whole,
        target=target,
        basis=Basis.INFERRED,
        probability=probability(log_odds),
        because=because,
    )


def reason(code: str, **args: str | int) -> Reason:
    return Reason.of(f"relation.{code}", **args)


_SPLIT = re.compile(r"[^\W_]+")
_MOVED = re.compile(
    r"\b(?:moved|migrated|relocated|replace[sd]|superseded|succe(?:eds|ssor)|rewrit\w+|rewritten|new version|"
    r"now (?:at|hosted)|d[eé]plac[eé]e?|migr[eé]e?|remplac[eé]e?|nouvelle version|transf[eé]r[eé]e?)\b"
    r"[^.!?]{0,60}?(https?://[^\s<>\"'|]{4,200})",
    re.IGNORECASE,
)
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_INNER = re.compile(r"[/()\[\]]| [-–—:|] ")
_FOLLOWS = re.compile(r"\b(?:mirror|miroir)\b[^!?]{0,80}?(https?://[^\s<>\"'|]{4,200})", re.IGNORECASE)
_EMOJI = re.compile(r":[a-z_+-]+:")


@dataclass(eq=False)
class Known:
    """A node with what comparing it needs more than once. Text is folded, names are written together."""

    node: Node

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def fields(self) -> Fields:
        return self.node.fields

    @cached_property
    def name(self) -> str:
        return bare(self.fields.name or "")

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name in what it is called: "USEPA/AMET" and "Meteorology Tool (AMET) [2.1]" are both AMET."""
        called = self.fields.name or ""
        inner = [part for part in _INNER.split(called) if len(part.strip()) > 3]
        return frozenset(filter(None, (self.name, *map(bare, inner))))

    @cached_property
    def path(self) -> tuple[str, ...]:
        """Host and path of the repository: ("github.com", "ckan", "ckan")."""
        if not self.fields.code_repository:
            return ()
        try:
            parts = urlsplit(self.fields.code_repository)
        except ValueError:
            return ()
        names = [name for name in parts.path.removesuffix(".git").split("/") if name]
        while len(names) > 1 and names[-1].lower() in evidence.OF_NO_NAME:
            names.pop()
        if parts.netloc == "sourceforge.net" and len(names) == 2:  # p/NAME: a project is its own account
            names[0] = names[1]
        return (parts.netloc.lower(), *names)

    @cached_property
    def repository(self) -> str:
        """The repository's own name as it is written; "" where there is none of an owner, and for one of several
        things at one address."""
        if len(self.path) < 3 or (self.shares and fold(self.path[-1]).replace(" ", "") != self.name):
            return ""
        return self.path[-1]

    @cached_property
    def shares(self) -> bool:
        """Whether others call something else by its repository's address."""
        wholes = filter(None, map(whole, self.node.identifiers))
        return any(address.scheme == "repo" for address in wholes)

    @cached_property
    def slug(self) -> str:
        return fold(self.repository).replace(" ", "")

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tuple(_SPLIT.findall(self.repository.lower()))

    @cached_property
    def owner(self) -> tuple[str, str] | None:
        """Host and account of the repository: a forge's user, organisation or outermost group."""
        return (self.path[0], self.path[1].lower()) if len(self.path) > 2 else None

    @cached_property
    def called(self) -> str:
        """As it is named to people."""
        return self.fields.name or self.repository or self.id

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every text that describes it as it is written, cut before anything is looked for in it."""
        return tuple(text[: evidence.LONGEST_TEXT] for text in self.fields.short_description.values())

    @cached_property
    def said(self) -> frozenset[str]:
        """Every text that describes it, folded."""
        texts = (fold(_EMOJI.sub(" ", text)) for text in self.texts)
        return frozenset(text for text in texts if text and text.replace(" ", "") not in (self.name, self.slug))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its texts; where a script writes without spaces, each two letters of them."""
        words = {word for text in self.said for word in text.split()}
        return frozenset(part for word in words for part in (_pairs(word) if _WITHOUT_SPACES.search(word) else (word,)))

    @cached_property
    def site(self) -> str | None:
        """Its site, by host without "www." and path; None for what many share."""
        return site_of(self.fields.landing_url)

    @cached_property
    def bodies(self) -> frozenset[str]:
        return frozenset(filter(None, (fold(body.name) for body in self.fields.organisations)))

    @cached_property
    def formats(self) -> frozenset[str]:
        return frozenset(reader for _, reader in self.node.sources)

    @cached_property
    def lists(self) -> frozenset[str]:
        """The catalogues curated by people that hold it, by source's name."""
        return frozenset(source for source, reader in self.node.sources if reader in evidence.CURATED)

    @cached_property
    def created(self) -> datetime | None:
        return self.fields.date_created

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Of its repository, in lower case."""
        return frozenset(name.value.lower() for name in self.node.identifiers if name.scheme == "repo")

    @cached_property
    def moved_to(self) -> tuple[str, ...]:
        """The repositories that its text says it moved to or was written anew from, in lower case."""
        texts = [text for text in self.texts if "://" in text]
        found = (canonical_repository(url.rstrip(".,;:)")) for text in texts for url in _MOVED.findall(text))
        return tuple(dict.fromkeys(address.lower() for address in found if address))

    @cached_property
    def follows(self) -> tuple[str, ...]:
        """The repositories that its text says it mirrors, in lower case."""
        texts = [text for text in self.texts if "://" in text]
        found = (canonical_repository(url.rstrip(".,;:)")) for text in texts for url in _FOLLOWS.findall(text))
        return tuple(dict.fromkeys(address.lower() for address in found if address))

    @cached_property
    def humps(self) -> frozenset[str]:
        """The single words of what it is called, folded."""
        return frozenset(fold(split_humps(self.called)).split())


def _pairs(word: str) -> Iterable[str]:
    return (word[place : place + 2] for place in range(max(1, len(word) - 1)))


def site_of(url: str | None) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url.strip().lower())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = re.sub(r"/(index|default|home)\.\w+$|/(en|fr)/?$", "", parts.path).rstrip("/")
    if not host or (host in evidence.OF_MANY and path.count("/") < 2):
        return None
    return host + path


@dataclass(eq=False)
class Corpus:
    """All that is compared at once: what is rare in it says more."""

    known: Sequence[Known]
    having: Mapping[Identifier, Known] = field(init=False)
    _weights: Mapping[str, float] = field(init=False)
    _mentions: Counter[str] = field(init=False)
    _slugs: int = field(init=False)
    _slugs_with: Counter[str] = field(init=False)
    _by_owner: Counter[object] = field(init=False)
    _in_all: Counter[str] = field(init=False)
    _things_said: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.having = {name: one for one in reversed(self.known) for name in one.node.identifiers}
        counts = self._mentions = Counter(word for one in self.known for word in one.words)
        total = max(len(self.known), evidence.LEAST_OF_ALL)
        self._weights = {word: math.log(total / count) + 0.1 for word, count in counts.items()}
        slugs = {one.slug: one.tokens for one in self.known if one.slug}
        self._slugs_with = Counter(token for tokens in slugs.values() for token in set(tokens))
        self._slugs = max(len(slugs), evidence.LEAST_OF_ALL)
        self._by_owner: Counter[object] = Counter()
        self._in_all: Counter[str] = Counter()
        for one in self.known:
            words = {*one.tokens, *one.words}
            self._in_all.update(words)
            self._by_owner.update((one.owner, word) for word in words if one.owner)
        said: defaultdict[str, set[str]] = defaultdict(set)
        for one in self.known:
            for text in one.said:
                said[text].add(one.slug or one.name)
        self._things_said = {text: len(things) for text, things in said.items()}

    def telling(self, text: str) -> bool:
        """Whether a text is of one thing: not too short, and not said of many ("no description available")."""
        return len(text) >= evidence.SHORTEST_TEXT and self._things_said.get(text, 0) <= evidence.MOST_THINGS

    def alike(self, left: Known, right: Known) -> float | None:
        """0 to 1: how much of the shorter text's rarer words the other has; None where one of them says nothing."""
        if not left.words or not right.words:
            return None
        if any(self.telling(text) for text in left.said & right.said):
            return 1.0
        weight = self._weights
        shared = sum(weight[word] for word in left.words & right.words)
        least = min(sum(weight[word] for word in left.words), sum(weight[word] for word in right.words))
        return min(0.99, shared / max(least, evidence.LEAST_WEIGHT))

    def rarity(self, tokens: Collection[str]) -> float:
        """How telling a repository's name is: the sum of its words' weights, by how many different names have each."""
        total = 0.0
        for token in set(tokens):
            if token in evidence.GENERIC or token.isdigit():
                continue
            total += math.log(self._slugs / max(1, self._slugs_with[token]))
        return total

    def owns(self, owner: object, word: str) -> bool:
        """Whether a word is rather of one account's things than of others'."""
        return self._by_owner[owner, word] >= evidence.OWN_SHARE * self._in_all[word]

    def may_be_a_name(self, word: str) -> bool:
        """Whether a word of texts may name a product: long, of no common use, of nothing that all are made of."""
        most = max(evidence.MOST_MENTIONS, evidence.SHARE_OF_MENTIONS * len(self.known))
        special = word not in evidence.GENERIC and word not in evidence.STACK
        return len(word) > 3 and special and self._mentions[word] <= most


def grouped(keyed: Iterable[tuple[Key, Known]]) -> dict[Key, list[Known]]:
    """What several nodes share, with those that share it."""
    blocks: dict[Key, list[Known]] = {}
    for key, one in keyed:
        blocks.setdefault(key, []).append(one)
    return {key: block for key, block in blocks.items() if len(block) > 1}


def minted(name: str, text: str = "") -> str:
    """The name of a family whose head is not in the catalogue: made of what its members are called and say."""
    digest = hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()[:12]
    return f"family:{name or 'unnamed'}-{digest}"
