"""Digital public goods as they were archived: one JSON file each, in a public repository."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harvester.model import RawItem, Reading, Terms
from harvester.normalize import digital_public_goods as reader
from spiders.base import Params
from spiders.tree import TreeSpider, quoted

_REPOSITORY = "DPGAlliance/publicgoods-candidates"


class DigitalPublicGoodsFilesParams(Params):
    """`tree_url` lists the repository's files; each is below `files`, those of `folders` are wanted."""

    tree_url: str = Field(
        f"https://api.github.com/repos/{_REPOSITORY}/git/trees/HEAD?recursive=1", pattern=r"^https?://[^/?#]+/"
    )
    files: str = Field(f"https://raw.githubusercontent.com/{_REPOSITORY}/HEAD/", pattern=r"^https?://[^/?#]+/")
    folders: tuple[str, ...] = Field(("digitalpublicgoods", "nominees"), min_length=1)


class DigitalPublicGoodsFilesSpider(TreeSpider):
    """The tree, then each file."""

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
    format = "digital-public-goods"
    Params: ClassVar[type[DigitalPublicGoodsFilesParams]] = DigitalPublicGoodsFilesParams
    params: DigitalPublicGoodsFilesParams

    def tree(self) -> str:
        """The repository's files."""
        return self.params.tree_url

    def file(self, path: str) -> str:
        """The file as it is."""
        return self.params.files.rstrip("/") + "/" + quoted(path)

    def wanted(self, path: str) -> bool:
        """A JSON file in one of the folders itself."""
        folder, _, name = path.rpartition("/")
        return folder in self.params.folders and name.endswith(".json")

    @classmethod
    def read(cls, raw: RawItem) -> Reading:
        """The entry's record."""
        return reader.read(raw)
