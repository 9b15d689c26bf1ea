"""Copies: who took over whose repository, and where they come from.

The forge names a fork's parent only when it is asked for each; most say no more than that it is one. So repositories of
one name are compared with each other by what they say, and the copies of one origin form a cluster: either one of them
is the origin, or all point to what is not in the catalogue.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from harvester.assess.words import fold
from harvester.model import Basis, Identifier
from harvester.normalize.urls import canonical_repository
from harvester.resolve import evidence
from harvester.resolve.relation import Corpus, Known, Relation, grouped, inferred, minted, reason

Pairs = Collection[frozenset[str]]


def copies(corpus: Corpus, same: Pairs) -> list[Relation]:
    """Every copy's and installation's relation to its origin; `same` are pairs that are one thing, and no copies."""
    declared = {relation.subject: relation for relation in _declared(corpus)}
    found: dict[str, Relation] = {}
    for cluster, links in _clusters(corpus, same):
        for relation in _of_cluster(corpus, cluster, links, declared, same):
            before = found.get(relation.subject)
            if before is None or _rank(relation) > _rank(before):
                found[relation.subject] = relation
    for relation in _said_forks(corpus):
        before = found.get(relation.subject)
        if before is None or _rank(relation) > _rank(before):
            found[relation.subject] = relation
    for one in corpus.known:
        if one.fields.fork and one.id not in found and one.id not in declared:
            found[one.id] = _of_somebody(one, _family([one], corpus))
    found.update(declared)
    _straighten(corpus, found)
    return [_rooted(relation, found) for relation in found.values()]


def _straighten(corpus: Corpus, found: dict[str, Relation]) -> None:
    """Of relations that go in a circle, the one of the likeliest origin is left out."""
    by_id = {one.id: one for one in corpus.known}
    done: set[str] = set()
    for start in sorted(found):
        way: list[str] = []
        id: str | None = start
        while id and id in found and id not in done:
            done.add(id)
            way.append(id)
            id = found[id].object
        if id in way:
            circle = [by_id[one] for one in way[way.index(id) :]]
            del found[max(circle, key=lambda one: (_originality(corpus, one, circle), one.id)).id]


def _rank(relation: Relation) -> tuple[bool, float, str]:
    return relation.object is not None, relation.probability, relation.target


def _rooted(relation: Relation, found: Mapping[str, Relation]) -> Relation:
    """Of a copy's copy, the relation to the first origin."""
    last = relation
    while last.object and last.object in found:
        last = found[last.object]
    if last is relation:
        return relation
    declared = relation.basis is last.basis is Basis.DECLARED
    return replace(
        relation,
        object=last.object,
        target=last.target,
        basis=Basis.DECLARED if declared else Basis.INFERRED,
        probability=1.0 if declared else min(0.99, relation.probability, last.probability),
    )


def _declared(corpus: Corpus) -> Iterator[Relation]:
    for one in corpus.known:
        based, own = one.fields.is_based_on, one.fields.code_repository
        parent, type, code = (
            based,
            "copy" if one.fields.fork else "instance",
            "parent" if one.fields.fork else "based-on",
        )
        address = canonical_repository(based) if based else None
        if address is None and (address := _declared_elsewhere(one)):
            parent, type, code = one.fields.url, "copy", "declared-url"
        if address is None or parent is None or (own and address.lower() == own.lower()):
            continue
        name = _identifier(address)
        origin = corpus.having.get(name)
        if origin is one:
            continue
        yield Relation(
            subject=one.id,
            type=type,
            object=origin.id if origin else None,
            target="" if origin else str(name),
            basis=Basis.DECLARED,
            probability=1.0,
            because=reason(code, value=origin.called if origin else name.value),
        )


_FORK_OF = re.compile(
    r"\b(?:fork|clone|copy) (?:of|from|de|di|du|von|van) (?:the |le |la )?([^.,;:()\[\]]{2,60})", re.IGNORECASE
)


def _said_forks(corpus: Corpus) -> Iterator[Relation]:
    """What a text says that it is a fork of, where that is known by that name."""
    products: dict[str, Known] = {}
    for one in corpus.known:
        if one.lists and not one.fields.fork:
            products.setdefault(one.name, one)
    of_owner: dict[object, Known] = {(one.owner, one.slug): one for one in corpus.known if one.owner}
    for one in corpus.known:
        for text in one.texts:
            for match in _FORK_OF.finditer(text):
                words = fold(match[1]).split()
                for length in range(min(5, len(words)), 0, -1):
                    name = "".join(words[:length])
                    origin = of_owner.get((one.owner, name)) or products.get(name)
                    if origin and origin is not one and len(name) > 3 and name not in (one.name, one.slug):
                        why = reason("said-fork", value=origin.called)
                        yield inferred(one.id, "copy", origin.id, "", 3.0, why)
                        break


