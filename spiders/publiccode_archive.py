"""Catalogues that keep a publiccode.yml for each software in a folder of a repository: Taiwan's, for example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from spiders.archive import ArchiveParams, ArchiveSpider


class PubliccodeArchiveParams(ArchiveParams):
    """`folder` holds the files, each with the ending .yml or .yaml."""

    folder: str


class PubliccodeArchive(ArchiveSpider):
    """The publiccode.yml files of one folder."""

    name = "publiccode_archive"
    title = "Catalogue of publiccode.yml files"
    default_schedule = "51 3 * * 3"
    documented_api = True  # the forge's API gives archives of repositories
    format = "catalogued-publiccode"
    Params: ClassVar[type[PubliccodeArchiveParams]] = PubliccodeArchiveParams
    params: PubliccodeArchiveParams

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """The YAML files of the folder."""
        return {} if re.fullmatch(rf"{re.escape(self.params.folder.strip('/'))}/[^/]+\.ya?ml", path) else None
