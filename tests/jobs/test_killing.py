"""kill -9 of workers and a wiped Redis in the middle of scoring: every result there, none twice (issue: Done when 4)."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
import redis
import sqlalchemy as sa

from app.scorecards.models import Assessment, Evidence
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.jobs.factories import approved_kit, submitted_interview

INTERVIEWS, DIMENSIONS, KILLS = 40, 5, 20
PATIENCE_SECONDS = 300


class Nursery:
    """Starts workers quickly, and kills them."""

    def __init__(self, settings):
        environment = os.environ | {
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "REDIS_URL": settings.redis_url.get_secret_value(),
            "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.nursery"],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.pids = []

    def start(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.pids.append(int(self.process.stdout.readline()))
        return self.pids[-1]

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)
        self.pids.remove(pid)

    def close(self):
        for pid in list(self.pids):
            self.kill(pid)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def scored(in_tenant, alpha):
    with in_tenant(alpha):
        return db.session.scalar(sa.select(sa.func.count()).where(Assessment.state == "scored"))


@pytest.mark.slow
@pytest.mark.xdist_group("killing")
def test_killed_workers_and_a_wiped_redis_lose_nothing_and_double_nothing(settings, alpha, cast, in_tenant):
    chance = random.Random(4)
    for _ in range(4):
        with in_tenant(alpha):
            posting, kit = approved_kit(cast.rita, dimensions=DIMENSIONS)
            for number in range(INTERVIEWS // 4):
                submitted_interview(cast.rita, posting, kit, name=f"Cara {number}")
    nursery = Nursery(settings)
    nursery.start("relay")
    workers = [nursery.start("scoring") for _ in range(2)]
    kills, flushed, end = 0, False, time.monotonic() + PATIENCE_SECONDS
    try:
        while (done := scored(in_tenant, alpha)) < INTERVIEWS * DIMENSIONS and time.monotonic() < end:
            if kills < KILLS and done >= kills * 9:
                victim = chance.randrange(2)
                nursery.kill(workers[victim])
                workers[victim] = nursery.start("scoring")
                kills += 1
            if not flushed and done > INTERVIEWS * DIMENSIONS // 2:
                redis.Redis.from_url(settings.redis_url.get_secret_value()).flushall()
                flushed = True
            time.sleep(0.05)
    finally:
        nursery.close()

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
        assert scored(in_tenant, alpha) == 200
        assert counted == {"assessment.touched": 160, "scoring.completed": 40}
        assert dict(db.session.execute(tasks).all()) == {"done": 200}
        twice = sa.select(Evidence.assessment_id).group_by(Evidence.assessment_id, Evidence.position)
        assert db.session.scalars(twice.having(sa.func.count() > 1)).all() == []
