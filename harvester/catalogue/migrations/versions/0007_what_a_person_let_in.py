"""What a person let into what is published, of sources that are not trusted: all that they said until now."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_LET_IN = """
UPDATE record SET standing = data
WHERE active AND raw_item IN (SELECT id FROM raw_item WHERE source = :source)
AND id IN (SELECT m.record FROM membership m JOIN software s ON s.id = m.software WHERE s.state = 'published')
"""


def upgrade() -> None:
    op.add_column("record", sa.Column("standing", sa.Text()))
    op.add_column("record", sa.Column("declined", sa.Text()))
    op.add_column("software", sa.Column("asks", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    for name, data in connection.execute(sa.text("SELECT name, data FROM source")).all():
        if not json.loads(data).get("trusted", False):
            connection.execute(sa.text(_LET_IN), {"source": name})
