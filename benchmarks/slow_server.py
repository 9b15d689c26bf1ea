"""A server on loopback that answers every GET after a fixed time: `python -m benchmarks.slow_server DELAY_MS`.

It prints its port and ends when its standard input closes. The page is about 9.5 kB: an entry of a catalogue, with a
publiccode.yml inside.
"""

from __future__ import annotations

import asyncio
import json
import sys

_DESCRIPTION = "Lets the inhabitants of a town hand in ideas, discuss them, and follow what became of each of them. "
_YAML = """publiccodeYmlVersion: "0.4"
name: Tool {number}
url: https://code.example.org/town/tool-{number}
landingURL: https://tool-{number}.example.org
softwareVersion: 1.2.3
releaseDate: "2026-03-04"
platforms: [web]
categories: [civic-engagement, community-management]
usedBy: [Example town, Example region]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: Ideas, discussion and votes of a town's inhabitants.
    longDescription: |
{long}
    features: [ideas, votes, budgets]
legal: {{license: AGPL-3.0-or-later}}
maintenance: {{type: internal}}
localisation: {{localisationReady: true, availableLanguages: [en, fr]}}
"""


def page(number: int) -> bytes:
    """The body of page `number`."""
    long = "\n".join(f"      {_DESCRIPTION}" for _ in range(80))
    entry = {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "url": f"https://code.example.org/town/tool-{number}.git",
        "aliases": [],
        "active": True,
        "createdAt": "2024-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "publiccodeYml": _YAML.format(number=number, long=long),
    }
    return json.dumps({"data": [entry], "links": {"prev": None, "next": None}}).encode()


async def _serve(delay_s: float) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(delay_s)
                path = head.split(b" ", 2)[1]
                body = b"" if path.endswith(b"/robots.txt") else page(int(path.rpartition(b"/")[2] or 0))
                head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                writer.write(head + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) / 1000))
