"""GitLab: the projects of groups (with their subgroups) and users, or of a whole instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, model_validator

from harvester.config import load_settings
from harvester.errors import FetchError
from harvester.forges import gitlab_items
from harvester.forges.gitlab import PUBLICCODE, GitLab
from harvester.model import Issue, Page, RawItem, Reading, Severity, Unit
from harvester.net import Net, Tokens
from harvester.normalize import gitlab as reader
from harvester.normalize.canonical import canonical_json
from spiders.base import ForgeSpider, Params

_PAGE = 100
_PAGE_WITH_DETAILS = 20
_UNREADABLE = {403: "is closed to us", 200: "is larger than we take"}
"""By status: one such file does not stop a listing, a broken forge does."""


class GitLabParams(Params):
    """`files`: ask each project for its publiccode.yml (a request each); None: not for a whole instance.

    `languages`, `licenses`: ask each project for them as well (a request each). `placeholders` are payload fields
    that this instance serves without meaning. `concurrency` is units in flight.
    """

    url: str = "https://gitlab.com"
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    whole_instance: bool = False
    files: bool | None = None
    languages: bool = False
    licenses: bool = False
    country: str | None = None
    publisher: str | None = None
    placeholders: tuple[str, ...] = ()
    publiccode_only: bool = False
    concurrency: int = Field(1, ge=1, le=4)

    @model_validator(mode="after")
    def _something_is_asked(self) -> GitLabParams:
        if not (self.groups or self.users or self.whole_instance):
            raise ValueError("name groups or users, or set whole_instance")
        return self

    @property
    def with_files(self) -> bool:
        """Whether publiccode.yml is asked for."""
        return not self.whole_instance if self.files is None else self.files

    @property
    def page_size(self) -> int:
        """Projects a page: fewer where each costs requests of its own, so that no unit takes minutes."""
        return _PAGE_WITH_DETAILS if self.with_files or self.languages or self.licenses else _PAGE


class GitLabSpider(ForgeSpider):
    """One GitLab instance."""

    name = "gitlab"
    title = "GitLab"
    documented_api = True
    Params: ClassVar[type[GitLabParams]] = GitLabParams
    params: GitLabParams

    def __init__(self, *, net: Net, **kwargs: Any) -> None:
        super().__init__(net=net, **kwargs)
        at = urlsplit(self.params.url)
        settings = load_settings()
        tokens = Tokens.private(self.params.url, settings.tokens_for(self.params.url))
        self.concurrency = self.params.concurrency
        self._totals: dict[str, int] = {}
        session = net.session(f"gitlab:{at.hostname}", tokens)
        self.client = GitLab(session, url=self.params.url, user_agent=settings.user_agent)

    def first_units(self) -> Iterable[Unit]:
        """The first page of each group, each user, or of the instance, in order of project ids."""
        query = {"order_by": "id", "sort": "asc", "per_page": str(self.params.page_size), "visibility": "public"}
        if self.params.whole_instance:
            yield _unit("/projects", query | {"pagination": "keyset"}, seen=0)
            return
        for group in dict.fromkeys(self.params.groups):
            listing = f"/groups/{quote(group.strip('/'), safe='')}/projects"
            # what is shared with a group belongs to another
            yield _unit(listing, query | {"include_subgroups": "true", "with_shared": "false", "page": "1"}, seen=0)
        for user in dict.fromkeys(self.params.users):
            yield _unit(f"/users/{quote(user, safe='')}/projects", query | {"page": "1"}, seen=0)

    def ask(self, unit: Unit) -> Page:
        """A page of a listing, with the files of its projects where they are wanted.

        `Page.total` is what all listings that were asked so far have, as far as the instance counts.
        """
        path, query, seen = str(unit.data["path"]), dict(unit.data["query"]), int(unit.data["seen"])
        page = self.client.projects(path, query)
        issues: list[Issue] = []
        raw_items = tuple(self._raw(project, issues) for project in page.projects)
        received = seen + len(raw_items)
        if page.following is None and page.total is not None and received < page.total:
            issues.append(_short(path, seen=received, total=page.total))
        if page.total is not None:
            self._totals[path] = page.total
        return Page(
            unit=unit,
            raw_items=raw_items,
            next_units=(_unit(path, page.following, seen=received),) if page.following else (),
            total=sum(self._totals.values()) or None,
            issues=tuple(issues),
        )

    def _raw(self, project: Mapping[str, Any], issues: list[Issue]) -> RawItem:
        number = None if "id" in self.params.placeholders else project.get("id")
        name = number if number is not None else str(project.get("path_with_namespace"))
        url = str(project.get("web_url") or f"{self.params.url.rstrip('/')}/{project.get('path_with_namespace')}")
        publiccode = self._publiccode(name, project, issues) if self.params.with_files else None
        languages = self.client.languages(name) if self.params.languages else None
        if self.params.licenses and "license" not in project:
            project = {**project, "license": self.client.license(name)}
        payload = gitlab_items.payload(project, publiccode=publiccode, languages=languages)
        if not self.params.with_files:
            del payload["publiccode"]  # nobody asked: unknown is not "none"
        return RawItem(
            key=f"{self.client.host}:{number}" if number is not None else url.lower(),  # GitLab's paths ignore case
            format="gitlab",
            payload=canonical_json(payload),
            url=url,
            fetched_at=datetime.now(UTC),
            context=self._context(),
        )

    def _publiccode(self, name: int | str, project: Mapping[str, Any], issues: list[Issue]) -> Mapping[str, Any] | None:
        if not gitlab_items.may_hold_files(project):
            return None
        try:
            content = self.client.file(name, PUBLICCODE)
            text = content.decode("utf-8") if content is not None else None
        except UnicodeDecodeError:
            text, why = None, "is no UTF-8"
        except FetchError as error:
            if error.status not in _UNREADABLE:
                raise
            text, why = None, _UNREADABLE[error.status]
        else:
            return {"path": PUBLICCODE, "text": text} if text is not None else None
        message = f"{PUBLICCODE} of {project.get('path_with_namespace')} {why}"
        issues.append(Issue(code="publiccode-unreadable", message=message, place=PUBLICCODE))
        return {"path": PUBLICCODE, "text": None}

    def _context(self) -> Mapping[str, Any]:
        params = self.params
        context: dict[str, Any] = {"host": self.client.host, "country": params.country, "publisher": params.publisher}
        context["publiccode_only"] = params.publiccode_only
        context["placeholders"] = sorted(params.placeholders)
        return {name: value for name, value in context.items() if value}

    @classmethod
    def read(cls, raw: RawItem) -> Reading:
        """The project's record, and its publiccode.yml's."""
        return reader.read(raw)


def _unit(path: str, query: Mapping[str, str], *, seen: int) -> Unit:
    data = {"path": path, "query": dict(query), "seen": seen}
    return Unit(f"{path}?{urlencode(sorted(query.items()))}", data)


def _short(path: str, *, seen: int, total: int) -> Issue:
    return Issue(
        code="short-listing",
        message=f"the listing {path} ended after {seen} of {total} projects",
        severity=Severity.WARNING,
        place=path,
        remedy="harvest again; what is not listed is not taken for gone",
    )
