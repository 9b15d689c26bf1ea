"""How many entries the recorded files hold, counted without any spider or reader: by lines, names and rows.

What the command that harvests them compares its own counts with, so that no entry can vanish unseen.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools import corpus_lists

_SAME_ADDRESS = "another row of the same address"


@dataclass(frozen=True, slots=True)
class Counted:
    """`rows` of the recorded file, and how many of them make no entry of their own, by the reason."""

    rows: int
    merged: Mapping[str, int] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """How many entries a harvest has to bring."""
        return self.rows - sum(self.merged.values())


@lru_cache(maxsize=1)
def counted(folder: Path) -> Mapping[str, Counted]:
    """What the file of each recorded source holds, by the source's name. Two seconds."""
    found = {name: count(folder) for name, count in _COUNTS.items()}
    found |= {name: Counted(count(folder)) for name, count in _PLAIN_COUNTS.items()}
    return found | dict(_gitlabs(folder))


def _brigade_repositories(folder: Path) -> Counted:
    rows = [json.loads(line) for line in _lines(folder / "catalogues" / "cfa" / "brigade-projects.jsonl.gz")]
    known = [row["github"]["full_name"].lower() for row in rows if row.get("github")]
    more = {"nothing was recorded of its repository": len(rows) - len(known)}
    return Counted(len(rows), {**more, _SAME_ADDRESS: len(known) - len(set(known))})


def _dump_rows(folder: Path) -> list[dict[str, str]]:
    newest = max((folder / "catalogues" / "fr-codes-sources").glob("repositories-*.csv.gz"))
    with gzip.open(newest, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _dump(folder: Path) -> Counted:
    addresses = [row["repository_url"] for row in _dump_rows(folder)]
    return Counted(len(addresses), {_SAME_ADDRESS: len(addresses) - len(set(addresses))})


def _gitlabs(folder: Path) -> Iterator[tuple[str, Counted]]:
    addresses = [row["repository_url"].lower().rstrip("/") for row in _dump_rows(folder) if row["platform"] == "GitLab"]
    hosts = Counter(urlsplit(address).netloc for address in addresses)
    distinct = Counter(urlsplit(address).netloc for address in set(addresses))
    for host, rows in hosts.items():
        yield f"gitlab-{host.replace('.', '-')}", Counted(rows, {_SAME_ADDRESS: rows - distinct[host]})


def _releases(folder: Path) -> int:
    found = 0
    for path in corpus_lists.inventories(folder).values():
        inventory: Any = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
        found += len(inventory.get("releases") or inventory.get("projects") or [])
    return found


def _canadian(folder: Path) -> int:
    files = (folder / "catalogues" / "ca-ore-ero" / "code").rglob("*.yml")
    return sum(len(re.findall(r"^    repositoryURL:", path.read_text("utf-8"), re.MULTILINE)) for path in files)


def _linked_lines(name: str, folder: Path) -> int:
    """Lines of a Markdown list that are items or table rows with a link, or rows whose cell is an address."""
    item = r"\s*(?:[-*+]|\d+\.)\s.*(?:\]\(|<https?://).*"
    linked = re.compile(rf"{item}|\|.*(?:\]\(|\|\s*https?://\S+\s*\|).*")
    lines = corpus_lists.awesome(folder, name).decode().splitlines()
    return sum(linked.fullmatch(line) is not None for line in lines)


def _members(path: str, pattern: str, folder: Path) -> int:
    with tarfile.open(folder / path) as archive:
        return sum(re.fullmatch(pattern, member.name) is not None for member in archive if member.isfile())


def _json_length(*paths: str) -> Callable[[Path], int]:
    return lambda folder: sum(len(json.loads((folder / path).read_bytes())) for path in paths)


def _matches(path: str, pattern: str, folder: Path) -> int:
    return len(re.findall(pattern, (folder / path).read_text("utf-8"), re.MULTILINE))


def _files(path: str, pattern: str, folder: Path) -> int:
    return sum(1 for _ in (folder / path).glob(pattern))


def _italian(folder: Path) -> int:
    pages = (folder / "publiccode" / "developers-italia-api").glob("page*.json")
    return sum(len(json.loads(page.read_bytes())["data"]) for page in pages)


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from lines


_COUNTS: Mapping[str, Callable[[Path], Counted]] = {
    "code-for-america": _brigade_repositories,
    "codegouv-dumps": _dump,
}
_PLAIN_COUNTS: Mapping[str, Callable[[Path], int]] = {
    "publiccode-head": partial(_files, "publiccode/head", "*"),
    "developers-italia": _italian,
    "publiccode-history": lambda folder: sum(1 for _ in _lines(folder / "publiccode" / "history.jsonl.gz")),
    "sill": _json_length("catalogues/fr-sill/sill.json"),
    "digital-public-goods": _json_length("catalogues/dpg-api-dpgs.json", "catalogues/dpg-api-nominees.json"),
    "digital-public-goods-files": partial(
        _members, "catalogues/dpg.tar.xz", r"(digitalpublicgoods|nominees)/[^/]+\.json"
    ),
    "codegouv-awesome": partial(_matches, "catalogues/fr-codegouvfr-data/awesome-codegouvfr.yml", r"^https://"),
    "beta-gouv": partial(_members, "catalogues/fr-beta-startups.tar.xz", r".*\.md"),
    "catalogue-us-agencies": _releases,
    "catalogue-canada": _canadian,
    **{f"catalogue-awesome-{name}": partial(_linked_lines, name) for name in corpus_lists.AWESOME},
    "catalogue-awesome-selfhosted": partial(_members, "catalogues/awesome-selfhosted-data.tar.xz", r"software/.*\.yml"),
    "catalogue-awesome-selfhosted-site": lambda folder: sum(
        len(re.findall(rb"<h3>", content)) for _, content in corpus_lists.site(folder)
    ),
    "catalogue-brigades": partial(
        _members, "catalogues/cfa/brigade-project-index-snapshot.tar.xz", r"projects/.*\.toml"
    ),
    "catalogue-taiwan-publiccode": partial(_files, "publiccode/moda-gov-tw", "*.yml"),
    "catalogue-world-bank": partial(_matches, "catalogues/worldbank-repos.json", '"full_name"'),
}
