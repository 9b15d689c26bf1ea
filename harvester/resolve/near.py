"""Pairs that may be one thing, for a reviewer to look at. Nothing here merges: names never do.

Cards are compared only where they share something rare: an identifier that one declares and the other has, a name
written alike, a repository's name, a rare word of the name. What many share ("website", "api") says nothing, and is
passed over, which also keeps the work near to linear.

reason code           value                the pair
claimed               the identifier       both claim it as their own: one thing, unless one of them is wrong
declared-url          the identifier       one of them declares the other's address as its own
same-declared-url     the identifier       both declare one address that neither has
shared-address        the identifier       their entries give one address, which is nobody's own: parts of one thing
same-name             the name             names alike but for case, accents, spaces and punctuation
same-repository-name  the name             repositories of one name with different owners: a copy, a fork, a move
similar-name          "A / B"              names that differ by a letter or a word

A name alone scores little; a shared organisation, site or description raises it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from harvester.assess.words import fold
from harvester.model import Identifier, Reason
from harvester.resolve.claims import whole
from harvester.resolve.relation import Node, Relation

MOST_SHARED = 12
"""A name or word that more cards than these share is too common to say anything."""
MOST_PER_CARD = 5
LEAST_SCORE = 0.5
UNCONFIRMED = 0.5
"""What of a score is left where names are alike and nothing else tells that it is one thing."""

_LINKS = ("near.claimed", "near.shared-address")  # only a reviewer settles them, whatever else is told
_OF_ADDRESSES = ("near.declared-url", "near.same-declared-url")

_SIMILAR = 88.0  # rapidfuzz's ratio, 0 to 100, under which two names are not alike
_SHORTEST_NAME = 4  # letters; "API" or "app" are no names
_GENERIC_WORDS = (
    "app api web website site portal platform data open the of for de di la le du des da del della and et e frontend "
    "backend server client docs documentation core demo test plugin extension theme template city ville comune"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())


@dataclass(frozen=True, slots=True)
class Card:
    """What is compared of one software. `suggests` are identifiers that its records declare without being them."""

    id: str
    name: str | None
    organisations: tuple[str, ...] = ()
    description: str | None = None
    repository: str | None = None
    suggests: tuple[Identifier, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two softwares' ids with a < b, how likely they are one (0 to 1), and why ("near.CODE")."""

    a: str
    b: str
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Known:
    """A card with what comparing it needs more than once."""

    card: Card
    name: str  # folded
    written_together: str
    words: frozenset[str]
    described: frozenset[str]
    owners: frozenset[str]

    @classmethod
    def of(cls, card: Card) -> _Known:
        name = fold(card.name or "")
        return cls(
            card=card,
            name=name,
            written_together=name.replace(" ", ""),
            words=frozenset(word for word in name.split() if word not in _GENERIC and len(word) > 2),
            described=frozenset(word for word in fold(card.description or "").split() if len(word) > 3),
            owners=frozenset(filter(None, map(fold, card.organisations))),
        )


def suspected(nodes: Iterable[Node], told: Iterable[Relation]) -> list[Pair]:
    """The pairs that a reviewer should look at: what the nodes' relations tell to be one thing, as likely as they say,
    and what is suggested beyond. What they tell to be copies or parts of each other or of a third is no duplicate;
    what they say nothing of, and shares no address, is half as likely as it was."""
    one_thing: dict[tuple[str, str], Pair] = {}
    explained: set[tuple[str, str]] = set()
    thirds: defaultdict[str, set[str]] = defaultdict(set)
    for one in told:
        a, b = sorted((one.subject, one.object or one.target))
        if one.object and one.type in ("same", "mirror"):
            one_thing[a, b] = Pair(a, b, min(one.probability, 0.99), one.because)
        else:
            explained.add((a, b))
            thirds[one.subject].add(one.object or one.target)
    found = dict(one_thing)
    for pair in suggestions([_card(node) for node in nodes]):
        a, b, code = pair.a, pair.b, pair.reason.code
        if code in _LINKS:
            found[a, b] = pair
        elif (a, b) in one_thing or (a, b) in explained or thirds[a] & thirds[b]:
            continue
        else:
            score = pair.score if code in _OF_ADDRESSES else round(pair.score * UNCONFIRMED, 3)
            found[a, b] = replace(pair, score=score)
    return sorted(found.values(), key=lambda pair: (-pair.score, pair.a, pair.b))


