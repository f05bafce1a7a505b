"""R-49: one company's flood of requests and of tasks, and another company's pages."""

import threading
import time
from datetime import timedelta
from statistics import quantiles

import pytest
import sqlalchemy as sa

from app.kernel import clock
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.work import announce
from tests.chaos.processes import Person, free_port
from tests.jobs.factories import task_row
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chaos")]
USUAL, TIMES, SPELL_SECONDS = 1, 10, sized(2, 1)  # requests a second of a company that works
UNNOTICED_SECONDS = 0.05
FLOOD = sized(20_000, 2_000)
LATER = timedelta(hours=1)


class Flood:
    """Ten times what one company asks for, and more tasks than its worker can do; on and off."""

    def __init__(self, port, tenant, in_tenant):
        self.person, self.tenant, self.in_tenant = Person(port, "rita"), tenant, in_tenant
        self.on, self.over, self.asked = threading.Event(), threading.Event(), []
        self.threads = [threading.Thread(target=self._ask) for _ in range(TIMES)]
        for thread in self.threads:
            thread.start()

    def switch(self, on):
        """Its tasks are due, or in an hour."""
        (self.on.set if on else self.on.clear)()
        with self.in_tenant(self.tenant):
            waiting = sa.update(TaskRow).where(TaskRow.state == "waiting")
            db.session.execute(waiting.values(run_at=clock.now() + (LATER * (not on)), signalled_at=None))
            announce(db.session())

    def _ask(self):
        while not self.over.is_set():
            if self.on.wait(0.1):
                self.asked.append(self.person.ask("GET", "/jobs")[0])
                self.over.wait(1 / USUAL)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def done(in_tenant, tenant):
    with in_tenant(tenant):
        return db.session.scalar(sa.select(sa.func.count()).where(TaskRow.state == "done"))


def test_r49_anothers_pages_come_as_fast_while_one_company_floods_requests_and_tasks(
    nursery, alpha, beta, cast, in_tenant
):
    """By turns, with and without it, so that a noisy machine meets both."""
    with in_tenant(alpha):
        for _ in range(FLOOD):
            task_row("tests.harmless")
    nursery.web(port := free_port())
    rex, flood = Person(port, "rex", "beta"), Flood(port, alpha, in_tenant)
    flood.switch(False)
    for name in ("relay", "low"):
        nursery.start(name)
    took = {False: [], True: []}
    try:
        for spell in range(sized(60, 6)):
            flood.switch(loud := spell % 2 == 1)
            end = time.monotonic() + SPELL_SECONDS
            while (began := time.monotonic()) < end:
                assert rex.ask("GET", "/jobs")[0] == 200
                took[loud].append(time.monotonic() - began)
                flood.over.wait(0.05)
    finally:
        flood.end()
    alone, beside = (quantiles(took[loud], n=20, method="inclusive")[-1] for loud in (False, True))
    tasks = done(in_tenant, alpha)
    print(f"p95 {alone:.3f} s alone, {beside:.3f} s beside {len(flood.asked)} requests and {tasks} tasks of another")
    assert set(flood.asked) == {200}
    assert len(flood.asked) >= TIMES
    assert 0 < tasks < FLOOD  # it lasted
    assert beside <= max(1.2 * alone, alone + UNNOTICED_SECONDS)
