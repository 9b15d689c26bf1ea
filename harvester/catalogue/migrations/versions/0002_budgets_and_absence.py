"""What a spent budget leaves of a run, and which run was told that an item is absent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True))
        run.add_column(sa.Column("resumed", sa.Integer(), nullable=False, server_default="0"))
        run.add_column(sa.Column("confirms", sa.Boolean(), nullable=False, server_default=sa.false()))
        run.add_column(sa.Column("left", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("raw_item") as raw_item:
        raw_item.add_column(sa.Column("absent_run", sa.Integer(), nullable=True))
        raw_item.drop_column("confirmed_absent")
