"""What a call costs by itself."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def costs_less_than(seconds: float) -> Iterator[None]:
    """The block must take less processor time than that, in s.

    Of this thread alone, and with the collector of garbage looking at what the block makes alone: servers that other
    tests keep in this process, and whatever they left on the heap, are no cost of what is tested.
    """
    gc.freeze()
    began = time.thread_time()
    try:
        yield
    finally:
        spent = time.thread_time() - began
        gc.unfreeze()
    assert spent < seconds