def _card(node: Node) -> Card:
    described = node.fields.short_description
    return Card(
        id=node.id,
        name=node.fields.name,
        organisations=tuple(body.name for body in node.fields.organisations),
        description=described.get("en") or next(iter(described.values()), None),
        repository=node.fields.code_repository,
        suggests=node.suggests,
        identifiers=node.identifiers,
    )


def suggestions(candidates: Sequence[Card]) -> list[Pair]:
    """At most five pairs for each card, the likeliest first, of equals those of the most alike names; whatever the
    order of the cards.

    A pair stands once, with its strongest reason. What links the parts of one address is no guess, and not counted.
    Some 2 s for 10,000 cards.
    """
    # ids are minted: the same cards make the same pairs wherever they were harvested
    known = [_Known.of(card) for card in sorted(candidates, key=lambda card: (card.identifiers, card.id))]
    found: dict[tuple[str, str], Pair] = {}
    links = {(pair.a, pair.b): pair for pair in (*_parts(known), *_claimed(known))}
    for pair in (*links.values(), *_declared(known), *_alike(known), *_copies(known), *_similar(known)):
        before = found.get((pair.a, pair.b))
        if pair.score >= LEAST_SCORE and (before is None or pair.score > before.score):
            found[pair.a, pair.b] = pair
    names = {one.card.id: one.name for one in known}
    best = sorted(
        found.values(), key=lambda pair: (-pair.score, -fuzz.ratio(names[pair.a], names[pair.b]), pair.a, pair.b)
    )
    return _bounded(best, links)


def _bounded(pairs: Iterable[Pair], links: Container[tuple[str, str]]) -> list[Pair]:
    """The best pairs of each card: one is kept while both of its cards have room, and where it is a link."""
    had: defaultdict[str, int] = defaultdict(int)
    kept = []
    for pair in pairs:
        if (pair.a, pair.b) in links:
            kept.append(pair)
        elif had[pair.a] < MOST_PER_CARD and had[pair.b] < MOST_PER_CARD:
            had[pair.a] += 1
            had[pair.b] += 1
            kept.append(pair)
    return kept


def _pair(left: _Known, right: _Known, score: float, reason: Reason) -> Pair:
    a, b = sorted((left.card.id, right.card.id))
    return Pair(a, b, round(min(score, 0.99), 3), reason)


def _why(code: str, value: str) -> Reason:
    return Reason.of(f"near.{code}", value=value)


def _blocks(keyed: Iterable[tuple[Hashable, _Known]]) -> Iterator[tuple[Hashable, list[_Known]]]:
    """What several cards share, unless it is too common."""
    blocks: dict[Hashable, list[_Known]] = {}
    for key, one in keyed:
        blocks.setdefault(key, []).append(one)
    return ((key, block) for key, block in blocks.items() if 1 < len(block) <= MOST_SHARED)


def _declared(known: Sequence[_Known]) -> Iterator[Pair]:
    having = {identifier: one for one in known for identifier in one.card.identifiers}
    waiting: list[tuple[Identifier, _Known]] = []
    for one in known:
        for identifier in dict.fromkeys(one.card.suggests):
            other = having.get(identifier)
            if other is None:
                waiting.append((identifier, one))
            elif other.card.id != one.card.id:
                yield _pair(one, other, 0.8 + 0.5 * _support(one, other), _why("declared-url", identifier.value))
    for shared, block in _blocks(waiting):
        assert isinstance(shared, Identifier)
        for left, right in combinations(block, 2):
            yield _pair(left, right, 0.55 + _support(left, right), _why("same-declared-url", shared.value))


