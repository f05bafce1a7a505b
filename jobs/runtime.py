"""The one function every worker calls: enter the tenant, take the lease, run the body, say how it ended."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.dialects.postgresql import ARRAY

from app.adapters import tracing
from app.kernel import clock
from app.kernel.errors import Conflict, NotFound, Refused, Unavailable
from app.kernel.ids import new_id
from app.kernel.masking import masked
from jobs import alone, metrics
from jobs import tasks as _tasks  # noqa: F401 -- importing it fills TASKS
from jobs.definitions import TASKS, TaskDefinition, identified
from jobs.ledger import HELD, TASK, Held, TaskRow
from jobs.queues import QueueName
from jobs.run import LeaseLostError, Run
from tenants.db import changed, db
from tenants.names import is_slug
from tenants.registry import TenantRecord
from tenants.scope import NoTenantError, bound, tenant_scope
from tenants.work import tell, unit_of_work

LEASE = timedelta(seconds=20)
BEAT_SECONDS = 6.0
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_UNTOLD = timedelta(days=1)
LONGEST_AFTER = timedelta(hours=1)  # whatever the other side says: a year is a mistake of theirs, and nobody would see
Limited = Callable[[int], AbstractContextManager[None]]

_NOW = sa.bindparam("now", type_=TASK.c.run_at.type)
_IS_NAMED = TASK.c.name == sa.any_(sa.bindparam("names", type_=ARRAY(sa.Text)))
_IS_DUE = sa.and_(TASK.c.state == "waiting", TASK.c.run_at <= _NOW)
_IS_LOST = sa.and_(TASK.c.state == "running", TASK.c.lease_until < _NOW)
_DUE = sa.select(TASK.c.id).where(_IS_DUE, _IS_NAMED).order_by(TASK.c.run_at).limit(1).with_for_update(skip_locked=True)
_NEXT = _DUE.where(TASK.c.signalled_at.is_(None))
# Built once: making a statement takes longer than running it.
_TAKE = (
    sa.update(TASK)
    .values(
        state="running", lease=sa.bindparam("held"), lease_until=sa.bindparam("until"), attempts=TASK.c.attempts + 1
    )
    .returning(*HELD)
)
_TAKE_ONE = _TAKE.where(TASK.c.id == sa.bindparam("task"), sa.or_(_IS_DUE, _IS_LOST), _IS_NAMED)
_TAKE_NEXT = _TAKE.where(TASK.c.id == _NEXT.scalar_subquery())
_TAKE_DUE = _TAKE.where(TASK.c.id == _DUE.scalar_subquery())
_PROLONG = (
    sa.update(TASK)
    .where(TASK.c.id == sa.bindparam("task"), TASK.c.lease == sa.bindparam("held"))
    .values(lease_until=sa.bindparam("until"))
)

log = structlog.get_logger()
_flask_app: Flask | None = None


def serve(flask_app: Flask) -> None:
    """Name the application whose tasks this process runs."""
    global _flask_app  # noqa: PLW0603 -- RQ calls `run` by name and hands nothing over
    _flask_app = flask_app


def unlimited(_seconds: int) -> AbstractContextManager[None]:
    """Where RQ's own limit is around it."""
    return nullcontext()


def run(tenant_slug: str, task_id: str) -> None:
    """Run one row's task, if it is due and nobody holds it; else do nothing. Never raises for the task's own sake.

    Raises NoTenantError for what is no company's.
    """
    flask_app, tenant = _company(tenant_slug)
    if tenant and _run(flask_app, tenant, lambda: _claim(uuid.UUID(task_id))):
        with flask_app.app_context():
            tell(tenant.slug, [])  # the relay has its next signal ready


