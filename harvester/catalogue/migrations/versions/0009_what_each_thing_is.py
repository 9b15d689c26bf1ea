"""Appraisals instead of relevance, relations, and the installation's policy. Everything is appraised anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.drop_index("ix_software_state_deferred_relevance", "software")
    op.drop_column("software", "relevance")
    op.add_column("software", sa.Column("toolbox", sa.Float(), nullable=False, server_default="0"))
    op.add_column("software", sa.Column("shelf", sa.Text(), nullable=False, server_default="listed"))
    op.create_index("ix_software_state_deferred_toolbox", "software", ["state", "deferred", "toolbox"])
    op.create_index("ix_software_state_shelf", "software", ["state", "shelf"])
    op.create_table(
        "relation",
        sa.Column("subject", sa.Text(), sa.ForeignKey("software.id", name="fk_relation_subject"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "type", "object", "target", name="pk_relation"),
    )
    op.create_index("ix_relation_object", "relation", ["object"])
    op.create_index("ix_relation_target", "relation", ["target"])
    op.create_table(
        "policy",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_policy"),
    )
    op.execute(
        "INSERT INTO dirty_record (record) SELECT id FROM record WHERE active"
        " AND id NOT IN (SELECT record FROM dirty_record)"
    )
