"""A filled catalogue of every earlier schema becomes one of today, whole; one that cannot is told why and what to do.

The walk fills the tables of each schema by their columns alone: a migration that is added later is tried on rows.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from harvester.catalogue import Catalogue, ledger, migrations, schema
from harvester.catalogue.database import Database
from harvester.errors import CatalogueError, CatalogueUnavailable
from harvester.model import NOT_APPRAISED, Operation, Reason, SoftwareState

THEN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TAKEN_OUT = {"0004": {"opt_out"}}
"""By revision the tables that it takes out."""
MADE_ANEW = {"dirty_record", "suggestion", "relation", "alembic_version"}
"""Tables whose rows follow from those of others."""
REWRITTEN = {"data", "reasons"}
"""Columns of JSON, whose form may change."""
DATA = json.dumps({"code": "url-mismatch", "message": "as it was said", "relevance_reasons": [[0.5, "use-case|a: b"]]})


def value(column: sa.Column[Any], number: int) -> Any:
    """Something that this column may hold."""
    kind = column.type
    if column.name == "data":
        return DATA
    if column.name == "reasons":
        return ["fell|3|9"]
    examples: list[tuple[type[sa.types.TypeEngine[Any]], Callable[[], Any]]] = [
        (sa.Boolean, lambda: True),
        (sa.Integer, lambda: number),
        (sa.Float, lambda: number / 2),
        (sa.DateTime, lambda: THEN if column.table.metadata.info["zoned"] else THEN.replace(tzinfo=None)),
        (sa.LargeBinary, lambda: b"body"),
        (sa.JSON, lambda: {"n": number}),
        (sa.Text, lambda: f"{column.name}-{number}"),
    ]
    return next(make() for of, make in examples if isinstance(kind, of))


def reflected(connection: sa.Connection) -> sa.MetaData:
    tables = sa.MetaData(info={"zoned": connection.dialect.name == "postgresql"})
    tables.reflect(connection)
    return tables


def fill(connection: sa.Connection, tables: sa.MetaData, number: int) -> None:
    """Two rows in every table, with keys of this number, each after those that it refers to."""
    for table in tables.sorted_tables:
        if table.name == "alembic_version":
            continue
        for one in (2 * number, 2 * number + 1):
            row = {column.name: value(column, one) for column in table.columns}
            for key in table.foreign_keys:
                row[key.parent.name] = value(key.column, one)
            connection.execute(sa.insert(table).values(row))


def contents(connection: sa.Connection, tables: sa.MetaData) -> dict[str, dict[str, list[str]]]:
    """By table and column the values that it holds."""
    kept = [table for table in tables.sorted_tables if table.name not in MADE_ANEW]
    rows = {table: connection.execute(sa.select(table)).mappings().all() for table in kept}
    return {
        table.name: {
            column.name: sorted(str(row[column.name]) for row in rows[table])
            for column in table.columns
            if column.name not in REWRITTEN
        }
        for table in kept
    }


def test_every_migration_keeps_the_rows_of_filled_tables(bare_database_url: str) -> None:
    before: dict[str, dict[str, list[str]]] = {}
    with closing(Database(bare_database_url)) as database:
        for number, revision in enumerate(migrations.revisions(), 1):
            database.migrate(revision)
            with database.write() as connection:
                tables = reflected(connection)
                after = contents(connection, tables)
                assert before.keys() - after.keys() == TAKEN_OUT.get(revision, set())
                for table in before.keys() & after.keys():
                    kept = before[table].keys() & after[table].keys()
                    assert {name: after[table][name] for name in kept} == {name: before[table][name] for name in kept}
                if database.is_sqlite:
                    assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
                    assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
                fill(connection, tables, number)
                before = contents(connection, tables)


LATER = """
import sqlalchemy as sa
from alembic import op
revision = "9001"
down_revision = {before!r}
def upgrade():
    with op.batch_alter_table("source", recreate="always") as source:
        source.alter_column("name", existing_type=sa.Text(), nullable=False, comment=None)
"""


def test_a_table_that_others_refer_to_may_be_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite would delete with it what refers to it. PostgreSQL changes it where it is."""
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    with closing(Database(url)) as database:
        database.migrate()
        with database.write() as connection:
            fill(connection, reflected(connection), 1)
    folder = shutil.copytree(migrations.FOLDER, tmp_path / "migrations")
    (folder / "versions" / "9001_later.py").write_text(LATER.format(before=migrations.revisions()[-1]))
    monkeypatch.setattr(migrations, "FOLDER", str(folder))
    with closing(Catalogue.open(url)) as catalogue, catalogue.database.read() as connection:
        tables = reflected(connection).tables
        assert connection.execute(sa.select(sa.func.count()).select_from(tables["run"])).scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def row_of(table: sa.Table, **values: Any) -> dict[str, Any]:
    return {column.name: value(column, 1) for column in table.columns if not column.nullable} | values


