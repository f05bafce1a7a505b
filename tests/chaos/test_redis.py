"""Redis is away: pages go on writing, and what waited is done when it is back."""

import time

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.applications.commands import apply
from app.applications.models import Application
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.kernel import clock
from app.postings.queries import stages_of
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.chaos.processes import Nursery, Person, free_port, until
from tests.conftest import _free_port, _Redis
from tests.jobs.factories import approved_kit, submitted_interview
from tests.sizes import sized

EVERYBODY = ("relay", "scoring", "mail", "default", "asking", "low")


@pytest.mark.slow
@pytest.mark.xdist_group("chaos")
def test_r08_redis_down_fails_no_write_and_delays_only(settings, tmp_path, alpha, cast, in_tenant):
    seconds, each = sized(300, 4), 0.05
    broker = _Redis(tmp_path / "broker", "test", fast=True)
    url = broker.start(_free_port(), _free_port)
    nursery = Nursery(settings.model_copy(update={"redis_url": SecretStr(url)}))
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=2)
        people = [
            apply(posting, register(name=f"Cara {n}"), resume=None, source="upload", by=actor_of(cast.rita)).id
            for n in range(int(seconds / each))
        ]
        stage = stages_of(posting.id)[1].id
        db.session.flush()  # thousands who applied before are not what waits for Redis
        db.session.execute(sa.update(OutboxRow).values(relayed_at=clock.now()))
        submitted_interview(cast.rita, posting, kit, name="Mira")
    try:
        port = free_port()
        nursery.web(port)
        rita = Person(port, "rita")
        for words in EVERYBODY:
            nursery.start(*words.split())
        said, board = [], []
        broker.stop()
        end = time.monotonic() + seconds
        for number, one in enumerate(people):
            if time.monotonic() > end:
                break
            said.append(rita.post(f"/applications/{one}/move", {"stage": stage, "version": "1"}))
            if number % 10 == 0:
                board.append(rita.ask("GET", f"/jobs/{posting.id}/board")[0])
            time.sleep(each)
        broker.start(int(url.rpartition(":")[2].partition("/")[0]), None)
        left: list[object] = []
        for words in EVERYBODY:  # as the supervisor does with what Redis took along
            nursery.start(*words.split())

        def drained():
            with in_tenant(alpha):
                waiting = sa.select(sa.func.count()).where(OutboxRow.relayed_at.is_(None))
                undone = sa.select(TaskRow.name, TaskRow.state).where(TaskRow.state != "done")
                left[:] = db.session.execute(undone).all()
                return db.session.scalar(waiting) == 0 and not left

        assert set(said) == {303}
        assert set(board) == {200}
        assert until(drained, seconds=sized(120, 60)), left
    finally:
        nursery.close()
        broker.stop()
    with in_tenant(alpha):
        moved = sa.select(sa.func.count()).where(Application.stage_id == stage)
        assert db.session.scalar(moved) == len(said)
