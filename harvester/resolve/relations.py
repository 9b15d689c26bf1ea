"""How softwares stand to each other: same, copy, mirror, part, instance, each with its reason. Nothing here merges.

reason code          args          the relation
parent               value         the forge names the repository that it was forked from
based-on             value         its own file says what it is based on
declared-url         value         its own file gives another's address: it was copied with it
fork                 name          the forge says that it is a fork, and of what nobody says
said-fork            value         its text says that it is a fork
same-name-and-text   name, value   a repository of the origin's name that says the same
same-name-forked     name, value   a fork of the origin's name
same-name            name, value   a repository of the origin's name
like-copies          name          other repositories of its name say the same, and the origin is not among them
fork-with-site       name, value   a fork with a site of its own
same-thing           name, value   one thing under two addresses, by name, text and site
one-body             name, value   one thing at two places of one organisation
former               name, value   an earlier state that its owner set aside
moved                name, value   its text says that it moved there, or was written anew
mirror               name, value   it says that it follows the other
shared-address       value         several things at one address
named-after          name, value   named after its whole, by one owner
suite                name, value   named like others of one suite, by one owner
one-site             value, site   of one owner at one site
points-to            value         its site is the other's repository
packaging            name, value   how another's product is packed
installation         name, value   how another's product is served
said                 name, value   its text names the other
stands-in            value         it is said to stand in for a product
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from harvester.model import Basis, Reason
from harvester.resolve.copies import copies
from harvester.resolve.parts import parts
from harvester.resolve.relation import TYPES, Corpus, Known, Node, Relation
from harvester.resolve.twins import twins

_FIRST = ("mirror", "same", "copy", "instance", "part", "replaces")

__all__ = ["TYPES", "Node", "Relation", "relations"]


def relations(nodes: Iterable[Node]) -> list[Relation]:
    """Every relation of every node, sorted; whatever the order of the nodes.

    A pair stands to each other in one way: one thing, else a copy, else a part. The time is near to linear.

    What is published is compared with what is published alone: what nobody let in says how it stands to others, never
    how they stand to it.
    """
    ordered = sorted(nodes, key=lambda node: node.id)
    published = [node for node in ordered if node.published]
    found = [*_compared(published), *_replacing(published)]
    if len(published) < len(ordered):
        shown = {node.id for node in published}
        found += [told for one in _compared(ordered) if (told := _of_the_other(one, shown)).subject not in shown]
    return sorted(found, key=lambda told: (told.subject, told.type, told.object or "", told.target))


def _compared(nodes: Sequence[Node]) -> list[Relation]:
    corpus = Corpus([Known(node) for node in nodes])
    one_thing = twins(corpus)
    taken = copies(corpus, {_pair(told) for told in one_thing})
    return list(_once((*one_thing, *taken, *parts(corpus))))


def _replacing(nodes: Iterable[Node]) -> Iterator[Relation]:
    """What each can stand in for. A product is named by the vocabulary, and is no software of the catalogue."""
    for node in nodes:
        for product in node.fields.replaces:
            because = Reason.of("relation.stands-in", value=product)
            yield Relation(
                subject=node.id,
                type="replaces",
                object=None,
                target=f"product:{product}",
                basis=Basis.INFERRED,
                probability=0.95,
                because=because,
            )


def _of_the_other(told: Relation, shown: Container[str]) -> Relation:
    """One thing is one thing from both sides: it is said of the one that waits."""
    if told.type == "same" and told.object is not None and told.subject in shown and told.object not in shown:
        return replace(told, subject=told.object, object=told.subject)
    return told


def _pair(told: Relation) -> frozenset[str]:
    return frozenset((told.subject, told.object or told.target))


def _once(found: Iterable[Relation]) -> Iterator[Relation]:
    """Each pair in one way: as declared, else by the kind that says most."""
    pairs: set[frozenset[str]] = set()
    for told in sorted(found, key=lambda told: (told.basis is not Basis.DECLARED, _FIRST.index(told.type))):
        pair = _pair(told)
        if told.subject != told.object and pair not in pairs:
            pairs.add(pair)
            yield told