FIELDS = {"name": "Idra", "code_repository": "https://forge.example/a/idra"}
REPO = {"scheme": "repo", "value": "https://forge.example/a/idra"}


def old_catalogue(url: str) -> None:
    """A catalogue of the first schema as its version wrote it: one tool, rejected by a reviewer."""
    with closing(Database(url)) as database:
        database.migrate("0001")
        with database.write() as connection:
            tables = reflected(connection).tables

            def put(table: str, /, **values: Any) -> None:
                connection.execute(sa.insert(tables[table]).values(row_of(tables[table], **values)))

            put("source", name="town", data=json.dumps({"name": "town", "spider": "sill", "title": "Town"}))
            put("run", id=1, source="town", state="finished", judgement="suspicious", reasons=["fell|3|9"])
            put("payload", digest="d", body=b"")
            put("raw_item", id=1, source="town", key="k", digest="d", outcome="read", last_run=1)
            record = {"key": "k", "reader": "sill/1", "fields": FIELDS, "identifiers": [REPO]}
            put("record", id=1, raw_item=1, key="k", data=json.dumps(record))
            put("identifier", record=1, **REPO)
            issue = {
                "code": "unknown-license",
                "message": "not known",
                "severity": "warning",
                "remedy": "write another",
            }
            put("issue", id=1, source="town", raw_item=1, data=json.dumps(issue), severity="warning", last_run=1)
            software = {"fields": FIELDS, "identifiers": [REPO], "relevance_reasons": [[0.5, "use-case|mapping: map"]]}
            row = {"state": "rejected", "version": 1, "data": json.dumps(software)}
            put("software", id="idra1", slug="idra", name="Idra", **row)
            put("software_version", software="idra1", **row)
            put("software_slug", slug="idra", software="idra1")
            put("membership", record=1, software="idra1")
            put("decision", id=1, software="idra1", operation="reject", actor="ada", why="no tool", undone_at=None)
            put("decision_identifier", decision=1, **REPO)


def test_what_people_decided_holds_after_an_upgrade_from_the_first_schema(bare_database_url: str) -> None:
    old_catalogue(bare_database_url)
    with closing(Catalogue.open(bare_database_url)) as catalogue:
        found = catalogue.software.get("idra1")
        assert (found.fields.name, found.state) == ("Idra", SoftwareState.REJECTED)
        assert found.appraisal == NOT_APPRAISED, "what was concluded of it then is forgotten"
        (decision,) = catalogue.review.history("idra1")
        assert (decision.operation, decision.actor, decision.why) == (Operation.REJECT, "ada", "no tool")
        assert catalogue.runs.get(1).reasons == (Reason("fell|3|9"),)
        (issue,) = catalogue.issues.recent()
        assert issue.issue.message == "unknown-license"
        catalogue.resolver.resolve()
        again = catalogue.software.get("idra1")
        assert (again.fields.name, again.state) == ("Idra", SoftwareState.REJECTED)
        assert again.appraisal.standing.reasons


def test_what_was_published_of_a_source_without_trust_stands_after_an_upgrade(bare_database_url: str) -> None:
    """Before, a reviewer's word let in whatever the source would say later; now what it says until today."""
    with closing(Database(bare_database_url)) as database:
        database.migrate("0006")
        with database.write() as connection:
            tables = reflected(connection).tables

            def put(table: str, /, **values: Any) -> None:
                connection.execute(sa.insert(tables[table]).values(row_of(tables[table], **values)))

            put("payload", digest="d", body=b"")
            kinds = [("town", False, "published"), ("heap", False, "candidate"), ("state", True, "published")]
            for number, (name, trusted, state) in enumerate(kinds, 1):
                told = {"name": name, "spider": "sill", "title": name, "trusted": trusted}
                put("source", name=name, data=json.dumps(told))
                put("raw_item", id=number, source=name, key="k", digest="d", outcome="read", last_run=1)
                fields = FIELDS | {"name": name, "code_repository": f"https://forge.example/a/{name}"}
                names = [{"scheme": "repo", "value": fields["code_repository"]}]
                record = {"key": "k", "reader": "sill/1", "fields": fields, "identifiers": names}
                put("record", id=number, raw_item=number, key="k", data=json.dumps(record), active=True)
                put("identifier", record=number, strong=True, **names[0])
                data = json.dumps({"fields": fields, "identifiers": names, "relevance_reasons": []})
                put("software", id=name, slug=name, name=name, state=state, version=1, data=data)
                put("membership", record=number, software=name, home=name)
                put("dirty_record", record=number)
            put("decision", id=1, software="town", operation="accept", actor="ada", undone_at=None)
            put("decision_identifier", decision=1, scheme="repo", value="https://forge.example/a/town")
    with closing(Catalogue.open(bare_database_url)) as catalogue:
        with catalogue.database.read() as connection:
            record = schema.record
            standing = {row.id: row.standing for row in connection.execute(sa.select(record.c.id, record.c.standing))}
            assert standing[1] == connection.execute(sa.select(record.c.data).where(record.c.id == 1)).scalar_one()
            assert (standing[2], standing[3]) == (None, None)
        catalogue.resolver.resolve()
        states = {one: catalogue.software.get(one).state.value for one in ("town", "heap", "state")}
        assert states == {"town": "published", "heap": "candidate", "state": "published"}
        assert [one.id for one in catalogue.review.queue()] == ["heap"], "nothing of it is in question"
        with catalogue.database.write() as connection:
            changed = sa.func.replace(record.c.data, '"name": "town"', '"name": "moved"')
            connection.execute(sa.update(record).where(record.c.id == 1).values(data=changed, digest="other"))
            connection.execute(sa.insert(schema.dirty_record).values(record=1))
        catalogue.resolver.resolve()
        town = catalogue.software.get("town")
        assert (town.fields.name, town.asks) == ("town", True)


