"""A change and its fact are kept together or not at all, and each fact has its effects once."""

import random
import threading
import time
from math import ceil
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.applications.models import Application, Move
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.postings.queries import stages_of
from jobs.ledger import TaskRow
from jobs.reactions import REACTIONS
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.chaos.invariants import settle
from tests.chaos.processes import Person, free_port, until
from tests.jobs.factories import approved_kit, submitted_interview
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chaos")]
OF_ONE = 8  # facts of an interview, from the application to its end


def test_r01_change_and_fact_are_kept_together(nursery, alpha, cast, in_tenant):
    """kill -9 of the web process while somebody moves candidates, at random moments."""
    changes, kills = sized(1000, 40), sized(200, 6)
    with in_tenant(alpha):
        posting, _kit = approved_kit(cast.rita, dimensions=2)
        people = [
            apply(posting, register(name=f"Cara {n}"), resume=None, source="upload", by=actor_of(cast.rita)).id
            for n in range(changes)
        ]
        stage = stages_of(posting.id)[1].id
        before = set(db.session.scalars(sa.select(OutboxRow.id)))
    port, chance = free_port(), random.Random(1)
    web = nursery.web(port)
    rita, said, over = Person(port, "rita"), {}, threading.Event()

    def moves():
        for one in people:
            said[one] = rita.post(f"/applications/{one}/move", {"stage": stage, "version": "1"})
            if not said[one]:
                until(lambda: rita.ask("GET", "/health")[0] == 200, seconds=30)
        over.set()

    hurried = threading.Thread(target=moves)
    hurried.start()
    killed = 0
    while not over.wait(chance.uniform(0.05, 0.4)):
        if killed < kills:
            nursery.kill(web)
            web, killed = nursery.web(port), killed + 1
    hurried.join()

    with in_tenant(alpha):
        moved = set(db.session.scalars(sa.select(Application.id).where(Application.stage_id == stage)))
        steps = sa.select(Move.application_id).where(Move.to_stage_id == stage)
        assert killed == kills
        assert sorted(db.session.scalars(steps)) == sorted(moved)
        facts = sa.select(OutboxRow.data["application_id"].astext).where(
            OutboxRow.name == "application.status_changed", OutboxRow.id.not_in(before)
        )
        assert sorted(map(UUID, db.session.scalars(facts))) == sorted(moved)
        assert {one for one, status in said.items() if status == 303} <= moved
        assert len(moved) >= changes - kills
    settle(nursery, in_tenant, alpha)


def test_r02_killed_relay_loses_no_fact_and_doubles_no_task(nursery, alpha, cast, in_tenant):
    facts, kills = sized(1500, 60), sized(100, 4)
    chance, over = random.Random(2), threading.Event()
    relay = nursery.start("relay")

    def talk():
        with in_tenant(alpha):
            posting, kit = approved_kit(cast.rita, dimensions=1)
        for number in range(ceil(facts / OF_ONE)):
            with in_tenant(alpha):
                submitted_interview(cast.rita, posting, kit, name=f"Cara {number}")
            time.sleep(0.01)
        over.set()

    talking = threading.Thread(target=talk)
    talking.start()
    killed = 0
    while killed < kills or not over.is_set():
        time.sleep(chance.uniform(0.02, 0.3))
        nursery.kill(relay)
        relay, killed = nursery.start("relay"), killed + 1
    talking.join()

    def relayed():
        with in_tenant(alpha):
            return db.session.scalar(sa.select(sa.func.count()).where(OutboxRow.relayed_at.is_(None))) == 0

    assert until(relayed, seconds=60)
    with in_tenant(alpha):
        told = db.session.execute(sa.select(OutboxRow.id, OutboxRow.name)).all()
        wanted = [f"{task}:{fact}" for fact, name in told for task, _fields in REACTIONS.get(name, ())]
        assert killed >= kills
        assert len(told) >= facts
        assert len(wanted) >= facts // OF_ONE
        assert sorted(db.session.scalars(sa.select(TaskRow.key))) == sorted(wanted)
        print(f"{killed} kills in {len(told)} facts: {len(wanted)} tasks")
    settle(nursery, in_tenant, alpha, seconds=sized(600, 120))
