"""awesome-selfhosted-data: a YAML file for each program, in one archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from spiders.archive import Address, ArchiveParams, ArchiveSpider, in_folder


class AwesomeSelfhostedParams(ArchiveParams):
    """`folder` holds the programs' files."""

    archive: Address = "https://api.github.com/repos/awesome-selfhosted/awesome-selfhosted-data/tarball/master"
    catalogue: str = "awesome-selfhosted"
    folder: str = "software"
    language: str | None = "en"


class AwesomeSelfhosted(ArchiveSpider):
    """awesome-selfhosted, or another list that is built from the same kind of files."""

    name = "awesome_selfhosted"
    title = "awesome-selfhosted"
    default_schedule = "43 3 * * 2"
    documented_api = True  # the forge's API gives archives of repositories
    format = "awesome-selfhosted"
    Params: ClassVar[type[AwesomeSelfhostedParams]] = AwesomeSelfhostedParams
    params: AwesomeSelfhostedParams

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """The YAML files of the folder."""
        return {} if in_folder(self.params.folder, ".yml").fullmatch(path) else None
