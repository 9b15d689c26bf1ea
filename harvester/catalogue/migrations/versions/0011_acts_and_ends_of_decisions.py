"""Decisions that are one act, decisions that end, and what sources said when somebody corrected them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("decision", sa.Column("act", sa.Integer()))
    op.add_column("decision", sa.Column("until", sa.DateTime(timezone=True)))
    op.add_column("decision", sa.Column("saw", sa.JSON()))
    op.add_column("decision", sa.Column("version", sa.Integer()))
    op.add_column("decision", sa.Column("contested", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_decision_act", "decision", ["act"])
    op.create_index("ix_decision_until", "decision", ["until"])
