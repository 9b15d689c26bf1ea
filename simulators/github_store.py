"""What a simulated GitHub holds: owners and their repositories, without any protocol."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

EPOCH = "1970-01-01T00:00:00Z"
"""Served where GitHub cannot serve null and nothing is known: a placeholder, no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An account. `type` is "Organization" or "User"; without `database_id` a number is made from the login."""

    login: str
    type: str = "Organization"
    database_id: int | None = None
    node_id: str | None = None
    name: str | None = None
    location: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repo:
    """A repository. Times are GitHub's ("2014-04-25T00:00:00Z"); None is unknown or absent.

    `languages` (bytes by name, largest first) is None where nobody counted; `license` is (SPDX id, name);
    `release` (tag, time of publication); `files` the texts of the default branch by path; `former` the names
    ("owner/name") under which it was known; `mirror` the address that it mirrors.
    """

    owner: str
    name: str
    database_id: int | None = None
    node_id: str | None = None
    description: str | None = None
    homepage: str | None = None
    archived: bool = False
    fork: bool = False
    template: bool = False
    created_at: str | None = None
    pushed_at: str | None = None
    updated_at: str | None = None
    mirror: str | None = None
    stars: int = 0
    forks: int = 0
    parent: str | None = None
    primary_language: str | None = None
    languages: Mapping[str, int] | None = None
    topics: tuple[str, ...] = ()
    license: tuple[str | None, str] | None = None
    release: tuple[str, str] | None = None
    default_branch: str = "main"
    files: Mapping[str, str] = field(default_factory=dict)
    former: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """As GitHub writes it: "owner/name"."""
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        """Where a person sees it."""
        return f"https://github.com/{self.full_name}"


@dataclass(slots=True)
class GitHubStore:
    """Owners and repositories, found whatever the case of their names."""

    _owners: dict[str, Owner] = field(default_factory=dict)
    _repos: dict[str, Repo] = field(default_factory=dict)
    _by_owner: dict[str, list[Repo]] = field(default_factory=dict)
    _former: dict[str, str] = field(default_factory=dict)
    _by_node: dict[str, str] = field(default_factory=dict)
    _by_id: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, repos: Iterable[Repo], owners: Iterable[Owner] = ()) -> GitHubStore:
        """A store of these; an owner that is not given becomes an organisation of whom only the login is known."""
        store = cls()
        for owner in owners:
            store._owners.setdefault(owner.login.lower(), owner)
        for repo in repos:
            store.put(repo)
        return store

    def put(self, repo: Repo) -> None:
        """Add a repository, or put it in the place of the one of that name: its owner pushed."""
        key = repo.full_name.lower()
        owner = self._owners.setdefault(repo.owner.lower(), Owner(login=repo.owner))
        siblings = self._by_owner.setdefault(owner.login.lower(), [])
        before = self._repos.get(key)
        if before is None:
            siblings.append(repo)
        else:
            siblings[siblings.index(before)] = repo
        self._repos[key] = repo
        self._by_node[node_id(repo)] = key
        self._by_id[database_id(repo)] = key
        for name in repo.former:
            self._former[name.lower()] = key

    def change(self, full_name: str, **changes: Any) -> Repo:
        """Change what a repository is; with another owner or name it moves, and redirects from its former name."""
        before = self._repos[full_name.lower()]
        after = replace(before, **changes)
        if after.full_name.lower() != before.full_name.lower():
            after = replace(
                after,
                database_id=database_id(before),
                node_id=node_id(before),
                former=(*before.former, before.full_name),
            )
            self.remove(full_name)
        self.put(after)
        return after

    def push(self, full_name: str, files: Mapping[str, str | None], *, at: str) -> Repo:
        """A commit to the default branch; a text of None deletes the file."""
        kept = {**self._repos[full_name.lower()].files, **files}
        texts = {path: text for path, text in kept.items() if text is not None}
        return self.change(full_name, files=texts, pushed_at=at, updated_at=at)

    def remove(self, full_name: str) -> None:
        """Delete a repository, as its owner would, or make it private: the public sees no difference."""
        repo = self._repos.pop(full_name.lower())
        self._by_owner[repo.owner.lower()].remove(repo)

    def remove_owner(self, login: str) -> None:
        """Delete an account that has no repository any more, or has another login now."""
        del self._owners[login.lower()]

    def owner(self, login: str) -> Owner | None:
        """The account of that login."""
        return self._owners.get(login.lower())

    def repo(self, full_name: str) -> Repo | None:
        """The repository that has this name now."""
        return self._repos.get(full_name.lower())

    def renamed(self, full_name: str) -> Repo | None:
        """The repository that had this name once and has another now."""
        key = self._former.get(full_name.lower())
        return None if key is None or full_name.lower() in self._repos else self._repos.get(key)

    def by_node(self, identifier: str) -> Repo | None:
        """The repository of that global node id."""
        return self._repos.get(self._by_node.get(identifier, ""))

    def by_id(self, identifier: int) -> Repo | None:
        """The repository of that database id."""
        return self._repos.get(self._by_id.get(identifier, ""))

    def repos_of(self, login: str) -> list[Repo]:
        """An owner's repositories, in the order in which they were put."""
        return self._by_owner.get(login.lower(), [])

    def logins(self) -> list[str]:
        """Every owner's login, in order of the alphabet."""
        return sorted((owner.login for owner in self._owners.values()), key=str.lower)

    def __iter__(self) -> Iterator[Repo]:
        return iter(self._repos.values())

    def __len__(self) -> int:
        return len(self._repos)


