"""The one function every worker calls: enter the tenant, take the lease, run the body, say how it ended."""

import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask

from app.adapters import tracing
from app.kernel import clock
from app.kernel.errors import Conflict, NotFound, Refused, Unavailable
from app.kernel.ids import new_id
from app.kernel.masking import masked
from jobs import metrics
from jobs import tasks as _tasks  # noqa: F401 -- importing it fills TASKS
from jobs.definitions import TASKS, TaskDefinition, identified
from jobs.ledger import TaskRow
from jobs.run import LeaseLostError, Run
from tenants.db import changed, db
from tenants.names import is_slug
from tenants.registry import TenantRecord
from tenants.scope import NoTenantError, bound, tenant_scope
from tenants.work import tell, unit_of_work

LEASE = timedelta(seconds=20)
BEAT_SECONDS = 6.0
LONGEST_PAUSE = timedelta(minutes=15)

log = structlog.get_logger()
_flask_app: Flask | None = None


def serve(flask_app: Flask) -> None:
    """Name the application whose tasks this process runs."""
    global _flask_app  # noqa: PLW0603 -- RQ calls `run` by name and hands nothing over
    _flask_app = flask_app


def run(tenant_slug: str, task_id: str) -> None:
    """Run one row's task, if it is due and nobody holds it; else do nothing. Never raises for the task's own sake.

    Raises NoTenantError for what is no company's.
    """
    if _flask_app is None:
        raise RuntimeError("call jobs.runtime.serve() first")
    if not is_slug(tenant_slug):
        raise NoTenantError(f"a task for no company: {tenant_slug!r}")
    with _flask_app.app_context():
        tenant = _flask_app.extensions["registry"].by_slug(tenant_slug)
    if tenant is None or tenant.state != "active":
        return
    with _flask_app.app_context(), tenant_scope(tenant):
        held = _claim(uuid.UUID(task_id))
        if held is not None:
            with structlog.contextvars.bound_contextvars(request_id=held.request_id, task=held.name):
                _work(_flask_app, tenant, held)
            tell(tenant.slug, [])  # the relay has its next signal ready


def _claim(task_id: uuid.UUID) -> TaskRow | None:
    """Take the lease by one conditional UPDATE, so that of two workers one gets it."""
    now = clock.now()
    free = sa.or_(
        sa.and_(TaskRow.state == "waiting", TaskRow.run_at <= now),
        sa.and_(TaskRow.state == "running", TaskRow.lease_until < now),
    )
    with unit_of_work():
        row = db.session.scalar(
            sa.update(TaskRow)
            .where(TaskRow.id == task_id, free)
            .values(state="running", lease=new_id(), lease_until=now + LEASE, attempts=TaskRow.attempts + 1)
            .returning(TaskRow)
        )
    db.session.remove()
    return row


def _work(flask_app: Flask, tenant: TenantRecord, row: TaskRow) -> None:
    started = time.monotonic()
    said: dict[str, str | int] = {"assay.tenant": tenant.slug, "assay.task": str(row.id), "assay.attempt": row.attempts}
    with tracing.following(f"task {row.name}", row.request_id, said) as span:
        end = _run_to_its_end(flask_app, tenant, row)
        if span is not None:
            span.set_attribute("assay.end", end)
            if end == "failed":
                tracing.failed(span)
    metrics.SECONDS.labels(row.name, end).observe(time.monotonic() - started)


def _run_to_its_end(flask_app: Flask, tenant: TenantRecord, row: TaskRow) -> str:
    definition = TASKS[row.name]
    assert row.lease is not None  # noqa: S101 -- _claim set it
    held = Run(row.id, row.lease, flask_app.extensions["providers"])
    try:
        with _beating(flask_app, tenant, row):
            definition.body(held, **identified(row.arguments))
        if not held.completed:
            raise RuntimeError(f"{row.name} ended without completing()")  # noqa: TRY301
    except LeaseLostError:
        log.warning("task_lease_lost")
        return "lease_lost"
    except Exception as error:  # noqa: BLE001 -- whatever a task dies of, its row says how it ended
        db.session.remove()
        return _settle(definition, row, error)
    log.info("task_done", attempt=row.attempts)
    return "done"


def _settle(definition: TaskDefinition, row: TaskRow, error: Exception) -> str:
    """Try again later, or fail in a list that a person sees. Nothing that failed is ever marked done."""
    hopeless = isinstance(error, Refused | NotFound | Conflict)
    patient = isinstance(error, Unavailable) and clock.now() < row.created_at + definition.patience
    if hopeless or (row.attempts >= definition.attempts and not patient):
        log.error("task_failed", attempt=row.attempts, exc_info=not isinstance(error, Refused))
        fail(definition, row, masked(str(error)) or type(error).__name__)
        return "failed"
    after = _pause(row.attempts)
    if isinstance(error, Unavailable) and error.after:
        after = error.after if row.attempts < definition.attempts else max(error.after, after)
    log.warning("task_put_off", attempt=row.attempts, seconds=after.total_seconds(), exc_info=error)
    _put_off(row, clock.now() + after, masked(str(error)))
    return "put_off"


def fail(definition: TaskDefinition, row: TaskRow, problem: str) -> None:
    """Mark the row failed, and tell what a person looks at; where telling breaks, the row says so all the same."""
    with unit_of_work():
        if not _release(row, state="failed", finished_at=clock.now(), problem=problem) or not definition.on_failure:
            return
        try:
            with db.session.begin_nested():
                definition.on_failure(problem, **identified(row.arguments))
        except Exception:  # what it would tell may be gone, or another company's
            log.warning("failure_untold", exc_info=True)


def _put_off(row: TaskRow, run_at: datetime, problem: str) -> None:
    with unit_of_work():
        _release(row, state="waiting", run_at=run_at, signalled_at=None, problem=problem)


def _release(row: TaskRow, **values: Any) -> bool:
    freed = changed(
        sa.update(TaskRow)
        .where(TaskRow.id == row.id, TaskRow.lease == row.lease)
        .values(lease=None, lease_until=None, **values)
    )
    return bool(freed)


def _pause(attempts: int) -> timedelta:
    """Doubling from two seconds, with full jitter, so that what failed together doesn't return together."""
    longest = min(2.0 ** min(attempts, 30), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311 -- spreading load, not a secret


@contextmanager
def _beating(flask_app: Flask, tenant: TenantRecord, row: TaskRow) -> Iterator[None]:
    """Prolong the lease while the body works. A killed process stops beating, and the sweeper frees its row."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            with flask_app.app_context(), bound(tenant):
                try:
                    with unit_of_work():
                        held = sa.update(TaskRow).where(TaskRow.id == row.id, TaskRow.lease == row.lease)
                        db.session.execute(held.values(lease_until=clock.now() + LEASE))
                except Exception:
                    log.warning("beat_missed", exc_info=True)

    thread = threading.Thread(target=beat, daemon=True, name="lease")
    thread.start()
    try:
        yield
    finally:
        over.set()
