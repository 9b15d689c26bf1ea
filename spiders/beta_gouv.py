"""beta.gouv.fr: the digital services that the French State's incubators build, with their phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from harvester.model import Terms
from spiders.archive import Address, RepositoryParams, RepositorySpider, in_folder

_REPOSITORY = "betagouv/beta.gouv.fr"


class BetaGouvParams(RepositoryParams):
    """`folder` holds the services' files."""

    archive: Address = f"https://api.github.com/repos/{_REPOSITORY}/tarball"
    page: str | None = "https://beta.gouv.fr/startups/{name}.html"
    folder: str = "content/_startups"


class BetaGouvSpider(RepositorySpider):
    """The Markdown files that stand in the folder itself."""

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
    documented_api = True  # the forge's API gives archives of repositories
    most_bytes = 128 * 1024 * 1024  # the site's pictures are in it
    format = "beta-gouv"
    Params: ClassVar[type[BetaGouvParams]] = BetaGouvParams
    params: BetaGouvParams

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """A service's file, whose name is its id."""
        return {"file": path} if in_folder(self.params.folder, ".md").fullmatch(path) else None
