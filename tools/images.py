"""Which base images are named by tag alone: python -m tools.images

A tag can lead to another image tomorrow, a digest cannot. It is only known where the image's registry answers, so none
is written down here: who builds for production hands each in by its variable (in .env, or --build-arg). Ends with 0
where every image is pinned, with 1 and what is to be done where one is not.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_ARGUMENT = re.compile(r"^ARG (\w+_IMAGE)=(\S+)$", re.MULTILINE)
_COMPOSED = re.compile(r"\$\{(\w+_IMAGE):-([^}]+)\}")
_PINNED = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


def images(environment: Mapping[str, str]) -> dict[str, str]:
    """The base images as they would be taken, by the variable that names each."""
    found = [*_ARGUMENT.findall((_ROOT / "Dockerfile").read_text(encoding="utf-8"))]
    found += _COMPOSED.findall((_ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return {name: environment.get(name) or default for name, default in found}


def unpinned(named: Mapping[str, str]) -> dict[str, str]:
    """Those of them that a digest does not name."""
    return {name: image for name, image in named.items() if not _PINNED.fullmatch(image)}


def main() -> int:
    """Print what is not pinned, with the command that tells its digest."""
    named = images({**_env_file(), **os.environ})
    loose = unpinned(named)
    for name, image in loose.items():
        print(f"not pinned: {image}; ask `docker buildx imagetools inspect {image}`, and set {name}={image}@sha256:…")
    if not loose:
        print(f"{len(named)} base images are named by digest")
    return 1 if loose else 0


def _env_file() -> dict[str, str]:
    """What .env, which compose reads, says of images."""
    file = _ROOT / ".env"
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name.strip(): value.strip().strip("'\"") for name, _, value in lines if name.strip().endswith("_IMAGE")}


if __name__ == "__main__":
    sys.exit(main())
