"""Tokens of programs that act for an account, and by which of them a line of the audit came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("audit", sa.Column("via", sa.Text()))
    op.create_table(
        "api_token",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), sa.ForeignKey("account.login", name="fk_api_token_login"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("digest", name="pk_api_token"),
    )
    op.create_index("ix_api_token_login", "api_token", ["login"])
