"""gitweb: the list of projects of a server, as a page, as its text index, or as OPML, and each project's summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote, unquote_plus, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from scrapy.http import Response

from harvester.errors import InputError
from harvester.net.counting import without_query
from spiders.git_listing import GitListingSpider, Listed, Own, Tree, path_below, soup_of, tree_of, words_of

_SCHEMES = ("https://", "http://", "git://", "ssh://")


class GitwebSpider(GitListingSpider):
    """One gitweb server. Its `url` may be that of the page, of `?a=project_index` or of `?a=opml`."""

    name = "gitweb"
    title = "gitweb server"
    system = "gitweb"

    def listing(self, response: Response) -> tuple[Sequence[Listed], str | None]:
        """The projects."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
        if kind.startswith("text/plain"):
            return self._index_lines(response), None
        if "opml" in kind or b"<opml" in response.body[:500]:
            return self._outlines(response), None
        soup = soup_of(response)
        table = soup.select_one("table.project_list")
        if table is None:
            raise InputError(
                f"{without_query(response.url)} is no list of gitweb's projects", remedy="give the list's address"
            )
        return self._rows(soup, table, response.url), None

    def _rows(self, soup: BeautifulSoup, table: Tag, url: str) -> list[Listed]:
        base, found, section = _base(soup, url), [], None
        for row in table.select("tr"):
            heading = row.select_one("td.category")
            section = words_of(heading) if heading is not None else section
            anchors = row.select("td > a.list[href]")
            if not anchors:
                continue
            page = urljoin(base, str(anchors[0]["href"]))
            described = anchors[1] if len(anchors) > 1 else None
            whole = str(described.get("title") or "").strip() if described is not None else ""
            found.append(
                Listed(
                    path=self._path(page),
                    page=page,
                    description=whole or words_of(described),
                    section=section,
                )
            )
        return found

    def _index_lines(self, response: Response) -> list[Listed]:
        """Lines of a path and an owner, both as in a form's address."""
        lines = response.body.decode("utf-8", "replace").splitlines()
        paths = [unquote_plus(line.split(" ")[0]) for line in lines if line.strip()]
        return [Listed(path=path, page=self._page_of(path)) for path in paths]

    def _outlines(self, response: Response) -> list[Listed]:
        soup = BeautifulSoup(response.body, "xml")
        pages = [
            urljoin(self.params.url, str(line["htmlUrl"])) for line in soup.find_all("outline") if line.get("htmlUrl")
        ]
        return [Listed(path=self._path(page), page=page) for page in pages]

    def own_page(self, response: Response) -> Own:
        """Description, last change and clone addresses of a summary."""
        soup = soup_of(response)
        table = soup.select_one("table.projects_list")
        if table is None:
            raise InputError(f"{without_query(response.url)} is no summary of gitweb's")
        told = {str(row.get("id")): words_of(row.select_one("td + td")) for row in table.select("tr[id]")}
        words = (word for row in table.select("tr.metadata_url td + td") for word in str(words_of(row)).split())
        return Own(
            clone=tuple(dict.fromkeys(word for word in words if word.startswith(_SCHEMES))),
            description=told.get("metadata_desc"),
            last_change=_moment(words_of(table.select_one("#metadata_lchange .datetime"))),
        )

    def tree_url(self, page: str) -> str:
        """`tree` of the default branch, in the form in which the server writes its addresses."""
        project = _project(page)
        if project is None:
            return f"{page.rstrip('/')}/tree"
        return f"{page.partition('?')[0]}?p={quote(project)};a=tree"

    def tree(self, response: Response) -> Tree:
        """Names, modes, and ids and sizes where the server shows them."""
        table = soup_of(response).select_one("table.tree")
        if table is None:
            raise InputError(f"{without_query(response.url)} is no folder of gitweb's")
        return tree_of(table, mode="td.mode", link="td.list > a[href]", size="td.size", oid=_id)

    def file_url(self, page: str, path: str) -> str:
        """As `blob_plain`, in the form in which the server writes its addresses."""
        project = _project(page)
        if project is None:
            return f"{page.rstrip('/')}/blob_plain/HEAD:/{quote(path)}"
        return f"{page.partition('?')[0]}?p={quote(project)};a=blob_plain;f={quote(path)};hb=HEAD"

    def _path(self, page: str) -> str:
        return _project(page) or path_below(page, self.params.url)

    def _page_of(self, path: str) -> str:
        return f"{self.params.url.partition('?')[0]}?p={quote(path)};a=summary"


def _project(page: str) -> str | None:
    """The project that the query names."""
    return _parameters(page).get("p")


def _parameters(url: str) -> dict[str, str]:
    """gitweb writes semicolons between them."""
    return dict(parse_qsl(urlsplit(url).query.replace(";", "&")))


def _id(anchor: Tag) -> str | None:
    return _parameters(str(anchor["href"])).get("h")


def _base(soup: BeautifulSoup, url: str) -> str:
    told = soup.select_one("base[href]")
    return urljoin(url, str(told["href"])) if told is not None else url


def _moment(text: str | None) -> str | None:
    """A time as mail writes it ("Thu, 16 Mar 2023 18:09:32 +0000"), in UTC."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC).isoformat() if text else None
    except ValueError:
        return None