def _parts(known: Sequence[_Known]) -> Iterator[Pair]:
    """The parts of an address, each with whoever has it; where nobody has, with the first of them. So they are as many
    as the parts, however many there are."""
    having = {identifier: one for one in known for identifier in one.card.identifiers}
    parts: dict[Identifier, list[_Known]] = {}
    for one in known:
        for address in dict.fromkeys(filter(None, map(whole, one.card.identifiers))):
            parts.setdefault(address, []).append(one)
    for address, block in parts.items():
        first = having.get(address, block[0])
        for one in block:
            if one.card.id != first.card.id:
                alike = fuzz.ratio(first.written_together, one.written_together) / 100
                yield _pair(first, one, 0.5 + 0.3 * alike + _support(first, one), _why("shared-address", address.value))


def _claimed(known: Sequence[_Known]) -> Iterator[Pair]:
    """Who claims an identifier that another has as well: each with the first of them. Only a reviewer joins these."""
    first: dict[Identifier, _Known] = {}
    for one in known:
        for identifier in one.card.identifiers:
            other = first.setdefault(identifier, one)
            if other.card.id != one.card.id:
                yield _pair(other, one, 0.95, _why("claimed", identifier.value))


def _alike(known: Sequence[_Known]) -> Iterator[Pair]:
    named = ((one.written_together, one) for one in known if one.words and len(one.written_together) >= _SHORTEST_NAME)
    for _, block in _blocks(named):
        for left, right in combinations(block, 2):
            yield _pair(left, right, 0.65 + _support(left, right), _why("same-name", _first_name(left, right)))


def _first_name(left: _Known, right: _Known) -> str:
    return min(left.card.name or "", right.card.name or "")


def _copies(known: Sequence[_Known]) -> Iterator[Pair]:
    named = ((name, one) for one in known if (name := _repository_name(one)))
    for shared, block in _blocks(named):
        for left, right in combinations(block, 2):
            if left.card.repository != right.card.repository:
                yield _pair(left, right, 0.6 + _support(left, right), _why("same-repository-name", str(shared)))


def _repository_name(one: _Known) -> str | None:
    if not one.card.repository:
        return None
    name = urlsplit(one.card.repository).path.rstrip("/").rpartition("/")[2].lower()
    folded = fold(name)
    telling = set(folded.split()) - _GENERIC
    return name if telling and len(folded) >= _SHORTEST_NAME else None


def _similar(known: Sequence[_Known]) -> Iterator[Pair]:
    seen: set[tuple[str, str]] = set()
    for _, block in _blocks((word, one) for one in known for word in one.words):
        for left, right in combinations(block, 2):
            ids = (left.card.id, right.card.id)
            if ids in seen or left.written_together == right.written_together:
                continue
            seen.add(ids)
            likeness = _likeness(left, right)
            if likeness >= _SIMILAR:
                said = " / ".join(sorted((left.card.name or "", right.card.name or "")))
                score = 0.4 + 0.15 * (likeness - _SIMILAR) / (100 - _SIMILAR) + _support(left, right)
                yield _pair(left, right, score, _why("similar-name", said))


def _likeness(left: _Known, right: _Known) -> float:
    """0 to 100. Names that differ by a number (a year, a version, a district) are those of different things."""
    if _numbers(left.name) != _numbers(right.name):
        return 0.0
    spelled = fuzz.ratio(left.written_together, right.written_together, score_cutoff=_SIMILAR)
    if _account(left) == _account(right) is not None:  # "x" and "x-api" of one account are parts of one system
        return 0.0
    if left.words <= right.words or right.words <= left.words:  # "Consul" and "Consul Democracy"
        return max(spelled, _SIMILAR)
    return spelled


def _account(one: _Known) -> str | None:
    """Who owns the repository: its URL without the last part."""
    return one.card.repository.rstrip("/").rpartition("/")[0].lower() if one.card.repository else None


def _numbers(name: str) -> set[str]:
    return {word for word in name.split() if any(char.isdigit() for char in word)}


def _support(left: _Known, right: _Known) -> float:
    """0 to 0.3 from what the cards tell beside their names."""
    support = 0.12 if left.owners & right.owners else 0.0
    shared = left.described & right.described
    if len(shared) >= 3:
        support += 0.18 * len(shared) / min(len(left.described), len(right.described))
    return support
