"""What a call costs by itself."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def costs_less_than(seconds: float) -> Iterator[None]:
    """The block must take less processor time than that, in s.

    Of this thread alone and without the collector of garbage: servers that other tests keep in this process, and
    whatever they left on the heap, are no cost of what is tested.
    """
    gc.collect(0)
    collects = gc.isenabled()
    gc.disable()
    began = time.thread_time()
    try:
        yield
    finally:
        spent = time.thread_time() - began
        if collects:
            gc.enable()
    assert spent < seconds
