"""Answers that cost more than they seem: zeros in each packing that we read, and bytes that drip."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import brotli
from backports import zstd

_MIB = bytes(2**20)


def drip(handler: Any) -> None:
    """A byte each tenth of a second, of the thousand that its head promises."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def _packed(mebibytes: int, compress: Callable[[bytes], bytes], flush: Callable[[], bytes]) -> bytes:
    return b"".join((*(compress(_MIB) for _ in range(mebibytes)), flush()))


@cache
def bomb(packing: str, mebibytes: int) -> bytes:
    """So many mebibytes of zeros in one stream."""
    if packing == "br":
        packer = brotli.Compressor(quality=1)
        return _packed(mebibytes, packer.process, packer.finish)
    made = zstd.ZstdCompressor() if packing == "zstd" else zlib.compressobj(1, wbits=31 if packing == "gzip" else 15)
    return _packed(mebibytes, made.compress, made.flush)


class _Zeros(io.RawIOBase):
    """A file of zeros that nobody has to hold."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        given = min(self._left, size if size >= 0 else self._left)
        self._left -= given
        return bytes(given)


def one_large_file(packing: str, mebibytes: int) -> bytes:
    """An archive ("zip", "zip-bzip2", "tar.gz", "tar.xz") of one entry."""
    if packing.startswith("zip"):
        method = zipfile.ZIP_BZIP2 if packing == "zip-bzip2" else zipfile.ZIP_DEFLATED
        return _zip(((_name(0), mebibytes * 2**20) for _ in range(1)), method)
    return _tar(packing, [(_name(0), mebibytes * 2**20)])


def many_files(packing: str, mebibytes: int) -> bytes:
    """An archive of entries that are each as large as they may be."""
    sizes = ((_name(number), 256 * 1024) for number in range(4 * mebibytes))
    return _zip(sizes, zipfile.ZIP_DEFLATED) if packing == "zip" else _tar(packing, sizes)


def large_header(kind: bytes, mebibytes: int) -> bytes:
    """A tar whose entry is told of by a header ("x": pax, "L": a long name) of that size."""
    content = bytes(512)
    body = io.BytesIO()
    with gzip.GzipFile("", "wb", 1, body) as opened:
        header = tarfile.TarInfo("././@LongLink")
        header.type, header.size = kind, mebibytes * 2**20
        opened.write(header.tobuf())
        for _ in range(mebibytes):
            opened.write(b"a" * 2**20 if kind == b"L" else b"1" * 2**20)
        entry = tarfile.TarInfo(_name(0))
        entry.size = len(content)
        opened.write(entry.tobuf() + content)
    return body.getvalue()


def crowded_zip(thousands: int) -> bytes:
    """A zip of so many thousand empty files, each as short as can be."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for number in range(1000):
            archive.writestr(f"a/{number}", b"")
    made = body.getvalue()
    begins = made.index(b"PK\x01\x02")
    ends = made.rindex(b"PK\x05\x06")
    directory = made[begins:ends] * thousands
    end = made[ends : ends + 12] + len(directory).to_bytes(4, "little") + made[ends + 16 :]
    return made[:begins] + directory + end


def lying_zip(mebibytes: int) -> bytes:
    """A zip whose entry says that it is small: what it unpacks to is large."""
    made = bytearray(one_large_file("zip-bzip2", mebibytes))
    small = (100).to_bytes(4, "little")
    begins = made.rindex(b"PK\x01\x02")
    made[begins + 24 : begins + 28] = small
    made[22:26] = small
    return bytes(made)


def _name(number: int) -> str:
    return f"list/software/tool-{number}.yml"


def _zip(sizes: Iterator[tuple[str, int]], method: int) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method, compresslevel=1) as archive:
        for name, size in sizes:
            with archive.open(name, "w", force_zip64=size >= 2**31) as entry:
                for _ in range(size // len(_MIB)):
                    entry.write(_MIB)
                entry.write(bytes(size % len(_MIB)))
    return body.getvalue()


def _tar(packing: str, sizes: object) -> bytes:
    body = io.BytesIO()
    with (
        lzma.LZMAFile(body, "wb", preset=0) if packing == "tar.xz" else gzip.GzipFile("", "wb", 1, body) as opened,
        tarfile.open(fileobj=opened, mode="w|") as archive,
    ):
        for name, size in sizes:  # type: ignore[attr-defined]
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, _Zeros(size))
    return body.getvalue()
