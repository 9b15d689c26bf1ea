"""The embedded index's folder: one folder a generation, and a file that names the one in use.

<folder>/current              the generation's name, swapped atomically
<folder>/previous             the name of the one that was in use before, kept until the next takes its place
<folder>/<generation>/        tantivy's files
<folder>/<generation>.json    the digest of the mapping and the tantivy version it was written for
<folder>/<generation>.gone    versions of what was deleted from it, JSON by id
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from harvester.errors import IndexDamaged, IndexOutdated, SearchError

REBUILD = "`harvester index rebuild` makes it anew from the catalogue"
WRITABLE = "is there room on its disk, and may this user write there?"


class Generations:
    """The generations below a folder. Nothing is written before `begin`."""

    def __init__(self, folder: Path, *, stamp: str) -> None:
        self._folder = folder
        self._stamp = stamp

    def path(self, generation: str) -> Path:
        """The folder of tantivy's files."""
        if not generation or not generation.replace("-", "").isalnum():
            raise SearchError(f"{generation!r} is no generation of {self._folder}")
        return self._folder / generation

    def begin(self) -> str:
        """An empty generation's name; its folder exists."""
        generation = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"
        try:
            self.path(generation).mkdir(parents=True)
            _write(self._folder / f"{generation}.json", json.dumps({"stamp": self._stamp}))
        except OSError as error:
            raise SearchError(f"the index in {self._folder} cannot be written: {error}", remedy=WRITABLE) from error
        return generation

    def current(self) -> str | None:
        """The generation in use. IndexOutdated: it was written for another mapping or tantivy. IndexDamaged."""
        generation = self.named()
        if generation is not None:
            self.check(generation)
            self.deleted(generation)
        return generation

    def named(self) -> str | None:
        """The generation in use, whatever it was written for."""
        try:
            return (self._folder / "current").read_text(encoding="utf-8", errors="replace").strip() or None
        except FileNotFoundError:
            return None

    def check(self, generation: str) -> None:
        """IndexOutdated unless the generation was written for our mapping and tantivy."""
        try:
            stamp = json.loads((self._folder / f"{generation}.json").read_text(encoding="utf-8"))["stamp"]
        except (OSError, ValueError, KeyError, TypeError):
            stamp = None
        if stamp != self._stamp:
            raise IndexOutdated(f"the index in {self._folder} was written for another mapping", remedy=REBUILD)

    def activate(self, generation: str) -> None:
        """Name the generation in use, keep the one before, and remove the others. Readers keep what they hold open."""
        if not self.path(generation).is_dir():
            raise SearchError(f"{generation!r} is no generation of {self._folder}")
        before = self.named()
        kept = before if before not in (None, generation) else self.previous()
        _write(self._folder / "previous", kept or "")
        _write(self._folder / "current", generation)
        self._remove(lambda name: name not in (generation, kept, "current", "previous"))

    def previous(self) -> str | None:
        """The generation that was in use before, while it is kept."""
        try:
            kept = (self._folder / "previous").read_text(encoding="utf-8", errors="replace").strip()
            return kept if kept and kept != self.named() and self.path(kept).is_dir() else None
        except (FileNotFoundError, SearchError):
            return None

    def discard(self, generation: str) -> None:
        """Remove a generation that never came into use."""
        self._remove(lambda name: name == generation)

    def _remove(self, unwanted: Callable[[str], bool]) -> None:
        for path in self._folder.iterdir():
            if not unwanted(path.name.split(".")[0]):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def deleted(self, generation: str) -> dict[str, int]:
        """Versions at which softwares were deleted from the generation, by id."""
        try:
            versions: dict[str, int] = json.loads((self._folder / f"{generation}.gone").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            told = f"what was deleted from the index in {self._folder} cannot be read: {error}"
            raise IndexDamaged(told, remedy=REBUILD) from error
        return versions

    def keep_deleted(self, generation: str, versions: dict[str, int]) -> None:
        """Remember them."""
        _write(self._folder / f"{generation}.gone", json.dumps(versions, sort_keys=True))


def _write(path: Path, text: str) -> None:
    """Replace a file at once and durably: a reader sees the old or the new one whole."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.{token_hex(4)}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
