"""The words that add a source of the demo."""

from __future__ import annotations

import json

from demo.sources import demo_sources


def parameters(name: str) -> list[str]:
    """Spider and parameters of the demo's source of this name, as options."""
    source = next(source for source in demo_sources() if source.name == name)
    words = ["--spider", source.spider]
    for key, value in source.params.items():
        words += ["--param", f"{key}={json.dumps(value)}"]
    return words
