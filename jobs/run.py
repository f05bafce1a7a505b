"""A task's hold on its row while it works."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from app.adapters.registry import Providers
from app.kernel import clock
from jobs.ledger import TASK
from tenants.db import changed, db
from tenants.work import unit_of_work

# Built once: making a statement takes longer than running it.
_DONE = (
    sa.update(TASK)
    .where(TASK.c.id == sa.bindparam("task"), TASK.c.state == "running", TASK.c.lease == sa.bindparam("held"))
    .values(state="done", finished_at=sa.bindparam("now"), lease=None, lease_until=None, problem=None)
)


class LeaseLostError(Exception):
    """Another worker has taken the row over; whatever this one found is thrown away."""


@dataclass
class Run:
    """Read in `reading()`, call outside of both, write in `completing()`: no call out while a transaction is open."""

    task_id: uuid.UUID
    lease: uuid.UUID
    providers: Providers
    completed: bool = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        with unit_of_work():
            yield
        db.session.remove()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """For what is true whether or not this task ends, and whoever runs it: written before it goes on."""
        with unit_of_work():
            yield
        db.session.remove()

    @contextmanager
    def completing(self) -> Iterator[None]:
        """Effect and `done` in one transaction. Raises LeaseLostError, before any effect, without the lease."""
        with unit_of_work():
            if changed(_DONE, {"task": self.task_id, "held": self.lease, "now": clock.now()}) != 1:
                raise LeaseLostError(str(self.task_id))
            yield
        self.completed = True
        db.session.remove()
