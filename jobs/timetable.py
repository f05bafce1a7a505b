"""What runs when, for every tenant. A slot's task has one key, so two schedulers plan it once."""

import signal
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from app.kernel import clock
from app.kernel.ids import new_id
from jobs import metrics
from jobs.backups import Watch
from jobs.ledger import TaskRow
from jobs.outages import Outages
from jobs.refilling import Refilling
from tenants.db import changed, db
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import announce, unit_of_work

LOOK_EVERY_SECONDS = 20.0
REFILL_EVERY_SECONDS = 2.0  # until lists are filled again, people are missing in them
STUCK_SECONDS = 300.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    name: str
    every: timedelta


TIMETABLE = (
    Entry("interviews.close_overdue", timedelta(minutes=5)),
    Entry("interviews.remind", timedelta(minutes=30)),
    Entry("billing.forget_results", timedelta(hours=6)),
    Entry("audit.forget_outputs", timedelta(hours=24)),
)


def plan(flask_app: Flask, tenant: TenantRecord, now: datetime) -> None:
    """Write the tasks of the current slots, where they aren't yet."""
    with flask_app.app_context(), tenant_scope(tenant), unit_of_work():
        rows = [
            {
                "id": new_id(), "key": f"{entry.name}:{_slot(entry, now)}", "name": entry.name,
                "arguments": {}, "run_at": now, "created_at": now,
            }
            for entry in TIMETABLE
        ]  # fmt: skip
        if changed(insert(TaskRow).values(rows).on_conflict_do_nothing(index_elements=["key"])):
            announce(db.session())


def _slot(entry: Entry, now: datetime) -> int:
    return int(now.timestamp() // entry.every.total_seconds())


def serve(flask_app: Flask, pulse: metrics.Pulse | None = None) -> None:
    """Plan at once, then every twenty seconds: one that is started again and again plans all the same.

    In between it looks whether PostgreSQL crashed, so that what lists search by is there again soon.
    """
    pulse = pulse or metrics.Pulse(patience=STUCK_SECONDS)
    watch = Watch(flask_app)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    refilling, planned_at = Refilling(flask_app), -LOOK_EVERY_SECONDS
    while not over.is_set():
        try:
            refilling.look()
            if time.monotonic() - planned_at >= LOOK_EVERY_SECONDS:
                planned_at = time.monotonic()
                plan_all(flask_app, pulse)
                watch.look()
        except Exception:
            log.warning("timetable_stumbled", exc_info=True)
        over.wait(REFILL_EVERY_SECONDS)


def plan_all(flask_app: Flask, pulse: metrics.Pulse) -> None:
    """A broken schema must not keep the companies after it waiting, nor may a database that is gone, unless it is the
    registry's own: that ends the round.
    """
    pulse.beat()
    outages = Outages()
    for tenant in flask_app.extensions["registry"].all("active"):
        pulse.beat()
        if tenant.kind != "company" or outages.of(tenant.database):
            continue
        try:
            plan(flask_app, tenant, clock.now())
        except OperationalError as error:
            outages.note(tenant.database, error)
            metrics.STUMBLES.labels("scheduler").inc()
        except Exception:
            metrics.STUMBLES.labels("scheduler").inc()
            log.warning("timetable_stumbled", tenant=tenant.slug, exc_info=True)
    metrics.PLANNED.set_to_current_time()
