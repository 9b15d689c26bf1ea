"""The simulated GitLab's GraphQL: executed over a part of the documented schema, scored and limited as GitLab does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.responses import Response

from simulators.exchange import Ask, as_json
from simulators.github_store import EPOCH, blob_oid, number
from simulators.gitlab_limits import MOST_CHARACTERS, Scoring
from simulators.gitlab_store import GitLabStore, Project, name_with_namespace

PAGE = 100


@dataclass(frozen=True, slots=True)
class Context:
    """What resolving one query needs."""

    host: str
    store: GitLabStore
    complexity: Mapping[str, int]


@lru_cache(maxsize=2)
def gitlab_schema(*, origins: bool = True) -> GraphQLSchema:
    """The schema with its resolvers. `origins`: projects tell what they were forked from, as older releases do not."""
    text = files("simulators").joinpath("gitlab.graphql").read_text("utf-8")
    schema = build_schema(text if origins else text.replace("  forkedFrom: Project\n", ""))
    for name, kind in schema.type_map.items():
        if not name.startswith("__") and isinstance(kind, GraphQLObjectType):
            for field_name, field in kind.fields.items():
                field.resolve = _RESOLVERS.get((name, field_name)) or _plain(field_name)
    return schema


def answer(ask: Ask, host: str, store: GitLabStore, scoring: Scoring, *, origins: bool = True) -> Response:
    """The answer to one query that was posted."""
    ask.operation = "POST /api/graphql"
    try:
        asked = json.loads(ask.body)
        query, variables = str(asked["query"]), dict(asked.get("variables") or {})
    except (ValueError, KeyError, TypeError):
        return as_json({"errors": [{"message": "Unexpected end of document"}]}, 422)
    ask.unit = " ".join(f"{name}={value}" for name, value in sorted(variables.items()))[:1000]
    if len(query) > MOST_CHARACTERS:
        return _refused(f"Query too large ({len(query)} characters, at most {MOST_CHARACTERS})")
    checked = _checked(query, origins)
    if isinstance(checked, list):
        return as_json({"errors": [error.formatted for error in checked]})
    operation = get_operation_ast(checked)
    if operation is None:
        return _refused("An operation name is required")
    score, limit = scoring.score(checked, operation, variables), scoring.limit(ask.token)
    if score > limit:
        return _refused(f"Query has complexity of {score}, which exceeds max complexity of {limit}")
    context = Context(host, store, {"score": score, "limit": limit})
    result = execute_sync(gitlab_schema(origins=origins), checked, context_value=context, variable_values=variables)
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = [error.formatted for error in result.errors]
    return as_json(told)


def _refused(message: str) -> Response:
    return as_json({"errors": [{"message": message}]})


@lru_cache(maxsize=256)
def _checked(query: str, origins: bool) -> DocumentNode | list[GraphQLError]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(gitlab_schema(origins=origins), document) or document


def _plain(name: str) -> Callable[..., Any]:
    def read(source: Mapping[str, Any], _info: Any, **_: Any) -> Any:
        return source.get(name)

    return read


def _project(host: str, project: Project) -> dict[str, Any]:
    url = f"https://{host}/{project.path}"
    namespace = {
        "id": f"gid://gitlab/Group/{number(project.namespace)}",
        "name": project.namespace.rsplit("/", 1)[-1],
        "path": project.namespace.rsplit("/", 1)[-1],
        "fullPath": project.namespace,
    }
    group = None if project.owned_by_user else namespace | {"webUrl": f"https://{host}/groups/{project.namespace}"}
    return {
        "id": f"gid://gitlab/Project/{project.id}",
        "name": project.name,
        "nameWithNamespace": name_with_namespace(project),
        "path": project.path.rsplit("/", 1)[-1],
        "fullPath": project.path,
        "description": project.description,
        "webUrl": url,
        "httpUrlToRepo": f"{url}.git",
        "avatarUrl": None,
        "createdAt": project.created_at or EPOCH,
        "lastActivityAt": project.active_at or project.created_at or EPOCH,
        "starCount": project.stars,
        "forksCount": project.forks,
        "openIssuesCount": project.issues,
        "archived": project.archived,
        "visibility": "public",
        "topics": list(project.topics),
        "isForked": project.forked_from is not None,
        "_project": project,
        "group": group,
        "namespace": None if project.owned_by_user else namespace,
        "languages": [{"name": name, "share": share} for name, share in project.languages.items()],
        "releases": {"nodes": [{"tagName": project.release[0], "releasedAt": project.release[1]}]}
        if project.release
        else {"nodes": []},
        "repository": None if project.closed else {"_of": project, "rootRef": project.branch, "empty": project.empty},
    }


def _connection(info: Any, projects: Sequence[Project], first: int | None, after: str | None) -> dict[str, Any]:
    """Newest first, as GitLab lists by default. A cursor holds the number, so what comes or goes shifts nothing."""
    ordered = sorted(projects, key=lambda one: -one.id)
    if after is not None:
        ordered = [project for project in ordered if project.id < _number_of(after)]
    size = min(first if first is not None else PAGE, PAGE)
    shown = ordered[:size]
    cursor = base64.b64encode(json.dumps({"id": str(shown[-1].id)}).encode()).decode() if shown else None
    return {
        "count": len(projects),
        "nodes": [_project(info.context.host, project) for project in shown],
        "pageInfo": {"endCursor": cursor, "hasNextPage": len(ordered) > size},
    }


def _number_of(cursor: str) -> int:
    try:
        return int(json.loads(base64.b64decode(cursor, validate=True))["id"])
    except (ValueError, KeyError, TypeError):
        raise GraphQLError("Please provide a valid cursor") from None


def _resolve_group(_source: Any, info: Any, fullPath: str) -> Any:
    path = info.context.store.groups().get(fullPath.lower())
    if path is None:
        return None
    page = f"https://{info.context.host}/groups/{path}"
    return {"id": f"gid://gitlab/Group/{number(path)}", "fullPath": path, "name": path.split("/")[-1], "webUrl": page}


def _resolve_group_projects(
    source: Any, info: Any, includeSubgroups: bool, first: int | None = None, after: str | None = None
) -> Any:
    projects = info.context.store.below(source["fullPath"], subgroups=includeSubgroups)
    return _connection(info, projects, first, after)


def _resolve_projects(
    _source: Any,
    info: Any,
    ids: Sequence[str] | None = None,
    topics: Sequence[str] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Any:
    projects = info.context.store.public()
    if ids is not None:
        wanted = {one.rpartition("/")[2] for one in ids}
        projects = [project for project in projects if str(project.id) in wanted]
    for topic in topics or ():
        projects = [one for one in projects if topic.lower() in {known.lower() for known in one.topics}]
    return _connection(info, projects, first, after)


def _resolve_origin(source: Any, info: Any) -> Any:
    name = source["_project"].forked_from
    origin = info.context.store.get(name) if name else None
    return None if origin is None else _project(info.context.host, origin)


def _resolve_tree(source: Any, _info: Any, path: str) -> Any:
    project: Project = source["_of"]
    return None if project.empty or path else {"_of": project}


def _resolve_entries(source: Any, _info: Any, first: int | None = None) -> Any:
    entries = [{"name": name, "sha": blob_oid(text)} for name, text in source["_of"].root.items()]
    size = min(first if first is not None else PAGE, PAGE)
    return {"nodes": entries[:size], "pageInfo": {"endCursor": None, "hasNextPage": len(entries) > size}}


def _resolve_blobs(source: Any, _info: Any, paths: Sequence[str], first: int | None = None) -> Any:
    project: Project = source["_of"]
    found = [(path, project.files[path]) for path in paths if path in project.files]
    nodes = [
        {
            "path": path,
            "oid": blob_oid(text),
            "size": str(len(text.encode())),
            "rawTextBlob": None if "\0" in text else text,
        }
        for path, text in found
    ]
    return {"nodes": nodes[: first if first is not None else PAGE]}


_RESOLVERS: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("Query", "queryComplexity"): lambda _source, info: info.context.complexity,
    ("Query", "group"): _resolve_group,
    ("Query", "projects"): _resolve_projects,
    ("Group", "projects"): _resolve_group_projects,
    ("Project", "forkedFrom"): _resolve_origin,
    ("Repository", "tree"): _resolve_tree,
    ("Repository", "blobs"): _resolve_blobs,
    ("Tree", "blobs"): _resolve_entries,
}
