"""The shared lineage: schema `shared`, one version table in it."""

from alembic import context

from tenants.tables import SharedModel

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SharedModel.metadata,
    version_table_schema="shared",
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name == "shared",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
