"""Recorded catalogues that are files, folders of files or pages, as hosts of the simulated web, with their sources.

What was recorded is served as it is; a folder is served as the archive that a forge makes of it, and Canada's
inventory is put together from the files that it is published from. Nothing recorded is kept here.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import yaml
from starlette.responses import Response

from harvester.model import Source
from simulators.exchange import Ask, Host, as_json, revalidated

INVENTORIES = "inventories.code-json.test"
CANADA = "code.open.canada.test"
LISTS = "lists.awesome.test"
ARCHIVES = "archives.forge.test"
SITE = "site.awesome-selfhosted.test"
WORLD_BANK = "repos.worldbank.test"

AWESOME = {
    "open-sustainable-technology": ("awesome/open-sustainable-technology/README.md", "en"),
    "mx-codeando": ("awesome/mx-codeando/README.md", "es"),
    "es-cttl": ("awesome/es-cttl/README.md", "es"),
    "de-digifarm-ms": ("awesome/de-digifarm-ms/PROJECTS.md", "de"),
    "it-opensource": ("awesome/it-opensource.tar.xz", "en"),
}
"""The recorded lists, by name: their file, and the language of their texts."""
TEMPLATE = {
    "name": "h3",
    "description": "h3 + p",
    "repository": "a.external-link:-soup-contains('Source Code')",
    "website": "a.external-link:-soup-contains('Website')",
    "license": ".license-link",
    "categories": ".tag a",
    "platforms": ".platform a",
    "stars": ".stars",
    "updated": ".updated-at",
}
"""Where the pages of awesome-selfhosted have what they say of a program."""
_MEDIA = {".html": "text/html; charset=utf-8", ".md": "text/markdown; charset=utf-8", ".gz": "application/gzip"}


class Files:
    """Files by their path, made when they are first asked for."""

    def __init__(self, files: Mapping[str, Callable[[], bytes]]) -> None:
        self._files = dict(files)
        self._made: dict[str, bytes] = {}

    def answer(self, ask: Ask) -> Response:
        """The file, or 404."""
        path = unquote(ask.path)
        ask.operation, ask.unit = "GET {file}", path
        if path not in self._files:
            return as_json({"message": "Not Found"}, 404)
        if path not in self._made:
            self._made[path] = self._files[path]()
        media = _MEDIA.get(Path(path).suffix, "application/json")
        return revalidated(ask, Response(self._made[path], media_type=media))


def hosts(folder: Path) -> dict[str, Host]:
    """The hosts, by name."""
    catalogues = folder / "catalogues"
    return {
        INVENTORIES: Files({f"/{name}/code.json": _reading(path) for name, path in inventories(folder).items()}),
        CANADA: Files({"/code.json": lambda: json.dumps(canada(folder)).encode()}),
        LISTS: Files({f"/{name}.md": partial(awesome, folder, name) for name in AWESOME}),
        ARCHIVES: Files(
            {
                "/awesome-selfhosted-data.tar.gz": lambda: archive(selfhosted(folder)),
                "/brigade-project-index.tar.gz": lambda: archive(brigade(folder)),
                "/code-gov-tw.tar.gz": lambda: archive(taiwan(folder)),
            }
        ),
        SITE: Files({f"/{name}": partial(bytes, content) for name, content in site(folder)}),
        WORLD_BANK: Files({"/repos.json": _reading(catalogues / "worldbank-repos.json")}),
    }


def sources(folder: Path) -> list[Source]:
    """A source for each recording; they ask the simulated web over http."""
    awesome_lists = [
        _source(f"awesome-{name}", "awesome_list", url=f"http://{LISTS}/{name}.md", language=language)
        for name, (_, language) in AWESOME.items()
    ]
    agencies = [f"http://{INVENTORIES}/{name}/code.json" for name in inventories(folder)]
    return [
        _source("us-agencies", "code_json", country="US", least=4000, urls=agencies),
        _source("canada", "code_json", country="CA", least=50, urls=[f"http://{CANADA}/code.json"]),
        *awesome_lists,
        _source(
            "awesome-selfhosted",
            "awesome_selfhosted",
            least=1000,
            archive=f"http://{ARCHIVES}/awesome-selfhosted-data.tar.gz",
        ),
        _source(
            "awesome-selfhosted-site",
            "html_catalogue",
            least=1000,
            urls=[f"http://{SITE}/{quote(name)}" for name, _ in site(folder)],
            item="section#software > section",
            listed=TEMPLATE,
            without=".headerlink, svg",
        ),
        _source("brigades", "brigade_index", least=5000, archive=f"http://{ARCHIVES}/brigade-project-index.tar.gz"),
        _source(
            "taiwan-publiccode",
            "publiccode_archive",
            country="TW",
            least=20,
            archive=f"http://{ARCHIVES}/code-gov-tw.tar.gz",
            catalogue="code.gov.tw",
            folder="publiccode-parser/projects",
        ),
        _source(
            "world-bank", "github_list", least=30, publisher="World Bank", urls=[f"http://{WORLD_BANK}/repos.json"]
        ),
    ]


def _source(name: str, spider: str, *, country: str | None = None, least: int = 1, **params: Any) -> Source:
    return Source(
        name=f"catalogue-{name}", spider=spider, title=name, country=country, params=params, least=least, trusted=True
    )


def _reading(path: Path) -> Callable[[], bytes]:
    return lambda: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def inventories(folder: Path) -> dict[str, Path]:
    """The US inventories, by the name they are served under."""
    recorded = folder / "codejson"
    found = {path.stem: path for path in sorted((recorded / "agency-inventories").glob("*.json"))}
    return found | {path.name.partition(".")[0]: path for path in sorted((recorded / "head").glob("*.json.gz"))}


def canada(folder: Path) -> dict[str, Any]:
    """tier -> administration -> {"releases"}, as code.open.canada.ca publishes what these files hold."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((folder / "catalogues" / "ca-ore-ero" / "code").glob("*/*.yml")):
        about = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
        found.setdefault(path.parent.name, {})[about["adminCode"]] = {"releases": about["releases"]}
    return found


def awesome(folder: Path, name: str) -> bytes:
    """A recorded list's Markdown."""
    path = folder / "catalogues" / AWESOME[name][0]
    if path.suffix == ".md":
        return path.read_bytes()
    return next(content for member, content in _members(path) if member == "awesome/opensource/README.md")


def selfhosted(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files of awesome-selfhosted-data."""
    return _members(folder / "catalogues" / "awesome-selfhosted-data.tar.xz")


def brigade(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files of the brigades' index."""
    return _members(folder / "catalogues" / "cfa" / "brigade-project-index-snapshot.tar.xz")


def taiwan(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of Taiwan's publiccode.yml files."""
    for path in sorted((folder / "publiccode" / "moda-gov-tw").glob("*.yml")):
        yield f"publiccode-parser/projects/{path.name}", path.read_bytes()


@lru_cache(maxsize=1)
def site(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Path and content of the recorded pages of awesome-selfhosted."""
    return tuple(_members(folder / "html" / "awesome-selfhosted-site.tar.xz"))


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as recorded:
        for member in recorded:
            content = recorded.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, content.read()


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A .tar.gz as forges make it: everything below one folder that is named after the commit."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as made:
        for name, content in files:
            member = tarfile.TarInfo(f"owner-repository-0123abc/{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return packed.getvalue()
