"""How the simulated GitHub answers each field of its part of the schema.

A source is a plain dict by field names with `__typename`; only what must be computed from arguments has a resolver.
"""

from __future__ import annotations

import base64
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
    build_schema,
    get_named_type,
)

from demo import github_paging as paging
from demo.github_store import (
    EPOCH,
    GitHubStore,
    Owner,
    Repo,
    blob_oid,
    node_id,
    number,
    owner_id,
    owner_node_id,
)

MAX_TEXT = 512_000
"""Bytes of a file that GraphQL gives as text; the rest is cut and the blob says so."""

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
    schema = build_schema(files("demo").joinpath("github.graphql").read_text("utf-8"))
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = _typename
        elif isinstance(kind, GraphQLObjectType):
            for field_name, field in kind.fields.items():
                resolver = _RESOLVERS.get((name, field_name)) or _RESOLVERS.get(("*", field_name))
                if resolver is None or (name, field_name) in _PLAIN:
                    resolver = _plain(field_name, many=get_named_type(field.type) is not field.type)
                field.resolve = resolver
    return schema


def _typename(value: Mapping[str, Any], *_: Any) -> str:
    return str(value["__typename"])


def _plain(name: str, *, many: bool) -> Resolver:  # noqa: ARG001 - one reader for every plain field
    def read(source: Mapping[str, Any], _info: Any, **_: Any) -> Any:
        return source.get(name)

    return read


def owner_source(owner: Owner) -> dict[str, Any]:
    """An Organization or User."""
    return {
        "__typename": owner.type,
        "login": owner.login,
        "id": owner_node_id(owner),
        "databaseId": owner.database_id,
        "name": owner.name,
        "location": owner.location,
        "websiteUrl": owner.website,
        "createdAt": EPOCH,
        "isVerified": False,
        "avatarUrl": f"https://avatars.githubusercontent.com/u/{owner_id(owner)}?v=4",
        "resourcePath": f"/{owner.login}",
        "url": f"https://github.com/{owner.login}",
    }


def repo_source(repo: Repo) -> dict[str, Any]:
    """A Repository, without what needs arguments."""
    created = repo.created_at or EPOCH
    return {
        "__typename": "Repository",
        "_repo": repo,
        "id": node_id(repo),
        "databaseId": repo.database_id,
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "url": repo.url,
        "resourcePath": f"/{repo.full_name}",
        "description": repo.description,
        "homepageUrl": repo.homepage,
        "createdAt": created,
        "pushedAt": repo.pushed_at,
        "updatedAt": repo.pushed_at or created,
        "stargazerCount": repo.stars,
        "forkCount": repo.forks,
        "visibility": "PUBLIC",
        "isArchived": repo.archived,
        "isFork": repo.fork,
        "isTemplate": repo.template,
        "isEmpty": False,
        **dict.fromkeys(("isDisabled", "isLocked", "isMirror", "isPrivate"), False),
        **dict.fromkeys(("hasIssuesEnabled", "hasProjectsEnabled", "hasWikiEnabled"), True),
    }


def _license(spdx: str | None, name: str) -> dict[str, Any]:
    key = (spdx or "other").lower()
    pseudo = spdx in (None, "NOASSERTION")
    url = None if pseudo else f"http://choosealicense.com/licenses/{key}/"
    named = {"__typename": "License", "id": _made("License", key), "key": "other" if pseudo else key, "name": name}
    return {**named, "spdxId": spdx, "url": url, "pseudoLicense": pseudo}


def _release(repo: Repo) -> dict[str, Any] | None:
    if repo.release is None:
        return None
    tag, published = repo.release
    path = f"/{repo.full_name}/releases/tag/{tag}"
    made = number(f"{repo.full_name} {tag}")
    times = {"createdAt": published, "publishedAt": published, "updatedAt": published}
    named = {"__typename": "Release", "id": _made("Release", str(made)), "databaseId": made, "name": tag, "_repo": repo}
    flags = {"isDraft": False, "isLatest": True, "isPrerelease": False}
    return {**named, **times, **flags, "tagName": tag, "resourcePath": path, "url": f"https://github.com{path}"}


def _made(kind: str, key: str) -> str:
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def _language(name: str) -> dict[str, Any]:
    return {"__typename": "Language", "id": _made("Language", name), "name": name, "color": None}


def _topic(name: str) -> dict[str, Any]:
    path = f"/topics/{name}"
    topic = {"__typename": "Topic", "id": _made("Topic", name), "name": name, "stargazerCount": 0}
    made = {"__typename": "RepositoryTopic", "id": _made("RepositoryTopic", name), "topic": topic}
    return {**made, "resourcePath": path, "url": f"https://github.com{path}"}


def _object(repo: Repo, oid: str, kind: str) -> dict[str, Any]:
    path = f"/{repo.full_name}/commit/{oid}"
    return {
        "__typename": kind,
        "_repo": repo,
        "id": _made(kind, f"{repo.full_name}:{oid}"),
        "oid": oid,
        "abbreviatedOid": oid[:7],
        "commitResourcePath": path,
        "commitUrl": f"https://github.com{path}",
        "resourcePath": path,
        "url": f"https://github.com{path}",
    }


