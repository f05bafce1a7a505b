"""Databases that did not answer a moment ago: their companies wait, and nobody else does."""

import time

import structlog
from sqlalchemy.exc import OperationalError

REST_SECONDS = 15.0  # one that swallows connections costs whoever tries it five
REGISTRYS = "main"

log = structlog.get_logger()


def away(error: OperationalError) -> bool:
    """PostgreSQL calls a deadlock, a statement that took too long and a full disk "operational", too."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(("08", "57P"))


class Outages:
    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def of(self, database: str) -> bool:
        return time.monotonic() < self._until.get(database, 0.0)

    def note(self, database: str, error: OperationalError) -> None:
        """Raises it for the database where the registry is, too: without it nobody can be served.

        What says nothing of the database is one company's trouble, and only told.
        """
        if not away(error):
            log.warning("database_refused", database=database, error=type(error.orig).__name__)
            return
        if database == REGISTRYS:
            raise error
        self._until[database] = time.monotonic() + REST_SECONDS
        log.warning("database_away", database=database, error=type(error.orig).__name__)
