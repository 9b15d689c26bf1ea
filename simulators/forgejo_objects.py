"""How Forgejo's REST API writes what a simulated one holds."""

from __future__ import annotations

from typing import Any

from simulators.forgejo_store import Account, ForgejoStore, Repository
from simulators.github_store import EPOCH, blob_oid, number

_NEVER = "0001-01-01T00:00:00Z"
"""How the forge writes a time that there is not."""


def organisation_object(host: str, account: Account) -> dict[str, Any]:
    """An organisation as REST gives it."""
    return {
        "id": number(account.login),
        "name": account.login,
        "username": account.login,
        "full_name": account.full_name,
        "description": "",
        "email": "",
        "location": account.location,
        "website": account.website,
        "avatar_url": f"https://{host}/avatars/{number(account.login):x}",
        "visibility": "public",
        "repo_admin_change_team_access": False,
    }


def owner_object(host: str, account: Account) -> dict[str, Any]:
    """An owner as repositories carry it: nothing in it tells an organisation from a person."""
    return {
        "id": number(account.login),
        "login": account.login,
        "login_name": "",
        "source_id": 0,
        "username": account.login,
        "full_name": account.full_name,
        "email": f"{account.login.lower()}@noreply.{host}",
        "avatar_url": f"https://{host}/avatars/{number(account.login):x}",
        "html_url": f"https://{host}/{account.login}",
        "language": "",
        "is_admin": False,
        "last_login": _NEVER,
        "created": EPOCH,
        "restricted": False,
        "active": False,
        "prohibit_login": False,
        "location": account.location,
        "pronouns": "",
        "website": account.website,
        "description": "",
        "visibility": "public",
        "followers_count": 0,
        "following_count": 0,
        "starred_repos_count": 0,
    }


def repository_object(host: str, store: ForgejoStore, repository: Repository) -> dict[str, Any]:
    """A repository as REST gives it, in a listing and alone."""
    url, api = f"https://{host}/{repository.full_name}", f"https://{host}/api/v1/repos/{repository.full_name}"
    owner = store.account(repository.owner)
    assert owner is not None, repository.owner
    parent = store.repository(repository.parent) if repository.parent else None
    released = 0 if repository.release is None else 1
    return {
        "id": repository.id,
        "owner": owner_object(host, owner),
        "name": repository.name,
        "full_name": repository.full_name,
        "description": repository.description,
        "empty": repository.empty,
        "private": repository.private,
        "internal": False,
        "fork": repository.parent is not None,
        "template": repository.template,
        "parent": repository_object(host, store, parent) if parent is not None else None,
        "mirror": repository.mirror,
        "mirror_interval": "8h0m0s" if repository.mirror else "",
        "mirror_updated": repository.updated_at if repository.mirror else _NEVER,
        "size": sum(map(len, repository.files.values())) // 1024 + 20,
        "language": max(repository.languages, key=lambda name: repository.languages[name], default=""),
        "languages_url": f"{api}/languages",
        "html_url": url,
        "url": api,
        "link": "",
        "ssh_url": f"ssh://git@{host}/{repository.full_name}.git",
        "clone_url": f"{url}.git",
        "original_url": repository.original_url,
        "website": repository.website,
        "stars_count": repository.stars,
        "forks_count": repository.forks,
        "watchers_count": 1,
        "open_issues_count": repository.issues,
        "open_pr_counter": 0,
        "release_counter": released if repository.releases is None else repository.releases,
        "default_branch": repository.default_branch,
        "archived": repository.archived,
        "archived_at": repository.updated_at if repository.archived else EPOCH,
        "created_at": repository.created_at,
        "updated_at": repository.updated_at,
        "permissions": {"admin": False, "push": False, "pull": True},
        "has_issues": True,
        "internal_tracker": {
            "enable_time_tracker": True,
            "allow_only_contributors_to_track_time": True,
            "enable_issue_dependencies": True,
        },
        "has_wiki": True,
        "has_pull_requests": True,
        "has_projects": True,
        "has_releases": True,
        "has_packages": False,
        "has_actions": False,
        "avatar_url": "",
        "object_format_name": "sha1",
        "repo_transfer": None,
        "topics": list(repository.topics),
    }


def file_entry(host: str, repository: Repository, path: str) -> dict[str, Any]:
    """A file as git trees give it."""
    oid = blob_oid(repository.files[path])
    url = f"https://{host}/api/v1/repos/{repository.full_name}/git/blobs/{oid}"
    size = len(repository.files[path].encode())
    return {"path": path, "mode": "100644", "type": "blob", "size": size, "sha": oid, "url": url}


def tree_entries(host: str, repository: Repository) -> list[dict[str, Any]]:
    """The root folder as git trees are given, in git's order."""
    api = f"https://{host}/api/v1/repos/{repository.full_name}/git"
    entries = [file_entry(host, repository, name) for name in repository.files if "/" not in name]
    for name in sorted({*repository.folders, *(path.partition("/")[0] for path in repository.files if "/" in path)}):
        sha = blob_oid(f"{repository.full_name}/{name}")
        entry = {"path": name, "mode": "040000", "type": "tree", "size": 0, "sha": sha, "url": f"{api}/trees/{sha}"}
        entries.append(entry)
    return sorted(entries, key=lambda entry: str(entry["path"]))


def release_object(host: str, repository: Repository) -> dict[str, Any] | None:
    """The newest release."""
    if repository.release is None:
        return None
    tag, at = repository.release
    api = f"https://{host}/api/v1/repos/{repository.full_name}"
    return {
        "id": number(f"{repository.id}/{tag}"),
        "tag_name": tag,
        "target_commitish": repository.default_branch,
        "name": tag,
        "body": "",
        "url": f"{api}/releases/{number(f'{repository.id}/{tag}')}",
        "html_url": f"https://{host}/{repository.full_name}/releases/tag/{tag}",
        "tarball_url": f"https://{host}/{repository.full_name}/archive/{tag}.tar.gz",
        "zipball_url": f"https://{host}/{repository.full_name}/archive/{tag}.zip",
        "upload_url": "",
        "draft": False,
        "prerelease": False,
        "created_at": at,
        "published_at": at,
        "author": owner_object(host, Account(login="releaser", organisation=False)),
        "assets": [],
    }
