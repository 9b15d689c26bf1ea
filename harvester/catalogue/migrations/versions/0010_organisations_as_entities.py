"""Organisations as entities. They are made of what is stored when softwares are compared next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "body",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("country", sa.Text()),
        sa.Column("parent", sa.Text()),
        sa.Column("softwares", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.Text()),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_body"),
        sa.UniqueConstraint("slug", name="uq_body_slug"),
    )
    op.create_index("ix_body_parent", "body", ["parent"])
    op.create_table(
        "body_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), sa.ForeignKey("body.id", name="fk_body_key_body"), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_body_key"),
    )
    op.create_index("ix_body_key_body", "body_key", ["body"])
    op.create_table(
        "body_link",
        sa.Column("body", sa.Text(), sa.ForeignKey("body.id", name="fk_body_link_body"), nullable=False),
        sa.Column("software", sa.Text(), sa.ForeignKey("software.id", name="fk_body_link_software"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("as_said", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("body", "software", "role", "source", "copy", name="pk_body_link"),
    )
    op.create_index("ix_body_link_software", "body_link", ["software"])
