"""Runs the two lineages: `shared` once a database, `tenant` over every schema; each schema by itself, resumable."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from tenants.names import schema_of
from tenants.registry import Tenant, TenantRecord

ROOT = Path(__file__).resolve().parent.parent / "migrations"
LOCK_TIMEOUT = "5s"


@dataclass(frozen=True)
class Migrated:
    slug: str
    revision: str | None
    error: str | None = None


def head(lineage: str) -> str | None:
    return ScriptDirectory(str(ROOT / lineage)).get_current_head()


def upgrade(lineage: str, connection: sa.Connection, *, schema: str, to: str = "head") -> None:
    """Bring one schema to a revision, on the caller's connection and in its transaction."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / lineage))
    config.attributes.update(connection=connection, schema=schema)
    command.upgrade(config, to)


def downgrade(lineage: str, connection: sa.Connection, *, schema: str, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / lineage))
    config.attributes.update(connection=connection, schema=schema)
    command.downgrade(config, to)


def migrate_all(
    owner_of: Callable[[str], sa.Engine],
    tenants: list[TenantRecord],
    *,
    at_once: int = 2,
    to: str = "head",
) -> Iterator[Migrated]:
    """Every tenant's schema, some at a time, in the order given. One that fails stops only itself.

    A schema already there costs one look; so a run that was killed is simply run again.
    """
    goal = head("tenant") if to == "head" else to

    def one(tenant: TenantRecord) -> Migrated:
        try:
            with owner_of(tenant.database).begin() as connection:
                connection.execute(sa.text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
                upgrade("tenant", connection, schema=schema_of(tenant.slug), to=to)
            with owner_of("main").begin() as connection:
                connection.execute(sa.update(Tenant).where(Tenant.id == tenant.id).values(revision=goal))
        except Exception as error:  # noqa: BLE001 -- reported for this tenant; the others go on
            return Migrated(tenant.slug, None, str(error).splitlines()[0])
        return Migrated(tenant.slug, goal)

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        yield from pool.map(one, tenants)
