"""Parts: plug-ins, clients, documentation, sites, data and packagings, each with what it belongs to.

An owner's name alone makes no part: a part is named after its whole, says so, lives at its site, or shares its address.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from harvester.assess.words import fold
from harvester.model import Identifier
from harvester.normalize.urls import canonical_repository
from harvester.resolve import evidence
from harvester.resolve.claims import whole
from harvester.resolve.copies import is_packaging, is_served
from harvester.resolve.relation import Corpus, Known, Relation, grouped, inferred, minted, reason


def parts(corpus: Corpus) -> list[Relation]:
    """Each part with each of its wholes, the likeliest reason for each."""
    found: dict[tuple[str, str | None, str], Relation] = {}
    for teller in (_of_an_address, _of_a_name, _at_a_site, _packaged, _said):
        for relation in teller(corpus):
            key = (relation.subject, relation.object, relation.target)
            if relation.subject != relation.object and (
                key not in found or found[key].probability < relation.probability
            ):
                found[key] = relation
    return [one for one in found.values() if not _worse_way_round(one, found)]


def _worse_way_round(one: Relation, found: dict[tuple[str, str | None, str], Relation]) -> bool:
    other = found.get((one.object or "", one.subject, ""))
    return other is not None and (other.probability, other.subject) > (one.probability, one.subject)


def _of_an_address(corpus: Corpus) -> Iterator[Relation]:
    """What several entries of one source call by different names, at one address."""
    claims = (
        (name, one) for one in corpus.known for name in dict.fromkeys(filter(None, map(whole, one.node.identifiers)))
    )
    for address, block in grouped(claims).items():
        main = corpus.having.get(address) or next((one for one in block if one.name == one.slug), None)
        for one in block:
            if one is not main:
                target = "" if main else str(address)
                why = reason("shared-address", value=main.called if main else str(address))
                yield inferred(one.id, "part", main.id if main else None, target, 2.5, why)


_VERSION = re.compile(r"v?\d{1,8}")


def _prefixes(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for length in range(1, len(tokens)):
        yield tuple(tokens[:length])


def _names_something(tokens: Sequence[str]) -> bool:
    """Whether words of a repository's name are those of one thing."""
    telling = [token for token in tokens if token not in evidence.GENERIC and token not in evidence.STACK]
    return sum(map(len, telling)) >= 3 and any(not token.isdigit() for token in telling)


def _of_a_name(corpus: Corpus) -> Iterator[Relation]:
    """Repositories of one account: "decidim-module-x" and "docs-decidim" are parts of "decidim"."""
    for owner, block in grouped((one.owner, one) for one in corpus.known if one.owner and one.repository).items():
        named: dict[tuple[str, ...], Known] = {}
        for one in block:
            named.setdefault(one.tokens, one)
        loose: defaultdict[str, list[Known]] = defaultdict(list)
        for one in block:
            wholes = list(_wholes(one, named))
            for head, score in wholes:
                why = reason("named-after", value=head.called, name=one.repository)
                yield inferred(one.id, "part", head.id, "", score, why)
            if len(one.tokens) > 1 and not wholes and _names_something(one.tokens[:1]):
                loose[one.tokens[0]].append(one)
        for prefix, some in loose.items():
            if (prefix,) not in named and 1 < len(some) <= evidence.MOST_OF_A_SUITE and corpus.owns(owner, prefix):
                yield from _of_a_prefix(prefix, some)


def _wholes(one: Known, named: dict[tuple[str, ...], Known]) -> Iterator[tuple[Known, float]]:
    tokens = one.tokens
    heads = [
        head
        for prefix in _prefixes(tokens)
        if (head := named.get(prefix)) and head is not one and _names_something(prefix)
    ]
    rest = tokens[len(heads[0].tokens) :] if heads else ()
    if heads and not all(_VERSION.fullmatch(token) or token in evidence.FORMER for token in rest):
        for head in dict.fromkeys((heads[0], heads[-1])):
            yield head, 1.5
    for start in range(1, len(tokens)):
        head = named.get(tokens[start:])
        partial = any(token in evidence.OF_A_PART or token.endswith("ext") for token in tokens[:start])
        if partial and head and head is not one and _names_something(tokens[start:]):
            yield head, 1.2
            break


