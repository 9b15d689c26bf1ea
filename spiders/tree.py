"""Files of one folder of a public repository: its tree is asked once, then each file. Spiders derive from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response

from harvester.errors import FetchError, InputError
from harvester.model import Page, RawItem, Unit
from harvester.net.counting import without_query
from spiders.base import WebSpider
from spiders.listing import parsed


class TreeSpider(WebSpider):
    """A tree as GitHub's REST API lists it (`{"tree": [{path, type}], "truncated"}`), its files as they are."""

    format: ClassVar[str]
    documented_api = True

    def tree(self) -> str:
        """Where the tree is."""
        raise NotImplementedError

    def file(self, path: str) -> str:
        """Where the file at a path is."""
        raise NotImplementedError

    def wanted(self, path: str) -> bool:
        """Whether a file is an entry."""
        raise NotImplementedError

    def page_of(self, path: str) -> str:
        """Where a person can see the file."""
        return self.file(path)

    def context(self, path: str) -> Mapping[str, Any]:
        """What reading needs beside the file."""
        return {"file": path}

    def first_units(self) -> Iterable[Unit]:
        """The tree."""
        yield Unit("tree", {"url": self.tree()})

    def request(self, unit: Unit) -> Request:
        """The tree, or a file."""
        if "path" in unit.data:
            return Request(self.file(str(unit.data["path"])))
        return Request(str(unit.data["url"]), headers={"Accept": "application/json"})

    def page(self, response: Response, unit: Unit) -> Page:
        """Of the tree, its files as next units; of a file, one raw item."""
        if "path" in unit.data:
            return Page(unit=unit, raw_items=(self._raw(response, str(unit.data["path"])),))
        paths = [path for path in _paths(response) if self.wanted(path)]
        if not paths:
            raise InputError(f"{without_query(response.url)}: no file of the tree is an entry", place="tree")
        return Page(
            unit=unit, next_units=tuple(Unit(f"file:{path}", {"path": path}) for path in paths), total=len(paths)
        )

    def _raw(self, response: Response, path: str) -> RawItem:
        return RawItem(
            key=path,
            format=self.format,
            payload=response.body,
            url=self.page_of(path),
            fetched_at=datetime.now(UTC),
            context=self.context(path),
        )


def _paths(response: Response) -> list[str]:
    """The paths of the files. FetchError where the tree says that it is not whole."""
    where = without_query(response.url)
    body = parsed(response.body, where)
    found = body.get("tree") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise InputError(f"{where}: no list in 'tree'", place="tree")
    if body.get("truncated"):
        raise FetchError(f"{where}: the tree is truncated", remedy="name the tree of the folder alone")
    return [
        str(each["path"])
        for each in found
        if isinstance(each, dict) and each.get("type") == "blob" and each.get("path")
    ]


def quoted(path: str) -> str:
    """A path as it stands in an address."""
    return quote(path, safe="/")
