"""The newest runs are found without sorting all of them."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("ix_run_due_at_id", "run", ["due_at", "id"])
