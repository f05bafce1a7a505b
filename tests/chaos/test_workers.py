"""kill -9 of workers with all they started, and a wiped Redis, in the middle of scoring: every result there, none twice.

At full size with the leases and sweeps of life; by default as tests/chaos/nursery.py hurries them.
"""

import random
import time
from collections import Counter
from datetime import UTC, datetime
from math import ceil
from statistics import median
from threading import Event
from typing import NamedTuple
from uuid import UUID

import pytest
import redis
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.scorecards.models import Assessment, Evidence
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.work import announce
from tests.chaos.invariants import settle
from tests.chaos.processes import PATIENCE_SECONDS, until
from tests.jobs.factories import approved_kit, submitted_interview, task_row
from tests.sizes import FULL, sized

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("killing")]
INTERVIEWS, DIMENSIONS, KILLS = sized(400, 8), 5, sized(200, 3)
SECONDS = sized(3600, PATIENCE_SECONDS)
TASKS = INTERVIEWS * DIMENSIONS
WIPED_TASKS, WIPED_SECONDS = sized(1_000), 120
DEATHS, TOGETHER, AGAIN_P99_SECONDS, AGAIN_MOST_SECONDS = sized(200, 2), sized(10, 2), 60, 120


def scored(in_tenant, alpha):
    with in_tenant(alpha):
        return db.session.scalar(sa.select(sa.func.count()).where(Assessment.state == "scored"))


def wipe(settings):
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as connection:
        connection.flushall()


def test_r03_r07_killed_workers_and_a_wiped_redis_lose_nothing_and_double_nothing(
    nursery, settings, alpha, cast, in_tenant
):
    chance = random.Random(4)
    for _ in range(4):
        with in_tenant(alpha):
            posting, kit = approved_kit(cast.rita, dimensions=DIMENSIONS)
            for number in range(INTERVIEWS // 4):
                submitted_interview(cast.rita, posting, kit, name=f"Cara {number}")
    nursery.start("relay")
    workers = [nursery.start("scoring") for _ in range(2)]
    kills, flushed, end = 0, False, time.monotonic() + SECONDS
    try:
        while (done := scored(in_tenant, alpha)) < TASKS and time.monotonic() < end:
            if kills < KILLS and done >= kills * TASKS * 0.9 / KILLS:
                victim = chance.randrange(2)
                nursery.kill_group(workers[victim])
                workers[victim] = nursery.start("scoring")
                kills += 1
            if not flushed and done > TASKS // 2:
                wipe(settings)
                flushed = True
            Event().wait(0.05)
    finally:
        nursery.kill_all()

    with in_tenant(alpha):
        counted = dict(
            db.session.execute(
                sa.select(OutboxRow.name, sa.func.count())
                .where(OutboxRow.name.in_(["assessment.touched", "scoring.completed"]))
                .group_by(OutboxRow.name)
            ).all()
        )
        tasks = (
            sa.select(TaskRow.state, sa.func.count()).where(TaskRow.name == "scorecards.judge").group_by(TaskRow.state)
        )
        assert (kills, flushed) == (KILLS, True)
        assert scored(in_tenant, alpha) == TASKS
        assert counted == {"assessment.touched": TASKS - INTERVIEWS, "scoring.completed": INTERVIEWS}
        assert dict(db.session.execute(tasks).all()) == {"done": TASKS}
        twice = sa.select(Evidence.assessment_id).group_by(Evidence.assessment_id, Evidence.position)
        assert db.session.scalars(twice.having(sa.func.count() > 1)).all() == []
    settle(nursery, in_tenant, alpha)


@pytest.mark.skipif(not FULL, reason="with killed workers it is part of R-03: bin/chaos R-07")
def test_r07_what_waits_when_redis_is_wiped_is_done_within_two_minutes(nursery, settings, alpha, cast, in_tenant):
    """Nobody is killed: of each signal that is gone, the row is found."""
    with in_tenant(alpha):
        for _ in range(WIPED_TASKS):
            task_row("tests.harmless")
    for name in ("relay", "low", "low"):
        nursery.start(name)

    def ended():
        with in_tenant(alpha):
            return Counter(db.session.execute(sa.select(TaskRow.state, TaskRow.attempts)).tuples())

    assert until(lambda: ended()["done", 1] >= WIPED_TASKS // 2, seconds=120, every=0.005)
    began = time.monotonic()
    wipe(settings)
    left = WIPED_TASKS - ended()["done", 1]
    assert until(lambda: ended() == {("done", 1): WIPED_TASKS}, seconds=WIPED_SECONDS)
    print(f"{left} tasks of {WIPED_TASKS} were done {time.monotonic() - began:.1f} s after Redis was wiped")
    assert left > 0
    settle(nursery, in_tenant, alpha)


@pytest.mark.skipif(not FULL, reason="by the clock it is looked at in the ledger's tests: bin/chaos R-04")
def test_r04_what_a_killed_worker_held_runs_again_within_a_minute(nursery, alpha, cast, in_tenant):
    """From the kill to the second attempt, as the processes themselves note it; two workers are always free."""
    chance, killed = random.Random(4), {}
    for name in ("relay", *["low"] * (TOGETHER + 2)):
        nursery.start(name)
    while len(killed) < DEATHS:
        with in_tenant(alpha):
            rows = {task_row("tests.begins").id for _ in range(TOGETHER)}
            announce(db.session())
        assert until(lambda rows=rows: rows <= begun(in_tenant, alpha).keys(), seconds=60)
        for task_id, beginnings in begun(in_tenant, alpha).items():
            if task_id in rows:
                Event().wait(chance.uniform(0, 1))
                nursery.kill_group(beginnings[0].pid)
                killed[task_id] = datetime.now(UTC)
                nursery.start("low")

    assert until(
        lambda: all(len(each) > 1 for each in begun(in_tenant, alpha).values()), seconds=2 * AGAIN_MOST_SECONDS
    )
    beginnings = begun(in_tenant, alpha)
    took = sorted((beginnings[task_id][1].at - at).total_seconds() for task_id, at in killed.items())
    p99 = took[ceil(0.99 * len(took)) - 1]
    print(f"{len(took)} deaths: again after {median(took):.1f} s, p99 {p99:.1f} s, at most {took[-1]:.1f} s")
    assert {len(each) for each in beginnings.values()} == {2}
    assert p99 <= AGAIN_P99_SECONDS
    assert took[-1] <= AGAIN_MOST_SECONDS
    settle(nursery, in_tenant, alpha)


class Beginning(NamedTuple):
    at: datetime
    pid: int


def begun(in_tenant, alpha):
    """When and where each task's attempts began, in their order."""
    entries = sa.select(AuditEntry).where(AuditEntry.action == "tests.begun").order_by(AuditEntry.number)
    found = {}
    with in_tenant(alpha):
        for entry in db.session.scalars(entries):
            found.setdefault(UUID(entry.target_id), []).append(Beginning(entry.at, entry.data["pid"]))
    return found
