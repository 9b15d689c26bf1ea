"""Codes of issues, the first software of each record, reasons as codes; and no list of opt-outs, which nothing read.

The two columns came into the first tables at some time, so catalogues of one revision have them or lack them: they are
looked for. What reasons said in words stays as a code that no catalog of words knows, and is shown as it is; everything
is resolved once more, and suggested once more, which gives the reasons of today.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_AT_ONCE = 400
_issue = sa.table("issue", sa.column("id"), sa.column("data"), sa.column("code"))
_software = sa.table("software", sa.column("id"), sa.column("data"))
_version = sa.table("software_version", sa.column("software"), sa.column("version"), sa.column("data"))
_run = sa.table("run", sa.column("id"), sa.column("reasons", sa.JSON))


def upgrade() -> None:
    _codes_of_issues()
    _homes_of_records()
    _rewrite(_software, "id", column="data", change=_reasons_of_relevance)
    _rewrite(_version, "software", "version", column="data", change=_reasons_of_relevance)
    _rewrite(_run, "id", column="reasons", change=lambda reasons: [_reason(one) for one in reasons])
    op.execute("DELETE FROM suggestion")
    op.execute(
        "INSERT INTO dirty_record (record) SELECT id FROM record WHERE active"
        " AND id NOT IN (SELECT record FROM dirty_record)"
    )
    op.drop_table("opt_out")


def _codes_of_issues() -> None:
    if _has("issue", "code"):
        return
    op.add_column("issue", sa.Column("code", sa.Text(), nullable=True))
    _rewrite(_issue, "id", column="data", change=lambda data: json.loads(data)["code"], into="code")
    with op.batch_alter_table("issue") as table:
        table.alter_column("code", nullable=False)


def _homes_of_records() -> None:
    if _has("membership", "home"):
        return
    op.add_column("membership", sa.Column("home", sa.Text(), nullable=True))
    op.execute("UPDATE membership SET home = software")
    with op.batch_alter_table("membership") as table:
        table.alter_column("home", nullable=False)
        table.create_foreign_key(op.f("fk_membership_home"), "software", ["home"], ["id"])


def _has(table: str, column: str) -> bool:
    return any(found["name"] == column for found in sa.inspect(op.get_bind()).get_columns(table))


def _reasons_of_relevance(data: str) -> str:
    software = json.loads(data)
    if reasons := software.get("relevance_reasons"):
        software["relevance_reasons"] = [[weight, _reason(one)] for weight, one in reasons]
    return json.dumps(software, ensure_ascii=False, separators=(",", ":"))


def _reason(reason: str | dict[str, Any]) -> dict[str, Any]:
    return {"code": reason} if isinstance(reason, str) else reason


def _rewrite(table: sa.TableClause, *key: str, column: str, change: Callable[[Any], Any], into: str = "") -> None:
    """Change a column of every row, a few rows at a time, or make another one of it (`into`)."""
    connection = op.get_bind()
    keys = [table.c[name] for name in key]
    mine = sa.and_(*(table.c[name] == sa.bindparam(f"of_{name}") for name in key))
    update = sa.update(table).where(mine).values({into or column: sa.bindparam("becomes")})
    everywhere = [tuple(row) for row in connection.execute(sa.select(*keys))]
    for start in range(0, len(everywhere), _AT_ONCE):
        these = sa.tuple_(*keys).in_(everywhere[start : start + _AT_ONCE])
        changes = []
        for *place, was in connection.execute(sa.select(*keys, table.c[column]).where(these)).all():
            if (becomes := change(was)) != was:
                changes.append(
                    {**{f"of_{name}": value for name, value in zip(key, place, strict=True)}, "becomes": becomes}
                )
        if changes:
            connection.execute(update, changes)
