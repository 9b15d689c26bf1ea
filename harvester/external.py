"""What only other files and the network tell of a publiccode.yml: whether its addresses answer, its images exist.

Kept apart from `harvester.validate`, which is pure. Files are looked for beside the publiccode.yml, addresses are asked
through `harvester.net`. An address that does not answer at all, or says that it cannot just now (429, 5xx), proves
nothing about the file: it becomes a note, not a result.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from harvester.errors import FetchError
from harvester.net import Net
from harvester.normalize.urls import canonical_repository
from harvester.validate import Finding, Report
from harvester.validate.addresses import ParsedAddress, parse
from harvester.validate.deprecated import path as wrong_path

LEAST_LOGO_WIDTH = 120
"""Pixels. The standard asks for more; the official validator for this."""
_LOGOS = (".svg", ".svgz", ".png")
_IMAGES = (".jpg", ".png")
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = len(_PNG) + 8 + 13
_ADDRESS = "write an address that opens in a browser, or leave the key out"
_FILE = "add the file to the repository, or mend the path"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said; `status` is None when nothing certain was said, and `reason` why."""

    status: int | None
    body: bytes = b""
    reason: str = ""


Ask = Callable[[str], Answer]


def asking(net: Net) -> Ask:
    """Asks addresses through the network, each once."""
    session = net.session("validate")
    known: dict[str, Answer] = {}

    def ask(url: str) -> Answer:
        if url not in known:
            known[url] = _ask(session, url)
        return known[url]

    return ask


def _ask(session: requests.Session, url: str) -> Answer:
    try:
        answer = session.get(url)
    except (FetchError, requests.RequestException, ValueError) as error:
        return Answer(None, reason=str(error)[:200])
    if answer.status_code == 429 or answer.status_code >= 500:
        return Answer(None, reason=f"HTTP {answer.status_code}")
    return Answer(answer.status_code, answer.content)


@dataclass(slots=True)
class Surroundings:
    """Where a publiccode.yml was found: a folder, or the address of one. `notes` are what could not be asked.

    Without `ask`, no address is asked, and none is wrong for not answering.
    """

    base: Path | str
    ask: Ask | None = None
    notes: list[str] = field(default_factory=list)

    def look(self, report: Report) -> Report:
        """The report with what the surroundings tell."""
        return report.with_results(tuple(_results(report.values, self)))

    def fault_of_address(self, url: ParsedAddress) -> str | None:
        """Why an address does not answer; None when it does, or when that is unknown."""
        if not url.scheme:
            return "missing URL scheme"
        if url.scheme not in ("http", "https"):
            return f"HTTP GET failed for {url.text}: unsupported scheme"
        answer = self._asked(url.text)
        if answer is None or answer.status in (None, 200):
            return None
        return f"HTTP GET returned {answer.status} for {url.text}; 200 was expected"

    def _asked(self, url: str) -> Answer | None:
        if self.ask is None:
            return None
        answer = self.ask(url)
        if answer.status is None:
            self.notes.append(f"{url} could not be asked: {answer.reason}")
        return answer

    def read(self, written: str) -> tuple[str, bytes | None, str | None]:
        """(name, content, fault) of a file by its path or address; content is None when it could not be had.

        A path leads to files within the folder alone, and of a file beside only the beginning is read.
        """
        try:
            url = parse(written, absolute=True)
        except ValueError:
            return self._beside(written)
        return self._remote(raw_address(url.text))

    def _beside(self, written: str) -> tuple[str, bytes | None, str | None]:
        if isinstance(self.base, str):
            return self._remote(urljoin(self.base, written))
        file = self.base / written
        try:
            found, folder = file.resolve(), self.base.resolve()
            if not found.is_relative_to(folder):  # the same whether or not it is there: nobody learns what else is
                return str(file), None, f"{file} is outside the folder of the file that names it"
            if not found.is_file():  # a device or a pipe may never end
                return str(file), None, f"no such file: {file}"
            with found.open("rb") as stream:
                return str(file), stream.read(_HEADER), None
        except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle
            return str(file), None, f"no such file: {file}"

    def _remote(self, url: str) -> tuple[str, bytes | None, str | None]:
        answer = self._asked(url)
        if answer is None or answer.status is None:
            return url, None, None
        if answer.status != 200:
            return url, None, f"HTTP GET returned {answer.status} for {url}; 200 was expected"
        return url, answer.body, None


