"""Whoever claims, beats, ends, dies and sweeps in whatever order: a task has one holder at most, and is done once."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.audit import commands as audit
from app.audit.models import AuditEntry
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Refused, Unavailable
from jobs import relay, runtime
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from jobs.run import LeaseLostError, Run
from tenants.db import db
from tenants.scope import tenant_scope
from tests.conftest import Inline
from tests.jobs.factories import task_row
from tests.sizes import sized

BEGIN, NAME = datetime(2026, 11, 22, 12, tzinfo=UTC), "tests.machine"
ATTEMPTS, WORKERS = 4, 3
workers = st.integers(0, WORKERS - 1)
passing = st.sampled_from([timedelta(seconds=21), timedelta(seconds=7), timedelta(0)])  # a lease, a beat, nothing


@pytest.fixture
def definition():
    TASKS[NAME] = TaskDefinition(NAME, lambda _run: None, "low", 60, ATTEMPTS, None)
    yield TASKS[NAME]
    del TASKS[NAME]


def machine(flask_app, alpha, definition):
    class Ledger(RuleBasedStateMachine):
        """`holds` is what each worker believes to hold, rightly or not; `ended` is how the task ended, once it did."""

        def __init__(self):
            super().__init__()
            self.now, self.ended = BEGIN, "before"
            self.plan()

        @precondition(lambda self: self.ended)
        @rule()
        def plan(self):
            """Another one, once one has ended."""
            self.holds, self.ended, self.effects = {}, None, 0
            with self.there():
                row = task_row(NAME)
                self.id, row.run_at = row.id, self.now
                db.session.commit()

        def there(self):
            stack = ExitStack()
            for context in (flask_app.app_context(), tenant_scope(alpha), clock.set_to(self.now)):
                stack.enter_context(context)
            return stack

        def row(self):
            db.session.expire_all()
            return db.session.get_one(TaskRow, self.id)

        def holder(self, number):
            """One of those who believe to hold it."""
            return sorted(self.holds)[number % len(self.holds)]

        def rightly(self, worker):
            return self.row().lease == self.holds[worker].lease

        @precondition(lambda self: len(self.holds) < WORKERS)
        @rule(seconds=passing)
        def claim(self, seconds):
            self.now += seconds
            worker = min(set(range(WORKERS)) - self.holds.keys())
            with self.there():
                row = self.row()
                free = row.state == "waiting" and row.run_at <= self.now
                lost = row.state == "running" and row.lease_until < self.now
                held = runtime._claim(self.id)
                assert (held is not None) == (free or lost)
                if held:
                    self.holds[worker] = held

        @precondition(lambda self: self.holds)
        @rule(worker=workers, seconds=passing)
        def beat(self, worker, seconds):
            worker, self.now = self.holder(worker), self.now + seconds
            with self.there():
                mine, until = self.rightly(worker), self.row().lease_until
                held = {"task": self.id, "held": self.holds[worker].lease, "until": self.now + runtime.LEASE}
                db.session.execute(runtime._PROLONG, held)
                db.session.commit()
                assert self.row().lease_until == (self.now + runtime.LEASE if mine else until)

        @precondition(lambda self: self.holds)
        @rule(worker=workers, seconds=passing)
        def finish(self, worker, seconds):
            """Whoever lost the lease has no effect."""
            worker, self.now = self.holder(worker), self.now + seconds
            with self.there():
                mine, held = self.rightly(worker), self.holds.pop(worker)
                try:
                    with Run(self.id, held.lease, flask_app.extensions["providers"]).completing():
                        audit.note("tests.effect", by=SYSTEM, target=("task", self.id))
                    assert mine
                    self.effects, self.ended = self.effects + 1, "done"
                except LeaseLostError:
                    assert not mine

        @precondition(lambda self: self.holds)
        @rule(
            worker=workers,
            seconds=passing,
            error=st.sampled_from([Unavailable("away"), Refused("never"), KeyError("bug")]),
        )
        def stumble(self, worker, seconds, error):
            worker, self.now = self.holder(worker), self.now + seconds
            with self.there():
                mine, held = self.rightly(worker), self.holds.pop(worker)
                before = self.row().state
                db.session.rollback()
                runtime._settle(definition, held, error)
                hopeless = isinstance(error, Refused) or held.attempts >= ATTEMPTS
                assert self.row().state == ("failed" if mine and hopeless else "waiting" if mine else before)
                self.ended = self.ended or ("failed" if mine and hopeless else None)

        @precondition(lambda self: self.holds)
        @rule(worker=workers)
        def die(self, worker):
            """Without a word: nobody beats for it any more."""
            self.holds.pop(self.holder(worker))

        @rule(seconds=passing)
        def sweep(self, seconds):
            self.now += seconds
            with self.there():
                row = self.row()
                over, poisonous = row.state == "running" and row.lease_until < self.now, row.lost + 1 >= relay.MOST_LOST
                db.session.rollback()
                relay.relay(flask_app, alpha, Inline())
                if over:
                    assert self.row().state == ("failed" if poisonous else "waiting")
                    self.ended = self.ended or ("failed" if poisonous else None)

        @invariant()
        def one_holder_at_most_and_done_once(self):
            with self.there():
                row = self.row()
                assert (row.lease is not None) == (row.lease_until is not None) == (row.state == "running")
                assert sum(held.lease == row.lease for held in self.holds.values()) <= 1
                done = sa.select(sa.func.count()).where(AuditEntry.target_id == str(self.id))
                assert db.session.scalar(done) == self.effects == (self.ended == "done")
                if self.ended:
                    assert (row.state, row.lease) == (self.ended, None)

    return Ledger


@pytest.mark.slow
def test_in_whatever_order_a_task_has_one_holder_and_is_done_once(flask_app, alpha, cast, definition):
    run_state_machine_as_test(
        machine(flask_app, alpha, definition),
        settings=settings(
            max_examples=sized(300, 8), stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
