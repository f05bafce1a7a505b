"""The database session. Its transactions begin by becoming the tenant; without a tenant they don't begin."""

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from tenants.cursors import TenantCursor
from tenants.scope import current_tenant

CONNECT_ARGS: dict[str, Any] = {
    "prepare_threshold": None, "connect_timeout": 5, "cursor_factory": TenantCursor,
    # a server that is gone without a word is noticed after twenty seconds, not after hours
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000,
}  # fmt: skip
ENTER = sa.text("select set_config('search_path', :schema, true), set_config('role', :schema, true)")
ENTER_FORGETTABLY = sa.text(
    "select set_config('search_path', :schema, true), set_config('synchronous_commit', 'off', true),"
    " set_config('role', :schema, true)"
)


ENTER_READING = sa.text(
    "select set_config('search_path', :schema, true), set_config('transaction_read_only', 'on', true),"
    " set_config('role', :schema, true)"
)
MOST_COMPANIES = 100  # that one connection works for


class TenantSession(Session):
    def get_bind(self, *_: Any, **__: Any) -> sa.Engine:
        """The engine of the database that the registry names for the tenant, or of its replica (replicas.py)."""
        if replica := self.info.get("replica"):
            found: sa.Engine = replica
            return found
        return self._db.engines[bind_key(current_tenant().database)]


def bind_key(database: str) -> str | None:
    return None if database == "main" else database


db = SQLAlchemy(session_options={"class_": TenantSession, "expire_on_commit": False})


@event.listens_for(TenantSession, "after_begin")
def become_the_tenant(session: TenantSession, transaction: SessionTransaction, connection: sa.Connection) -> None:
    """One round trip; both settings end with the transaction, so a pooled connection goes back as it came.

    A savepoint lies inside a transaction that did it already, as a role that may not do it again.
    """
    if not transaction.nested:
        connection.info.setdefault("companies", set()).add(current_tenant().schema)
        connection.execute(_entrance(session), {"schema": current_tenant().schema})


def _entrance(session: TenantSession) -> sa.TextClause:
    if "replica" in session.info:
        return ENTER_READING
    return ENTER_FORGETTABLY if session.info.get("forgettable") else ENTER


@event.listens_for(Pool, "checkin")
def end_who_knows_many(dbapi_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    """A PostgreSQL process never forgets a table it has seen: 100 companies are some 60 MB, 1,000 are 500."""
    if dbapi_connection is not None and len(record.info.get("companies", ())) > MOST_COMPANIES:
        record.invalidate()


def changed(statement: sa.Update | sa.Delete | sa.Insert, values: dict[str, Any] | None = None) -> int:
    """Execute, and say how many rows it met: what a conditional write is asked."""
    result: sa.CursorResult[Any] = db.session.execute(statement, values)  # type: ignore[assignment]
    return result.rowcount