def _identifier(address: str) -> Identifier:
    return Identifier("repo", address)


def _declared_elsewhere(one: Known) -> str | None:
    """The address that a repository's own file gives, where it is another's: such a file was copied with the rest."""
    own, url = one.fields.code_repository, one.fields.url
    if not own or not url or "metadata" in one.tokens:
        return None
    address = canonical_repository(url)
    if address is None or address.lower() == own.lower() or address.count("/") < 4:
        return None
    theirs = fold(address.rpartition("/")[2]).replace(" ", "")
    same_owner = address.lower().startswith("https://" + "/".join(one.path[:2]).lower() + "/")
    return address if not same_owner or theirs == one.slug else None


def pairs_of(block: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    """Pairs of a block to compare: all of a small one; of a large one each with the likeliest origins, and those that
    share a text, a site or a body, or whose texts begin alike, with the next of them."""
    if len(block) <= evidence.MOST_COMPARED:
        yield from combinations(block, 2)
        return
    seen: set[tuple[str, str]] = set()
    for left, right in (*_with_the_first(block), *_neighbours(block)):
        pair = (left.id, right.id) if left.id < right.id else (right.id, left.id)
        if left is not right and pair not in seen:
            seen.add(pair)
            yield left, right


def _with_the_first(block: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    said = Counter(text for one in block for text in one.said)
    often = min(said, key=lambda text: (-said[text], text), default="")
    first = sorted(
        block, key=lambda one: (not one.lists, one.fields.fork is not False, -(one.fields.stars or 0), one.id)
    )
    first = [*first[:3], *(one for one in first if often in one.said)][:5]
    return ((one, other) for one in first for other in block)


_KEYS: tuple[Callable[[Known], Collection[str]], ...] = (
    lambda one: one.said,
    lambda one: (one.site,) if one.site else (),
    lambda one: one.bodies,
    lambda one: one.lists,
    lambda one: [text[:24] for text in one.said] or ["" if one.fields.fork else "-"],
)


def _neighbours(block: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    for key in _KEYS:
        for some in grouped((value, one) for one in block for value in sorted(key(one))).values():
            ordered = sorted(some, key=_by_text)
            reach = len(ordered) if len(ordered) <= evidence.MOST_COMPARED else 3
            for place, left in enumerate(ordered):
                yield from ((left, right) for right in ordered[place + 1 : place + 1 + reach])


def _by_text(one: Known) -> tuple[str, str]:
    return min(one.said, default=""), one.id


_Links = Mapping[str, Mapping[str, float]]
"""By id, the others that are copies of it or with it, and how likely (log odds)."""


def _clusters(corpus: Corpus, same: Pairs) -> Iterator[tuple[list[Known], _Links]]:
    """Repositories that are copies of each other or of one origin."""
    links: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for left, right, score in _compared(corpus):
        if score > 0 and frozenset((left.id, right.id)) not in same:
            links[left.id][right.id] = max(score, links[left.id].get(right.id, score))
            links[right.id][left.id] = links[left.id][right.id]
    by_id = {one.id: one for one in corpus.known}
    done: set[str] = set()
    for start in sorted(links):
        reached, waiting = [], [start]
        while waiting:
            id = waiting.pop()
            if id not in done:
                done.add(id)
                reached.append(id)
                waiting += links[id]
        if reached:
            yield [by_id[id] for id in sorted(reached)], links


def _compared(corpus: Corpus) -> Iterator[tuple[Known, Known, float]]:
    of_repositories = [one for one in corpus.known if one.slug and one.owner]
    for block in grouped((one.slug, one) for one in of_repositories).values():
        agreed = _agreed(corpus, block)
        for left, right in pairs_of(block):
            if left.owner != right.owner:
                yield left, right, likely_copy(corpus, left, right, agreed)
    said = (
        (text, one) for one in of_repositories for text in one.said if text.count(" ") >= 3 and corpus.telling(text)
    )
    for block in grouped(said).values():
        for left, right in pairs_of(block):
            forked = left.fields.fork or right.fields.fork
            if (
                left.owner != right.owner
                and left.slug != right.slug
                and (forked or left.site == right.site is not None)
            ):
                yield left, right, likely_copy(corpus, left, right, 0)
    for block in grouped((one.site, one) for one in corpus.known if one.site).values():
        products = [one for one in block if one.lists and not one.fields.fork]
        for left, right in ((product, one) for product in products[:4] for one in block if one.fields.fork):
            if left.owner != right.owner and left.slug != right.slug and right.slug:
                yield left, right, likely_copy(corpus, left, right, 0)


def _agreed(corpus: Corpus, block: Sequence[Known]) -> int:
    """How many forks of one name say the same."""
    said = Counter(text for one in block if one.fields.fork for text in one.said if corpus.telling(text))
    return max(said.values(), default=0)


def likely_copy(corpus: Corpus, left: Known, right: Known, agreed: int) -> float:
    """Log odds that one is a copy of the other, or both are copies of a third; `agreed`: as many forks of their name
    say the same."""
    if is_packaging(left) or is_packaging(right):
        return -9.0
    weigh, score = evidence.COPY, evidence.COPY_PRIOR
    flags = (left.fields.fork, right.fields.fork)
    if any(flags):
        score += weigh["fork"] + (weigh["both-forks"] if all(flags) else 0.0)
        score += weigh["of-many"] if agreed >= 8 else weigh["of-a-kind"] if agreed >= 3 else 0.0
        score += weigh["forked-product"] if left.lists or right.lists else 0.0
        score += weigh["later"] if _made_later(left, right) or _made_later(right, left) else 0.0
    elif flags == (False, False):
        score += weigh["no-fork"]
    alike = corpus.alike(left, right)
    if alike is not None:
        score += weigh["same-text"] if alike == 1.0 else weigh["alike-text"] if alike > 0.55 else 0.0
        score += weigh["unlike-text"] if alike < 0.2 else 0.0
    else:
        score += weigh["one-silent"] if left.words or right.words else weigh["no-text"]
        score += 0.0 if any(flags) else weigh["no-text-no-fork"]
    if left.site and right.site:
        score += weigh["same-site" if left.site == right.site else "other-site"]
    if left.slug != right.slug:
        return score
    score += weigh["spelled"] if left.tokens != right.tokens else 0.0
    return score + weigh["rare-name"] * max(-8.0, min(8.0, corpus.rarity(left.tokens) - evidence.RARE))


def _made_later(one: Known, fork: Known) -> bool:
    """Whether a fork is older than what it would be a copy of."""
    if one.fields.fork is not False or not fork.fields.fork or one.lists:
        return False
    return bool(one.created and fork.created and one.created > fork.created)


def is_packaging(one: Known) -> bool:
    """Whether its groups at the forge say that it holds how another's product is packed."""
    return not one.fields.fork and any(group.lower() in evidence.PACKAGING for group in one.path[1:-1])


def is_served(one: Known) -> bool:
    """Whether its groups or its text say that it is where a product runs."""
    groups = {group.lower() for group in one.path[1:-1]}
    return not one.fields.fork and not one.lists and bool((groups | one.words) & evidence.SERVING)


def _of_cluster(
    corpus: Corpus, cluster: Sequence[Known], links: _Links, declared: Mapping[str, Relation], same: Pairs
) -> Iterator[Relation]:
    origin = _origin(corpus, cluster)
    named = Counter((d.object, d.target) for one in cluster if (d := declared.get(one.id)))
    name, target = min(named, key=lambda key: (-named[key], str(key))) if named else (None, _family(cluster, corpus))
    sites: Counter[str | None] = Counter(one.site for one in cluster if one.site)
    near = _near(corpus, origin, cluster) if origin else {}
    for one in cluster:
        if one is origin or one.id in declared or one.id == name:
            continue
        if origin and frozenset((one.id, origin.id)) in same:
            continue
        over = max((min(score, near[other]) for other, score in links[one.id].items() if other in near), default=0.0)
        score = near.get(one.id) or (over if over >= evidence.COPY_OVER_ANOTHER else 0.0)
        if origin and score > 0:
            type = "instance" if _of_its_own(one, origin, sites) else "copy"
            code = "fork-with-site" if type == "instance" else _why(corpus, one, origin)
            why = reason(code, value=origin.called, name=one.repository)
            yield inferred(one.id, type, origin.id, "", score, why)
        elif one.fields.fork and name is None and target.startswith("family:"):
            yield _of_somebody(one, target)
        elif one.fields.fork or not origin:
            why = reason("like-copies", name=one.repository)
            yield inferred(one.id, "copy", name, target, max(links[one.id].values()), why)


def _near(corpus: Corpus, origin: Known, cluster: Sequence[Known]) -> dict[str, float]:
    """By id, how likely each is a copy of the origin as far as the two alone tell."""
    agreed = _agreed(corpus, cluster)
    scores = ((one.id, likely_copy(corpus, one, origin, agreed)) for one in cluster if one is not origin)
    return {id: score for id, score in scores if score > 0}


def _why(corpus: Corpus, one: Known, origin: Known) -> str:
    alike = corpus.alike(one, origin)
    return (
        "same-name-and-text"
        if alike is not None and alike > 0.55
        else "same-name-forked"
        if one.fields.fork
        else "same-name"
    )


def _of_its_own(one: Known, origin: Known, sites: Mapping[str | None, int]) -> bool:
    """Whether a fork has a site of its own: not its origin's, not one that other copies give, not named after it."""
    if not one.site or not one.fields.fork or one.site == origin.site or sites[one.site] > 1:
        return False
    host = one.site.partition("/")[0]
    theirs = (origin.site or "").partition("/")[0]
    return host != theirs and one.slug not in fold(one.site).replace(" ", "")


def _of_somebody(one: Known, target: str) -> Relation:
    """That a fork is a copy is the forge's word; of whom nobody says."""
    return Relation(
        subject=one.id,
        type="copy",
        object=None,
        target=target,
        basis=Basis.DECLARED,
        probability=1.0,
        because=reason("fork", name=one.repository or one.called),
    )


def _family(cluster: Sequence[Known], corpus: Corpus) -> str:
    """The name of an origin that is not in the catalogue: by what most copies are called and say."""
    slugs = Counter(one.slug or one.name for one in cluster)
    slug = min(slugs, key=lambda name: (-slugs[name], name))
    texts = Counter(text for one in cluster for text in one.said if corpus.telling(text))
    text = min(texts, key=lambda said: (-texts[said], said)) if texts else ""
    return minted(re.sub(r"\W+", "", slug), text)


def _origin(corpus: Corpus, cluster: Sequence[Known]) -> Known | None:
    """The one that the others are copies of; None where it is none of them."""
    ranked = sorted(
        ((_originality(corpus, one, cluster), one.id, one) for one in cluster if not one.fields.fork), reverse=True
    )
    if ranked and ranked[0][0] >= evidence.ORIGIN_LEAST:
        return ranked[0][2]
    return None


def _originality(corpus: Corpus, one: Known, cluster: Sequence[Known]) -> float:
    weigh, score = evidence.ORIGIN, 0.0
    if one.lists:
        score += weigh["curated"]
    if one.fields.fork is False:
        score += weigh["no-fork"]
    if one.created:
        others = [other.created for other in cluster if other is not one and other.created]
        if others:
            score += weigh["first"] if one.created <= min(others) else weigh["later"] if not one.lists else 0.0
    owner = re.sub(r"\W+", "", one.owner[1]) if one.owner else ""
    if len(owner) > 3 and len(one.slug) > 3 and (owner in one.slug or one.slug in owner):
        score += weigh["owner"]
    site = fold(one.site or "").replace(" ", "")
    if site and (len(owner) > 3 and owner in site):
        score += weigh["site"]
    if any(body and body in text for text in one.said for body in one.bodies):
        score += weigh["text"]
    spelled = Counter(other.tokens for other in cluster)
    if not one.lists:
        score += weigh["name" if spelled[one.tokens] == max(spelled.values()) else "other-name"]
    telling = [other for other in cluster if other is not one and min(len(other.words), len(one.words)) > 3]
    likeness = [corpus.alike(one, other) or 0.0 for other in telling[:200]]
    if (
        likeness
        and max(likeness) < 0.3
        and not any(other.site == one.site is not None for other in cluster[:50] if other is not one)
    ):
        score += weigh["unlike"] if not one.lists else 0.0
    most = max((other.fields.stars or 0 for other in cluster if other is not one), default=0)
    return score + weigh["stars"] * math.log10((1 + (one.fields.stars or 0)) / (1 + most))
