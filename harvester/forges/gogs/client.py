"""What Gogs answers otherwise than Forgejo, by its published API (github.com/gogs/docs-api, and its router).

Without a token it shows listings, repositories, releases and organisations' teams; trees and files want one. It has no
languages, topics, licences or archived repositories, no redirects, and no repository by its number.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harvester.errors import ForgeError
from harvester.forges.forgejo.client import ABSENT, SEARCH, Forgejo, RepositoryPage, Tree, encoded
from harvester.forges.sweep import ForgeWords

WORDS = ForgeWords(format="gogs", number="id", name="full_name", address="html_url")
_EVERYTHING = "_"  # any one character, to the search: of an empty word it makes "."


class Gogs(Forgejo):
    """One instance. See Forgejo."""

    tells_links = False

    def repositories(self, path: str, query: Mapping[str, str], *, seen: int = 0) -> RepositoryPage:
        """See Forgejo. An owner's are searched for by its number: the listing at their path wants a token, shows an
        organisation's private ones as well, and has no pages."""
        if path != SEARCH and "uid" not in query:
            account = self._object(f"/users/{path.split('/')[2]}")
            if account is None:
                raise ForgeError(f"{self.url}{path}: no such account", url=f"{self.url}{path}", status=404)
            query = {**query, "uid": str(account["id"])}
        known = {name: query[name] for name in ("limit", "page", "uid") if name in query}
        return super().repositories(SEARCH, {"q": _EVERYTHING, **known}, seen=seen)

    def repository(self, number: int | str, *, name: str | None = None) -> Mapping[str, Any] | None:
        """The repository of that name, where it is the one of that number still."""
        found = self.named(name or "")
        return found if found is not None and str(found.get("id")) == str(number) else None

    def organisation(self, login: str) -> Mapping[str, Any] | None:
        """The organisation of that name, by its teams: each has one, and a person has none. /orgs shows persons too."""
        try:
            teams = self._json(self._get(f"/orgs/{encoded(login)}/teams"))
        except ForgeError as error:
            if error.status in ABSENT:
                return None
            raise
        return {"username": login} if teams else None

    def tree(self, full_name: str, branch: str) -> Tree | None:
        """See Forgejo. The commit is not told."""
        found = super().tree(full_name, branch)
        return None if found is None else replace(found, head=None)

    def latest_release(self, full_name: str) -> Mapping[str, Any] | None:
        """See Forgejo. It was published when it was made: there is no other date."""
        try:
            listed = self._json(self._get(f"/repos/{encoded(full_name, '/')}/releases"))
        except ForgeError as error:
            if error.status in ABSENT:
                return None
            raise
        done = [one for one in listed or () if not one.get("draft") and not one.get("prerelease")]
        newest = max(done, key=lambda one: str(one.get("created_at")), default=None)
        return None if newest is None else {**newest, "published_at": newest.get("created_at")}

    def _raw(self, full_name: str, path: str) -> bytes | None:
        """A file by what tells a link from it, which /raw does not."""
        found = self._object(f"/repos/{encoded(full_name, '/')}/contents/{encoded(path, '/')}", lists=True)
        if found is None or found.get("type") != "file":
            return None
        try:
            return base64.b64decode(str(found.get("content") or ""), validate=True)
        except binascii.Error:
            return None

    def _can_read_many(self) -> bool:
        return False
