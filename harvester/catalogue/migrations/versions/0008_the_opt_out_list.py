"""Digests of the names of what was erased on request, so that it is not stored again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table("opt_out", sa.Column("digest", sa.Text(), primary_key=True))
