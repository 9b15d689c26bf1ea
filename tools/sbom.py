"""The list of what an installation is made of, as CycloneDX: python -m tools.sbom > harvester/sbom.cdx.json

It is made of requirements.txt and shipped with the wheel, and so with the image.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from harvester import __version__

_ROOT = Path(__file__).parents[1]
_LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)(?: ; ([^\\]*))?", re.MULTILINE)
_REGISTRY = "pypi"  # as package URLs call where it is from


def bill() -> str:
    """The list in JSON, a line a component, in order of names."""
    locked = _LOCKED.findall((_ROOT / "requirements.txt").read_text(encoding="utf-8"))
    lines = ",\n".join("  " + json.dumps(_component(*each)) for each in sorted(locked))
    about = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "civic-harvester", "version": __version__}},
    }
    return json.dumps(about)[:-1] + f', "components": [\n{lines}\n]}}\n'


def _component(name: str, version: str, only: str) -> dict[str, Any]:
    """`only`: the marker of where it is installed, where that is not everywhere."""
    made = {"type": "library", "name": name, "version": version, "purl": f"pkg:{_REGISTRY}/{name.lower()}@{version}"}
    return made | ({"properties": [{"name": "marker", "value": only.strip()}]} if only else {})


if __name__ == "__main__":
    print(bill(), end="")
