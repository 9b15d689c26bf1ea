"""A process that asks for pages with others.

In: {"database", "holder", "limits", "urls", "threads", "tokens"}; each thread asks all the URLs. Out: [status or
"spent", seconds since 1970 when it was answered] for each.
"""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harvester.catalogue.database import Database
from harvester.catalogue.ledger import CatalogueLedger
from harvester.errors import BudgetSpent
from harvester.net import Limits, Net, Tokens


def turns(asked: dict[str, Any], log: Path) -> list[tuple[Any, float]]:
    """Ask, with no environment; everything is logged to the file."""
    os.environ.clear()
    logging.basicConfig(level="DEBUG", filename=log, force=True)
    ledger = CatalogueLedger.beside(Database(asked["database"]))
    net = Net(
        "CivicHarvester/test",
        allow=["127.0.0.1"],
        limits=Limits(**asked["limits"]),
        ledger=ledger,
        holder=asked["holder"],
    )
    tokens = Tokens.authorization(asked["urls"][0], asked.get("tokens", ()))
    session = net.session("test", tokens)
    seen: list[tuple[Any, float]] = []

    def ask() -> None:
        for url in asked["urls"]:
            try:
                seen.append((session.get(url).status_code, time.time()))
            except BudgetSpent as error:
                seen.append(("spent", error.retry_at.timestamp()))

    with ThreadPoolExecutor(asked.get("threads", 1)) as threads:
        for done in [threads.submit(ask) for _ in range(asked.get("threads", 1))]:
            done.result()
    net.close()
    ledger.close()
    return seen
