"""A tenant moves to another database while the others work (docs/adr/0006).

Every step can be done again: whoever runs a killed move once more finishes it, or takes it back by naming the
database it came from. The registry switches last, when what arrived is known to be what left.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg import errors

from tenants import migrate, provisioning, registry
from tenants.owner import Owners
from tenants.registry import Move, Tenant, TenantRecord
from tenants.tables import TenantModel

PATIENCE_SECONDS = 30.0
GRACE_SECONDS = 0.5


class MoveError(Exception):
    """Why a move does not begin, or was taken back; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Journey:
    """One move, and what it carried."""

    owners: Owners
    tenant: TenantRecord
    source: str
    target: str
    rows: int = 0

    @property
    def schema(self) -> str:
        return self.tenant.schema

    def steps(self) -> Iterator[str]:
        """Do the move, and say after each step that it is done. What fails before the switch is taken back."""
        try:
            yield "marked"
            time.sleep(registry.SECONDS_REMEMBERED + GRACE_SECONDS)  # web processes remember that it is open
            close(self.owners.of(self.source), self.schema)
            yield "closed"
            with self.owners.of(self.target).begin() as target:
                provisioning.create_schema(target, self.schema)
            yield "prepared"
            self.rows = copy(self.owners.of(self.source), self.owners.of(self.target), self.schema)
            yield "copied"
        except Exception:
            self.undo()
            raise
        self._switch()
        yield "switched"

    def undo(self) -> None:
        """As it was before. Where the target is away, its half of a schema stays, and the next move replaces it."""
        with suppress(sa.exc.OperationalError), self.owners.of(self.target).begin() as target:
            provisioning.drop_schema(target, self.schema)
        with self.owners.of(self.source).begin() as source:
            provisioning.grant(source, self.schema)
        with self.owners.main.begin() as main:
            before = main.scalar(sa.delete(Move).where(Move.tenant_id == self.tenant.id).returning(Move.state_before))
            main.execute(_this(self.tenant).values(state=before))

    def _switch(self) -> None:
        done = sa.update(Move).where(Move.tenant_id == self.tenant.id).values(switched_at=sa.func.now())
        with self.owners.main.begin() as main:
            before = main.scalar(done.returning(Move.state_before))
            main.execute(_this(self.tenant).values(state=before, database=self.target))


def _this(tenant: TenantRecord) -> sa.Update:
    return sa.update(Tenant).where(Tenant.id == tenant.id)


@contextmanager
def journey(owners: Owners, tenant: TenantRecord, to: str) -> Iterator[Journey]:
    """A move to be done, or one that was broken off to be gone on with; nobody else moves this tenant meanwhile.

    Raises MoveError where there is nothing to move.
    """
    with _alone(owners.main, tenant):
        begun = _move_of(owners.main, tenant)
        if begun is None:
            _refuse(owners, tenant, to)
            _mark(owners.main, tenant, to)
            yield Journey(owners, tenant, tenant.database, to)
        elif begun.switched_at is not None:
            raise MoveError("old-copy", f"{begun.source} still has the copy of the last move: --drop-old drops it.")
        elif to not in {begun.source, begun.target}:
            raise MoveError("on-its-way", f"It is on its way from {begun.source} to {begun.target}: name one of them.")
        else:
            yield Journey(owners, tenant, begun.source, begun.target)


def drop_old(owners: Owners, tenant: TenantRecord) -> str | None:
    """Drop what the last move left behind, and say where that was; None where there was nothing."""
    with _alone(owners.main, tenant):
        done = _move_of(owners.main, tenant)
        if done is None or done.switched_at is None:
            return None
        with owners.of(done.source).begin() as source:
            provisioning.drop_schema(source, tenant.schema)
        with owners.main.begin() as main:
            main.execute(sa.delete(Move).where(Move.tenant_id == tenant.id))
        return str(done.source)


@contextmanager
def _alone(main: sa.Engine, tenant: TenantRecord) -> Iterator[None]:
    """The lock lasts as long as its connection, so a killed process frees it."""
    with main.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _locked(connection, f"assay:move:{tenant.slug}"):
            raise MoveError("busy", "Another process is moving it.")
        yield


def _locked(connection: sa.Connection, name: str) -> bool:
    asked = sa.text("select pg_try_advisory_lock(hashtextextended(:name, 0))")
    return bool(connection.scalar(asked, {"name": name}))


def _move_of(main: sa.Engine, tenant: TenantRecord) -> sa.Row[Any] | None:
    with main.connect() as connection:
        found = sa.select(Move.source, Move.target, Move.switched_at).where(Move.tenant_id == tenant.id)
        return connection.execute(found).one_or_none()


