"""The simulated web behind one address: hosts, proxies' requests, the log, and an end with its parent."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from simulators.github_store import synthetic
from simulators.gitlab_store import Project
from simulators.server import SimulatedServer, ThreadedServer
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab
from simulators.sim_html import Listed, SitePage, WebSite
from simulators.web import create_app

HOSTS = {
    "api.github.com": GitHub(synthetic(3)),
    "gitlab.example": GitLab("gitlab.example", [Project(id=1, path="town/maps", name="maps")]),
    "town.example": WebSite({"/tools": SitePage(title="Tools", publisher="A <town>", sections={"Free": [
        Listed(name="A & B", url="https://github.com/a/b?x=1&y=2", words="maps")]})}),
}  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadedServer(create_app(HOSTS)) as server:
        yield server.address


def through(address: str, url: str, **more: object) -> requests.Response:
    return requests.get(url, proxies={"http": f"http://{address}"}, timeout=10, **more)  # type: ignore[arg-type]


def stats(address: str, path: str = "/_stats") -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = through(address, f"http://simulated.test{path}").json()
    return found


def test_a_proxy_s_request_reaches_the_real_host_s_name(address: str) -> None:
    assert through(address, "http://api.github.com/repos/org-0/tool-1").json()["full_name"] == "org-0/tool-1"
    assert through(address, "http://gitlab.example/api/v4/projects/town%2Fmaps").json()["id"] == 1
    page = through(address, "http://town.example/tools").text
    assert '<a href="https://github.com/a/b?x=1&amp;y=2">A &amp; B</a>: <span class="words">maps</span>' in page
    assert "A &lt;town&gt;" in page


def test_a_direct_request_with_a_host_header_is_answered_alike(address: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/repos/org-0/tool-1", headers={"Host": "api.github.com"})
    assert json.load(connection.getresponse())["full_name"] == "org-0/tool-1"
    connection.close()


def test_a_host_that_is_not_simulated_is_502_and_named(address: str) -> None:
    answer = through(address, "http://nowhere.example/")
    assert (answer.status_code, "nowhere.example" in answer.text) == (502, True)


def test_a_head_request_has_the_headers_and_no_body(address: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("HEAD", "/tools", headers={"Host": "town.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert int(answer.headers["content-length"]) > 100
    connection.close()


def test_what_was_asked_is_counted_by_host_and_endpoint_without_tokens(address: str) -> None:
    requests.post(f"http://{address}/_reset", headers={"Host": "simulated.test"}, timeout=10)
    through(address, "http://town.example/robots.txt")
    query = {"query": "query($login: String!) { user(login: $login) { login } }", "variables": {"login": "who"}}
    requests.post(
        "http://api.github.com/graphql",
        json=query,
        headers={"Authorization": "Bearer hidden-token"},
        proxies={"http": f"http://{address}"},
        timeout=10,
    )
    counted = stats(address)
    assert counted["endpoints"] == {"town.example GET /robots.txt": 1, "api.github.com POST /graphql": 1}
    lines = stats(address, "/_log")
    assert [(line["operation"], line["unit"], line["status"]) for line in lines][-1] == (  # type: ignore[index]
        "POST /graphql",
        "login=who",
        200,
    )
    assert "hidden-token" not in json.dumps(lines)


def test_the_log_knows_how_many_were_answered_at_once() -> None:
    with ThreadedServer(create_app(HOSTS, latency_s=0.2)) as server:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: through(server.address, "http://town.example/tools"), range(4)))
        assert stats(server.address)["most_in_flight"] == {"town.example": 4}


def test_the_server_runs_as_a_child_logs_to_its_file_and_ends_with_the_block(tmp_path: Path) -> None:
    log = tmp_path / "asked.jsonl"
    with SimulatedServer("demo.sites:demo_hosts", log=log) as server:
        assert through(server.address, "http://api.github.com/rate_limit").ok
        pid = server.pid
        assert pid is not None
    assert json.loads(log.read_text().splitlines()[0])["operation"] == "GET /rate_limit"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    host, port = server.address.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=2)


def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "address"
    code = (
        "import sys, time, pathlib\nfrom simulators.server import SimulatedServer\n"
        "with SimulatedServer('demo.sites:demo_hosts') as server:\n"
        f"    pathlib.Path({str(told)!r}).write_text(server.address)\n    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    try:
        _until(lambda: told.exists() and told.read_text() != "")
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    host, port = told.read_text().split(":")
    _until(lambda: _refuses(host, int(port)))


def _until(true: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def _refuses(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return True
    return False
