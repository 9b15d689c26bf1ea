"""What a field of the simulated GitHub's objects holds, before arguments: plain dicts by field names."""

from __future__ import annotations

import base64
from typing import Any

from simulators.github_store import EPOCH, Owner, Repo, blob_oid, commit_oid, node_id, number, owner_id, owner_node_id

MAX_TEXT = 512_000
"""Bytes of a file that GraphQL gives as text; the rest is cut and the blob says so."""


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
        "updatedAt": repo.updated_at or repo.pushed_at or created,
        "mirrorUrl": repo.mirror,
        "isMirror": repo.mirror is not None,
        "stargazerCount": repo.stars,
        "forkCount": repo.forks,
        "visibility": "PUBLIC",
        "isArchived": repo.archived,
        "isFork": repo.fork,
        "isTemplate": repo.template,
        "isEmpty": nothing_pushed(repo),
        **dict.fromkeys(("isDisabled", "isLocked", "isPrivate"), False),
        **dict.fromkeys(("hasIssuesEnabled", "hasProjectsEnabled", "hasWikiEnabled"), True),
    }


def license_source(spdx: str | None, name: str) -> dict[str, Any]:
    """A License, by its SPDX id as GitHub has it, and its name."""
    key = (spdx or "other").lower()
    pseudo = spdx in (None, "NOASSERTION")
    url = None if pseudo else f"http://choosealicense.com/licenses/{key}/"
    named = {"__typename": "License", "id": made_id("License", key), "key": "other" if pseudo else key, "name": name}
    return {**named, "spdxId": spdx, "url": url, "pseudoLicense": pseudo}


def release_source(repo: Repo) -> dict[str, Any] | None:
    """The latest Release, None where there is none."""
    if repo.release is None:
        return None
    tag, published = repo.release
    path = f"/{repo.full_name}/releases/tag/{tag}"
    made = number(f"{repo.full_name} {tag}")
    times = {"createdAt": published, "publishedAt": published, "updatedAt": published}
    named = {
        "__typename": "Release",
        "id": made_id("Release", str(made)),
        "databaseId": made,
        "name": tag,
        "_repo": repo,
    }
    flags = {"isDraft": False, "isLatest": True, "isPrerelease": False}
    return {**named, **times, **flags, "tagName": tag, "resourcePath": path, "url": f"https://github.com{path}"}


def nothing_pushed(repo: Repo) -> bool:
    """Whether a repository is empty: it has no branch then."""
    return not repo.files and repo.pushed_at is None


def made_id(kind: str, key: str) -> str:
    """A global node id for what has no number."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def language_source(name: str) -> dict[str, Any]:
    """A Language."""
    return {"__typename": "Language", "id": made_id("Language", name), "name": name, "color": None}


def topic_source(name: str) -> dict[str, Any]:
    """A RepositoryTopic."""
    path = f"/topics/{name}"
    topic = {"__typename": "Topic", "id": made_id("Topic", name), "name": name, "stargazerCount": 0}
    made = {"__typename": "RepositoryTopic", "id": made_id("RepositoryTopic", name), "topic": topic}
    return {**made, "resourcePath": path, "url": f"https://github.com{path}"}


def _object(repo: Repo, oid: str, kind: str) -> dict[str, Any]:
    path = f"/{repo.full_name}/commit/{oid}"
    return {
        "__typename": kind,
        "_repo": repo,
        "id": made_id(kind, f"{repo.full_name}:{oid}"),
        "oid": oid,
        "abbreviatedOid": oid[:7],
        "commitResourcePath": path,
        "commitUrl": f"https://github.com{path}",
        "resourcePath": path,
        "url": f"https://github.com{path}",
    }


def blob_source(repo: Repo, text: str) -> dict[str, Any]:
    """A Blob."""
    raw = text.encode()
    cut = len(raw) > MAX_TEXT
    shown = raw[:MAX_TEXT].decode(errors="ignore") if cut else text
    content = {"byteSize": len(raw), "isBinary": False, "isTruncated": cut, "text": shown}
    return {**_object(repo, blob_oid(text), "Blob"), **content}


def tree_source(repo: Repo) -> dict[str, Any]:
    """The Tree of the default branch: the files at its root, and its folders."""
    entries = [_blob_entry(repo, path, text) for path, text in sorted(repo.files.items()) if "/" not in path]
    folders = sorted({path.partition("/")[0] for path in repo.files if "/" in path})
    entries += [_entry(repo, name, blob_oid(f"tree {repo.full_name} {name}"), kind="tree") for name in folders]
    return {**_object(repo, blob_oid("tree " + commit_oid(repo)), "Tree"), "entries": entries}


def _blob_entry(repo: Repo, path: str, text: str) -> dict[str, Any]:
    extension = "." + path.rsplit(".", 1)[-1] if "." in path else ""
    served = {"size": len(text.encode()), "extension": extension, "_text": text}
    return {**_entry(repo, path, blob_oid(text), kind="blob"), **served}


def _entry(repo: Repo, path: str, oid: str, *, kind: str) -> dict[str, Any]:
    mode = 0o100644 if kind == "blob" else 0o40000
    shown = {"name": path, "path": path, "oid": oid, "size": 0, "extension": "", "mode": mode, "type": kind}
    return {"__typename": "TreeEntry", "_repo": repo, **shown}


def commit_source(repo: Repo) -> dict[str, Any]:
    """The newest Commit of the default branch."""
    made = _object(repo, commit_oid(repo), "Commit")
    return {**made, "committedDate": repo.pushed_at or repo.created_at or EPOCH}
