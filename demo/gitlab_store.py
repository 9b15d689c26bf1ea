"""What a simulated GitLab holds, and how its REST writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.github_store import EPOCH, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project. `path` is its full one ("group/subgroup/name"); times are GitLab's; `owned_by_user`: no group.

    `languages` is in per cent; `license` is (key, name); `release` (tag, time).
    """

    id: int
    path: str
    name: str
    description: str | None = None
    created_at: str | None = None
    active_at: str | None = None
    archived: bool = False
    stars: int = 0
    forks: int = 0
    issues: int = 0
    topics: tuple[str, ...] = ()
    forked_from: str | None = None
    license: tuple[str, str] | None = None
    languages: Mapping[str, float] = field(default_factory=dict)
    release: tuple[str, str] | None = None
    default_branch: str = "main"
    files: Mapping[str, str] = field(default_factory=dict)
    owned_by_user: bool = False

    @property
    def namespace(self) -> str:
        """The full path of the group or user that holds it."""
        return self.path.rpartition("/")[0]


def group_object(host: str, path: str) -> dict[str, Any]:
    """A group as REST gives it."""
    parent, _, name = path.rpartition("/")
    return {
        "id": number(path),
        "name": name,
        "path": name,
        "full_path": path,
        "full_name": path.replace("/", " / "),
        "description": "",
        "visibility": "public",
        "parent_id": number(parent) if parent else None,
        "web_url": f"https://{host}/groups/{path}",
    }


def project_object(host: str, project: Project) -> dict[str, Any]:
    """A project as REST gives it in a listing."""
    url = f"https://{host}/{project.path}"
    namespace = project.namespace
    kind = "user" if project.owned_by_user else "group"
    page = f"https://{host}/{'' if project.owned_by_user else 'groups/'}{namespace}"
    parent = namespace.rpartition("/")[0]
    made: dict[str, Any] = {
        "id": project.id,
        "name": project.name,
        "path": project.path.rsplit("/", 1)[-1],
        "path_with_namespace": project.path,
        "name_with_namespace": f"{namespace.replace('/', ' / ')} / {project.name}",
        "description": project.description,
        "created_at": project.created_at or EPOCH,
        "last_activity_at": project.active_at or project.created_at or EPOCH,
        "default_branch": project.default_branch,
        "web_url": url,
        "http_url_to_repo": f"{url}.git",
        "ssh_url_to_repo": f"git@{host}:{project.path}.git",
        "readme_url": None,
        "avatar_url": None,
        "archived": project.archived,
        "visibility": "public",
        "star_count": project.stars,
        "forks_count": project.forks,
        "open_issues_count": project.issues,
        "topics": list(project.topics),
        "tag_list": list(project.topics),
        "empty_repo": False,
        "namespace": {
            "id": number(namespace),
            "name": namespace.rsplit("/", 1)[-1],
            "path": namespace.rsplit("/", 1)[-1],
            "kind": kind,
            "full_path": namespace,
            "parent_id": number(parent) if parent else None,
            "avatar_url": None,
            "web_url": page,
        },
        "_links": {"self": f"http://{host}/api/v4/projects/{project.id}"},
    }
    if project.forked_from:
        made["forked_from_project"] = {
            "id": number(project.forked_from),
            "path_with_namespace": project.forked_from,
            "web_url": f"https://{host}/{project.forked_from}",
        }
    return made


def license_object(project: Project) -> dict[str, Any] | None:
    """The licence that GitLab found, as a single project's answer has it on request."""
    if project.license is None:
        return None
    key, name = project.license
    return {"key": key, "name": name, "nickname": None, "html_url": None, "source_url": None}
