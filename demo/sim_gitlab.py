"""A simulated GitLab: the parts of REST v4 that list groups' and users' projects and give their files."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.responses import PlainTextResponse, Response

from demo.exchange import Ask, as_json, revalidated
from demo.github_limits import Budget
from demo.github_store import EPOCH, blob_oid, number
from demo.gitlab_store import Project, group_object, license_object, project_object

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
    (_PROJECT + r"/repository/files/(?P<path>[^/]+)/raw", "raw"),
    (_PROJECT + r"/repository/files/(?P<path>[^/]+)", "file"),
)
_MISSING = {"project": "Project", "group": "Group", "user": "User"}


class GitLab:
    """A virtual host that speaks GitLab's API over projects of one instance.

    `limit` requests a minute, counted from the first; beyond it 429 with Retry-After. `clock` gives seconds.
    """

    def __init__(
        self, host: str, projects: Iterable[Project], *, limit: int = 600, clock: Callable[[], float] = time.time
    ) -> None:
        self._host = host
        self._projects = sorted(projects, key=lambda project: project.id)
        self._by_id = {str(project.id): project for project in self._projects}
        self._by_path = {project.path.lower(): project for project in self._projects}
        self._groups: dict[str, str] = {}
        self._users: dict[str, str] = {}
        for project in self._projects:
            self._know(project)
        self._budget = Budget("gitlab", limit, clock, window_s=60)
        self._routes = [(re.compile(pattern), pattern, getattr(self, f"_get_{name}")) for pattern, name in _ROUTES]

    def _know(self, project: Project) -> None:
        kept = self._users if project.owned_by_user else self._groups
        parts = project.namespace.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            kept.setdefault(path.lower(), path)

    def answer(self, ask: Ask) -> Response:
        """The answer, with what the minute still allows."""
        if ask.path == "/robots.txt":
            return PlainTextResponse("User-Agent: *\nDisallow: /api\n")
        if not self._budget.charge(1):
            wait = max(1, self._budget.resets - int(self._budget.clock()))
            return PlainTextResponse("Retry later\n", 429, {"retry-after": str(wait), **self._limits()})
        answer = revalidated(ask, self._routed(ask))
        answer.headers.update(self._limits())
        return answer

    def _limits(self) -> dict[str, str]:
        return {
            "ratelimit-limit": str(self._budget.limit),
            "ratelimit-remaining": str(self._budget.remaining),
            "ratelimit-observed": str(self._budget.used),
            "ratelimit-reset": str(self._budget.resets),
        }

    def _routed(self, ask: Ask) -> Response:
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
            project = self._by_id.get(name) or self._by_path.get(name.lower())
            if project is None:
                return "project"
            found["project"] = project
        for kind, kept in (("group", self._groups), ("user", self._users)):
            if name := values.get(kind):
                path = kept.get(name.lower()) or next((p for p in kept.values() if str(number(p)) == name), None)
                if path is None:
                    return kind
                found[kind] = path
        return found

    def _groups_below(self, group: str) -> list[str]:
        return [path for path in self._groups.values() if path.rpartition("/")[0].lower() == group.lower()]

    def _get_group(self, _ask: Ask, group: str) -> Response:
        return as_json(group_object(self._host, group))

    def _get_groups(self, ask: Ask) -> Response:
        top = ask.query.get("top_level_only", "").lower() == "true"
        return self._list_groups(ask, (path for path in self._groups.values() if not (top and "/" in path)))

    def _list_groups(self, ask: Ask, paths: Iterable[str]) -> Response:
        return _paged(ask, [group_object(self._host, path) for path in sorted(paths)])

    def _object(self, project: Project) -> dict[str, Any]:
        return project_object(self._host, project)

    def _get_subgroups(self, ask: Ask, group: str) -> Response:
        return self._list_groups(ask, self._groups_below(group))

    def _get_group_projects(self, ask: Ask, group: str) -> Response:
        lower = group.lower()
        below = ask.query.get("include_subgroups", "").lower() in ("true", "1")
        chosen = [
            project
            for project in self._projects
            if project.namespace.lower() == lower or (below and project.namespace.lower().startswith(lower + "/"))
        ]
        return self._listed(ask, chosen)

    def _get_user_projects(self, ask: Ask, user: str) -> Response:
        return self._listed(ask, [p for p in self._projects if p.namespace.lower() == user.lower()])

    def _get_projects(self, ask: Ask) -> Response:
        return self._listed(ask, self._projects)

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
        tag, at = project.release
        return _paged(ask, [{"tag_name": tag, "name": tag, "created_at": at, "released_at": at, "description": None}])

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
