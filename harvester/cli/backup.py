"""`harvester backup` and `harvester restore`."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from harvester import __version__
from harvester.catalogue import Catalogue
from harvester.catalogue.backup import FILES, bring_back, kind_of, save
from harvester.catalogue.database import Database, now
from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import messages, opened, prepare
from harvester.cli.progress import bar
from harvester.config import PREFIX, Settings
from harvester.errors import InputError
from harvester.search import open_engine
from harvester.search.sync import rebuild

_MANIFEST, _SETTINGS = "backup.json", "settings.env"
_OF_THE_PLACE = {"data", "database"}
"""Settings that say where the catalogue lies, which is elsewhere when it is brought back."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Copy the catalogue and the settings into a new folder, also while a harvest goes on. Secrets are left out; the
    index is made anew by `harvester restore`.

    \b
    Example:
      harvester backup backups/monday
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{str(folder)!r} holds something already", remedy="name a new folder")
    with opened() as (settings, catalogue):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with messages.status("copying the catalogue …"):
            counts = save(catalogue.database, folder)
        kind = kind_of(catalogue.database)
    (folder / _SETTINGS).write_text(_settings(settings), encoding="utf-8")
    told = {
        "version": __version__,
        "made": now().isoformat(),
        "database": kind,
        "tables": counts,
        "sha256": {name: _digest(folder / name) for name in (FILES[kind], _SETTINGS)},
    }
    (folder / _MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    messages.print(f"{folder}: {counts['software']} softwares, {counts['record']} records, {counts['run']} runs")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Bring a backup back into an empty catalogue, then make its index. The catalogue is where HARVESTER_DATA or
    HARVESTER_DATABASE says; the settings of then are shown, not taken over.

    \b
    Example:
      HARVESTER_DATA=elsewhere harvester restore backups/monday
    """
    settings = prepare()
    told = _manifest(folder)
    database = Database(settings.database_url)
    try:
        if told["database"] != kind_of(database):
            raise InputError(
                f"{str(folder)!r} is a backup of {told['database']}, and HARVESTER_DATABASE names {kind_of(database)}",
                remedy="bring it back into a database of its kind",
            )
        with messages.status("bringing the catalogue back …"):
            bring_back(database, folder, told["tables"])
    finally:
        database.close()
    with opened(settings) as (_, catalogue):
        catalogue.audit.note(
            actor=COMMAND_LINE, action="catalogue brought back", subject="catalogue", after={"made": told["made"]}
        )
        _index(catalogue, settings)
        states = catalogue.software.count_by_state()
    kept = ", ".join(f"{n} {state}" for state, n in sorted(states.items())) or "none"
    messages.print(f"softwares: {kept}; as of {told['made']}")
    messages.print(f"the settings of then are in {folder / _SETTINGS}; secrets have to be set anew")


def _index(catalogue: Catalogue, settings: Settings) -> None:
    engine = open_engine(settings)
    try:
        with bar() as progress:
            task = progress.add_task("indexing", total=None)
            rebuild(catalogue, engine, lambda done, of: progress.update(task, completed=done, total=of), force=True)
    finally:
        engine.close()


def _settings(settings: Settings) -> str:
    """What is chosen otherwise than by default, a variable a line; of secrets the names alone."""
    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value == field.default or name in _OF_THE_PLACE or value is None:
            continue
        variable = PREFIX + name.upper()
        secret = isinstance(value, SecretStr)
        lines.append(f"# {variable} is a secret: set it anew" if secret else f"{variable}={shlex.quote(str(value))}")
    return "".join(f"{line}\n" for line in lines)


def _manifest(folder: Path) -> dict[str, Any]:
    """What the backup says of itself. Raises InputError where it is none, or was changed or cut."""
    try:
        told = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files, kind = dict(told["sha256"]), told["database"]
        tables = {str(name): int(n) for name, n in dict(told["tables"]).items()}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{str(folder)!r} holds no backup", remedy=f"it has a file {_MANIFEST}") from None
    if kind not in FILES or FILES[kind] not in files:
        raise InputError(f"{str(folder / _MANIFEST)!r} names no copy of a catalogue", remedy="make another backup")
    for name in (FILES[kind], _SETTINGS):
        if not (folder / name).is_file() or _digest(folder / name) != files.get(name):
            raise InputError(f"{str(folder / name)!r} is not as it was written", remedy="take another backup")
    return {**told, "tables": tables, "made": str(told.get("made", ""))[:40]}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
