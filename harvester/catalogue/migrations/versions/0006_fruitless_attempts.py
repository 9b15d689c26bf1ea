"""How many attempts of a run in a row brought nothing: only those count for giving it up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("run", sa.Column("fruitless", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("progress", sa.Text(), nullable=True))
