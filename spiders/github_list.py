"""Lists of repositories as GitHub's REST API gives them, kept by others: the World Bank's, for example."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from harvester.model import Issue
from harvester.normalize.urls import web_address
from harvester.normalize.values import mapping, number, text
from spiders.files import Entry, FilesParams, FilesSpider, json_entry, json_of, list_of

_CHANGES_BY_ITSELF = ("permissions", "score", "temp_clone_token")


class GithubListParams(FilesParams):
    """The lists' addresses."""

    urls: tuple[str, ...] = Field(min_length=1)


class GithubList(FilesSpider):
    """JSON arrays of repository objects."""

    name = "github_list"
    title = "List of GitHub repositories"
    default_schedule = "3 4 * * 5"
    documented_api = True  # JSON files, made to be read by programs
    format = "github-rest"
    Params: ClassVar[type[GithubListParams]] = GithubListParams
    params: GithubListParams

    def addresses(self) -> Iterable[str]:
        """The files'."""
        return self.params.urls

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """The repositories, each under the forge's number or its full name."""
        for entry in list_of(json_of(body, url=url, issues=issues), "items", "repos", url=url):
            about = mapping(entry)
            identifier = number(about.get("id"))
            key = f"github.com:{identifier}" if identifier is not None else text(about.get("full_name")) or "entry"
            kept = {name: value for name, value in about.items() if name not in _CHANGES_BY_ITSELF} if about else entry
            shown = web_address(about.get("html_url")) or url
            yield Entry(key=key, payload=json_entry(kept), url=shown, context=self.context())
