"""How the simulated GitHub answers each field of its part of the schema.

A source is a plain dict by field names with `__typename`; only what must be computed from arguments has a resolver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

from simulators import github_paging as paging
from simulators.github_search import MOST_FOUND, searched
from simulators.github_sources import (
    blob_source,
    commit_source,
    language_source,
    license_source,
    made_id,
    nothing_pushed,
    owner_source,
    release_source,
    repo_source,
    topic_source,
    tree_source,
)
from simulators.github_store import GitHubStore, Owner, Repo, blob_oid

Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What resolving one query needs. `rate` is the rateLimit object as it is after this query's charge."""

    store: GitHubStore
    rate: Mapping[str, Any]
    absent_owner_is_error: bool = True


@lru_cache(maxsize=1)
def github_schema() -> GraphQLSchema:
    """The schema with its resolvers."""
    schema = build_schema(files("simulators").joinpath("github.graphql").read_text("utf-8"))
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = _typename
        elif isinstance(kind, GraphQLObjectType):
            for field_name, field in kind.fields.items():
                field.resolve = _RESOLVERS.get((name, field_name)) or _plain(field_name)
    return schema


def _typename(value: Mapping[str, Any], *_: Any) -> str:
    return str(value["__typename"])


def _plain(name: str) -> Resolver:
    def read(source: Mapping[str, Any], _info: Any, **_: Any) -> Any:
        return source.get(name)

    return read


def _resolve_object(
    source: Mapping[str, Any], _info: Any, expression: str | None = None, oid: str | None = None
) -> Any:
    repo: Repo = source["_repo"]
    if oid is not None:
        return next((blob_source(repo, text) for text in repo.files.values() if blob_oid(text) == oid), None)
    branch, colon, path = (expression or "").partition(":")
    if branch not in ("HEAD", repo.default_branch) or nothing_pushed(repo):
        return None
    if not colon:
        return commit_source(repo)
    if not path:
        return tree_source(repo)
    text = repo.files.get(path)
    return None if text is None else blob_source(repo, text)


def _resolve_owner(source: Mapping[str, Any], info: Any) -> Any:
    login = source["_repo"].owner
    return owner_source(info.context.store.owner(login) or Owner(login=login))


def _resolve_parent(source: Mapping[str, Any], info: Any) -> Any:
    """A parent outside the store has still its name and address, as on the real one."""
    name = source["_repo"].parent
    if name is None:
        return None
    owner, _, short = name.partition("/")
    return repo_source(info.context.store.repo(name) or Repo(owner=owner, name=short))


def _resolve_languages(source: Mapping[str, Any], _info: Any, **arguments: Any) -> Any:
    languages: Mapping[str, int] | None = source["_repo"].languages
    if languages is None:
        return None
    order = arguments.pop("orderBy", None)
    sizes = sorted(languages.items(), key=lambda one: (-one[1], one[0])) if order else list(languages.items())
    if order and order["direction"] == "ASC":
        sizes.reverse()
    page = paging.window([language_source(name) for name, _ in sizes], arguments)
    for edge, (_, size) in zip(page["edges"], sizes[page["_start"] :], strict=False):
        edge["size"] = size
    return {**page, "totalSize": sum(languages.values())}


def _resolve_topics(source: Mapping[str, Any], _info: Any, **arguments: Any) -> Any:
    return paging.window([topic_source(name) for name in source["_repo"].topics], arguments)


def _resolve_releases(source: Mapping[str, Any], _info: Any, **arguments: Any) -> Any:
    release = release_source(source["_repo"])
    return paging.window([release] if release else [], arguments)


def _resolve_license(source: Mapping[str, Any], _info: Any) -> Any:
    found = source["_repo"].license
    return None if found is None else license_source(*found)


def _resolve_branch(source: Mapping[str, Any], _info: Any) -> Any:
    repo: Repo = source["_repo"]
    if nothing_pushed(repo):
        return None
    name = repo.default_branch
    made = {
        "__typename": "Ref",
        "id": made_id("Ref", f"{repo.full_name}:{name}"),
        "name": name,
        "prefix": "refs/heads/",
    }
    return {**made, "_repo": repo, "target": commit_source(repo)}


def _resolve_repositories(source: Mapping[str, Any], info: Any, **arguments: Any) -> Any:
    repos = info.context.store.repos_of(source["login"])
    return paging.repositories(repos, arguments, repo_source)


def _resolve_own_repository(source: Mapping[str, Any], info: Any, name: str, **arguments: Any) -> Any:
    return _resolve_repository(source, info, owner=source["login"], name=name, **arguments)


