"""cgit: the index of a server, in pages and with sections, and each repository's summary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from scrapy.http import Response

from harvester.errors import InputError
from harvester.net.counting import without_query
from spiders.git_listing import GitListingSpider, Listed, Own, Tree, path_below, soup_of, tree_of, words_of

_AGE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:([+-]\d{4})|\((?:GMT|UTC)\))")


class CgitSpider(GitListingSpider):
    """One cgit server."""

    name = "cgit"
    title = "cgit server"
    system = "cgit"

    def listing(self, response: Response) -> tuple[Sequence[Listed], str | None]:
        """The rows of the index under their sections."""
        soup = _page(response)
        table = soup.select_one("table[summary='repository list']")
        return self._rows(table, response.url) if table is not None else [], _next(soup, response.url)

    def _rows(self, table: Tag, url: str) -> list[Listed]:
        columns = {str(words_of(head)).lower(): place for place, head in enumerate(table.select("th"))}
        found, section = [], None
        for row in table.select("tr"):
            heading = row.select_one("td.reposection")
            if heading is not None:
                section = words_of(heading)
            anchor = row.select_one("td.toplevel-repo a[href], td.sublevel-repo a[href]")
            if anchor is None:
                continue
            cell = anchor.find_parent("td")
            if cell is not None and "toplevel-repo" in cell.get_attribute_list("class"):
                section = None
            page, cells = urljoin(url, str(anchor["href"])), row.find_all("td", recursive=False)
            found.append(
                Listed(
                    path=path_below(page, self.params.url),
                    page=page,
                    description=words_of(_at(cells, columns.get("description"))),
                    section=section,
                    last_change=_age(_at(cells, columns.get("idle"))),
                )
            )
        return found

    def own_page(self, response: Response) -> Own:
        """The clone addresses."""
        addresses = (str(tag.get("href") or "").strip() for tag in _page(response).select("[rel='vcs-git'][href]"))
        return Own(clone=tuple(dict.fromkeys(address for address in addresses if address)))

    def tree_url(self, page: str) -> str:
        """`tree`, on the default branch."""
        return f"{page.rstrip('/')}/tree/"

    def tree(self, response: Response) -> Tree:
        """Names, modes and sizes."""
        return tree_of(_page(response), mode="td.ls-mode", link="a.ls-blob, a.ls-dir", size="td.ls-size")

    def file_url(self, page: str, path: str) -> str:
        """Below `plain`, on the default branch."""
        return f"{page.rstrip('/')}/plain/{quote(path)}"


def _page(response: Response) -> BeautifulSoup:
    soup = soup_of(response)
    if soup.select_one("#cgit, table[summary='repository list']") is None:
        raise InputError(f"{without_query(response.url)} is no page of cgit", remedy="give the index's address")
    return soup


def _at(cells: Sequence[Any], place: int | None) -> Tag | None:
    return cells[place] if place is not None and place < len(cells) else None


def _age(cell: Tag | None) -> str | None:
    """The time of the last change, in UTC; cgit writes it into the title of "3 weeks"."""
    told = cell.select_one("[title]") if cell is not None else None
    match = _AGE.search(str(told["title"])) if told is not None else None
    if match is None:
        return None
    moment = datetime.strptime(f"{match[1]} {match[2]} {match[3] or '+0000'}", "%Y-%m-%d %H:%M:%S %z")
    return moment.astimezone(UTC).isoformat()


def _next(soup: BeautifulSoup, url: str) -> str | None:
    """The page whose offset follows this one's."""
    now = _offset(url)
    pages = [urljoin(url, str(anchor["href"])) for anchor in soup.select("ul.pager a[href], div.pager a[href]")]
    return min((page for page in pages if _offset(page) > now), key=_offset, default=None)


def _offset(url: str) -> int:
    told = parse_qs(urlsplit(url).query).get("ofs", ["0"])[0]
    return int(told) if told.isdecimal() else 0
