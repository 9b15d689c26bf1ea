"""What the queue is narrowed and ordered by, who is at what, filters that somebody keeps, and collections.

Everything is resolved again, which tells what the queue is narrowed by.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _software(name: str) -> sa.Column[str]:
    return sa.Column("software", sa.Text(), sa.ForeignKey("software.id", name=f"fk_{name}_software"), nullable=False)


def upgrade() -> None:
    op.add_column("software", sa.Column("helps", sa.Float(), nullable=False, server_default="0"))
    op.create_index("ix_software_queue", "software", ["state", "asks", "deferred", "helps", "id"])
    op.create_table(
        "trait",
        sa.Column("facet", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        _software("trait"),
        sa.PrimaryKeyConstraint("facet", "value", "software", name="pk_trait"),
    )
    op.create_index("ix_trait_software", "trait", ["software"])
    op.create_table(
        "claim",
        _software("claim"),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("software", name="pk_claim"),
    )
    op.create_index("ix_claim_login", "claim", ["login"])
    op.create_table(
        "saved_filter",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("login", "name", name="pk_saved_filter"),
    )
    op.create_table(
        "collection",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_collection"),
    )
    op.create_table(
        "collection_item",
        sa.Column(
            "collection",
            sa.Text(),
            sa.ForeignKey("collection.slug", name="fk_collection_item_collection"),
            nullable=False,
        ),
        _software("collection_item"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("collection", "software", name="pk_collection_item"),
    )
    op.create_index("ix_collection_item_software", "collection_item", ["software"])
    op.execute(
        "INSERT INTO dirty_record (record) SELECT id FROM record WHERE active"
        " AND id NOT IN (SELECT record FROM dirty_record)"
    )
