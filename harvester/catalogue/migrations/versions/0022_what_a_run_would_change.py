"""What a source said before its run was judged, kept until it is, or until an operator accepts a run that is held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("record", sa.Column("former", sa.Text()))
    op.add_column("record", sa.Column("held_by", sa.Integer()))
