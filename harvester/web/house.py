"""What every page needs, made once by `create_app` and handed to each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from fastapi import Request

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.search.engine import Engine
from harvester.web.beginnings import Beginnings
from harvester.web.passwords import Checks
from harvester.web.previews import Checking, Previews
from harvester.web.provider import Provider
from harvester.web.throttle import Senders, Throttle
from harvester.words import Catalogs, Formatter

NextDue = Callable[..., datetime | None]
"""Called with a source, and perhaps with the moment (UTC) after which it is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The rooms that the pages look into. `next_due` says when a source's next run is due (UTC), None: never."""

    settings: Settings
    catalogue: Catalogue
    engine: Engine
    next_due: NextDue
    throttle: Throttle
    senders: Senders
    checks: Checks
    beginnings: Beginnings
    words: Catalogs
    previews: Previews = field(default_factory=Previews)
    checking: Checking = field(default_factory=Checking)
    provider: Provider = field(default_factory=Provider)

    def formatter(self, language: str) -> Formatter:
        """How things are said on a page of a language of ours (`pages.render` tells what is English there), with times
        in the site's zone."""
        return Formatter(self.words[language].marking_english(), timezone=self.settings.timezone)

    def site_name(self, language: str) -> str:
        """What the site is called."""
        return self.settings.site_name or self.words[language]("site.name")

    @property
    def themed(self) -> bool:
        """Whether an operator chose colours."""
        return bool(self.settings.accent or self.settings.accent_dark)

    def operator(self, language: str) -> str:
        """Who runs it; the site's own name where nobody says."""
        return self.settings.operator or self.site_name(language)


def house_of(request: Request) -> House:
    """The house that this request came to."""
    return cast(House, request.app.state.house)
