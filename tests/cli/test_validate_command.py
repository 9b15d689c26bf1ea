"""`harvester validate`: the output that editors and CI read, its exit codes, and what cannot be read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.stored import environment

from demo.publiccode_text import publiccode
from demo.tools import load_tools

TOOL = next(tool for tool in load_tools() if tool.publiccode)
VALID = publiccode(TOOL)
BROKEN = VALID.replace("developmentStatus: ", "developmentStatus: not ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a valid file, one with a broken rule, one that is no YAML."""
    assert BROKEN != VALID
    (tmp_path / "valid.yml").write_text(VALID, encoding="utf-8")
    (tmp_path / "broken.yml").write_text(BROKEN, encoding="utf-8")
    (tmp_path / "syntax.yml").write_text("name: a: b\n", encoding="utf-8")
    return tmp_path


def line_of(text: str, key: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(key))


def test_a_valid_file_gives_exit_code_0(harvester, folder: Path) -> None:
    ended = harvester("validate", str(folder / "valid.yml"))
    assert ended.code == 0
    assert ": error: " not in ended.out
    assert ended.err == "1 file: 1 valid, 0 invalid\n"


def test_an_error_is_a_line_that_editors_jump_to(harvester, folder: Path) -> None:
    ended = harvester("validate", str(folder / "broken.yml"))
    assert ended.code == 1
    (said,) = [line for line in ended.out.splitlines() if ": error: " in line]
    place = f"{folder / 'broken.yml'}:{line_of(BROKEN, 'developmentStatus')}:1: error: developmentStatus: "
    assert said.startswith(place)
    assert said.endswith("(write one of: concept, development, beta, stable, obsolete)")


def test_a_fault_of_the_syntax_has_its_line(harvester, folder: Path) -> None:
    ended = harvester("validate", str(folder / "syntax.yml"))
    assert ended.code == 1
    assert ended.out.startswith(f"{folder / 'syntax.yml'}:1:1: error: mapping value is not allowed in this context")


def test_json_is_an_object_a_line_and_file(harvester, folder: Path) -> None:
    names = [str(folder / f"{name}.yml") for name in ("valid", "broken", "syntax")]
    ended = harvester("validate", "--format", "json", *names)
    assert (ended.code, ended.err) == (1, "")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [(row["file"], row["valid"]) for row in rows] == list(zip(names, (True, False, False), strict=True))
    assert all(set(row) == {"file", "valid", "results"} for row in rows)
    assert rows[2]["results"] == [
        {
            "key": "",
            "description": "mapping value is not allowed in this context",
            "line": 1,
            "column": 1,
            "type": "error",
        }
    ]


def test_what_cannot_be_read_is_said_and_the_others_are_judged(harvester, folder: Path) -> None:
    ended = harvester("validate", str(folder / "gone.yml"), str(folder), str(folder / "broken.yml"))
    assert ended.code == 2
    assert ": error: developmentStatus: " in ended.out
    gone, is_folder, summary = ended.err.splitlines()
    assert "gone.yml does not exist" in gone
    assert f"is a folder (name the file, {folder / 'publiccode.yml'})" in is_folder
    assert summary == "3 files: 0 valid, 1 invalid, 2 not read"


def test_standard_input_is_a_file_too(harvester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    ended = harvester("validate", "-")
    assert ended.code == 1
    assert f"-:{line_of(BROKEN, 'developmentStatus')}:1: error: " in ended.out


def test_external_looks_beside_the_file(harvester, web: None, folder: Path) -> None:  # noqa: ARG001
    file = folder / "valid.yml"
    file.write_text(VALID + "logo: logo.svg\n", encoding="utf-8")
    assert harvester("validate", str(file)).code == 0
    ended = harvester("validate", "--external", str(file))
    assert ended.code == 1
    assert ": error: logo: no such file: " in ended.out
    (folder / "logo.svg").write_text("<svg/>", encoding="utf-8")
    assert ": error: logo: " not in harvester("validate", "--external", str(file)).out


class _Web(BaseHTTPRequestHandler):
    """The simulated web: one file at one address."""

    def do_GET(self) -> None:
        found = self.path == "http://forge.example/raw/publiccode.yml"
        body = BROKEN.encode() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def web(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001
    """Every request goes to a server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Web) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("HARVESTER_SIMULATED_WEB", f"127.0.0.1:{server.server_port}")
        yield
        server.shutdown()
        thread.join(5)


def test_an_address_is_fetched_through_the_guarded_network(harvester, web: None) -> None:  # noqa: ARG001
    url = "http://forge.example/raw/publiccode.yml"
    ended = harvester("validate", "--format", "json", url)
    assert ended.code == 1
    assert (ended.json["file"], ended.json["valid"]) == (url, False)


def test_an_address_without_a_file_cannot_be_read(harvester, web: None) -> None:  # noqa: ARG001
    ended = harvester("validate", "http://forge.example/other.yml")
    assert (ended.code, ended.out) == (2, "")
    assert "http://forge.example/other.yml cannot be read: HTTP 404" in ended.err


def test_an_address_of_this_machine_is_refused(harvester) -> None:
    ended = harvester("validate", "http://127.0.0.1:9/publiccode.yml")
    assert (ended.code, ended.out) == (2, "")
    assert "127.0.0.1" in ended.err


def test_many_files_are_judged_in_one_call(harvester, tmp_path: Path) -> None:
    names = []
    for number in range(300):
        file = tmp_path / f"{number}.yml"
        file.write_text(VALID if number % 3 else BROKEN, encoding="utf-8")
        names.append(str(file))
    ended = harvester("validate", *names)
    assert ended.code == 1
    assert ended.err == "300 files: 200 valid, 100 invalid\n"


def test_wrong_usage_has_exit_code_2(harvester) -> None:
    for words in ([], ["--format", "xml", "-"]):
        ended = harvester("validate", *words)
        assert (ended.code, ended.out) == (2, "")


def test_a_shell_sees_the_same(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harvester", "validate", "-"],
        input=b"\xff\xfe",
        capture_output=True,
        env=environment(folder),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"-:0:0: error: Invalid UTF-8 (save the file as UTF-8)\n")
