"""Code for America's index of what its brigades build: a TOML file for each project, in one archive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from spiders.archive import Address, ArchiveParams, ArchiveSpider

_PROJECT = re.compile(r"projects/[^/]+/[^/]+\.toml")


class BrigadeIndexParams(ArchiveParams):
    """Projects are grouped by organisation; a file's name is its own only within that."""

    archive: Address = "https://api.github.com/repos/codeforamerica/brigade-project-index/tarball/index/v1"
    catalogue: str = "brigade-index"


class BrigadeIndex(ArchiveSpider):
    """The civic-tech projects of volunteers' groups, as the index last knew them."""

    name = "brigade_index"
    title = "Code for America brigade project index"
    default_schedule = "5 2 1 * *"  # the index is history: monthly is often enough
    documented_api = True  # the forge's API gives archives of repositories
    format = "brigade-project"
    Params: ClassVar[type[BrigadeIndexParams]] = BrigadeIndexParams
    params: BrigadeIndexParams

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """The projects' files."""
        return {"number": None} if _PROJECT.fullmatch(path) else None
