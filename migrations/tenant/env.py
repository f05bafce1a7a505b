"""The tenant lineage: whatever schema the caller names, found by search_path, one version table in it."""

import sqlalchemy as sa
from alembic import context

from app import tables
from jobs import ledger
from tenants.tables import TenantModel

connection = context.config.attributes["connection"]
schema = context.config.attributes["schema"]
connection.execute(sa.text("select set_config('search_path', :schema, true)"), {"schema": schema})
if context.config.attributes.get("compare"):
    connection.dialect.default_schema_name = schema  # reflection asks the dialect, not the path
context.configure(
    connection=connection,
    target_metadata=TenantModel.metadata if tables and ledger else None,
    include_object=lambda _object, name, kind, _reflected, _to: not (kind == "table" and name == "alembic_version"),
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
