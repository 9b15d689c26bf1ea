"""Munich's open-source portal: a Markdown page with front matter for each application, in one archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from spiders.archive import Address, ArchiveParams, ArchiveSpider, in_folder


class MunichParams(ArchiveParams):
    """`folders` are those of the pages, each with the language of its texts."""

    archive: Address = "https://api.github.com/repos/it-at-m/opensource.muenchen.de/tarball/main"
    catalogue: str = "opensource.muenchen.de"
    page: str | None = "https://opensource.muenchen.de/software/{name}.html"
    folders: dict[str, str] = Field(default_factory=lambda: {"software": "en", "de/software": "de"}, min_length=1)
    publisher: str | None = "Landeshauptstadt München"


class Munich(ArchiveSpider):
    """The software that the city of Munich builds and uses."""

    name = "munich"
    title = "Open Source München"
    default_schedule = "11 3 * * 3"
    documented_api = True  # the forge's API gives archives of repositories
    format = "munich"
    Params: ClassVar[type[MunichParams]] = MunichParams
    params: MunichParams

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """The pages of the folders, with their language."""
        for folder, language in self.params.folders.items():
            if in_folder(folder, ".md").fullmatch(path):
                return {"language": language}
        return None
