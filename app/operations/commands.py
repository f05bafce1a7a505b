"""What operators do: failed tasks are run again. Each company's log tells it, and the operators' own."""

import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.audit import commands as audit
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotFound
from app.kernel.sentences import sentence
from app.operations.queries import SECONDS, TASK, companies_of
from app.ports.work import WorkState
from tenants.db import db
from tenants.registry import Registry, TenantRecord
from tenants.scope import tenant_scope
from tenants.work import announce, unit_of_work


@dataclass(frozen=True)
class Again:
    """`finished` is False where time was over before all companies were looked at."""

    tasks: int
    companies: int
    finished: bool


def run_again(registry: Registry, slug: str, task_id: uuid.UUID, *, work: WorkState | None, by: Actor) -> None:
    """One failed task, with all of its attempts before it again."""
    tenant = next((each for each in companies_of(registry) if each.slug == slug), None)
    if tenant is None:
        raise NotFound("company")
    if _again(tenant, TASK.c.id == task_id, ("task", task_id), by=by, known=_runnable(work)) != 1:
        raise Conflict(sentence("This task is not among the failed any more."))
    audit.note("operations.run_again", by=by, target=("task", task_id), company=slug)


def run_all_again(
    registry: Registry, name: str, *, work: WorkState | None, by: Actor, seconds: float = SECONDS
) -> Again:
    """All failed tasks of one name, in every company; as many companies as there is time for."""
    tasks, companies, until = 0, 0, time.monotonic() + seconds
    known = _runnable(work)
    if name not in known:
        raise NotFound("task")
    finished = True
    for tenant in companies_of(registry):
        if time.monotonic() > until:
            finished = False
            break
        try:
            again = _again(tenant, TASK.c.name == name, ("task", name), by=by, known=known)
        except SQLAlchemyError:
            continue  # its tables do not answer: the list of failed tasks names it
        tasks, companies = tasks + again, companies + bool(again)
    if tasks:
        audit.note("operations.run_all_again", by=by, target=("task", name), tasks=tasks, companies=companies)
    return Again(tasks, companies, finished)


def _runnable(work: WorkState | None) -> frozenset[str]:
    """A row of a name that no release knows any more would stop its company's relay."""
    if work is None:
        raise Conflict(sentence("No relay has been heard for minutes. Start it first: nothing would run."))
    return work.tasks


def _again(
    tenant: TenantRecord,
    which: sa.ColumnElement[bool],
    target: tuple[str, object],
    *,
    by: Actor,
    known: frozenset[str],
) -> int:
    """In the company's own transaction, as its role."""
    anew = sa.update(TASK).where(TASK.c.state == "failed", TASK.c.name.in_(known), which).values(
        state="waiting", attempts=0, lost=0, run_at=clock.now(), signalled_at=None, finished_at=None, problem=None
    )  # fmt: skip
    with tenant_scope(tenant), unit_of_work():
        ids = db.session.scalars(anew.returning(TASK.c.id)).all()
        if ids:
            audit.note("operations.run_again", by=by, target=target, tasks=len(ids))
            announce(db.session())
        return len(ids)