def test_a_migration_that_fails_changes_nothing(bare_database_url: str) -> None:
    old_catalogue(bare_database_url)
    with closing(Database(bare_database_url)) as database:
        with database.write() as connection:
            connection.execute(sa.text("UPDATE issue SET data = 'nonsense'"))
        with pytest.raises(json.JSONDecodeError):
            database.migrate()
        with database.read() as connection:
            assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"
            assert "resume_at" not in reflected(connection).tables["run"].columns


def test_keys_that_a_catalogue_had_broken_are_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    old_catalogue(url)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection, connection:
        connection.execute("UPDATE decision SET software = 'nobody'")
    with pytest.raises(CatalogueError, match="1 rows of the catalogue refer to none, the first in table 'decision'"):
        Catalogue.open(url)


def _newer(connection: sa.Connection) -> None:
    connection.execute(sa.text("UPDATE alembic_version SET version_num = '9001'"))


def _without_revision(connection: sa.Connection) -> None:
    connection.execute(sa.text("DROP TABLE alembic_version"))


@pytest.mark.parametrize(
    ("change", "what", "remedy"),
    [
        (_newer, "a newer version of this program made its tables", "install that version again"),
        (_without_revision, "it holds other tables of these names", "HARVESTER_DATABASE"),
    ],
)
def test_tables_that_are_newer_or_not_ours_are_told_and_left_alone(
    bare_database_url: str, change: Callable[[sa.Connection], None], what: str, remedy: str
) -> None:
    old_catalogue(bare_database_url)
    with closing(Database(bare_database_url)) as database, database.write() as connection:
        change(connection)
    with pytest.raises(CatalogueUnavailable, match=what) as told:
        Catalogue.open(bare_database_url)
    assert remedy in str(told.value.remedy)
    with closing(Database(bare_database_url)) as database, database.read() as connection:
        assert "opt_out" in reflected(connection).tables


def _default_differs(_context: Any, _inspected: Any, column: Any, found: str | None, _: Any, wanted: str | None) -> Any:
    """PostgreSQL cannot compare JSON, so such defaults are compared as they are written."""
    if not isinstance(column.type, sa.JSON):
        return None
    return (found or "").removesuffix("::json").strip("'") != (wanted or "").strip("'")


@pytest.mark.parametrize("step_by_step", [True, False])
def test_the_migrations_make_exactly_the_tables_of_the_schema(bare_database_url: str, *, step_by_step: bool) -> None:
    with closing(Database(bare_database_url)) as database:
        database.migrate("0001" if step_by_step else None)
        database.migrate()
        with database.read() as connection:
            options = {"compare_type": True, "compare_server_default": _default_differs}
            context = MigrationContext.configure(connection, opts=options)
            tables = sa.MetaData(naming_convention=schema.NAMING)
            for table in (*schema.metadata.tables.values(), *ledger.metadata.tables.values()):
                if table.name != "governor" or not database.is_sqlite:  # there it has a file of its own
                    table.to_metadata(tables)
            assert compare_metadata(context, tables) == []
            if not database.is_sqlite:
                of_moment = sa.text("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
                assert connection.execute(of_moment).scalars().all() == ["governor"]


@pytest.mark.parametrize(
    "bare_database_url", [pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))], indirect=True
)
def test_a_migration_gives_way_to_those_who_work(bare_database_url: str) -> None:
    """It waits for somebody's long transaction, and nobody else waits for it."""
    with closing(Database(bare_database_url)) as database:
        database.migrate("0019")
        change = sa.update(schema.run).where(schema.run.c.id == 0).values(progress="")
        migrating = threading.Thread(target=database.migrate)
        with database.write() as working:
            working.execute(change)
            migrating.start()
            for _ in range(3):
                with database.write() as other:
                    other.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
                    other.execute(change)
                migrating.join(0.7)
            assert migrating.is_alive()
        migrating.join(60)
        assert not migrating.is_alive()
        database.migrate()
        with database.read() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == migrations.revisions()[-1]
