"""Catalogues that are folders of files in a repository: its archive is asked once, and unpacked in memory within
bounds. No spider of its own."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Annotated, Any, ClassVar, Final, cast
from urllib.parse import quote

from pydantic import Field

from harvester.errors import InputError
from harvester.model import Issue
from harvester.net.counting import without_query
from harvester.normalize.repository import MOST_BYTES
from spiders.base import Params
from spiders.files import ADDRESS, Entry, FilesParams, FilesSpider

MOST_PACKED = 48 * 1024 * 1024
MOST_UNPACKED = 256 * 1024 * 1024
MOST_KEPT = 32 * 1024 * 1024
"""Bytes of all wanted files together: they are in memory at once."""
MOST_MEMBERS = 50_000
MOST_HEADER = 32 * 1024
"""Bytes of what a tar says of an entry beside its 512: a long name, times, owners."""
_OF_DIRECTORY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What forges pack with. The others unpack a block at once, however little of it is read."""
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_OTHER = (NotImplementedError, RuntimeError)  # a zip with a method or a password that we have not
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_OPENERS: Final[Mapping[bytes, Callable[[Any], Any]]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ": lzma.open,
    b"BZh": bz2.open,
}


Address = Annotated[str, Field(pattern=ADDRESS)]


class RepositoryParams(Params):
    """`archive` is the repository's .tar.gz or .zip, as forges give it: everything below one folder. `page` is where
    a person sees an entry."""

    archive: Address
    page: str | None = Field(None, description="an entry's address, {path} for its file's path, {name} for its name")


class RepositorySpider(FilesSpider):
    """An archive of which the files that `wanted` fits are the entries, each with its bytes as they are."""

    accept = "application/gzip, application/zip, */*"
    most_bytes = MOST_PACKED
    Params: ClassVar[type[RepositoryParams]] = RepositoryParams
    params: RepositoryParams

    def addresses(self) -> Iterable[str]:
        """The archive's."""
        return (self.params.archive,)

    def wanted(self, path: str) -> Mapping[str, Any] | None:
        """What reading needs of the file at a path below the repository's folder, None for what is no entry."""
        raise NotImplementedError

    def entries(self, body: bytes, *, url: str, issues: list[Issue]) -> Iterable[Entry]:
        """Each wanted file, under its path. InputError when the archive is broken: a part of it is not all."""
        found = []
        for path, content in unpacked(body, url=url, wanted=lambda path: self.wanted(path) is not None):
            if content is None:
                issues.append(_too_large(path))
            found.append(self._entry(path, content or b""))  # one that is too large stays, and reading refuses it
        return found

    def _entry(self, path: str, content: bytes) -> Entry:
        page = self.params.page or self.params.archive
        shown = page.replace("{path}", quote(path)).replace("{name}", quote(_name(path)))
        return Entry(key=path, payload=content, url=shown, context=self._context(path))

    def _context(self, path: str) -> Mapping[str, Any]:
        return self.wanted(path) or {}


class ArchiveParams(RepositoryParams, FilesParams):
    """`catalogue` is the first part of the entries' ids."""

    catalogue: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")


class ArchiveSpider(RepositorySpider):
    """An archive whose entries are known by `catalogue` and their file's name."""

    Params: ClassVar[type[ArchiveParams]] = ArchiveParams
    params: ArchiveParams

    def _context(self, path: str) -> Mapping[str, Any]:
        number = f"{self.params.catalogue}:{_name(path)}"
        return self.context(**{"number": number, **(self.wanted(path) or {})})


def unpacked(body: bytes, *, url: str, wanted: Any) -> Iterator[tuple[str, bytes | None]]:
    """(path below the archive's one folder, bytes) of the wanted files; None for one that is too large.

    InputError for what is no archive, breaks off, or unpacks to more than we take.
    """
    where, kept = without_query(url), 0
    try:
        members = _zipped(body) if body[:4] == b"PK\x03\x04" else _tarred(body)
        for number, (path, size, read) in enumerate(members, 1):
            if number > MOST_MEMBERS:
                raise InputError(
                    f"{where} holds more than {MOST_MEMBERS} files", place=url, remedy="name a smaller one"
                )
            below = path.removeprefix("./").partition("/")[2]
            if wanted(below):
                content = None if size > MOST_BYTES else read()
                kept += len(content or b"")
                if kept > MOST_KEPT:
                    raise ValueError(f"its entries are more than {MOST_KEPT} bytes")
                yield below, content
    except (*_BROKEN, *_OTHER) as error:
        beginning = body[:40].decode("utf-8", "replace")
        raise InputError(
            f"{where} answered no whole archive ({type(error).__name__}: {error}); it begins with {beginning!r}"[:500],
            place=url,
            remedy="ask again; if it stays so, correct the address of the archive in the source",
        ) from None


def _zipped(body: bytes) -> Iterator[tuple[str, int, Any]]:
    if body.count(_OF_DIRECTORY) > MOST_MEMBERS:  # before all of them are made things of
        raise ValueError(f"it holds more than {MOST_MEMBERS} files")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for member in archive.infolist():
            if member.compress_type not in _METHODS:
                raise NotImplementedError(f"{member.filename[:100]} is packed by method {member.compress_type}")
            if not member.is_dir():
                yield member.filename, member.file_size, lambda member=member: archive.read(member)


def _tarred(body: bytes) -> Iterator[tuple[str, int, Any]]:
    opener = next((opener for magic, opener in _OPENERS.items() if body.startswith(magic)), None)
    packed: IO[bytes] = io.BytesIO(body)
    stream = _Bounded(opener(packed) if opener else packed)
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", tarinfo=_Entry) as archive:
        for member in archive:
            if member.isfile():
                yield member.name, member.size, lambda member=member: _content(archive, member)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    read = content.read() if content else b""
    if len(read) < member.size:
        raise EOFError(f"{member.name[:100]} breaks off")
    return read


class _Entry(tarfile.TarInfo):
    """An entry of a tar, whose further headers are read into memory at once: those that are large are refused."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _HEADERS and self.size > MOST_HEADER:
            raise ValueError(f"a header of {self.size} bytes")
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


class _Bounded:
    """A stream that ends with an error once it has given more than we take, however small it was packed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._given = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes. ValueError past MOST_UNPACKED."""
        found = self._stream.read(size)
        self._given += len(found)
        if self._given > MOST_UNPACKED:
            raise ValueError(f"it unpacks to more than {MOST_UNPACKED} bytes")
        return found


def in_folder(folder: str, ending: str) -> re.Pattern[str]:
    """What fits the paths of files that stand in a folder, not below it."""
    return re.compile(rf"{re.escape(folder.strip('/'))}/[^/]+{re.escape(ending)}")


def _name(path: str) -> str:
    """A file's name without its ending."""
    return path.rpartition("/")[2].rpartition(".")[0]


def _too_large(path: str) -> Issue:
    return Issue.of("too-large", place=path[:200], most=f"{MOST_BYTES // 1024} KiB")