def run_held(tenant_slug: str, task_id: uuid.UUID, lease: uuid.UUID) -> str:
    """Run what another process holds, and prolongs, the lease of. Returns how it ended, in the ledger's words."""
    flask_app, tenant = _company(tenant_slug)
    if tenant is None:
        return "lease_lost"
    with flask_app.app_context(), tenant_scope(tenant):
        with unit_of_work():
            row = db.session.execute(sa.select(*HELD).where(TASK.c.id == task_id, TASK.c.lease == lease)).one_or_none()
        db.session.remove()
        if row is None:
            return "lease_lost"
        held = Held(*row)
        with structlog.contextvars.bound_contextvars(request_id=held.request_id, task=held.name):
            return _run_here(flask_app, held)


def turn(tenant_slug: str, queue: QueueName, limited: Limited = unlimited) -> Callable[[], bool]:
    """A function that runs the company's next task of the queue that is due and has no signal on its way.

    It says whether there was one. `limited(seconds)` ends a body that takes longer, by an error. Not for long: that
    the company may work is looked at once.
    """
    flask_app, tenant = _company(tenant_slug)
    return lambda: tenant is not None and _run(flask_app, tenant, lambda: _claim_next(queue), limited)


def beside(tenant_slug: str, queue: QueueName) -> Callable[[], bool]:
    """The same for a thread beside the worker's own: of any task that is due, whether or not a signal is on its way.

    A signal whose task is taken does nothing. Nothing ends a body here, so it has to have limits of its own.
    """
    flask_app, tenant = _company(tenant_slug)
    return lambda: tenant is not None and _run(flask_app, tenant, lambda: _claim_due(queue))


def _company(slug: str) -> tuple[Flask, TenantRecord | None]:
    if _flask_app is None:
        raise RuntimeError("call jobs.runtime.serve() first")
    if not is_slug(slug):
        raise NoTenantError(f"a task for no company: {slug!r}")
    tenant: TenantRecord | None = _flask_app.extensions["registry"].by_slug(slug)
    return _flask_app, tenant if tenant and tenant.state == "active" else None


def _run(
    flask_app: Flask, tenant: TenantRecord, claim: Callable[[], Held | None], limited: Limited = unlimited
) -> bool:
    with flask_app.app_context(), tenant_scope(tenant):
        held = claim()
        if held is None:
            return False
        with structlog.contextvars.bound_contextvars(request_id=held.request_id, task=held.name):
            _work(flask_app, tenant, held, limited)
    return True


def _claim(task_id: uuid.UUID) -> Held | None:
    """By one conditional UPDATE, so that of two workers one gets it; what a newer version alone knows is left to it."""
    return _take(_TAKE_ONE, task=task_id, names=list(TASKS))


def _claim_next(queue: QueueName) -> Held | None:
    """What waits longest of what nobody was told of: what has a signal will be run for it."""
    return _take(_TAKE_NEXT, names=[name for name, known in TASKS.items() if known.queue == queue])


def _claim_due(queue: QueueName) -> Held | None:
    return _take(_TAKE_DUE, names=[name for name, known in TASKS.items() if known.queue == queue])


def _take(statement: sa.Update, **which: Any) -> Held | None:
    """A lease that a crash of PostgreSQL takes back is as good as lost: its holder can't complete."""
    now = clock.now()
    with unit_of_work(durable=False):
        row = db.session.execute(statement, which | {"now": now, "until": now + LEASE, "held": new_id()}).one_or_none()
    db.session.remove()
    return Held(*row) if row else None


def _work(flask_app: Flask, tenant: TenantRecord, row: Held, limited: Limited) -> None:
    started = time.monotonic()
    said: dict[str, str | int] = {"assay.tenant": tenant.slug, "assay.task": str(row.id), "assay.attempt": row.attempts}
    with tracing.following(f"task {row.name}", row.request_id, said) as span:
        end = _run_to_its_end(flask_app, tenant, row, limited)
        if span is not None:
            span.set_attribute("assay.end", end)
            if end == "failed":
                tracing.failed(span)
    metrics.SECONDS.labels(row.name, end).observe(time.monotonic() - started)


