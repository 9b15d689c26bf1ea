"""Answers that swell are refused, and cost little memory: through the forges' sessions, Scrapy and archives."""

from __future__ import annotations

from typing import Any

import pytest
from bombs import bomb, crowded_zip, drip, large_header, lying_zip, many_files, one_large_file
from support.apart import apart
from swell_child import asked, greedy, unpacked

MOST_MB = 64
"""By which a process may grow while it refuses."""
GIBIBYTE = pytest.param(1024, marks=pytest.mark.long)
PACKINGS = ("gzip", "deflate", "br", "zstd")
TOO_LARGE = "larger than 4194304 bytes"
QUICK = {"spacing_s": 0, "api_spacing_s": 0, "back_off_s": 0.01, "answer_s": 30.0}


def packed(packing: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Encoding": packing, "Content-Type": "text/html"}, body


def plain(mebibytes: int) -> Any:
    """So much as it is, told by its length."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(mebibytes * 2**20))
        handler.end_headers()
        for _ in range(mebibytes):
            handler.wfile.write(bytes(2**20))

    return answer


def endless(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = b"10000\r\n" + bytes(65536) + b"\r\n"
    while True:  # until who asked hangs up
        handler.wfile.write(piece)


@pytest.mark.parametrize("mebibytes", [80, GIBIBYTE])
def test_a_forges_session_refuses_what_swells_and_does_not_grow(serve: Any, mebibytes: int) -> None:
    site = serve({f"/{packing}": packed(packing, bomb(packing, mebibytes)) for packing in PACKINGS})
    site.answers |= {"/plain": plain(mebibytes), "/endless": endless}
    for path in site.answers:
        told, grew_mb = apart(asked, site.url(path), QUICK)
        assert TOO_LARGE in told, path
        print(f"{path}: grew by {grew_mb:.0f} MB")
        assert grew_mb <= MOST_MB, path


@pytest.mark.parametrize("mebibytes", [80, GIBIBYTE])
def test_scrapy_refuses_what_swells_and_does_not_grow(serve: Any, crawl: Any, mebibytes: int) -> None:
    site = serve({f"/{packing}": packed(packing, bomb(packing, mebibytes)) for packing in PACKINGS})
    site.answers |= {"/plain": plain(mebibytes), "/endless": endless, "/drip": drip}
    net = {"allow": ["127.0.0.1"], "limits": {**QUICK, "answer_s": 2.0}}
    urls = [site.url(path) for path in site.answers]
    result = crawl({"source": {"spider": "api_probe"}, "net": net, "urls": urls})
    assert (result["seen"], len(result["failed"])) == ([], len(urls))
    print(f"grew by {result['grew_mb']:.0f} MB")
    assert result["grew_mb"] <= MOST_MB


ARCHIVES = {
    "one.zip": lambda mebibytes: one_large_file("zip", mebibytes),
    "one-bzip2.zip": lambda mebibytes: one_large_file("zip-bzip2", mebibytes),
    "lying.zip": lying_zip,
    "many.zip": lambda mebibytes: many_files("zip", mebibytes),
    "one.tar.gz": lambda mebibytes: one_large_file("tar.gz", mebibytes),
    "one.tar.xz": lambda mebibytes: one_large_file("tar.xz", mebibytes),
    "pax.tar.gz": lambda mebibytes: large_header(b"x", mebibytes),
    "long-name.tar.gz": lambda mebibytes: large_header(b"L", mebibytes),
    "crowded.zip": lambda mebibytes: crowded_zip(min(10 * mebibytes, 800)),
    "many.tar.gz": lambda mebibytes: many_files("tar.gz", mebibytes),
}


@pytest.mark.parametrize("mebibytes", [70, GIBIBYTE])
@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_swells_is_refused_and_does_not_grow(name: str, mebibytes: int) -> None:
    kept, grew_mb = apart(unpacked, ARCHIVES[name](mebibytes))
    print(f"{name}: kept {kept} bytes, grew by {grew_mb:.0f} MB")
    assert kept == 0
    assert grew_mb <= MOST_MB


def test_a_crawl_gets_no_more_memory_than_the_setting_says() -> None:
    assert apart(greedy, 1024) == "refused"
