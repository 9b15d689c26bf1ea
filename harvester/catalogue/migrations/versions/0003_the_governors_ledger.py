"""The governor's ledger, which on SQLite is a file of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "governor",
            sa.Column("key", sa.Text(), nullable=False),
            sa.Column("data", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("key", name=op.f("pk_governor")),
            prefixes=["UNLOGGED"],
        )
