"""What a simulated GitLab holds, and how its REST writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulators.github_store import EPOCH, blob_oid, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project. `path` is its full one ("group/subgroup/name"); times are GitLab's; `owned_by_user`: no group.

    `languages` is in per cent; `license` is (key, name); `release` (tag, time). `closed`: its code is for members
    alone. A private one is to strangers as if it did not exist. `former` are full paths that it had.
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
    mirror: bool = False
    private: bool = False
    closed: bool = False
    empty: bool = False
    former: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        """The full path of the group or user that holds it."""
        return self.path.rpartition("/")[0]

    @property
    def branch(self) -> str | None:
        """The default branch, as far as strangers are told."""
        return None if self.closed or self.empty else self.default_branch

    @property
    def root(self) -> Mapping[str, str]:
        """The files at the root by name, in git's order."""
        return {name: self.files[name] for name in sorted(self.files) if "/" not in name}


class GitLabStore:
    """The projects of one instance; it may change between requests, as a forge does."""

    def __init__(self, projects: Iterable[Project]) -> None:
        self._by_id = {project.id: project for project in projects}

    def __iter__(self) -> Iterator[Project]:
        return iter(sorted(self._by_id.values(), key=lambda project: project.id))

    def get(self, name: str) -> Project | None:
        """The public project of that number or full path, whatever its letter case."""
        found = self._by_id.get(int(name)) if name.isdecimal() else None
        found = found or next((one for one in self._by_id.values() if one.path.lower() == name.lower()), None)
        found = found or next((one for one in self._by_id.values() if name.lower() in map(str.lower, one.former)), None)
        return None if found is None or found.private else found

    def public(self) -> list[Project]:
        """What strangers are shown, in order of numbers."""
        return [project for project in self if not project.private]

    def below(self, group: str, *, subgroups: bool) -> list[Project]:
        """The public projects of a group, with those of its subgroups on request."""
        lower = group.lower()
        return [
            project
            for project in self.public()
            if not project.owned_by_user
            and (
                project.namespace.lower() == lower or (subgroups and project.namespace.lower().startswith(lower + "/"))
            )
        ]

    def of_user(self, user: str) -> list[Project]:
        """The public projects that a user holds."""
        return [one for one in self.public() if one.owned_by_user and one.namespace.lower() == user.lower()]

    def groups(self) -> dict[str, str]:
        """Full paths of the groups and subgroups by their lower case."""
        return self._namespaces(of_users=False)

    def users(self) -> dict[str, str]:
        """Names of the users by their lower case."""
        return self._namespaces(of_users=True)

    def _namespaces(self, *, of_users: bool) -> dict[str, str]:
        found: dict[str, str] = {}
        for project in self:
            if project.owned_by_user is of_users:
                parts = project.namespace.split("/")
                for depth in range(1, len(parts) + 1):
                    path = "/".join(parts[:depth])
                    found.setdefault(path.lower(), path)
        return found

    def put(self, project: Project) -> None:
        """Add a project, or put it in the place of the one with its number."""
        self._by_id[project.id] = project

    def change(self, identifier: int, **changes: Any) -> Project:
        """Change what a project has; gives it as it is now."""
        self._by_id[identifier] = changed = replace(self._by_id[identifier], **changes)
        return changed

    def delete(self, identifier: int) -> None:
        """Take a project away."""
        del self._by_id[identifier]


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


def project_object(host: str, project: Project, origin: Project | None = None) -> dict[str, Any]:
    """A project as REST gives it in a listing. `origin` is what it was forked from, if that is on this instance."""
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
        "name_with_namespace": name_with_namespace(project),
        "description": project.description,
        "created_at": moment(project.created_at or EPOCH),
        "last_activity_at": moment(project.active_at or project.created_at or EPOCH),
        "web_url": url,
        "http_url_to_repo": f"{url}.git",
        "ssh_url_to_repo": f"git@{host}:{project.path}.git",
        "readme_url": None,
        "avatar_url": None,
        "archived": project.archived,
        "visibility": "private" if project.private else "public",
        "star_count": project.stars,
        "forks_count": project.forks,
        "open_issues_count": project.issues,
        "topics": list(project.topics),
        "tag_list": list(project.topics),
        "empty_repo": project.empty,
        "repository_access_level": "private" if project.closed else "enabled",
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
    if not project.closed:
        made["default_branch"] = project.branch
    if project.mirror:
        made["mirror"] = True
    if project.forked_from:
        made["forked_from_project"] = _origin(host, project.forked_from, origin)
    return made


