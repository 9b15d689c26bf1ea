"""No time of erasure, which nothing wrote: what was erased is told by the payload that is not there."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_column("payload", "erased_at")
