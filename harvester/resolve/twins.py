"""One software entered twice, under two addresses or names. Nothing here merges: it is told to a reviewer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from harvester.assess.words import fold
from harvester.model import Identifier
from harvester.resolve import evidence
from harvester.resolve.copies import is_packaging, is_served, pairs_of
from harvester.resolve.relation import Corpus, Known, Relation, grouped, inferred, reason

_MIRROR = re.compile(
    r"\bmirror (?:of|from)\b|\b(?:read-only|readonly|official|git|repo) mirror\b|\bmiroir\b", re.IGNORECASE
)


def twins(corpus: Corpus) -> list[Relation]:
    """Each pair once, told of the one that is less the main entry; "mirror" where it says so."""
    affinity = _Affinity(corpus)
    found = {}
    for left, right in _candidates(corpus):
        pair = (left.id, right.id) if left.id < right.id else (right.id, left.id)
        if pair in found:
            continue
        score, code = likely_same(corpus, affinity, left, right)
        found[pair] = _told(left, right, score, code) if score > 0 else None
    return [relation for relation in found.values() if relation]


def _candidates(corpus: Corpus) -> Iterator[tuple[Known, Known]]:
    known = corpus.known
    blocks = (
        grouped((name, one) for one in known for name in sorted(one.names) if len(name) > 2),
        grouped((one.slug, one) for one in known if len(one.slug) > 2),
        grouped((one.site, one) for one in known if one.site),
        grouped((text, one) for one in known for text in sorted(one.said) if corpus.telling(text)),
        grouped((key, one) for one in known if (key := _without_former(one))),
    )
    for some in blocks:
        for block in some.values():
            yield from pairs_of(block)
    for one in known:
        moved = (Identifier("repo", address) for address in (*one.moved_to, *one.follows))
        for name in dict.fromkeys((*one.node.suggests, *moved)):
            other = corpus.having.get(name)
            if other and other is not one:
                yield one, other


def _without_former(one: Known) -> tuple[str, ...] | None:
    """Account and name without "old" or "archive"."""
    if not one.owner:
        return None
    kept = tuple(token for token in one.tokens if token not in evidence.FORMER)
    return (*one.owner, *kept) if kept else None


class _Affinity:
    """Whose repositories a catalogue lists."""

    def __init__(self, corpus: Corpus) -> None:
        self._owners: Counter[object] = Counter(
            (source, one.owner) for one in corpus.known for source in one.lists if one.owner
        )
        self._all = Counter(source for one in corpus.known for source in one.lists if one.owner)

    def between(self, listed: Known, other: Known) -> bool:
        return any(self._owners[source, other.owner] >= max(3, 0.05 * self._all[source]) for source in listed.lists)


def likely_same(corpus: Corpus, affinity: _Affinity, left: Known, right: Known) -> tuple[float, str]:
    """Log odds that they are one thing, and the code of the reason."""
    prior = evidence.SAME_PRIOR
    if _moved(left, right) or _moved(right, left):
        return prior + evidence.SAME["moved"], "moved"
    if _holds(left, right) or _holds(right, left):
        return prior + evidence.SAME["group"], "same-thing"
    if left.owner and left.owner == right.owner and not _listed_twice(left, right):
        return _of_one_owner(corpus, left, right)
    if _follows(left, right) or _follows(right, left):
        return prior + evidence.SAME["mirror"], "mirror"
    repository = bool(left.slug) and left.slug == right.slug and corpus.rarity(left.tokens) > 3
    alike_names = left.name in right.names or right.name in left.names
    named = alike_names or repository
    bodies = _bodies(left) & _bodies(right)
    said, supported = _by_text(corpus, left, right)
    score = prior + said + _by_name(corpus, left, right, named, repository) + _by_address(left, right)
    score += _of_catalogues(affinity, left, right, supported)
    if bodies:
        exactly = (left.name == right.name or repository) and (corpus.alike(left, right) or 1.0) > evidence.UNLIKE
        score += evidence.SAME["body" if exactly else "other-body"]
    elif left.fields.fork or right.fields.fork:
        score += evidence.SAME["fork"]
    elif repository and _at_two_forges(left, right) and (corpus.alike(left, right) or 0.0) > 0.9:
        score += evidence.SAME["two-forges"]
    if named and (_mirrors(left) or _mirrors(right)) and (said >= 0 or _account(left) == _account(right) != ""):
        return score + evidence.SAME["mirror"], "mirror"
    return score, "one-body" if bodies and named else "same-thing"


def _by_name(corpus: Corpus, left: Known, right: Known, named: bool, repository: bool) -> float:
    weigh = evidence.SAME
    if named:
        one = left if left.name in right.names else right
        tokens = left.tokens if repository else tuple(fold(one.fields.name or "").split())
        rare = max(-8.0, min(6.0, corpus.rarity(tokens) - evidence.RARE_NAME))
        return (
            weigh["name" if left.name == right.name else "inner-name"]
            + weigh["rare-name"] * rare
            + (weigh["same-repository"] if repository else 0.0)
        )
    one_site = left.site == right.site
    near = one_site and SequenceMatcher(None, left.name, right.name, autojunk=False).ratio() >= 0.8
    return 0.0 if near else weigh["no-name"]


def _by_text(corpus: Corpus, left: Known, right: Known) -> tuple[float, bool]:
    """Also whether text or site support that they are one."""
    weigh, score = evidence.SAME, 0.0
    site = left.site is not None and left.site == right.site
    score += weigh["same-site"] if site else 0.0
    alike = corpus.alike(left, right)
    if alike is not None:
        score += weigh["same-text"] if alike == 1 else weigh["alike-text"] if alike > 0.5 else 0.0
    if alike is not None and alike < evidence.UNLIKE and not site:
        score += weigh["unlike-at-two-places" if left.path and right.path else "unlike-text"]
    return score, site or (alike or 0.0) > 0.5


def _by_address(left: Known, right: Known) -> float:
    weigh, score = evidence.SAME, 0.0
    if not left.path or not right.path:
        score += weigh["no-address"]
    if set(left.node.suggests) & set(right.node.identifiers) or set(right.node.suggests) & set(left.node.identifiers):
        score += weigh["declared"]
    if _deployed(left) != _deployed(right):
        score += weigh["packaged"]
    return score


def _at_two_forges(left: Known, right: Known) -> bool:
    return (
        left.path[0] != right.path[0]
        and left.fields.fork is right.fields.fork is False
        and not left.lists | right.lists
    )


def _listed_twice(left: Known, right: Known) -> bool:
    """Whether two catalogues list one account's thing at two addresses, a repository that was renamed."""
    alike = left.name == right.name or (left.site == right.site is not None and bool(left.humps & right.humps))
    return bool(left.lists and right.lists) and not left.lists & right.lists and alike


