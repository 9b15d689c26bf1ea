"""What a call costs in a process of its own: to be called there by support.apart."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from harvester.errors import InputError
from harvester.normalize.yaml_safe import read_mapping


def memory_mb(which: str) -> float:
    """This process's own memory: "VmRSS" now, "VmHWM" at its peak (ru_maxrss begins with that of its parent)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{which}:")[1].split()[0]) / 1024


def cost_of_reading(text: str) -> tuple[float, float]:
    """Seconds of the processor, and by how many MB the process grew at most."""
    before, began = memory_mb("VmRSS"), time.process_time()
    with suppress(InputError):
        read_mapping(text)
    return time.process_time() - began, memory_mb("VmHWM") - before
