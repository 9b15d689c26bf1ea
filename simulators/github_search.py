"""The simulated GitHub's search: the qualifiers that a harvester uses, over a store."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from simulators.github_store import EPOCH, GitHubStore, Repo, database_id

MOST_FOUND = 1000
"""Results that GitHub gives of a search, however many there are."""


def searched(store: GitHubStore, query: str) -> list[Repo]:
    """The repositories that a query finds, by number. Forks are found where it says fork:true alone, as on GitHub."""
    terms = query.split()
    if not any(term.startswith("fork:") for term in terms):
        terms.append("fork:false")
    return sorted((repo for repo in store if all(_fits(repo, term) for term in terms)), key=database_id)


def _fits(repo: Repo, term: str) -> bool:
    name, colon, value = term.partition(":")
    fits = {
        "topic": lambda: value in repo.topics,
        "created": lambda: _within((repo.created_at or EPOCH)[:10], value),
        "pushed": lambda: _within((repo.pushed_at or EPOCH)[:10], value),
        "user": lambda: repo.owner.lower() == value.lower(),
        "org": lambda: repo.owner.lower() == value.lower(),
        "language": lambda: (repo.primary_language or "").lower() == value.lower(),
        "archived": lambda: repo.archived == (value == "true"),
        "fork": lambda: value == "true" or repo.fork == (value == "only"),
        "is": lambda: value == "public",
    }
    if colon and name in fits:
        return fits[name]()
    return term.lower() in f"{repo.name} {repo.description or ''} {' '.join(repo.topics)}".lower()


def _within(day: str, window: str) -> bool:
    since, dots, until = window.partition("..")
    return since <= day <= until if dots else day == since


def code(store: GitHubStore, query: str) -> Iterator[tuple[Repo, str]]:
    """The files that a code search finds, (repository, path): by file name, or by a word in the text."""
    terms = shlex.split(query)
    for repo in sorted(store, key=database_id):
        for path, text in sorted(repo.files.items()):
            if all(_in_file(repo, path, text, term) for term in terms):
                yield repo, path


def _in_file(repo: Repo, path: str, text: str, term: str) -> bool:
    name, colon, value = term.partition(":")
    if colon and name == "filename":
        return path.rsplit("/", 1)[-1].lower() == value.lower()
    if colon and name == "path":
        return path.rpartition("/")[0].strip("/").startswith(value.strip("/"))
    if colon and name in ("user", "org"):
        return repo.owner.lower() == value.lower()
    return term.lower() in text.lower()