def _blob(repo: Repo, text: str) -> dict[str, Any]:
    raw = text.encode()
    cut = len(raw) > MAX_TEXT
    shown = raw[:MAX_TEXT].decode(errors="ignore") if cut else text
    content = {"byteSize": len(raw), "isBinary": False, "isTruncated": cut, "text": shown}
    return {**_object(repo, blob_oid(text), "Blob"), **content}


def _tree(repo: Repo) -> dict[str, Any]:
    entries = [
        {
            "__typename": "TreeEntry",
            "_repo": repo,
            "name": path.rsplit("/", 1)[-1],
            "path": path,
            "oid": blob_oid(text),
            "size": len(text.encode()),
            "extension": "." + path.rsplit(".", 1)[-1] if "." in path else "",
            "mode": 0o100644,
            "type": "blob",
            "object": _blob(repo, text),
        }
        for path, text in sorted(repo.files.items())
    ]
    return {**_object(repo, blob_oid("tree " + repo.full_name), "Tree"), "entries": entries}


def _commit(repo: Repo) -> dict[str, Any]:
    made = _object(repo, blob_oid("commit " + repo.full_name), "Commit")
    return {**made, "committedDate": repo.pushed_at or repo.created_at or EPOCH, "tree": _tree(repo)}


def _resolve_object(source: Mapping[str, Any], _info: Any, expression: str | None = None, oid: str | None = None) -> Any:
    repo: Repo = source["_repo"]
    if oid is not None:
        return next((_blob(repo, text) for text in repo.files.values() if blob_oid(text) == oid), None)
    branch, colon, path = (expression or "").partition(":")
    if branch not in ("HEAD", repo.default_branch):
        return None
    if not colon:
        return _commit(repo)
    if not path:
        return _tree(repo)
    text = repo.files.get(path)
    return None if text is None else _blob(repo, text)


def _resolve_owner(source: Mapping[str, Any], info: Any) -> Any:
    owner = info.context.store.owner(source["_repo"].owner)
    return owner_source(owner)


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
    page = paging.window([_language(name) for name, _ in sizes], arguments)
    for edge, (_, size) in zip(page["edges"], sizes[page["_start"] :], strict=False):
        edge["size"] = size
    return {**page, "totalSize": sum(languages.values())}


def _resolve_topics(source: Mapping[str, Any], _info: Any, **arguments: Any) -> Any:
    return paging.window([_topic(name) for name in source["_repo"].topics], arguments)


def _resolve_releases(source: Mapping[str, Any], _info: Any, **arguments: Any) -> Any:
    release = _release(source["_repo"])
    return paging.window([release] if release else [], arguments)


def _resolve_license(source: Mapping[str, Any], _info: Any) -> Any:
    found = source["_repo"].license
    return None if found is None else _license(*found)


def _resolve_branch(source: Mapping[str, Any], _info: Any) -> Any:
    repo: Repo = source["_repo"]
    name = repo.default_branch
    made = {"__typename": "Ref", "id": _made("Ref", f"{repo.full_name}:{name}"), "name": name, "prefix": "refs/heads/"}
    return {**made, "_repo": repo, "target": _commit(repo)}


def _resolve_repositories(source: Mapping[str, Any], info: Any, **arguments: Any) -> Any:
    repos = info.context.store.repos_of(source["login"])
    return paging.repositories(repos, arguments, repo_source)


def _resolve_own_repository(source: Mapping[str, Any], info: Any, name: str, **arguments: Any) -> Any:
    return _resolve_repository(source, info, owner=source["login"], name=name, **arguments)


def _resolve_repository(_source: Any, info: Any, owner: str, name: str, followRenames: bool = True) -> Any:  # noqa: N803
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
    found = [info.context.store.by_node(one) for one in ids]
    return [None if repo is None else repo_source(repo) for repo in found]


def _not_found(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


def _own_repo(source: Mapping[str, Any], _info: Any) -> Any:
    return repo_source(source["_repo"])


_PLAIN: frozenset[tuple[str, str]] = frozenset()

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
    ("Query", "topic"): lambda _source, _info, name: _topic(name)["topic"],
    ("Query", "license"): lambda *_, **__: None,
    ("Query", "resource"): lambda *_, **__: None,
    ("Organization", "repositories"): _resolve_repositories,
    ("User", "repositories"): _resolve_repositories,
    ("Organization", "repository"): _resolve_own_repository,
    ("User", "repository"): _resolve_own_repository,
    ("Repository", "owner"): _resolve_owner,
    ("Repository", "isInOrganization"): lambda source, info: (
        info.context.store.owner(source["_repo"].owner).type == "Organization"
    ),
    ("Repository", "parent"): _resolve_parent,
    ("Repository", "object"): _resolve_object,
    ("Repository", "languages"): _resolve_languages,
    ("Repository", "repositoryTopics"): _resolve_topics,
    ("Repository", "releases"): _resolve_releases,
    ("Repository", "latestRelease"): lambda source, _info: _release(source["_repo"]),
    ("Repository", "licenseInfo"): _resolve_license,
    ("Repository", "defaultBranchRef"): _resolve_branch,
    ("Repository", "primaryLanguage"): lambda source, _info: (
        _language(source["_repo"].primary_language) if source["_repo"].primary_language else None
    ),
    **{(kind, "repository"): _own_repo for kind in ("Release", "Ref", "Blob", "Tree", "TreeEntry", "Commit")},
}
