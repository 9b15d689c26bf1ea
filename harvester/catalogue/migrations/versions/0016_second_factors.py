"""Keys of second factors, and digests of the codes that stand in for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "factor",
        sa.Column("login", sa.Text(), sa.ForeignKey("account.login", name="fk_factor_login"), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("login", sa.Text(), sa.ForeignKey("account.login", name="fk_recovery_code_login"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("login", "digest", name="pk_recovery_code"),
    )
