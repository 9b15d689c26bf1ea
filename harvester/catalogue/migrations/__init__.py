"""How a catalogue gets the tables of today: an empty one at once, an earlier one step by step, with all that it holds.

Forwards only: the way back is a backup. Imported where a catalogue is migrated, since Alembic takes a quarter of a
second to import.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import alembic.command
import alembic.config
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from harvester.catalogue import ledger, schema

TOO_NEW = (
    "a newer version of this program made its tables",
    "install that version again, or bring back the backup from before it",
)
STRANGE = ("it holds other tables of these names", "is HARVESTER_DATABASE its address? an empty database will do")
Hindrance = tuple[str, str]
"""What is wrong with a database that cannot be brought up to date, and what to do."""


FOLDER = str(resources.files("harvester.catalogue") / "migrations")


@cache
def _scripts(folder: str) -> tuple[ScriptDirectory, tuple[str, ...]]:
    scripts = ScriptDirectory(folder)
    return scripts, tuple(script.revision for script in scripts.walk_revisions())[::-1]


def revisions() -> tuple[str, ...]:
    """All revisions, the first one first."""
    return _scripts(FOLDER)[1]


def upgrade(connection: sa.Connection, revision: str | None = None) -> Hindrance | bool:
    """Bring the tables to a revision, the newest where none is given, in the transaction of this connection.

    True where something changed.
    """
    context = MigrationContext.configure(connection)
    there = context.get_current_revision()
    if there is None and set(sa.inspect(connection).get_table_names()) & set(schema.metadata.tables):
        return STRANGE
    if there is not None and there not in revisions():
        return TOO_NEW
    wanted = revision or revisions()[-1]
    if there == wanted:
        return False
    if there is None and revision is None:
        _make(connection)
        context.stamp(_scripts(FOLDER)[0], wanted)
        return True
    config = alembic.config.Config()
    config.set_main_option("script_location", FOLDER)
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, wanted)
    return True


def _make(connection: sa.Connection) -> None:
    """The tables that all migrations together make, as a test makes sure, in a tenth of their time."""
    schema.metadata.create_all(connection, checkfirst=False)
    if connection.dialect.name == "postgresql":  # on SQLite it is a file of its own
        ledger.metadata.create_all(connection, checkfirst=False)
        connection.execute(sa.text("ALTER TABLE governor SET UNLOGGED"))
