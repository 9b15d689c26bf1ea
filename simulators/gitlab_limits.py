"""What a query scores at GitLab, by its documentation and the published source of its scoring.

A field scores 1, and 1 more where it asks the repository's storage. Of a connection that a resolver serves, what is
asked of its nodes counts 1 % more for each node of the page. A query that scores more than 200 (250 with a token) is
refused, and so is one of more than 10,000 characters. Sources: docs.gitlab.com, "GraphQL API", "Limits";
app/graphql/types/base_field.rb and app/graphql/resolvers of gitlab-org/gitlab.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.utilities import value_from_ast_untyped

MOST_CHARACTERS = 10_000
ANONYMOUS, WITH_TOKEN = 200, 250
_PAGE = 100

_STORAGE = frozenset(("avatarUrl", "forksCount", "languages", "rootRef", "empty"))
"""Fields that ask the repository's storage."""
_RESOLVED = {"projects": 1, "group": 1, "releases": 1, "isForked": 1, "tree": 2, "blobs": 2}
"""Fields that a resolver serves, with what it adds to its children's score."""
_OF_GROUP = 10
"""What a group's projects score beyond an instance's."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """How an instance scores. `further_path`: what each path of `blobs` beyond the first adds (311 in 18.4.2)."""

    anonymous: int = ANONYMOUS
    with_token: int = WITH_TOKEN
    further_path: int = 1

    def limit(self, token: str | None) -> int:
        """The most that a query may score."""
        return self.with_token if token else self.anonymous

    def score(self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        """The score of an operation."""
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        return _Walk(fragments, variables, self.further_path).below(operation.selection_set, "Query")


@dataclass(frozen=True, slots=True)
class _Walk:
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    further_path: int

    def below(self, selections: SelectionSetNode | None, parent: str) -> int:
        return sum(self._one(selection, parent) for selection in (selections.selections if selections else ()))

    def _one(self, selection: Any, parent: str) -> int:
        if isinstance(selection, FieldNode):
            return self._field(selection, parent)
        if isinstance(selection, InlineFragmentNode):
            return self.below(selection.selection_set, parent)
        return self.below(self.fragments[selection.name.value].selection_set, parent)

    def _field(self, node: FieldNode, parent: str) -> int:
        name = node.name.value
        children = self.below(node.selection_set, name)
        if name not in _RESOLVED or (parent, name) in (("tree", "blobs"), ("nodes", "group")):
            return children + 1 + (name in _STORAGE)
        given = {one.name.value: value_from_ast_untyped(one.value, dict(self.variables)) for one in node.arguments}
        score = float(children + _RESOLVED[name])
        if (parent, name) == ("group", "projects"):
            score += _OF_GROUP
        if paths := given.get("paths"):
            score += 1 + (len(paths) - 1) * self.further_path
        if name in ("projects", "releases", "blobs"):
            score *= 1 + min(given.get("first") or _PAGE, _PAGE) / 100
        return int(score)
