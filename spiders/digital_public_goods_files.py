"""Digital public goods as they were archived: one JSON file each, in a public repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from harvester.model import Terms
from spiders.archive import Address, RepositoryParams, RepositorySpider, in_folder

_REPOSITORY = "DPGAlliance/publicgoods-candidates"


class DigitalPublicGoodsFilesParams(RepositoryParams):
    """`folders` hold the entries' files."""

    archive: Address = f"https://api.github.com/repos/{_REPOSITORY}/tarball"
    page: str | None = f"https://raw.githubusercontent.com/{_REPOSITORY}/HEAD/{{path}}"
    folders: tuple[str, ...] = Field(("digitalpublicgoods", "nominees"), min_length=1)


class DigitalPublicGoodsFilesSpider(RepositorySpider):
    """The JSON files that stand in one of the folders itself."""

    name = "digital_public_goods_files"
    title = "Digital Public Goods, archived files"
    publisher = "Digital Public Goods Alliance"
    terms = Terms(
        license="CC0-1.0",
        url=f"https://github.com/{_REPOSITORY}/blob/HEAD/LICENSE",
        attribution="Digital Public Goods Alliance",
    )
    default_schedule = None  # an archive: it changes no more
    least = 200
    documented_api = True  # the forge's API gives archives of repositories
    format = "digital-public-goods"
    Params: ClassVar[type[DigitalPublicGoodsFilesParams]] = DigitalPublicGoodsFilesParams
    params: DigitalPublicGoodsFilesParams

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """An entry's file, whose name is its id."""
        fits = any(in_folder(folder, ".json").fullmatch(path) for folder in self.params.folders)
        return {"file": path} if fits else None
