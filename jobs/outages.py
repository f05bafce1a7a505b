"""Databases that did not answer a moment ago: their companies wait, and nobody else does."""

import time

import structlog
from sqlalchemy.exc import OperationalError

REST_SECONDS = 15.0  # one that swallows connections costs whoever tries it five
REGISTRYS = "main"

log = structlog.get_logger()


class Outages:
    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def of(self, database: str) -> bool:
        return time.monotonic() < self._until.get(database, 0.0)

    def note(self, database: str, error: OperationalError) -> None:
        """Raises it for the database where the registry is, too: without it nobody can be served."""
        if database == REGISTRYS:
            raise error
        self._until[database] = time.monotonic() + REST_SECONDS
        log.warning("database_away", database=database, error=type(error.orig).__name__)
