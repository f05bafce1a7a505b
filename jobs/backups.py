"""How old the last good backup is, and whether PostgreSQL's log gets to its archive: looked at by the scheduler."""

import time
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
import structlog
from flask import Flask

from app.cli.backup.target import Target
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from jobs import metrics
from tenants.db import db

log = structlog.get_logger()
KINDS = ("taken", "good", "mirrored")
FILES_OF_A_PART = 256
_ARCHIVER = sa.text(
    "select current_setting('archive_mode') <> 'off', failed_count, coalesce(last_archived_wal, ''),"
    " pg_walfile_name(pg_current_wal_lsn()) from pg_stat_archiver"
)


class Watch:
    """Remembers since when something waits: a command that hangs fails at nothing, and is seen by that alone."""

    def __init__(self, flask_app: Flask) -> None:
        self._flask_app = flask_app
        self._target: Target | None = None
        self._told = False
        self._waits_since: dict[str, float] = {}
        self._archived: dict[str, int] = {}

    def look(self) -> None:
        self._ages(self._flask_app.extensions["settings"])
        with self._flask_app.app_context():
            for name, engine in db.engines.items():
                with engine.connect() as connection:
                    self._archiving(name or "main", connection.execute(_ARCHIVER).one())

    def _ages(self, settings: Settings) -> None:
        """Where backups cannot be asked, what was known goes on ageing; where nothing was, it is as old as can be."""
        try:
            self._target = self._target or Target.of(settings, glances=True)
            if self._target:
                tell_age(self._target)
                self._told = True
        except (Unavailable, Refused, OSError, ValueError):
            log.warning("backups_not_seen", exc_info=True)
            if not self._told:
                _tell({})

    def _archiving(self, database: str, found: sa.Row[tuple[bool, int, str, str]]) -> None:
        archives, failures, archived, current = found
        if not archives:
            return
        if len(archived) >= len(current):  # a segment's name, not a timeline's
            self._archived[database] = _number(archived)
        before = self._archived.setdefault(database, _number(current) - 1)
        if _number(current) - before > 1:
            since = self._waits_since.setdefault(database, time.monotonic())
            waits = time.monotonic() - since
        else:
            self._waits_since.pop(database, None)
            waits = 0.0
        metrics.ARCHIVE_FAILURES.labels(database).set(failures)
        metrics.ARCHIVE_WAITS.labels(database).set(waits)


def tell_age(target: Target) -> None:
    """A backup that was never taken is as old as can be."""
    _tell(target.state())


def _tell(state: Mapping[str, str]) -> None:
    for kind in KINDS:
        at = state.get(kind)
        metrics.BACKUPS.labels(kind).set(datetime.fromisoformat(at).timestamp() if at else 0)


def _number(file: str) -> int:
    """Which segment of 16 MB it is, whatever the timeline."""
    return int(file[8:16], 16) * FILES_OF_A_PART + int(file[16:24], 16)
