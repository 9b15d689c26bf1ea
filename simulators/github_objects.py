"""The objects of the simulated GitHub's REST, with every field that its description requires."""

from __future__ import annotations

import base64
from typing import Any

from simulators.github_store import EPOCH, Owner, Repo, blob_oid, database_id, node_id, owner_id, owner_node_id

_REPO_LINKS = (
    "archive:{archive_format}{/ref} assignees:{/user} blobs:/git{/sha} branches:{/branch} collaborators:{/collaborator}"
    " comments:{/number} commits:{/sha} compare:/{base}...{head} contents:/{+path} contributors: deployments:"
    " downloads: events: forks: git_commits:{/sha} git_refs:{/sha} git_tags:{/sha} hooks: issue_comment:{/number}"
    " issue_events:{/number} issues:{/number} keys:{/key_id} labels:{/name} languages: merges: milestones:{/number}"
    " notifications: pulls:{/number} releases:{/id} stargazers: statuses:/{sha} subscribers: subscription: tags:"
    " teams: trees:{/sha}"
)
_OWNER_LINKS = "events followers following gists organizations received_events repos starred subscriptions"


def repository_object(repo: Repo, owner: Owner, root: str) -> dict[str, Any]:
    """A repository as REST gives it, every required field filled."""
    url = f"{root}/repos/{repo.full_name}"
    created = repo.created_at or EPOCH
    links = {}
    for one in _REPO_LINKS.split():
        name, _, rest = one.partition(":")
        links[f"{name}_url"] = f"{url}/{name.replace('git_', 'git/')}{rest}"
    return {
        "id": database_id(repo),
        "node_id": node_id(repo),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": owner_object(owner, root),
        "private": False,
        "html_url": repo.url,
        "description": repo.description,
        "fork": repo.fork,
        "url": url,
        **links,
        "clone_url": f"{repo.url}.git",
        "git_url": f"git://github.com/{repo.full_name}.git",
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "svn_url": repo.url,
        "homepage": repo.homepage,
        "language": repo.primary_language,
        "license": license_object(repo, root),
        "topics": list(repo.topics),
        "visibility": "public",
        "default_branch": repo.default_branch,
        "archived": repo.archived,
        "disabled": False,
        "is_template": repo.template,
        "mirror_url": repo.mirror,
        "created_at": created,
        "pushed_at": repo.pushed_at or created,
        "updated_at": repo.updated_at or repo.pushed_at or created,
        **dict.fromkeys(("has_downloads", "has_issues", "has_projects", "has_wiki"), True),
        **dict.fromkeys(("has_pages", "has_discussions"), False),
        **dict.fromkeys(("stargazers_count", "watchers_count", "watchers"), repo.stars),
        **dict.fromkeys(("forks_count", "forks"), repo.forks),
        **dict.fromkeys(("open_issues_count", "open_issues", "size"), 0),
    }


def owner_object(owner: Owner, root: str) -> dict[str, Any]:
    """An account."""
    url = f"{root}/users/{owner.login}"
    return {
        "login": owner.login,
        "id": owner_id(owner),
        "node_id": owner_node_id(owner),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{owner_id(owner)}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.com/{owner.login}",
        **{f"{name}_url": f"{url}/{name}" for name in _OWNER_LINKS.split()},
        "type": owner.type,
        "site_admin": False,
    }


def license_object(repo: Repo, root: str) -> dict[str, Any] | None:
    """A repository's licence."""
    if repo.license is None:
        return None
    spdx, name = repo.license
    key = "other" if spdx in (None, "NOASSERTION") else str(spdx).lower()
    url = None if key == "other" else f"{root}/licenses/{key}"
    return {"key": key, "name": name, "spdx_id": spdx, "url": url, "node_id": f"L_{key}"}


def file_object(repo: Repo, path: str, text: str, root: str) -> dict[str, Any]:
    """A file with its content."""
    sha = blob_oid(text)
    url = f"{root}/repos/{repo.full_name}/contents/{path}?ref={repo.default_branch}"
    git, page = f"{root}/repos/{repo.full_name}/git/blobs/{sha}", f"{repo.url}/blob/{repo.default_branch}/{path}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": len(text.encode()),
        "url": url,
        "html_url": page,
        "git_url": git,
        "download_url": f"https://raw.githubusercontent.com/{repo.full_name}/{repo.default_branch}/{path}",
        "type": "file",
        "content": base64.encodebytes(text.encode()).decode(),
        "encoding": "base64",
        "_links": {"self": url, "git": git, "html": page},
    }
