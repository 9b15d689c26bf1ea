"""Gogs: the repositories of organisations and users, or of a whole instance."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from harvester.forges.gogs.client import WORDS, Gogs
from spiders.forgejo import ForgejoParams, ForgejoSpider


class GogsParams(ForgejoParams):
    """As Forgejo's, but that Gogs knows no topics and tells no languages. `files` are read where a token is given."""

    url: str = Field(pattern=r"^https?://[^/?#]+")
    topics: tuple[()] = ()
    languages: Literal[False] = False


class GogsSpider(ForgejoSpider):
    """One instance. Its API shows files to tokens only: without one nothing is said of files."""

    name = "gogs"
    title = "Gogs"
    words = WORDS
    files_want_token = True
    leads_on = False
    Client: ClassVar[type[Gogs]] = Gogs
    Params: ClassVar[type[GogsParams]] = GogsParams
