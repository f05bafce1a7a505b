"""The PostgreSQLs behind the settings' databases, seen as their owner."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy.pool import NullPool

from app.adapters.postgres import owner_urls
from app.cli.backup.target import BackupError
from app.settings import Settings

TRIES, PAUSE_SECONDS = 200, 0.01
_NEXT = sa.text("select cast(cast(pg_current_xact_id() as text) as bigint)")
_AT_WORK = sa.text("select count(*) from pg_snapshot_xip(pg_current_snapshot())")
_TABLES = sa.text(
    "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where c.relkind in ('r', 'p') and c.relpersistence = 'p' and (n.nspname = 'shared' or n.nspname like 't\\_%')"
    " order by 1, 2"
)
_ARCHIVED = sa.text("select left(last_archived_wal, 24) >= :wanted from pg_stat_archiver")
LONGEST_SECONDS = 60.0
Counts = dict[str, dict[str, dict[str, int]]]  # rows by the registry's name, schema, table


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL, and its databases' addresses by the registry's names for them."""

    name: str
    urls: dict[str, sa.URL]

    @property
    def owner(self) -> str:
        return self.urls[self.name].username or ""

    @property
    def password(self) -> str:
        return str(self.urls[self.name].password or "")

    @property
    def conninfo(self) -> str:
        """For PostgreSQL's programs; the password goes by the environment."""
        url = self.urls[self.name]
        query = {key: value for key, value in url.query.items() if isinstance(value, str)}
        return make_conninfo(host=url.host, port=url.port, user=url.username, dbname=url.database, **query)


@contextmanager
def connected(url: sa.URL | str) -> Iterator[sa.Connection]:
    """Each statement by itself."""
    engine = sa.create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"prepare_threshold": None}
    )
    with engine.connect() as connection:
        yield connection


def clusters(settings: Settings) -> list[Cluster]:
    found: dict[str, dict[str, sa.URL]] = {}
    for name, address in owner_urls(settings).items():
        url = sa.make_url(address)
        with connected(url) as connection:
            system = str(connection.scalar(sa.text("select system_identifier from pg_control_system()")))
        found.setdefault(system, {})[name] = url
    return [Cluster(next(iter(urls)), urls) for urls in found.values()]


def counted(connection: sa.Connection) -> dict[str, dict[str, int]]:
    """Rows by schema and table: what lives in backups, so no unlogged table."""
    found: dict[str, dict[str, int]] = {}
    tables = connection.execute(_TABLES).all()
    for start in range(0, len(tables), 200):
        some = tables[start : start + 200]
        query = " union all ".join(f"select '{s}', '{t}', count(*) from \"{s}\".\"{t}\"" for s, t in some)
        for schema, table, rows in connection.exec_driver_sql(query):
            found.setdefault(schema, {})[table] = rows
    return found


def marked(cluster: Cluster, point: str) -> tuple[Counts, dict[str, Any]]:
    """Name a point of the log, and count what is there at that very point.

    The two agree if nobody was writing when the snapshot was taken and nobody began between it and the point: the
    numbers that transactions get tell. Else again; `exact` is False on a machine where that never happens.
    """
    with connected(cluster.urls[cluster.name]) as clerk:
        for attempt in range(TRIES):
            with ExitStack() as opened:
                snapshots = [opened.enter_context(_snapshot(url)) for url in cluster.urls.values()]
                first = clerk.scalar(_NEXT)
                at_work = sum(connection.scalar(_AT_WORK) or 0 for connection in snapshots)
                name = f"{point}-{attempt}"
                lsn = clerk.scalar(sa.text("select cast(pg_create_restore_point(:p) as text)"), {"p": name})
                exact = at_work == 0 and clerk.scalar(_NEXT) == (first or 0) + 1
                if exact or attempt == TRIES - 1:
                    rows = {known: counted(each) for known, each in zip(cluster.urls, snapshots, strict=True)}
                    return rows, {"point": name, "lsn": lsn, "exact": exact}
            time.sleep(PAUSE_SECONDS)
    raise BackupError("no-point", "No point of the log could be named.")


def hand_over(main: sa.Engine) -> None:
    """Have the log archived up to here. Raises BackupError where that takes a minute: then the archive is broken."""
    with main.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.scalar(sa.text("show archive_mode")) == "off":
            return
        connection.exec_driver_sql("select pg_create_restore_point('assay-handed-over')")  # else there may be nothing
        wanted = connection.scalar(sa.text("select pg_walfile_name(pg_switch_wal())"))
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            if connection.scalar(_ARCHIVED, {"wanted": wanted}):
                return
            time.sleep(0.1)
    raise BackupError("archive-stalled", f"The log up to {wanted} does not get to the archive.")


@contextmanager
def _snapshot(url: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        url, poolclass=NullPool, isolation_level="REPEATABLE READ", connect_args={"prepare_threshold": None}
    )
    with engine.connect() as connection, connection.begin():
        yield connection
