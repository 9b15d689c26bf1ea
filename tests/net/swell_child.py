"""A process that asks for answers that swell, and tells by how much its memory grew."""

from __future__ import annotations

from typing import Any

import requests
from support.cost import memory_mb

from harvester.errors import FetchError, InputError
from harvester.model import Source
from harvester.net import Limits, Net
from harvester.runs.child import limit_memory
from spiders.awesome_selfhosted import AwesomeSelfhosted


def asked(url: str, limits: dict[str, Any]) -> tuple[str, float]:
    """What a forge's session says of the answer, and by how many MB the process grew at most."""
    session = Net("CivicHarvester/test", allow=["127.0.0.1"], limits=Limits(**limits)).session("test")
    before = memory_mb("VmRSS")
    try:
        told = f"{len(session.get(url).content)} bytes came"
    except (FetchError, requests.RequestException) as error:
        told = str(error)
    return told, memory_mb("VmHWM") - before


def unpacked(body: bytes) -> tuple[int, float]:
    """How many bytes of an archive's entries are kept, and by how many MB the process grew at most."""
    source = Source(name="list", spider="awesome_selfhosted", title="List")
    spider = AwesomeSelfhosted(source=source, frontier=None, net=Net("CivicHarvester/test"))  # type: ignore[arg-type]
    before = memory_mb("VmRSS")
    try:
        kept = sum(len(entry.payload) for entry in spider.entries(body, url="http://site.example", issues=[]))
    except InputError:
        kept = 0
    return kept, memory_mb("VmHWM") - before


def greedy(megabytes: int) -> str:
    """What becomes of a process that has a crawl's memory and asks for twice as much."""
    limit_memory(megabytes)
    try:
        return f"{len(bytearray(2 * megabytes * 2**20))} bytes came"
    except MemoryError:
        return "refused"
