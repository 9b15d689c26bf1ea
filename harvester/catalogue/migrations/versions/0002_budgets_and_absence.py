"""What a spent budget leaves of a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True))
        run.add_column(sa.Column("left", sa.JSON(), nullable=False, server_default="{}"))
