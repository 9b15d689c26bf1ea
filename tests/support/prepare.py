"""Installs what the tests need beside Python packages: run by `make test`, and harmless to run again.

As root on Debian: chromium, postgresql and maven. For anybody: axe-core and an Elasticsearch node, in a cache folder
outside the checkout. What cannot be had is said; the tests that need it skip, or fail where CI=true.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

_PACKAGES = {
    "chromium": lambda: shutil.which("chromium"),
    "postgresql": lambda: next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None),
    "maven": lambda: shutil.which("mvn"),
    "npm": lambda: shutil.which("npm"),
}


def main() -> None:
    """Install what is missing."""
    missing = [name for name, found in _PACKAGES.items() if not found()]
    if missing:
        _apt(missing)
    for name in ("install_axe", "install_elasticsearch"):
        _run(name)


def _apt(packages: list[str]) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"missing, and only root can install them: {', '.join(packages)}", file=sys.stderr)
        return
    print(f"installing {', '.join(packages)} …", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"apt-get {command[0]} ended with {done.returncode}", file=sys.stderr)


def _run(name: str) -> None:
    path = Path(__file__).with_name(f"{name}.py")
    if not path.exists():
        return
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    module.main()


if __name__ == "__main__":
    main()
