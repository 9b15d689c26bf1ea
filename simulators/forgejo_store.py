"""What a simulated Forgejo holds, without any protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from simulators.github_store import EPOCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An organisation, or a person."""

    login: str
    organisation: bool = True
    full_name: str = ""
    location: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository. Times are ISO 8601; `updated_at` moves with pushes and settings, not with what is counted.

    `languages` is in bytes; `release` (tag, time); `files` the texts by path, `folders` the names
    of folders in it; `commits` makes another commit of the same files; `parent` the full name of what it is a fork of;
    `former` the full names that it had.
    """

    id: int
    owner: str
    name: str
    description: str = ""
    website: str = ""
    created_at: str = EPOCH
    updated_at: str = EPOCH
    archived: bool = False
    private: bool = False
    template: bool = False
    mirror: bool = False
    original_url: str = ""
    parent: str | None = None
    stars: int = 0
    forks: int = 0
    issues: int = 0
    topics: tuple[str, ...] = ()
    languages: Mapping[str, int] = field(default_factory=dict)
    release: tuple[str, str] | None = None
    releases: int | None = None  # None: one where there is a release
    default_branch: str = "main"
    files: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    commits: int = 1
    former: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """As the forge writes it: "owner/name"."""
        return f"{self.owner}/{self.name}"

    @property
    def empty(self) -> bool:
        """Whether nothing was pushed yet."""
        return not (self.files or self.folders)

    @property
    def head(self) -> str:
        """The commit of the default branch."""
        held = repr((self.id, self.commits, sorted(self.files.items()), self.folders))
        return hashlib.sha1(held.encode(), usedforsecurity=False).hexdigest()


class ForgejoStore:
    """Accounts and repositories, found by id and whatever the case of their names."""

    def __init__(self, repositories: Iterable[Repository], accounts: Iterable[Account] = ()) -> None:
        self._accounts = {account.login.lower(): account for account in accounts}
        self._by_id: dict[int, Repository] = {}
        self._ids: dict[str, int] = {}
        self._former: dict[str, int] = {}
        for repository in repositories:
            self.put(repository)

    def put(self, repository: Repository) -> None:
        """Add a repository, or put it in the place of the one of that id, whatever its name was."""
        before = self._by_id.get(repository.id)
        if before is not None:
            del self._ids[before.full_name.lower()]
        self._accounts.setdefault(repository.owner.lower(), Account(login=repository.owner))
        self._by_id[repository.id] = repository
        self._ids[repository.full_name.lower()] = repository.id
        for name in repository.former:
            self._former[name.lower()] = repository.id

    def remove(self, number: int) -> None:
        """Delete a repository, as its owner would."""
        del self._ids[self._by_id.pop(number).full_name.lower()]

    def account(self, login: str) -> Account | None:
        """The account of that login."""
        return self._accounts.get(login.lower())

    def accounts(self) -> list[Account]:
        """Every account, in order of the alphabet."""
        return [self._accounts[login] for login in sorted(self._accounts)]

    def repository(self, full_name: str) -> Repository | None:
        """The repository that has this name now."""
        return self._by_id.get(self._ids.get(full_name.lower(), -1))

    def renamed(self, full_name: str) -> Repository | None:
        """The repository that had this name once, when none has it now."""
        name = full_name.lower()
        return None if name in self._ids else self._by_id.get(self._former.get(name, -1))

    def by_id(self, identifier: int) -> Repository | None:
        """The repository of that id."""
        return self._by_id.get(identifier)

    def __iter__(self) -> Iterator[Repository]:
        """In order of ids."""
        return iter([self._by_id[identifier] for identifier in sorted(self._by_id)])

    def __len__(self) -> int:
        return len(self._by_id)


def synthetic(count: int, *, organisations: int = 1) -> ForgejoStore:
    """A store for benchmarks: `count` repositories spread over "org-0", "org-1" ...

    All have a README and languages, every second one a release, every tenth a publiccode.yml.
    """
    return ForgejoStore(_synthetic(index, f"org-{index * organisations // count}") for index in range(count))


def _synthetic(index: int, owner: str) -> Repository:
    files = {"README.md": f"# Tool {index}\n\nTool number {index} for public services.\n", "LICENSE": "EUPL-1.2\n"}
    if index % 10 == 0:
        files["publiccode.yml"] = (
            f"publiccodeYmlVersion: '0.4'\nname: Tool {index}\nurl: https://forge.example/{owner}/tool-{index}\n"
            "platforms: [web]\ndevelopmentStatus: stable\nsoftwareType: standalone/web\n"
            f"description:\n  en:\n    shortDescription: Tool number {index} for public services\n"
            "legal:\n  license: EUPL-1.2\nmaintenance:\n  type: community\n"
            "localisation:\n  localisationReady: true\n  availableLanguages: [en]\n"
        )
    return Repository(
        id=1000 + index,
        owner=owner,
        name=f"tool-{index}",
        description=f"Tool number {index} for public services",
        created_at="2020-01-01T08:00:00Z",
        updated_at="2026-05-01T00:00:00Z",
        stars=index % 97,
        topics=("civic-tech", "government"),
        languages={"Go": 9000, "HTML": 500},
        release=(f"v1.{index % 9}", "2026-04-01T00:00:00Z") if index % 2 == 0 else None,
        files=files,
        folders=("src",),
    )
