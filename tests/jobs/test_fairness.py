"""R-49: one company's ten thousand tasks and another one's single one."""

import threading
import time
import uuid
from contextlib import closing

import pytest
import sqlalchemy as sa
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from app.kernel import clock
from app.kernel.ids import new_id
from jobs import reactions, relay, runtime
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from jobs.queues import connect, queue_of
from jobs.relay import OUT, Relay
from jobs.worker import Worker
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.scope import current_tenant
from tenants.work import announce
from tests.sizes import sized

NAME, WAITING = "tests.noise", sized(10_000, 250)
SECONDS = 0.4  # five times what reading a file takes (docs/benchmarks.md)
AHEAD = 1 + OUT + 2 + 1  # the one at hand, a signal's worth each, and one that begins before the relay has had its turn


@pytest.fixture
def quick():
    """Set: tasks take no time."""
    return threading.Event()


@pytest.fixture
def ran(monkeypatch, quick):
    """Whose tasks ran, in order; each takes as long as a resume."""
    order = []

    def body(run):
        quick.wait(SECONDS)
        order.append(current_tenant().slug)
        with run.completing():
            pass

    monkeypatch.setitem(TASKS, NAME, TaskDefinition(NAME, body, "parsing", 30, 3, None))
    monkeypatch.setitem(reactions.REACTIONS, NAME, ((NAME, ()),))
    return order


def facts(number):
    now = clock.now()
    db.session.execute(
        sa.insert(OutboxRow), [{"id": new_id(), "name": NAME, "data": {}, "occurred_at": now} for _ in range(number)]
    )
    announce(db.session())


@pytest.fixture
def house(flask_app, settings, redis):
    """The relay and one worker of `parsing`, as their processes would do it."""
    over, problems = threading.Event(), []
    relay_ = Relay(flask_app, settings.redis_url.get_secret_value())
    redis.sadd("rq:workers:parsing", "rq:worker:the-one")

    def work():
        client = connect(settings.redis_url.get_secret_value())
        queue = queue_of("parsing", client)
        worker = Worker([queue], connection=client, serializer=JSONSerializer)
        worker.death_penalty_class = TimerDeathPenalty  # the other one is for main threads
        while not over.is_set():
            taken = client.blpop([queue.key], timeout=1)
            if taken is None:
                continue
            job = Job.fetch(taken[1].decode(), connection=client, serializer=JSONSerializer)
            try:
                runtime.run(*job.args)
                worker._go_on(job.args[0], queue)
            except Exception as error:
                problems.append(error)
            job.delete()
        client.close()

    threads = [threading.Thread(target=relay_.loop), threading.Thread(target=work)]
    yield lambda: [thread.start() for thread in threads]
    relay_.over.set()
    over.set()
    for thread in threads:
        if thread.ident:
            thread.join()
    relay_.redis.close()
    assert problems == []


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.slow
def test_r49_ten_thousand_of_one_company_delay_anothers_single_one_by_a_few(
    flask_app, alpha, beta, cast, in_tenant, ran, quick, house, redis
):
    """A worker, and tasks as long as a resume: by count and by the clock."""
    with in_tenant(alpha):
        facts(WAITING)
    house()
    until(lambda: len(ran) >= 3)
    with in_tenant(beta):
        facts(1)
    committed, started = len(ran), time.monotonic()
    until(lambda: "beta" in ran)
    took = time.monotonic() - started
    print(f"{took:.1f} s behind {ran.index('beta') - committed} of {WAITING}, {SECONDS} s each")

    assert took < 5
    assert ran.index("beta") - committed <= AHEAD
    assert len(queue_of("parsing", redis)) <= 2 * (OUT + 2)
    quick.set()
    until(lambda: done(in_tenant, alpha) == WAITING, seconds=WAITING / 5)


def done(in_tenant, tenant):
    with in_tenant(tenant):
        return db.session.scalar(sa.select(sa.func.count()).where(TaskRow.state == "done"))


def test_r49_facts_are_turned_into_tasks_by_turns(flask_app, settings, alpha, beta, cast, in_tenant, ran, monkeypatch):
    """A company that comes while another one's facts are being written waits for one batch of them."""
    order, take_turn = [], relay.take_turn

    def noted(flask_app, tenant, *more, **how):
        turn = take_turn(flask_app, tenant, *more, **how)
        order.append(tenant.slug)
        if len(order) == 1:
            with in_tenant(beta):
                facts(1)
        return turn

    monkeypatch.setattr(relay, "BATCH", 50)
    monkeypatch.setattr(relay, "take_turn", noted)
    with in_tenant(alpha):
        facts(200)
    relay_ = Relay(flask_app, settings.redis_url.get_secret_value())
    with closing(relay_.redis):
        relay_._relay({"alpha"})

    assert order.index("beta") == 1
    assert order.count("alpha") == 5


def test_r49_queues_have_room_of_their_own(flask_app, settings, redis, alpha, cast, in_tenant, ran, monkeypatch):
    """Much waiting for one queue takes no room on another; more workers are kept busy by more signals."""
    letter = "tests.letter"
    monkeypatch.setitem(TASKS, letter, TaskDefinition(letter, TASKS[NAME].body, "mail", 30, 3, None))
    with in_tenant(alpha):
        for name, number in ((NAME, 40), (letter, 3)):
            for _ in range(number):
                db.session.add(
                    TaskRow(
                        id=new_id(),
                        key=uuid.uuid4().hex,
                        name=name,
                        arguments={},
                        run_at=clock.now(),
                        created_at=clock.now(),
                    )
                )
    relay_ = Relay(flask_app, settings.redis_url.get_secret_value())
    with closing(relay_.redis):
        for workers in (1, 2, 5):
            redis.sadd("rq:workers:parsing", *(f"w{n}" for n in range(workers)))
            relay_._relay({"alpha"})
            relay_._relay({"alpha"})
            assert len(queue_of("parsing", redis)) == OUT + 2 * workers
        assert len(queue_of("mail", redis)) == 3
