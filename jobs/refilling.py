"""What lists search by is empty after PostgreSQL crashed or was restored: seen by when it started, and filled again."""

from datetime import datetime

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.cli.candidates import fill
from jobs import metrics
from jobs.outages import Outages, away
from tenants.db import bind_key, db
from tenants.registry import TenantRecord

STARTED = sa.text("select pg_postmaster_start_time()")
log = structlog.get_logger()


class Refilling:
    """Looks at each database once a round; at each of its companies when it has started since, and at its own start.

    A company that cannot be filled is tried in each round, and keeps no other waiting.
    """

    def __init__(self, flask_app: Flask) -> None:
        self._flask_app = flask_app
        self._filled: dict[str, tuple[str, datetime]] = {}
        self._outages = Outages()

    def look(self) -> None:
        with self._flask_app.app_context():
            tenants = self._flask_app.extensions["registry"].all("active", "suspended")
            for database in sorted({tenant.database for tenant in tenants}):
                if not self._outages.of(database):
                    try:
                        self._look_at(database, [tenant for tenant in tenants if tenant.database == database])
                    except OperationalError as error:
                        self._outages.note(database, error)

    def _look_at(self, database: str, tenants: list[TenantRecord]) -> None:
        with db.engines[bind_key(database)].connect() as connection:
            started: datetime = connection.scalar(STARTED)
        for tenant in tenants:
            if self._filled.get(tenant.slug) == (database, started):
                continue
            try:
                people = fill(tenant)
            except Exception as error:  # its schema is broken or behind, or its keys are away
                if isinstance(error, OperationalError) and away(error):
                    raise
                metrics.STUMBLES.labels("scheduler").inc()
                log.warning("search_not_filled", tenant=tenant.slug, error=type(error).__name__)
                continue
            if people:
                log.warning("search_filled_again", tenant=tenant.slug, people=people)
            self._filled[tenant.slug] = database, started
