"""Threads of one process have their turns at writing, however busily one of them stores."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from harvester.catalogue import schema
from harvester.catalogue.database import Database, now


def test_a_thread_that_stores_without_a_pause_keeps_nobody_waiting(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    database.migrate()
    stopping, begun = threading.Event(), threading.Event()
    stored = 0

    def store() -> None:
        nonlocal stored
        while not stopping.is_set():
            with database.write():
                begun.set()
                time.sleep(0.05)
                stored += 1

    busy = threading.Thread(target=store)
    busy.start()
    begun.wait(5)
    try:
        for turn in range(10):
            before = stored
            with database.write() as connection:
                lock = {"name": f"turn-{turn}", "holder": "me", "until": now()}
                connection.execute(database.insert(schema.lock).values(**lock))
            assert stored - before <= 2, "more than the batch in hand, and one that had asked before, went first"
    finally:
        stopping.set()
        busy.join(5)
        database.close()
