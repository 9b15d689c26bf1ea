"""The simulated GitLab's REST v4: the parts that list projects and give their files."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.responses import PlainTextResponse, Response

from simulators.exchange import Ask, as_json
from simulators.github_store import EPOCH, blob_oid, number
from simulators.gitlab_store import (
    GitLabStore,
    Project,
    group_object,
    license_object,
    moment,
    project_object,
    tree_entries,
)

_PROJECT = r"/api/v4/projects/(?P<project>[^/]+)"
_ROUTES: tuple[tuple[str, str], ...] = (
    (r"/api/v4/groups", "groups"),
    (r"/api/v4/groups/(?P<group>[^/]+)", "group"),
    (r"/api/v4/groups/(?P<group>[^/]+)/projects", "group_projects"),
    (r"/api/v4/groups/(?P<group>[^/]+)/subgroups", "subgroups"),
    (r"/api/v4/users/(?P<user>[^/]+)/projects", "user_projects"),
    (r"/api/v4/projects", "projects"),
    (_PROJECT, "project"),
    (_PROJECT + r"/languages", "languages"),
    (_PROJECT + r"/releases", "releases"),
    (_PROJECT + r"/repository/tree", "tree"),
    (_PROJECT + r"/repository/blobs/(?P<sha>[0-9a-f]{40})/raw", "blob"),
    (_PROJECT + r"/repository/files/(?P<path>[^/]+)/raw", "raw"),
    (_PROJECT + r"/repository/files/(?P<path>[^/]+)", "file"),
)
_MISSING = {"project": "Project", "group": "Group", "user": "User"}


class Rest:
    """REST over the projects of one instance."""

    def __init__(self, host: str, store: GitLabStore) -> None:
        self._host = host
        self._store = store
        self._routes = [(re.compile(pattern), pattern, getattr(self, f"_get_{name}")) for pattern, name in _ROUTES]

    def answer(self, ask: Ask) -> Response:
        """The answer of the endpoint that the path names."""
        for pattern, template, handler in self._routes:
            if ask.method in ("GET", "HEAD") and (match := pattern.fullmatch(ask.path)):
                ask.operation = "GET " + re.sub(r"\(\?P<(\w+)>[^)]+\)", r"{\1}", template)
                ask.unit = f"{ask.path} page={ask.query.get('page') or ask.query.get('id_after') or 1}"
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                found = self._found(values)
                if isinstance(found, str):
                    return _problem(404, f"{_MISSING[found]} Not Found")
                result: Response = handler(ask, **found)
                return result
        return as_json({"error": "404 Not Found"}, 404)

    def _found(self, values: Mapping[str, str]) -> dict[str, Any] | str:
        """What the address names, or the kind of it that is not here."""
        found: dict[str, Any] = dict(values)
        if name := values.get("project"):
            project = self._store.get(name)
            if project is None:
                return "project"
            found["project"] = project
        for kind, kept in (("group", self._store.groups), ("user", self._store.users)):
            if name := values.get(kind):
                known = kept()
                path = known.get(name.lower()) or next((p for p in known.values() if str(number(p)) == name), None)
                if path is None:
                    return kind
                found[kind] = path
        return found

    def _get_group(self, _ask: Ask, group: str) -> Response:
        return as_json(group_object(self._host, group))

    def _get_groups(self, ask: Ask) -> Response:
        top = ask.query.get("top_level_only", "").lower() == "true"
        paths = self._store.groups().values()
        return self._list_groups(ask, (path for path in paths if not (top and "/" in path)))

    def _list_groups(self, ask: Ask, paths: Iterable[str]) -> Response:
        return _paged(ask, [group_object(self._host, path) for path in sorted(paths)])

    def _get_subgroups(self, ask: Ask, group: str) -> Response:
        paths = self._store.groups().values()
        return self._list_groups(ask, [path for path in paths if path.rpartition("/")[0].lower() == group.lower()])

    def _get_group_projects(self, ask: Ask, group: str) -> Response:
        subgroups = ask.query.get("include_subgroups", "").lower() in ("true", "1")
        return self._listed(ask, self._store.below(group, subgroups=subgroups))

    def _get_user_projects(self, ask: Ask, user: str) -> Response:
        return self._listed(ask, self._store.of_user(user))

    def _get_projects(self, ask: Ask) -> Response:
        topics = {topic.strip().lower() for topic in ask.query.get("topic", "").split(",") if topic.strip()}
        chosen = [one for one in self._store.public() if topics <= {topic.lower() for topic in one.topics}]
        return self._listed(ask, chosen)

    def _object(self, project: Project) -> dict[str, Any]:
        origin = self._store.get(project.forked_from) if project.forked_from else None
        return project_object(self._host, project, origin)

    def _listed(self, ask: Ask, projects: list[Project]) -> Response:
        archived = ask.query.get("archived")
        if archived is not None:
            projects = [project for project in projects if project.archived is (archived.lower() == "true")]
        by_id = ask.query.get("order_by") == "id"
        ordered = sorted(projects, key=lambda one: ("" if by_id else one.created_at or EPOCH, one.id))
        if ask.query.get("sort", "desc") == "desc":
            ordered.reverse()
        if ask.query.get("pagination") == "keyset":
            if not by_id:
                return as_json({"error": "Keyset pagination is not yet available for this type of request"}, 405)
            return self._keyset(ask, ordered)
        return _paged(ask, ordered, self._object)

    def _keyset(self, ask: Ask, ordered: list[Project]) -> Response:
        if (low := ask.number("id_after", 0)) > 0:
            ordered = [project for project in ordered if project.id > low]
        if (high := ask.number("id_before", 0)) > 0:
            ordered = [project for project in ordered if project.id < high]
        size = ask.number("per_page", 20, most=100)
        shown = ordered[:size]
        headers = {"x-per-page": str(size)}
        if len(ordered) > size:
            key = "id_after" if ask.query.get("sort", "desc") == "asc" else "id_before"
            headers["link"] = ask.link("next", **{key: shown[-1].id})
        return as_json([self._object(project) for project in shown], headers=headers)

    def _get_project(self, ask: Ask, project: Project) -> Response:
        full = self._object(project)
        if ask.query.get("license", "").lower() == "true":
            full["license"] = license_object(project)
            full["license_url"] = None
        return as_json(full)

    def _get_languages(self, _ask: Ask, project: Project) -> Response:
        return as_json(dict(project.languages))

    def _get_releases(self, ask: Ask, project: Project) -> Response:
        if project.release is None:
            return _paged(ask, [])
        tag, at = project.release[0], moment(project.release[1])
        return _paged(ask, [{"tag_name": tag, "name": tag, "created_at": at, "released_at": at, "description": ""}])

    def _get_tree(self, ask: Ask, project: Project) -> Response:
        if project.closed:
            return _problem(403, "Forbidden")
        if project.empty:
            return _problem(404, "Tree Not Found")
        return _paged(ask, tree_entries(project))

    def _get_blob(self, _ask: Ask, project: Project, sha: str) -> Response:
        if project.closed:
            return _problem(403, "Forbidden")
        text = next((text for text in project.files.values() if blob_oid(text) == sha), None)
        return _problem(404, "Blob Not Found") if text is None else PlainTextResponse(text)

    def _get_raw(self, ask: Ask, project: Project, path: str) -> Response:
        text = self._text(ask, project, path)
        return _problem(404, "File Not Found") if text is None else PlainTextResponse(text)

    def _get_file(self, ask: Ask, project: Project, path: str) -> Response:
        text = self._text(ask, project, path)
        if text is None:
            return _problem(404, "File Not Found")
        body = text.encode()
        made = {
            "file_name": path.rsplit("/", 1)[-1],
            "file_path": path,
            "size": len(body),
            "encoding": "base64",
            "content_sha256": hashlib.sha256(body).hexdigest(),
            "ref": ask.query.get("ref", "HEAD"),
            "blob_id": blob_oid(text),
            "content": base64.b64encode(body).decode(),
        }
        return as_json(made)

    def _text(self, ask: Ask, project: Project, path: str) -> str | None:
        known = ask.query.get("ref", "HEAD") in ("HEAD", project.default_branch)
        return project.files.get(path) if known else None


def _paged(ask: Ask, listed: Sequence[Any], written: Callable[[Any], Any] = lambda one: one) -> Response:
    """Offset paging, with the headers that say where the page stands."""
    size, page = ask.number("per_page", 20, most=100), ask.number("page", 1)
    pages = max(1, -(-len(listed) // size))
    headers = {
        "x-page": str(page),
        "x-per-page": str(size),
        "x-total": str(len(listed)),
        "x-total-pages": str(pages),
        "x-next-page": str(page + 1) if page < pages else "",
        "x-prev-page": str(page - 1) if page > 1 else "",
    }
    links = [ask.link("first", page=1, per_page=size), ask.link("last", page=pages, per_page=size)]
    if page < pages:
        links.insert(0, ask.link("next", page=page + 1, per_page=size))
    if page > 1:
        links.insert(0, ask.link("prev", page=page - 1, per_page=size))
    headers["link"] = ", ".join(links)
    shown = listed[(page - 1) * size : page * size]
    return as_json([written(one) for one in shown], headers=headers)


def _problem(status: int, message: str) -> Response:
    return as_json({"message": f"{status} {message}"}, status)
