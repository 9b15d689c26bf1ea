"""Links by which somebody is invited, or gets a new password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "door_link",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), sa.ForeignKey("account.login", name="fk_door_link_login")),
        sa.Column("role", sa.Text()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_door_link"),
    )
