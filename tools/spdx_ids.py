"""The ids of SPDX that the harvester knows, from the newest lists that packages carry.

    npm pack spdx-license-ids && tar xzf spdx-license-ids-*.tgz
    python -m tools.spdx_ids package > harvester/normalize/data/spdx.json

Licences are that package's (`index.json`, `deprecated.json`), together with those of the `packaging` that is installed,
which also has the exceptions. Both follow SPDX's own list, whose ids are never taken away, only deprecated.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from packaging.licenses import _spdx


def ids(folder: Path) -> dict[str, list[str]]:
    """{"licenses": today's ids, "deprecated": older ones, "exceptions": all of them}."""
    listed = {one["id"]: one["deprecated"] for one in _spdx.LICENSES.values()}
    listed |= dict.fromkeys(_list(folder / "index.json"), False) | dict.fromkeys(
        _list(folder / "deprecated.json"), True
    )
    exceptions = [one["id"] for one in _spdx.EXCEPTIONS.values()]
    return {
        "licenses": sorted(name for name, old in listed.items() if not old),
        "deprecated": sorted(name for name, old in listed.items() if old),
        "exceptions": sorted(exceptions),
    }


def _list(path: Path) -> list[str]:
    found: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    print(json.dumps(ids(Path(sys.argv[1])), indent=1))
