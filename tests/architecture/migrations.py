"""Both lineages give exactly the tables that the models describe. Run: python -m tests.architecture.migrations"""

import sys
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app import tables
from app.adapters.local.services import Services
from jobs import ledger
from tenants import migrate
from tenants.tables import SharedModel, TenantModel

LINEAGES = {"shared": ("shared", SharedModel.metadata), "tenant": ("scratch", TenantModel.metadata)}
assert tables
assert ledger


def differences(connection: sa.Connection, lineage: str) -> list[object]:
    """On a fresh database: upgrade to the head, and compare."""
    schema, metadata = LINEAGES[lineage]
    connection.exec_driver_sql(f"create schema {schema}")
    migrate.upgrade(lineage, connection, schema=schema)
    connection.execute(sa.text("select set_config('search_path', :s, true)"), {"s": schema})
    if lineage == "tenant":
        connection.dialect.default_schema_name = schema
    options = {
        "compare_type": True,
        "include_schemas": lineage == "shared",
        "version_table_schema": schema if lineage == "shared" else None,
        "include_name": lambda name, kind, _parents: (
            kind != "schema" or name == (None if lineage == "tenant" else schema)
        ),
        "include_object": lambda _o, name, kind, _r, _t: not (kind == "table" and name == "alembic_version"),
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def main() -> int:
    services = Services(Path("var/test-services").resolve(), fast=True)
    owner = sa.create_engine(services.start().database_url, isolation_level="AUTOCOMMIT")
    found = 0
    for lineage in LINEAGES:
        with owner.connect() as connection:
            connection.exec_driver_sql("drop database if exists assay_migrations with (force)")
            connection.exec_driver_sql("create database assay_migrations")
        scratch = sa.create_engine(owner.url.set(database="assay_migrations"))
        with scratch.begin() as connection:
            for difference in differences(connection, lineage):
                sys.stdout.write(f"{lineage}: {difference}\n")
                found += 1
        scratch.dispose()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