def _refuse(owners: Owners, tenant: TenantRecord, to: str) -> None:
    if to == tenant.database:
        raise MoveError("already-there", f"It is in {to}.")
    if tenant.state not in {"active", "suspended"}:
        raise MoveError("state", f"It is {tenant.state}.")
    with owners.main.connect() as main:
        if main.scalar(sa.select(Tenant.revision).where(Tenant.id == tenant.id)) != migrate.head("tenant"):
            raise MoveError("behind", "Its schema is not at the newest revision: run tenants migrate first.")
    with owners.of(tenant.database).connect() as source, owners.of(to).connect() as target:
        if not (_locked(source, "assay:same") and _locked(target, "assay:same")):
            raise MoveError("same-database", f"{tenant.database} and {to} are one database under two names.")
        if target.scalar(sa.text("select 1 from pg_namespace where nspname = :s"), {"s": tenant.schema}):
            raise MoveError("in-the-way", f"{to} has a schema {tenant.schema}, which no move of ours left there.")


def _mark(main: sa.Engine, tenant: TenantRecord, to: str) -> None:
    moved = {"tenant_id": tenant.id, "source": tenant.database, "target": to, "state_before": tenant.state}
    with main.begin() as connection:
        connection.execute(sa.insert(Move).values(moved))
        connection.execute(_this(tenant).values(state="moving"))


def close(source: sa.Engine, schema: str) -> None:
    """Take the schema from its role, once nobody works in it: later statements of the role are refused.

    All locks or none, and again: waiting for one while holding others would stop what is still at work.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with source.begin() as connection:
                tables = ", ".join(f"{schema}.{name}" for name in sorted(_tables(connection, schema)))
                connection.exec_driver_sql(f"lock table {tables} in access exclusive mode nowait")
                connection.exec_driver_sql(f"revoke usage on schema {schema} from {schema}")
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, errors.LockNotAvailable):
                raise
            if time.monotonic() > until:
                raise MoveError("at-work", f"Something worked in it for {PATIENCE_SECONDS:.0f} s.") from error
            time.sleep(0.1)
        else:
            return


def _tables(connection: sa.Connection, schema: str) -> set[str]:
    query = sa.text("select tablename from pg_tables where schemaname = :s")
    return set(connection.scalars(query, {"s": schema}))


def copy(source: sa.Engine, target: sa.Engine, schema: str) -> int:
    """Every row, in one transaction of the target, and read again there: the same digests, or MoveError."""
    with source.begin() as here, target.begin() as there:
        return carry_all(here, there, schema)


def carry_all(here: sa.Connection, there: sa.Connection, schema: str) -> int:
    """The same, in transactions of the caller's."""
    known = {table.name for table in TenantModel.metadata.sorted_tables} | {"alembic_version"}
    if unknown := _tables(here, schema) - known:
        raise MoveError("unknown-tables", f"No model describes {', '.join(sorted(unknown))}.")
    left = {table.name: _carry(here, there, _Rows(table, schema)) for table in TenantModel.metadata.sorted_tables}
    came = {table.name: _read(there, _Rows(table, schema)) for table in TenantModel.metadata.sorted_tables}
    if differing := sorted(name for name in left if left[name] != came[name]):
        raise MoveError("differs", f"Not the same on both sides: {', '.join(differing)}.")
    for name in left:
        there.exec_driver_sql(f"analyze {schema}.{name}")
    return sum(rows for rows, _ in left.values())


class _Rows:
    """A table's rows as COPY gives and takes them: our columns, in the order of the key, whatever the collation."""

    def __init__(self, table: sa.Table, schema: str) -> None:
        name = f"{schema}.{table.name}"
        columns = ", ".join(f'"{c.name}"' for c in table.columns if c.computed is None)
        order = ", ".join(f'"{c.name}"' + ' collate "C"' * isinstance(c.type, sa.Text) for c in table.primary_key)
        self.out = f"copy (select {columns} from {name} order by {order}) to stdout"
        self.into = f"copy {name} ({columns}) from stdin"


def _carry(here: sa.Connection, there: sa.Connection, rows: _Rows) -> tuple[int, str]:
    """The number of rows that left, and the digest of what was sent."""
    digest = hashlib.sha256()
    with _cursor(here) as out, _cursor(there) as into:
        with out.copy(rows.out) as leaving, into.copy(rows.into) as coming:
            for block in leaving:
                digest.update(block)
                coming.write(block)
        return out.rowcount, digest.hexdigest()


def _read(there: sa.Connection, rows: _Rows) -> tuple[int, str]:
    digest = hashlib.sha256()
    with _cursor(there) as out:
        with out.copy(rows.out) as coming:
            for block in coming:
                digest.update(block)
        return out.rowcount, digest.hexdigest()


def _cursor(connection: sa.Connection) -> Any:
    """The driver's own: COPY is nothing that SQLAlchemy knows. Both sides write dates and numbers alike."""
    connection.exec_driver_sql(
        "set local time zone 'UTC'; set local datestyle to 'ISO'; set local bytea_output to 'hex'"
    )
    driver: Any = connection.connection.driver_connection
    return driver.cursor()
