"""Fetches axe-core once, with npm, into a cache outside the checkout: the tests read its one file from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "4.14.1"


def cache() -> Path:
    """Where it is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "civic-harvester" / f"axe-core-{VERSION}"


def installed() -> Path | None:
    """The script, when it is there."""
    script = cache() / "axe.min.js"
    return script if script.is_file() else None


def install() -> Path | None:
    """The script, fetched when it is not there yet; None without npm, or when npm cannot fetch it."""
    if (known := installed()) is not None or shutil.which("npm") is None:
        return known
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"axe-core@{VERSION}"]
        if subprocess.run(command, cwd=folder, check=False, timeout=120, stdout=subprocess.DEVNULL).returncode != 0:
            return None
        archive = next(Path(folder).glob("axe-core-*.tgz"))
        with tarfile.open(archive) as packed:
            member = packed.extractfile("package/axe.min.js")
            if member is None:
                return None
            script = member.read()
    cache().mkdir(parents=True, exist_ok=True)
    half = cache() / f"axe.{os.getpid()}.part"
    half.write_bytes(script)
    half.replace(cache() / "axe.min.js")
    return installed()


def main() -> None:
    """Install it, and say so when that cannot be done."""
    if install() is None:
        print("axe-core cannot be had here: npm is missing, or its registry does not answer", file=sys.stderr)


if __name__ == "__main__":
    main()