def database_id(repo: Repo) -> int:
    """GitHub's number, or one made from the name: REST must serve one (GraphQL serves null instead)."""
    return repo.database_id if repo.database_id is not None else number(repo.full_name)


def node_id(repo: Repo) -> str:
    """The global node id, recorded or made."""
    return repo.node_id or _node("Repository", database_id(repo))


def owner_id(owner: Owner) -> int:
    """The account's number, recorded or made."""
    return owner.database_id if owner.database_id is not None else number(owner.login)


def owner_node_id(owner: Owner) -> str:
    """The account's global node id, recorded or made."""
    return owner.node_id or _node(owner.type, owner_id(owner))


def number(text: str) -> int:
    """A positive 31-bit number made from a text, the same every time."""
    return int.from_bytes(hashlib.sha256(text.lower().encode()).digest()[:4]) >> 1 or 1


@lru_cache(maxsize=65536)
def blob_oid(text: str) -> str:
    """The object id that git gives a file of this text."""
    payload = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(payload) + payload, usedforsecurity=False).hexdigest()


def commit_oid(repo: Repo) -> str:
    """An object id for the newest commit: another one when a file or the time of the push is."""
    files = "".join(f"{path} {blob_oid(text)}\n" for path, text in sorted(repo.files.items()))
    return blob_oid(f"commit {database_id(repo)} {repo.pushed_at}\n{files}")


def _node(kind: str, identifier: int) -> str:
    return base64.b64encode(f"0{len(kind)}:{kind}{identifier}".encode()).decode()


def synthetic(count: int, *, owners: int = 1, publiccode_every: int = 10) -> GitHubStore:
    """A store for benchmarks: `count` repositories spread over "org-0", "org-1" ..., each with a README and every tenth
    with a publiccode.yml."""
    return GitHubStore.of(_synthetic(number, count, owners, publiccode_every) for number in range(count))


def _synthetic(index: int, count: int, owners: int, publiccode_every: int) -> Repo:
    owner = f"org-{index * owners // count}"
    day = f"20{10 + index % 15:02d}-{1 + index % 12:02d}-{1 + index % 28:02d}T08:00:00Z"
    name = f"tool-{index}"
    text = (
        f"publiccodeYmlVersion: '0.4'\nname: Tool {index}\nurl: https://github.com/{owner}/{name}\n"
        "platforms: [web]\ndevelopmentStatus: stable\nsoftwareType: standalone/web\n"
        f"description:\n  en:\n    shortDescription: Tool number {index} for public services\n"
        "legal:\n  license: AGPL-3.0-or-later\nmaintenance:\n  type: community\n"
        "localisation:\n  localisationReady: true\n  availableLanguages: [en]\n"
    )
    return Repo(
        owner=owner,
        name=name,
        database_id=1_000_000 + index,
        description=f"Tool number {index} for public services",
        created_at=day,
        pushed_at="2026-05-01T00:00:00Z",
        stars=index % 97,
        primary_language="Python",
        languages={"Python": 9000, "HTML": 500, "CSS": 100},
        topics=("civic-tech", "open-data", "government"),
        license=("AGPL-3.0", "GNU Affero General Public License v3.0"),
        release=(f"v1.{index % 9}", "2026-04-01T00:00:00Z"),
        files={
            "README.md": f"# Tool {index}\n\nTool number {index} for public services.\n",
            "LICENSE": "GNU AFFERO GENERAL PUBLIC LICENSE\n",
            "src/tool.py": "",
            **({"publiccode.yml": text} if publiccode_every and index % publiccode_every == 0 else {}),
        },
    )
