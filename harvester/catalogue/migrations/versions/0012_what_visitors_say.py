"""What visitors say: proposals, uses and objections that wait for a reviewer, and each one's words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("open_key", sa.Text()),
        sa.Column("software", sa.Text(), sa.ForeignKey("software.id", name="fk_matter_software")),
        sa.Column("field", sa.Text()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", _MOMENT),
        sa.Column("decision", sa.Integer()),
        sa.UniqueConstraint("open_key", name="uq_matter_open_key"),
        sa.PrimaryKeyConstraint("id", name="pk_matter"),
    )
    for columns in (["key"], ["software"], ["decision"], ["state", "kind"]):
        op.create_index(f"ix_matter_{'_'.join(columns)}", "matter", columns)
    op.create_table(
        "voice",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("matter", _ID, sa.ForeignKey("matter.id", name="fk_voice_matter"), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.UniqueConstraint("receipt", name="uq_voice_receipt"),
        sa.PrimaryKeyConstraint("id", name="pk_voice"),
    )
    op.create_index("ix_voice_matter", "voice", ["matter"])
