"""What stands beside a publiccode.yml, and what its addresses say."""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harvester.external import Answer, Surroundings, asking
from harvester.net import Limits, Net
from harvester.validate import validate

TEXT = """\
publiccodeYmlVersion: "0"
name: Agora
url: https://github.com/town/agora
platforms: [web]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: Asks a town.
    longDescription: {long}
    features: [Surveys]
legal:
  license: EUPL-1.2
maintenance:
  type: none
localisation:
  localisationReady: true
  availableLanguages: [en]
""".format(long="A town asks. " * 20)


def png(width: int) -> bytes:
    """The beginning of a picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, 60, 8, 2, 0, 0, 0))


def looked(text: str, folder: Path | str, ask: Callable[[str], Answer] | None = None) -> list[tuple[str, int, str]]:
    """(key, line, message) of what the surroundings add."""
    report = validate(text.encode())
    assert report.valid, report.results
    more = Surroundings(folder, ask).look(report).results[len(report.results) :]
    return [(result.key, result.line, result.description) for result in more]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("logo.svg", b"<svg/>", None),
        ("logo.png", png(200), None),
        ("logo.png", png(60), "invalid image size of 60 (min 120px of width): logo.png"),
        ("logo.png", b"<html>", "image: unknown format"),
        ("logo.png", png(200)[:20], "unexpected EOF"),
        ("logo.gif", b"GIF89a", "invalid file extension for: logo.gif"),
    ],
)
def test_a_logo_is_an_image_beside_the_file(tmp_path: Path, name: str, content: bytes, message: str | None) -> None:
    (tmp_path / name).write_bytes(content)
    found = looked(TEXT + f"logo: {name}\n", tmp_path)
    assert found == ([("logo", TEXT.count("\n") + 1, message)] if message else [])


def test_nothing_outside_the_folder_is_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "inner" / "repository"
    folder.mkdir(parents=True)
    (folder / "deeper").mkdir()
    (folder / "deeper" / "logo.svg").write_bytes(b"<svg/>")
    (tmp_path / "there.svg").write_bytes(b"<svg/>")
    (folder / "linked.svg").symlink_to(tmp_path / "there.svg")
    told = set()
    for name in ("../../there.svg", "../../gone.svg", "linked.svg", "deeper/../../x.svg"):
        ((key, _, said),) = looked(TEXT + f"logo: {name}\n", folder)
        told.add((key, said.replace(name, "NAME")))
    assert told == {("logo", f"{folder / 'NAME'} is outside the folder of the file that names it")}
    assert looked(TEXT + "logo: deeper/../deeper/logo.svg\n", folder) == []


@pytest.mark.parametrize("name", ["../" * 20 + "dev/zero", "pipe"])
def test_devices_and_pipes_are_not_read(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for a writer
    text = TEXT.replace("  license", f"  authorsFile: {name}\n  license")
    ((key, _, said),) = looked(text, tmp_path)
    assert key == "legal.authorsFile"
    assert "does not exist" in said


def test_files_that_are_missing_are_told_at_their_keys(tmp_path: Path) -> None:
    text = TEXT.replace("    features", "    screenshots:\n      - there.png\n      - gone.jpg\n    features")
    text = text.replace("  license", "  authorsFile: AUTHORS\n  license") + "logo: gone.svg\n"
    (tmp_path / "there.png").write_bytes(png(10))
    found = {(key, line) for key, line, _ in looked(text, tmp_path)}
    assert found == {("description.en.screenshots[1]", 13), ("legal.authorsFile", 16), ("logo", 23)}


def test_a_folder_in_the_place_of_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").mkdir()
    assert [key for key, *_ in looked(TEXT + "logo: logo.svg\n", tmp_path)] == ["logo"]


def test_without_the_network_no_address_is_wrong(tmp_path: Path) -> None:
    text = TEXT + "landingURL: https://agora.example.org\nlogo: https://agora.example.org/logo.png\n"
    assert looked(text, tmp_path) == []


def test_an_address_that_answers_otherwise_than_with_200_is_told(tmp_path: Path) -> None:
    answers = {"https://github.com/town/agora": Answer(200), "https://agora.example.org": Answer(404)}
    found = looked(TEXT + "landingURL: https://agora.example.org\n", tmp_path, answers.__getitem__)
    assert [(key, line) for key, line, _ in found] == [("landingURL", TEXT.count("\n") + 1)]
    assert "404" in found[0][2]


def test_an_address_that_says_nothing_is_a_note(tmp_path: Path) -> None:
    here = Surroundings(tmp_path, lambda _: Answer(None, reason="no answer"))
    report = validate(TEXT.encode())
    assert here.look(report) == report
    assert here.notes == ["https://github.com/town/agora could not be asked: no answer"]


def test_an_address_of_no_repository_is_told(tmp_path: Path) -> None:
    found = looked(TEXT.replace("github.com/town/agora", "github.com/town"), tmp_path)
    assert found == [("url", 3, "is not a valid code repository")]


class _Site(BaseHTTPRequestHandler):
    """A site with a small logo, and one address that is too busy."""

    def do_GET(self) -> None:
        status, body = {"/a/logo.png": (200, png(40)), "/a/busy.svg": (503, b"")}.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a publiccode.yml on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/a/publiccode.yml"
        server.shutdown()
        thread.join(5)


def test_the_files_of_an_address_are_asked_beside_it(site: str) -> None:
    limits = Limits(spacing_s=0.0, api_spacing_s=0.0, connect_s=2.0)
    ask = asking(Net("CivicHarvester/test", allow=("127.0.0.1",), limits=limits))

    def local(url: str) -> Answer:
        return ask(url) if url.startswith("http://127.0.0.1:") else Answer(200)

    small = "invalid image size of 40 (min 120px of width): logo.png"
    assert [said for *_, said in looked(TEXT + "logo: logo.png\n", site, local)] == [small]
    assert looked(TEXT + "logo: busy.svg\n", site, local) == []
    ((key, _, said),) = looked(TEXT + "logo: gone.svg\n", site, local)
    assert key == "logo"
    assert "HTTP GET returned 404" in said


def test_an_address_inside_is_not_asked() -> None:
    answer = asking(Net("CivicHarvester/test"))("http://127.0.0.1:9/")
    assert answer.status is None
    assert answer.reason
