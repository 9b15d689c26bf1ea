"""How Alembic runs inside the harvester: on the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from harvester.catalogue.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