def _of_a_prefix(prefix: str, some: Sequence[Known]) -> Iterator[Relation]:
    """Of repositories with one prefix that is the account's own, and none of that name: the parts of the one that is
    called its core; else of a suite, where they name a part of it, say its name or share its site."""
    by_tokens = {one.tokens: one for one in some}
    main = next((one for word in evidence.AT_THE_CORE if (one := by_tokens.get((prefix, word)))), None)
    account = re.sub(r"\W+", "", (some[0].owner or ("", ""))[1])
    project = account == prefix or account.startswith(prefix)
    sites: Counter[str | None] = Counter(one.site for one in some if one.site)
    told = [
        one
        for one in some
        if one.tokens[1] in evidence.OF_A_PART
        or any(prefix in text.split() for text in one.said)
        or sites[one.site] > 1
    ]
    for one in some:
        if main and one is not main and one in told:
            why = reason("named-after", value=main.called, name=one.repository)
            yield inferred(one.id, "part", main.id, "", 0.9, why)
        elif not main and one in told and len(told) > 1 and not project and len(prefix) > 3:
            target = minted(prefix, "/".join(one.owner or ()))
            yield inferred(one.id, "part", None, target, 0.5, reason("suite", value=prefix, name=one.repository))


def _at_a_site(corpus: Corpus) -> Iterator[Relation]:
    """Repositories of one account at one site that is neither the account's own nor a third's; or whose site is a
    repository."""
    yield from _pointing(corpus)
    accounts: defaultdict[str | None, set[object]] = defaultdict(set)
    for one in corpus.known:
        if one.owner and not one.fields.fork:
            accounts[one.site].add(one.owner)
    for block in grouped(((one.owner, one.site), one) for one in corpus.known if one.owner and one.site).values():
        of_many = len(block) > evidence.MOST_OF_A_SITE or len(accounts[block[0].site]) > evidence.MOST_AT_A_SITE
        if of_many or _own_site(block[0]) or all(one.fields.fork for one in block):
            continue
        main = max(block, key=_wholeness)
        for one in block:
            if one is not main and one.slug != main.slug:
                why = reason("one-site", value=main.called, site=one.site or "")
                yield inferred(one.id, "part", main.id, "", 1.2, why)


def _pointing(corpus: Corpus) -> Iterator[Relation]:
    for one in corpus.known:
        address = canonical_repository(one.fields.landing_url) if one.fields.landing_url else None
        if not address or not one.owner or address.count("/") < 4:
            continue
        head = corpus.having.get(Identifier("repo", address)) or corpus.having.get(Identifier("repo", address.lower()))
        if head and head is not one and head.owner == one.owner:
            yield inferred(one.id, "part", head.id, "", 1.8, reason("points-to", value=head.called))


def _own_site(one: Known) -> bool:
    """Whether a site is its account's: all its things stand there, and are no parts of each other."""
    host = (one.site or "").partition("/")[0]
    account = re.sub(r"\W+", "", one.owner[1]) if one.owner else ""
    name = re.sub(r"\W+", "", host.rpartition(".")[0])
    return "/" not in (one.site or "") and len(account) > 3 and (account in name or name in account)


def _wholeness(one: Known) -> tuple[object, ...]:
    """Which of several is the whole: what catalogues name, what its site is called after, the shortest name."""
    partial = sum(token in evidence.OF_A_PART for token in one.tokens)
    site = fold(one.site or "").replace(" ", "")
    return (
        len(one.lists),
        not partial,
        bool(one.slug) and one.slug in site,
        one.fields.fork is not True,
        -partial,
        one.fields.stars or 0,
        -len(one.tokens),
        one.id,
    )