def _run_to_its_end(flask_app: Flask, tenant: TenantRecord, row: Held, limited: Limited) -> str:
    definition = TASKS[row.name]
    try:
        with _beating(flask_app, tenant, row), limited(definition.limit):
            return alone.run(tenant, row, definition) if row.lost >= alone.AFTER else _run_here(flask_app, row)
    except alone.DiedError:
        return "failed" if poisonous(definition, row) else "lease_lost"
    except alone.NotRunError as error:
        return _not_run(definition, row, error)
    except Exception as error:  # noqa: BLE001 -- whatever a task dies of, its row says how it ended
        db.session.remove()
        return _settle(definition, row, error)


def _run_here(flask_app: Flask, row: Held) -> str:
    """Raises what ends a body from outside; what it dies of itself is settled."""
    definition = TASKS[row.name]
    held = Run(row.id, row.lease, flask_app.extensions["providers"])
    try:
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


def _not_run(definition: TaskDefinition, row: Held, error: Exception) -> str:
    """What did not begin is no try of the task's; after a day it is told all the same."""
    if clock.now() > row.created_at + LONGEST_UNTOLD:
        return _settle(definition, row, error)
    log.warning("task_not_run", attempt=row.attempts, exc_info=error)
    _put_off(row, clock.now() + _pause(row.attempts), str(error))
    return "put_off"


def poisonous(definition: TaskDefinition, row: Held) -> bool:
    """What ends one worker after another is not tried again unless a person says so. False: it had ended before."""
    if not fail(definition, row, f"It ended its worker {row.lost + 1} times."):
        return False
    log.error("task_kills_workers", task=row.name, id=str(row.id))
    metrics.POISONOUS.labels(row.name).inc()
    return True


def _settle(definition: TaskDefinition, row: Held, error: Exception) -> str:
    """Try again later, or fail in a list that a person sees. Nothing that failed is ever marked done."""
    hopeless = isinstance(error, Refused | NotFound | Conflict)
    patient = isinstance(error, Unavailable) and clock.now() < row.created_at + definition.patience
    if hopeless or (row.attempts >= definition.attempts and not patient):
        log.error("task_failed", attempt=row.attempts, exc_info=not isinstance(error, Refused))
        fail(definition, row, masked(str(error)) or type(error).__name__)
        return "failed"
    after = _pause(row.attempts)
    if isinstance(error, Unavailable) and error.after and error.after > timedelta(0):
        asked = min(error.after, LONGEST_AFTER)
        after = asked if row.attempts < definition.attempts else max(asked, after)
    log.warning("task_put_off", attempt=row.attempts, seconds=after.total_seconds(), exc_info=error)
    _put_off(row, clock.now() + after, masked(str(error)))
    return "put_off"


def fail(definition: TaskDefinition, row: Held, problem: str) -> bool:
    """Mark the row failed, and tell what a person looks at; where telling breaks, the row says so all the same.

    Whether it was still to be marked.
    """
    with unit_of_work():
        if not _release(row, state="failed", finished_at=clock.now(), problem=problem):
            return False
        if not definition.on_failure:
            return True
        try:
            with db.session.begin_nested():
                definition.on_failure(problem, **identified(row.arguments))
        except Exception:  # what it would tell may be gone, or another company's
            log.warning("failure_untold", exc_info=True)
    return True


def _put_off(row: Held, run_at: datetime, problem: str) -> None:
    with unit_of_work():
        _release(row, state="waiting", run_at=run_at, signalled_at=None, problem=problem)


def _release(row: Held, **values: Any) -> bool:
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
def _beating(flask_app: Flask, tenant: TenantRecord, row: Held) -> Iterator[None]:
    """Prolong the lease while the body works. A killed process stops beating, and the sweeper frees its row."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            with flask_app.app_context(), bound(tenant):
                try:
                    with unit_of_work(durable=False):
                        until = clock.now() + LEASE
                        db.session.execute(_PROLONG, {"task": row.id, "held": row.lease, "until": until})
                except Exception:
                    log.warning("beat_missed", exc_info=True)

    thread = threading.Thread(target=beat, daemon=True, name="lease")
    thread.start()
    try:
        yield
    finally:
        over.set()
