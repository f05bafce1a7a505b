"""Runs the two lineages: `shared` once a database, `tenant` over every schema; each schema by itself, resumable."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tenants import meaning
from tenants.names import schema_of
from tenants.owner import Owners
from tenants.registry import Tenant, TenantRecord

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).resolve().parent.parent / "migrations"
LOCK_TIMEOUT = "5s"
_UNPROVEN = sa.text(
    "select conrelid::regclass::text, quote_ident(conname) from pg_constraint"
    " where connamespace = to_regnamespace(:schema) and not convalidated and contype in ('c', 'f', 'n')"
)
_remembered: dict[str | None, str] = {}


@dataclass(frozen=True)
class Migrated:
    slug: str
    revision: str | None
    error: str | None = None


@cache
def head(lineage: str) -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(ROOT / lineage)).get_current_head()


def upgrade(lineage: str, connection: sa.Connection, *, schema: str, to: str = "head") -> None:
    """Bring one schema to a revision, on the caller's connection and in its transaction."""
    from alembic import command  # a third of a second that pages and tasks never need

    command.upgrade(_config(lineage, connection, schema), to)


def fill(connection: sa.Connection, schema: str) -> None:
    """Bring an empty schema of a company to the head.

    The first one in a process goes through all revisions; what that said to PostgreSQL, the next get as one script.
    """
    if script := _remembered.get(head("tenant")):
        connection.execute(sa.text("select set_config('search_path', :schema, true)"), {"schema": schema})
        connection.connection.cursor().execute(script)  # without parameters: many statements in one
        return
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        upgrade("tenant", connection, schema=schema)
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)
    writes = [each for each in said if not each[0].lstrip().lower().startswith("select")]
    script = ";\n".join(statement for statement, _ in writes)
    if "%" not in script and schema not in script and not any(parameters for _, parameters in writes):
        _remembered[head("tenant")] = script


def prove(connection: sa.Connection, schema: str) -> None:
    """Look through the rows of what a revision added as NOT VALID, in a transaction of its own.

    New rows are held to it at once. Others read and write the table meanwhile, where adding it whole would stop them
    for as long as the look takes. Safe to repeat.
    """
    for table, name in connection.execute(_UNPROVEN, {"schema": schema}).all():
        connection.exec_driver_sql(f"alter table {table} validate constraint {name}")


def _config(lineage: str, connection: sa.Connection, schema: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / lineage))
    config.attributes.update(connection=connection, schema=schema)
    return config


def migrate_all(
    owners: Owners, tenants: list[TenantRecord], *, at_once: int = 1, to: str = "head"
) -> Iterator[Migrated]:
    """Every tenant's schema, some at a time, in the order given. One that fails stops only itself.

    A schema already there costs one look; so a run that was killed is simply run again. Side by side means in
    processes: Alembic keeps its context in globals that threads would share.
    """
    goal = head("tenant") if to == "head" else to
    work = [(owners.url("main"), owners.url(tenant.database), tenant.slug, to, goal) for tenant in tenants]
    if at_once == 1 or len(work) < 2:  # noqa: PLR2004 -- one alone needs no company
        yield from map(_migrate_one, work)
        return
    with ProcessPoolExecutor(at_once, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_migrate_one, work)


def _revision(connection: sa.Connection, schema: str) -> str | None:
    """One look, where loading all revisions takes a third of a second."""
    table = f"{schema}.alembic_version"
    there = connection.scalar(sa.text("select to_regclass(:table) is not null"), {"table": table})
    return connection.scalar(sa.text(f"select version_num from {table}")) if there else None


def _migrate_one(work: tuple[str, str, str, str, str | None]) -> Migrated:
    main_url, url, slug, to, goal = work
    owners = Owners({"main": main_url, "its": url})
    try:
        with owners.of("its").begin() as connection:
            connection.execute(sa.text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
            if _revision(connection, schema_of(slug)) != goal:
                upgrade("tenant", connection, schema=schema_of(slug), to=to)
            if goal == head("tenant"):
                meaning.index(connection, schema_of(slug))
        with owners.of("its").begin() as connection:
            connection.execute(sa.text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
            prove(connection, schema_of(slug))
        with owners.of("main").begin() as connection:
            connection.execute(sa.update(Tenant).where(Tenant.slug == slug).values(revision=goal))
    except Exception as error:  # noqa: BLE001 -- reported for this tenant; the others go on
        return Migrated(slug, None, str(error).splitlines()[0])
    return Migrated(slug, goal)