def _origin(host: str, path: str, known: Project | None) -> dict[str, Any]:
    """What a fork tells of its origin; of one that this instance does not hold, what its path tells."""
    path = known.path if known else path
    return {
        "id": known.id if known else number(path),
        "name": known.name if known else path.rsplit("/", 1)[-1],
        "path": path.rsplit("/", 1)[-1],
        "path_with_namespace": path,
        "web_url": f"https://{host}/{path}",
        "http_url_to_repo": f"https://{host}/{path}.git",
    }


def name_with_namespace(project: Project) -> str:
    """The project's name behind those of its groups."""
    return f"{project.namespace.replace('/', ' / ')} / {project.name}"


def moment(written: str) -> str:
    """A time as REST writes it, with milliseconds."""
    return f"{written[:-1]}.000Z" if written.endswith("Z") and "." not in written else written


def license_object(project: Project) -> dict[str, Any] | None:
    """The licence that GitLab found, as a single project's answer has it on request."""
    if project.license is None:
        return None
    key, name = project.license
    return {"key": key, "name": name, "nickname": None, "html_url": None, "source_url": None}


def tree_entries(project: Project) -> list[dict[str, str]]:
    """The root of the default branch as REST lists it: folders, then files."""
    folders = sorted({path.partition("/")[0] for path in project.files if "/" in path})
    made = [{"id": blob_oid(name), "name": name, "type": "tree", "path": name, "mode": "040000"} for name in folders]
    return made + [
        {"id": blob_oid(text), "name": name, "type": "blob", "path": name, "mode": "100644"}
        for name, text in project.root.items()
    ]


def synthetic(count: int, *, group: str = "org", publiccode_every: int = 10) -> GitLabStore:
    """A store for benchmarks: `count` projects in one group, a README in each, a publiccode.yml in every tenth."""
    return GitLabStore(_synthetic(index, group, publiccode_every) for index in range(count))


def _synthetic(index: int, group: str, publiccode_every: int) -> Project:
    path = f"{group}/team-{index % 7}/tool-{index}"
    files = {"README.md": f"# Tool {index}\n\nIt helps a public service.\n", "main.py": f"print({index})\n"}
    if publiccode_every and index % publiccode_every == 0:
        files["publiccode.yml"] = (
            f"publiccodeYmlVersion: '0.4'\nname: Tool {index}\nurl: https://gitlab.example/{path}\n"
            "platforms: [web]\ndevelopmentStatus: stable\nsoftwareType: standalone/web\n"
            f"description:\n  en:\n    shortDescription: Tool number {index} for public services\n"
            "legal:\n  license: AGPL-3.0-or-later\nmaintenance:\n  type: community\n"
            "localisation:\n  localisationReady: true\n  availableLanguages: [en]\n"
        )
    return Project(
        id=1000 + index,
        path=path,
        name=f"Tool {index}",
        description=f"Tool number {index} for public services",
        created_at=f"20{10 + index % 15:02d}-{1 + index % 12:02d}-{1 + index % 28:02d}T08:00:00Z",
        active_at="2026-05-01T00:00:00Z",
        stars=index % 97,
        forks=index % 5,
        issues=index % 11,
        topics=("civic-tech", "open-data"),
        languages={"Python": 90.0, "HTML": 10.0},
        release=(f"v1.{index % 9}", "2026-04-01T00:00:00Z"),
        files=files,
    )
