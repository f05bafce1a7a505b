"""What lists search by is empty after PostgreSQL crashed or was restored: seen by when it started, and filled again."""

from datetime import datetime

import sqlalchemy as sa
import structlog
from flask import Flask

from app.cli.candidates import fill
from tenants.db import bind_key, db

STARTED = sa.text("select pg_postmaster_start_time()")
log = structlog.get_logger()


class Refilling:
    """Looks at each database once a round; at all of its companies when it has started since, and at its own start."""

    def __init__(self, flask_app: Flask) -> None:
        self._flask_app = flask_app
        self._started: dict[str, datetime] = {}

    def look(self) -> None:
        with self._flask_app.app_context():
            tenants = self._flask_app.extensions["registry"].all("active", "suspended")
            for database in sorted({tenant.database for tenant in tenants}):
                with db.engines[bind_key(database)].connect() as connection:
                    started: datetime = connection.scalar(STARTED)
                if self._started.get(database) != started:
                    for tenant in tenants:
                        if tenant.database == database and (people := fill(tenant)):
                            log.warning("search_filled_again", tenant=tenant.slug, people=people)
                    self._started[database] = started
