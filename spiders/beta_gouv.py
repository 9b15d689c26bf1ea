"""beta.gouv.fr: the digital services that the French State's incubators build, with their phases."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harvester.model import RawItem, Reading, Terms
from harvester.normalize import beta_gouv as reader
from spiders.base import Params
from spiders.tree import TreeSpider, quoted

_REPOSITORY = "betagouv/beta.gouv.fr"


class BetaGouvParams(Params):
    """`tree_url` lists the repository's files; those directly in `folder` are wanted, each is below `files`."""

    tree_url: str = Field(
        f"https://api.github.com/repos/{_REPOSITORY}/git/trees/HEAD?recursive=1", pattern=r"^https?://[^/?#]+/"
    )
    files: str = Field(f"https://raw.githubusercontent.com/{_REPOSITORY}/HEAD/", pattern=r"^https?://[^/?#]+/")
    folder: str = "content/_startups"


class BetaGouvSpider(TreeSpider):
    """The tree, then each service's file."""

    name = "beta_gouv"
    title = "beta.gouv.fr"
    publisher = "Direction interministérielle du numérique"
    terms = Terms(
        url=f"https://github.com/{_REPOSITORY}/blob/HEAD/LICENSE.CCBYNCSA.txt",
        attribution="beta.gouv.fr",
        share_alike=True,
    )
    default_schedule = "3 3 * * 0"
    least = 300
    most_bytes = 32 * 1024 * 1024
    format = "beta-gouv"
    Params: ClassVar[type[BetaGouvParams]] = BetaGouvParams
    params: BetaGouvParams

    def tree(self) -> str:
        """The repository's files."""
        return self.params.tree_url

    def file(self, path: str) -> str:
        """The file as it is."""
        return self.params.files.rstrip("/") + "/" + quoted(path)

    def wanted(self, path: str) -> bool:
        """A Markdown file in the folder itself."""
        folder, _, name = path.rpartition("/")
        return folder == self.params.folder.strip("/") and name.endswith(".md")

    def page_of(self, path: str) -> str:
        """The service's page."""
        return f"https://beta.gouv.fr/startups/{quoted(path.rpartition('/')[2].removesuffix('.md'))}.html"

    @classmethod
    def read(cls, raw: RawItem) -> Reading:
        """The service's record."""
        return reader.read(raw)
