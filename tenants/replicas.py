"""Read replicas for reports: what may be some seconds old, and would weigh on the database that everybody waits for.

`@from_replica` on a query runs it there, in a session and a read-only transaction of its own that becomes the tenant as
every other does; where there is no replica, or it is away, or too far behind, it runs in the caller's transaction.
So it must not be asked for what the same person has just changed, must give plain values and no mapped objects, which
end with their session, and must not touch UNLOGGED tables (people's names in the clear): a replica has none
(docs/adr/0007).
"""

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from flask import current_app
from psycopg import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tenants.db import bind_key, db
from tenants.scope import current_tenant

REST_SECONDS = 30.0  # after it was away
LOOK_SECONDS = 5.0  # that what was seen holds
LOOKS, MOMENT_SECONDS = 5, 0.02
P = ParamSpec("P")
R = TypeVar("R")
Where = Literal["replica", "primary"]
log = structlog.get_logger()
_PRIMARY = sa.text(
    "select cast(pg_current_wal_lsn() as text), (select system_identifier from pg_control_system()),"
    " cast(cast('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as bit(32)) as int)"
)
# The timeline that it follows, which it notes by and by: for some minutes after a failover no replica is read.
_REPLICA = sa.text(
    "select pg_is_in_recovery(), (select system_identifier from pg_control_system()),"
    " (select greatest(timeline_id, min_recovery_end_timeline) from pg_control_checkpoint(), pg_control_recovery()),"
    " case when pg_is_in_recovery() then pg_last_wal_replay_lsn() >= cast(:written as pg_lsn) end,"
    " extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())"
)


class NoReplicaError(Exception):
    """What answers there is another PostgreSQL, or one that nobody writes to any more."""


@dataclass
class _State:
    """What one process knows of one replica."""

    until: float = 0.0
    usable: bool = False


def behind(primary: sa.Connection, replica: sa.Connection) -> float:
    """By how many seconds at most; 0 where it has all that was written. Raises NoReplicaError.

    How old its last commit is says nothing while nobody commits, so the primary is asked first what is written, and
    the replica has a moment to get there.
    """
    written, here, history = primary.execute(_PRIMARY).one()
    age: float | None = None
    for _ in range(LOOKS):
        follows, there, told, has_all, age = replica.execute(_REPLICA, {"written": written}).one()
        if there != here:
            raise NoReplicaError("it is a copy of another database")
        if not follows:
            raise NoReplicaError("it follows nobody")
        if told != history:
            raise NoReplicaError("it follows another history, from before a failover or a restore")
        if has_all:
            return 0.0
        time.sleep(MOMENT_SECONDS)
    return float("inf" if age is None else age)


@dataclass
class Replicas:
    """By the registry's names for databases. `told` hears where each report was read."""

    engines: Mapping[str, sa.Engine]
    most_behind: float
    told: Callable[[str, Where], None]
    lag: Callable[[str, float], None]
    _states: dict[str, _State] = field(default_factory=dict)

    def usable(self, database: str) -> sa.Engine | None:
        """One request in five seconds looks; whoever comes meanwhile goes by what was seen before."""
        engine, state = self.engines.get(database), self._states.setdefault(database, _State())
        if engine is None:
            return None
        if time.monotonic() >= state.until:
            state.until = time.monotonic() + LOOK_SECONDS
            state.usable = self._looks_well(database, engine)
        return engine if state.usable else None

    def rest(self, database: str) -> None:
        self._states[database] = _State(time.monotonic() + REST_SECONDS)

    def _looks_well(self, database: str, engine: sa.Engine) -> bool:
        try:
            with db.engines[bind_key(database)].connect() as primary, engine.connect() as replica:
                seconds = behind(primary, replica)
        except (DBAPIError, PoolTimeoutError, NoReplicaError) as error:
            log.warning("replica_away", database=database, why=_line(error))
            self.rest(database)
            return False
        self.lag(database, seconds)
        if seconds > self.most_behind:
            log.warning("replica_behind", database=database, seconds=seconds)
        return seconds <= self.most_behind


def from_replica(query: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(query)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        replicas: Replicas | None = current_app.extensions.get("replicas")
        if replicas is None or not replicas.engines:
            return query(*args, **kwargs)
        database = current_tenant().database
        engine = replicas.usable(database)
        if engine is not None:
            try:
                with _session_at(engine):
                    found = query(*args, **kwargs)
            except (DBAPIError, PoolTimeoutError) as error:
                _judge(replicas, database, error)
            else:
                replicas.told(database, "replica")
                return found
        replicas.told(database, "primary")
        return query(*args, **kwargs)

    return asked


@contextmanager
def _session_at(engine: sa.Engine) -> Iterator[None]:
    """A session belongs to its app context; the tenant in scope stays who it was."""
    with current_app.app_context():
        session = db.session()
        session.info["replica"] = engine
        try:
            yield
        finally:
            session.rollback()


def _judge(replicas: Replicas, database: str, error: DBAPIError | PoolTimeoutError) -> None:
    """One that is gone rests for a while, one that only could not answer this does not. A write is our mistake."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, errors.ReadOnlySqlTransaction):
        raise error
    log.warning("replica_not_asked", database=database, why=_line(error))
    if isinstance(error, PoolTimeoutError) or error.connection_invalidated or getattr(cause, "sqlstate", None) is None:
        replicas.rest(database)


def _line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {next(iter(str(cause).splitlines()), '')}"
