"""What the last check of each source found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "source_check",
        sa.Column("source", sa.Text(), sa.ForeignKey("source.name", name="fk_source_check_source"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_check"),
    )