def _results(values: Mapping[str, Any], here: Surroundings) -> Iterator[Finding]:
    url = values.get("url")
    yield from _address("url", url, here)
    if url is not None and url.scheme and canonical_repository(url.text) is None:
        yield Finding(key="url", description="is not a valid code repository", remedy="write the repository's address")
    for key in ("landingURL", "roadmap"):
        yield from _address(key, values.get(key), here)
    for key in ("logo", "monochromeLogo"):
        yield from _logo(key, values.get(key), here)
    authors = (values.get("legal") or {}).get("authorsFile")
    if authors and not any(wrong_path(authors, "")):
        name, _, fault = here.read(authors)
        if fault:
            said = f"'{name}' does not exist: {fault}"
            yield Finding(key="legal.authorsFile", description=said, remedy="drop the key: it is deprecated")
    for language, description in (values.get("description") or {}).items():
        yield from _description(f"description.{language}", description, here)


def _description(key: str, description: Mapping[str, Any], here: Surroundings) -> Iterator[Finding]:
    for name in ("documentation", "apiDocumentation"):
        yield from _address(f"{key}.{name}", description.get(name), here)
    for at, written in enumerate(description.get("screenshots") or ()):
        if not any(wrong_path(written, "")):
            fault = _image_fault(written, _IMAGES, here)[1]
            if fault:
                said = f"'{written}' is not an image: {fault}"
                yield Finding(key=f"{key}.screenshots[{at}]", description=said, remedy=_FILE)


def _address(key: str, url: ParsedAddress | None, here: Surroundings) -> Iterator[Finding]:
    fault = here.fault_of_address(url) if url is not None else None
    if url is not None and fault:
        yield Finding(key=key, description=f"'{url.text}' not reachable: {fault}", remedy=_ADDRESS)


def _logo(key: str, written: str | None, here: Surroundings) -> Iterator[Finding]:
    if not written or any(wrong_path(written, "")):
        return
    content, fault = _image_fault(written, _LOGOS, here)
    if fault is None and content is not None and _suffix(written) == ".png":
        fault = _png_fault(content, written)
    if fault:
        yield Finding(key=key, description=fault, remedy=_FILE)


def _image_fault(written: str, suffixes: tuple[str, ...], here: Surroundings) -> tuple[bytes | None, str | None]:
    """(content, fault) of an image."""
    if _suffix(written) not in suffixes:
        return None, f"invalid file extension for: {written}"
    _, content, fault = here.read(written)
    return content, fault


def _suffix(written: str) -> str:
    return PurePosixPath(urlsplit(written).path if "://" in written else written).suffix.lower()


def _png_fault(content: bytes, written: str) -> str | None:
    if not content.startswith(_PNG):
        return "image: unknown format"
    if len(content) < _HEADER or content[12:16] != b"IHDR":
        return "unexpected EOF"
    (width,) = struct.unpack(">I", content[16:20])
    if width < LEAST_LOGO_WIDTH:
        return f"invalid image size of {width} (min {LEAST_LOGO_WIDTH}px of width): {written}"
    return None


def raw_address(url: str) -> str:
    """Where a forge keeps the file itself that a page of its shows."""
    parts = urlsplit(url)
    if parts.hostname in ("github.com", "www.github.com") and "/blob/" in parts.path:
        return f"https://raw.githubusercontent.com{parts.path.replace('/blob/', '/', 1)}"
    if "/-/blob/" in parts.path:
        return url.replace("/-/blob/", "/-/raw/", 1)
    return url
