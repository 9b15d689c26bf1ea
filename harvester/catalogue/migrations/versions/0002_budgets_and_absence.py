"""What a spent budget leaves of a run, and which run was told that an item is absent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("run", sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("run", sa.Column("resumed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("confirms", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("run", sa.Column("left", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("raw_item", sa.Column("absent_run", sa.Integer(), nullable=True))
    op.drop_column("raw_item", "confirmed_absent")
