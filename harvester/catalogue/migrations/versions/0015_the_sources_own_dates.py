"""The source's own date of what it says, beside the day on which it was fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("raw_item", sa.Column("as_of", sa.DateTime(timezone=True)))
