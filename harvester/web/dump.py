"""The whole as one archive: JSON lines of what is published, with the source of every value, and a note on terms.

A worker's child makes it anew each day. While there is none, or something that it holds may not be shown any more, it
is made for whoever asks.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice, takewhile
from pathlib import Path

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.model import SoftwareState
from harvester.web.listing import terms_words
from harvester.words import Catalogs, Formatter

TOGETHER = 50
"""Softwares that memory holds at once."""
_LEFT_S = 3600.0  # after which an unfinished file is one that was killed


def filled(catalogue: Catalogue, settings: Settings, words: Catalogs) -> Callable[[zipfile.ZipFile], Iterator[int]]:
    """What puts all of it into an archive, some softwares at a time: how many each time."""

    def fill(archive: zipfile.ZipFile) -> Iterator[int]:
        archive.writestr("TERMS.txt", _note(catalogue, settings, words))
        yield 0
        published = takewhile(lambda one: one["state"] == SoftwareState.PUBLISHED, catalogue.export.lines())
        with archive.open("software.jsonl", "w", force_zip64=True) as file:
            while some := list(islice(published, TOGETHER)):
                for one in some:
                    file.write(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
                yield len(some)

    return fill


def _note(catalogue: Catalogue, settings: Settings, words: Catalogs) -> str:
    """In each language of the site: its name, when it was, and what each source asks of who uses its data again."""
    moment, said = datetime.now(UTC).isoformat(timespec="minutes"), []
    for language in words:
        formatter = Formatter(words[language])
        terms = [f"{one.title}: {terms_words(one.terms, formatter)}" for one in catalogue.sources.all()]
        name = settings.site_name or words[language]("site.name")
        said.append("\n".join((f"{name} · {moment}", words[language]("dump.note"), *sorted(terms))))
    return "\n\n".join(said) + "\n"


def write(catalogue: Catalogue, settings: Settings, words: Catalogs) -> Iterator[int]:
    """Make the kept archive anew: how many softwares are in it, each time there are more.

    It takes its place whole, or not at all, and bears the time at which reading began.
    """
    path, began, written = settings.dump_file, datetime.now(UTC).timestamp(), 0
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*"):
        if began - left.stat().st_mtime > _LEFT_S:
            left.unlink(missing_ok=True)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in filled(catalogue, settings, words)(archive):
                written += number
                yield written
        os.utime(unfinished, (began, began))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def kept(catalogue: Catalogue, settings: Settings) -> Path | None:
    """The archive, where there is one and all that it holds may still be shown."""
    try:
        made = datetime.fromtimestamp(settings.dump_file.stat().st_mtime, UTC)
    except OSError:
        return None
    return None if catalogue.export.hidden_since(made) else settings.dump_file
