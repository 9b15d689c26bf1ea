"""What operators are told without asking."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("source", sa.Text(), sa.ForeignKey("source.name", name="fk_notice_source"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    lasts = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_notice_open", "notice", ["source", "kind"], unique=True, sqlite_where=lasts, postgresql_where=lasts
    )
    op.create_table(
        "notice_told",
        sa.Column("notice", _ID, sa.ForeignKey("notice.id", name="fk_notice_told_notice"), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice", "phase", "way", name="pk_notice_told"),
    )
