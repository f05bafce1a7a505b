"""The set clock, the transaction of each step, and the tasks that a step leaves, run in this process."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import Flask

from app.adapters.registry import Providers
from app.identity.commands import actor_of
from app.identity.models import Member
from app.identity.queries import member_by_email
from app.kernel import clock
from app.kernel.actor import Actor
from jobs import runtime, timetable
from jobs.queues import QueueName, Signaller
from jobs.relay import relay
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work


class _Inline(Signaller):
    """Keeps what is due instead of putting it on a queue."""

    def __init__(self) -> None:
        self.due: list[uuid.UUID] = []

    def signal(self, queue: QueueName, *, tenant: str, task_id: uuid.UUID, attempt: int, limit: int) -> None:  # noqa: ARG002
        self.due.append(task_id)


class Stage:
    """One company's. Time only goes forward; each `step` is one transaction, and its tasks run before the next."""

    def __init__(self, flask_app: Flask, tenant: TenantRecord, *, start: datetime) -> None:
        self.flask_app, self.tenant, self.now = flask_app, tenant, start
        self.providers: Providers = flask_app.extensions["providers"]
        runtime.serve(flask_app)

    @contextmanager
    def step(self, at: datetime | None = None) -> Iterator[None]:
        """At that moment, or a second later than the last one where time has passed it."""
        self.now = max(at or self.now, self.now + timedelta(seconds=1))
        with clock.set_to(self.now), tenant_scope(self.tenant):
            with unit_of_work():
                yield
            self._drain()

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def night(self, at: datetime) -> None:
        """What the timetable does by itself: deadlines, reminders."""
        self.now = max(at, self.now + timedelta(seconds=1))
        with clock.set_to(self.now):
            timetable.plan(self.flask_app, self.tenant, self.now)
            self._drain()

    def _drain(self) -> None:
        while True:
            inline = _Inline()
            relay(self.flask_app, self.tenant, inline)
            if not inline.due:
                return
            for task_id in inline.due:
                runtime.run(self.tenant.slug, str(task_id))


def member(email: str) -> Member:
    found = member_by_email(email)
    if found is None:
        raise LookupError(f"nobody has the address {email}")
    return found


def acting(email: str) -> Actor:
    return actor_of(member(email))