def _resolve_repository(_source: Any, info: Any, owner: str, name: str, followRenames: bool = True) -> Any:
    full_name = f"{owner}/{name}"
    store: GitHubStore = info.context.store
    repo = store.repo(full_name) or (store.renamed(full_name) if followRenames else None)
    if repo is None:
        raise _not_found(f"Could not resolve to a Repository with the name '{full_name}'.")
    return repo_source(repo)


def _resolve_account(kind: str, article: str) -> Resolver:
    def resolve(_source: Any, info: Any, login: str) -> Any:
        owner = info.context.store.owner(login)
        if owner is not None and kind in (owner.type, "RepositoryOwner"):
            return owner_source(owner)
        if kind == "RepositoryOwner" and not info.context.absent_owner_is_error:
            return None
        raise _not_found(f"Could not resolve to {article} {kind} with the login of '{login}'.")

    return resolve


def _resolve_node(_source: Any, info: Any, id: str) -> Any:
    repo = info.context.store.by_node(id)
    if repo is None:
        raise _not_found(f"Could not resolve to a node with the global id of '{id}'")
    return repo_source(repo)


def _resolve_nodes(_source: Any, info: Any, ids: Sequence[str]) -> Any:
    if len(ids) > 100:
        raise GraphQLError("You may not provide more than 100 node ids.", extensions={"type": "ARGUMENT_LIMIT"})
    found = [(one, info.context.store.by_node(one)) for one in ids]
    missing = "Could not resolve to a node with the global id of '{}'"
    return [_not_found(missing.format(one)) if repo is None else repo_source(repo) for one, repo in found]


def _resolve_search(_source: Any, info: Any, query: str, type: str, **arguments: Any) -> Any:
    found = searched(info.context.store, query) if type == "REPOSITORY" else []
    page = paging.window([repo_source(repo) for repo in found[:MOST_FOUND]], arguments)
    counts = {f"{kind}Count": 0 for kind in ("code", "discussion", "issue", "user", "wiki")}
    return {**page, **counts, "repositoryCount": len(found)}


def _not_found(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


def _own_repo(source: Mapping[str, Any], _info: Any) -> Any:
    return repo_source(source["_repo"])


_RESOLVERS: Mapping[tuple[str, str], Resolver] = {
    ("Query", "rateLimit"): lambda _source, info, **_: info.context.rate,
    ("Query", "id"): lambda *_: "Query",
    ("Query", "licenses"): lambda *_: [],
    ("Query", "viewer"): lambda *_: owner_source(Owner(login="simulated-visitor", type="User", database_id=1)),
    ("Query", "organization"): _resolve_account("Organization", "an"),
    ("Query", "user"): _resolve_account("User", "a"),
    ("Query", "repositoryOwner"): _resolve_account("RepositoryOwner", "a"),
    ("Query", "repository"): _resolve_repository,
    ("Query", "node"): _resolve_node,
    ("Query", "nodes"): _resolve_nodes,
    ("Query", "topic"): lambda _source, _info, name: topic_source(name)["topic"],
    ("Query", "license"): lambda *_, **__: None,
    ("Query", "resource"): lambda *_, **__: None,
    ("Organization", "repositories"): _resolve_repositories,
    ("User", "repositories"): _resolve_repositories,
    ("Organization", "repository"): _resolve_own_repository,
    ("User", "repository"): _resolve_own_repository,
    ("Repository", "owner"): _resolve_owner,
    ("Repository", "isInOrganization"): lambda source, info: (
        _resolve_owner(source, info)["__typename"] == "Organization"
    ),
    ("Repository", "parent"): _resolve_parent,
    ("Repository", "object"): _resolve_object,
    ("Repository", "languages"): _resolve_languages,
    ("Repository", "repositoryTopics"): _resolve_topics,
    ("Repository", "releases"): _resolve_releases,
    ("Repository", "latestRelease"): lambda source, _info: release_source(source["_repo"]),
    ("Repository", "licenseInfo"): _resolve_license,
    ("Repository", "defaultBranchRef"): _resolve_branch,
    ("Query", "search"): _resolve_search,
    ("Commit", "tree"): lambda source, _info: tree_source(source["_repo"]),
    ("TreeEntry", "object"): lambda source, _info: (
        blob_source(source["_repo"], source["_text"]) if source["type"] == "blob" else None
    ),
    ("Repository", "primaryLanguage"): lambda source, _info: (
        language_source(source["_repo"].primary_language) if source["_repo"].primary_language else None
    ),
    **{(kind, "repository"): _own_repo for kind in ("Release", "Ref", "Blob", "Tree", "TreeEntry", "Commit")},
}
