"""kill -9 of workers and a wiped Redis in the middle of scoring: every result there, none twice (issue: Done when 4)."""

import random
import time

import pytest
import redis
import sqlalchemy as sa

from app.scorecards.models import Assessment, Evidence
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.chaos.processes import PATIENCE_SECONDS
from tests.jobs.factories import approved_kit, submitted_interview
from tests.sizes import sized

INTERVIEWS, DIMENSIONS, KILLS = sized(400, 8), 5, sized(200, 3)
SECONDS = sized(3600, PATIENCE_SECONDS)
TASKS = INTERVIEWS * DIMENSIONS


def scored(in_tenant, alpha):
    with in_tenant(alpha):
        return db.session.scalar(sa.select(sa.func.count()).where(Assessment.state == "scored"))


@pytest.mark.slow
@pytest.mark.xdist_group("killing")
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
                nursery.kill(workers[victim])
                workers[victim] = nursery.start("scoring")
                kills += 1
            if not flushed and done > TASKS // 2:
                redis.Redis.from_url(settings.redis_url.get_secret_value()).flushall()
                flushed = True
            time.sleep(0.05)
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