def _moved(one: Known, other: Known) -> bool:
    """Whether its text says that it moved to the other's address, or that it is the other written anew."""
    return any(address in other.addresses for address in one.moved_to)


def _of_one_owner(corpus: Corpus, left: Known, right: Known) -> tuple[float, str]:
    telling = corpus.rarity(left.tokens) > evidence.RARE_NAME
    in_words = (corpus.alike(left, right) or 0.0) > 0.9 or not (left.words or right.words)
    same = left.slug == right.slug and left.path != right.path and telling and in_words
    former = _former(left) != _former(right) and _without_former(left) == _without_former(right)
    weight = evidence.SAME["former" if same or former else "one-owner"]
    return evidence.SAME_PRIOR + weight, "former" if former else "same-thing"


def _follows(one: Known, other: Known) -> bool:
    return not one.fields.fork and any(address in other.addresses for address in one.follows)


def _of_catalogues(affinity: _Affinity, left: Known, right: Known, supported: bool) -> float:
    """What it says that catalogues of products have one of them, or both."""
    weigh = evidence.SAME
    if left.lists and right.lists:
        words = bool(left.said & right.said) or (supported and left.slug == right.slug)
        twice = "twice-in-one-list" if left.name == right.name and words else "one-list"
        return weigh[twice] if left.lists & right.lists else weigh["both-curated"]
    if not left.lists and not right.lists:
        return weigh["neither-curated"]
    listed, other = (left, right) if left.lists else (right, left)
    score = weigh["one-curated"]
    if affinity.between(listed, other):
        return score + weigh["affinity"]
    score += 0.0 if supported else weigh["unsupported" if listed.words else "silent"]
    return score + (weigh["unknown"] if other.path and other.fields.fork is None else 0.0)


def _holds(group: Known, one: Known) -> bool:
    """Whether an address is that of the group in which the other is the repository of its name."""
    return len(group.path) > 2 and one.path[:-1] == group.path and one.slug == group.slug


def _deployed(one: Known) -> bool:
    return is_packaging(one) or (is_served(one) and not one.lists)


def _account(one: Known) -> str:
    return one.owner[1] if one.owner else ""


def _former(one: Known) -> bool:
    return any(token in evidence.FORMER for token in one.tokens)


def _mirrors(one: Known) -> bool:
    if one.fields.fork or one.follows:  # of that, and of no other
        return False
    return bool(one.fields.mirror) or any(_MIRROR.search(text) for text in one.texts)


def _bodies(one: Known) -> frozenset[str]:
    """The organisations that somebody names, not the mere account."""
    account = re.sub(r"\W+", "", one.owner[1]) if one.owner else ""
    return frozenset(body for body in one.bodies if body.replace(" ", "") != account)


def _told(left: Known, right: Known, score: float, code: str) -> Relation:
    less, main = sorted((left, right), key=_standing)
    if code == "mirror" and not (_mirrors(less) or _follows(less, main)):
        less, main = main, less
    if code == "moved" and _moved(main, less):
        less, main = main, less
    type = "mirror" if code == "mirror" else "same"
    return inferred(less.id, type, main.id, "", score, reason(code, value=main.called, name=less.called))


def _standing(one: Known) -> tuple[object, ...]:
    return (
        not _former(one),
        not one.fields.fork,
        len(one.lists),
        one.fields.stars or 0,
        bool(one.path),
        str(one.fields.date_modified or ""),
        one.node.identifiers,  # ids are minted: the same entries are told alike wherever they are harvested
        one.id,
    )
