"""What fifty clients of one address cost a bystander, on every route that anybody may read.

    HARVESTER_DATA=data python -m benchmarks.floods [--clients 50] [--times 20]

Serves the catalogue and index of HARVESTER_DATA on loopback. A bystander asks each route a number of times, alone and
while the clients ask for the dearest pages, exports and answers of the API without a pause; each route's 95th
percentiles are compared, the two in turn. It needs a quiet machine and a large catalogue, so `make bench` does not run
it.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence

from benchmarks.figure import Figure
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.search import open_engine
from harvester.web.app import create_app
from harvester.web.identity import Access

LIMIT = "<= 2"
FLOOD, BYSTANDER = "127.0.0.1", "127.0.0.2"
_NOTHING_S = 0.005  # below this a route is as quick as the network: twice of it is nobody's wait


def routes(settings: Settings) -> tuple[list[str], list[str]]:
    """Every address that anybody may read, with a published software's; and the dearest of them."""
    catalogue, engine = Catalogue.open(settings.database_url), open_engine(settings)
    software = catalogue.software.published(1, listed=True)[0]
    names = {
        "language": "en",
        "software_id": software.id,
        "slug": software.slug,
        "part": "all",
        "value:path": "petition",
    }
    app = create_app(settings, catalogue=catalogue, engine=engine)
    rules = app.state.rules.items()
    paths = [path for (method, path), access in rules if method == "GET" and access is Access.ANYONE]
    read = [re.sub(r"{([\w:]+)}", lambda name: names.get(name[1], "none"), path) for path in paths if path != "/static"]
    engine.close()
    catalogue.close()
    far = ["/en/software?page=400", "/fr/software?also=copies&also=parts&also=other&sort=name&page=490"]
    listed = [path for path in read if re.search(r"/en/$|sources|software|filters", path)]
    return read, listed + far


@contextlib.contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The site in a process of its own, on this port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "HARVESTER_BIND": f"0.0.0.0:{port}", "HARVESTER_DATA": str(settings.data)}
    process = subprocess.Popen([sys.executable, "-m", "harvester", "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask(port: int, path: str, source: str) -> float:
    """Seconds until an answer was read whole."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600, source_address=(source, 0))
    connection.request("GET", path, headers={"host": f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    while answer.read(65_536):
        pass
    connection.close()
    assert answer.status < 500, (path, answer.status)
    return time.perf_counter() - began


def flood(port: int, paths: Sequence[str], clients: int) -> None:
    """Ask without a pause, until the process is ended."""

    def client(number: int) -> None:
        for path in itertools.cycle([*paths[number % len(paths) :], *paths[: number % len(paths)]]):
            with contextlib.suppress(OSError, http.client.HTTPException):
                ask(port, path, FLOOD)

    for number in range(clients):
        threading.Thread(target=client, args=(number,)).start()


def _p95(times: Sequence[float]) -> float:
    return max(_NOTHING_S, statistics.quantiles(times, n=20)[-1])


def figures(clients: int = 50, times: int = 20) -> list[Figure]:
    """Of each route the p95 during the flood, beside its own."""
    settings = Settings()
    read, dear = routes(settings)
    found = []
    with served(settings) as port:
        for path in [*read, *dear]:  # the first answer of each makes what is kept
            ask(port, path, BYSTANDER)
        alone = {path: [ask(port, path, BYSTANDER) for _ in range(times)] for path in read}
        flooding = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.floods", "--flood", json.dumps([port, dear, clients])]
        )
        time.sleep(5)
        for path in read:
            among = [ask(port, path, BYSTANDER) for _ in range(times)]
            own = _p95(alone[path])
            found.append(
                Figure(
                    name=f"{path}, p95 among {clients} clients to its own ({own * 1000:.0f} ms)",
                    value=round(_p95(among) / own, 2),
                    baseline=1.0,
                    limit=LIMIT,
                    unit="times",
                )
            )
            print(found[-1].line(), flush=True)
        flooding.kill()
        flooding.wait()
    return found


def main() -> int:
    """The exit code: 0 when every figure holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floods", description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--flood", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.flood:
        flood(*json.loads(chosen.flood))
        return 0
    return 0 if all(figure.holds for figure in figures(chosen.clients, chosen.times)) else 1


if __name__ == "__main__":
    sys.exit(main())