def _packaged(corpus: Corpus) -> Iterator[Relation]:
    """How another's product is packed ("docker-images/elasticsearch"), and where it is served ("services/keycloak")."""
    products: dict[str, Known] = {}
    for one in corpus.known:
        for name in (one.name, one.slug):
            if one.lists and len(name) > 3 and name not in evidence.GENERIC:
                products.setdefault(name, one)
    for one in corpus.known:
        head = products.get(one.slug)
        if not head or not one.owner or one.lists or one.fields.fork or head.owner == one.owner:
            continue
        where = "/".join(one.path[1:])
        if is_packaging(one):
            yield inferred(one.id, "part", head.id, "", 1.0, reason("packaging", value=head.called, name=where))
        elif is_served(one):
            yield inferred(one.id, "instance", head.id, "", 0.7, reason("installation", value=head.called, name=where))
        elif one.words & evidence.OF_A_PART and len(one.words) < 16:
            yield inferred(one.id, "part", head.id, "", 0.3, reason("packaging", value=head.called, name=where))


_KIND = (
    r"(?:plug-?ins?|modules?|extensions?|add-?ons?|themes?|clients?|wrappers?|bindings?|connect(?:o|eu)rs?|adapters?|sdk|"
    r"middlewares?|documentation|greffons?|th[eè]mes?|patch(?:es)?|helm chart|docker image|front-?end|back-?end)"
)
_NAME = r"([A-Z0-9][\w.+-]{0,40}(?: [A-Z0-9][\w.+-]{0,40}){0,2})"
_FOR = re.compile(
    rf"\b(?i:{_KIND}(?: (?:for|pour|de|du|of|per|para|voor|to|für) | (?:for the |pour l[ea] |of the |d['’]))){_NAME}"
)
_OF = re.compile(rf"\b{_NAME}['’s]{{0,2}} (?i:{_KIND})\b")


def _said(corpus: Corpus) -> Iterator[Relation]:
    """What a text names: "a plug-in for CKAN", "a CKAN extension", and things of one account by a name of its own."""
    heads: defaultdict[str, list[Known]] = defaultdict(list)
    for one in corpus.known:
        for name in {one.slug, one.name}:
            if corpus.may_be_a_name(name):
                heads[name].append(one)
    for one in corpus.known:
        for text in one.texts:
            for match in (*_FOR.finditer(text), *_OF.finditer(text)):
                words = fold(match[1]).split()
                spans = (words[:length] for length in (3, 2, 1)) if match.re is _FOR else (words[-1:], words[-2:])
                head = next((head for some in spans if (head := _meant(one, heads.get("".join(some), ())))), None)
                if head:
                    why = reason("said", value=head.called, name=one.called)
                    yield inferred(one.id, "part", head.id, "", 0.9, why)
        for word in sorted(one.words) if one.owner else ():
            head = next((head for head in heads.get(word, ()) if head.owner == one.owner and head is not one), None)
            if head and not _of_the_account(head) and corpus.owns(one.owner, word):
                yield inferred(one.id, "part", head.id, "", 0.4, reason("said", value=head.called, name=one.called))


def _of_the_account(head: Known) -> bool:
    """Whether a thing is called as its account is: a text that names it may mean the people."""
    return head.owner is not None and re.sub(r"\W+", "", head.owner[1]) in (head.slug, head.name) and not head.lists


def _meant(one: Known, heads: Sequence[Known]) -> Known | None:
    """Of those that bear a name, the one that is meant: of the same account, or else the product of that name."""
    others = [head for head in heads if head is not one]
    near = next((head for head in others if one.owner and head.owner == one.owner), None)
    products = [head for head in others if head.lists]
    if near or not products or len({head.name for head in products}) > 1:
        return near
    return max(products, key=lambda head: (head.fields.stars or 0, head.id))
