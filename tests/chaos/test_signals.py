"""Whatever state a row or a signal is left in, the work is done; what must not run does not run."""

import pickle
import threading
import time
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

import pytest
import redis
import sqlalchemy as sa
from pydantic import SecretStr

from app.billing.models import LlmResult, LlmUsage
from app.kernel import clock
from app.kernel.ids import new_id
from app.scorecards.models import Assessment
from jobs import runtime
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from jobs.queues import Signaller
from jobs.relay import MOST_LOST, relay
from tenants.db import db
from tenants.scope import tenant_scope
from tenants.work import announce
from tests.chaos.invariants import settle
from tests.chaos.processes import Nursery, alive, until
from tests.conftest import Inline
from tests.fakes.llm_server import LlmServer
from tests.jobs.factories import SAID, approved_kit, submitted_interview, task_row
from tests.sizes import FULL, sized

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chaos")]
DIMENSIONS = 6


@pytest.fixture
def broker(settings):
    client = redis.Redis.from_url(settings.redis_url.get_secret_value())
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def ask(flask_app, alpha, cast, in_tenant):
    """ask(n): n interviews are submitted, and a row waits for each of their six judgements; no signal went out."""

    def submitted(interviews):
        with in_tenant(alpha):
            posting, kit = approved_kit(cast.rita, dimensions=DIMENSIONS)
            for number in range(interviews):
                submitted_interview(cast.rita, posting, kit, name=f"Cara {number}", said=f"{SAID} Case {number}.")
        inline = Inline()
        relay(flask_app, alpha, inline)
        for slug, task_id in inline.due:
            runtime.run(slug, str(task_id))
        relay(flask_app, alpha, Inline())
        with in_tenant(alpha):
            db.session.execute(sa.update(TaskRow).values(signalled_at=None))
            rows = db.session.scalars(sa.select(TaskRow.id).where(TaskRow.name == "scorecards.judge")).all()
        assert len(rows) == interviews * DIMENSIONS
        return rows

    return submitted


@pytest.fixture
def asked(ask):
    return ask(1)


def judged(in_tenant, alpha):
    with in_tenant(alpha):
        return db.session.scalar(sa.select(sa.func.count()).where(Assessment.state == "scored"))


def test_r06_no_row_stays_behind_in_whatever_state_it_was_left(nursery, alpha, in_tenant, asked, broker):
    now = clock.now()
    held = {"state": "running", "attempts": 1, "lease": new_id()}
    left = [
        {},  # written, never signalled
        {"signalled_at": now - timedelta(seconds=19)},  # signalled, and Redis lost the signal
        held | {"lease_until": now - timedelta(minutes=5)},  # its worker died long ago
        held | {"lease_until": now + timedelta(seconds=3)},  # its worker died just now
        {"attempts": 2, "run_at": now + timedelta(seconds=2), "problem": "away"},  # put off
        {"signalled_at": now - timedelta(seconds=19), "attempts": 1},  # a worker died between taking and starting it
    ]
    with in_tenant(alpha):
        for task_id, values in zip(asked, left, strict=True):
            if values:
                db.session.execute(sa.update(TaskRow).where(TaskRow.id == task_id).values(**values))
    Signaller(broker).signal("scoring", tenant="alpha", task_id=asked[5], attempt=2, limit=60)
    broker.lpop("rq:queue:scoring")
    nursery.start("relay")
    nursery.start("scoring")

    assert until(lambda: judged(in_tenant, alpha) == DIMENSIONS, seconds=60)
    with in_tenant(alpha):
        assert set(db.session.scalars(sa.select(TaskRow.state).where(TaskRow.name == "scorecards.judge"))) == {"done"}


def test_r10_a_pickle_in_the_queue_is_not_run(nursery, alpha, in_tenant, asked, broker, tmp_path):
    """Who can write to Redis runs no code of his own in a worker."""
    proof = tmp_path / "ran"

    class Attack:
        def __reduce__(self):
            return Path.touch, (proof,)

    job = "planted"
    now = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    broker.hset(
        f"rq:job:{job}",
        mapping={
            "data": pickle.dumps((Attack(), None, [], {})), "created_at": now, "enqueued_at": now, "origin": "scoring",
            "status": "queued", "description": "x", "timeout": "60",
        },
    )  # fmt: skip
    broker.rpush("rq:queue:scoring", job)
    nursery.start("relay")
    nursery.start("scoring")

    assert until(lambda: judged(in_tenant, alpha) == DIMENSIONS, seconds=60)
    assert not proof.exists()


def test_r12_what_kills_its_worker_is_tried_three_times_and_the_worker_goes_on(nursery, alpha, beta, in_tenant, broker):
    """The third time in a process of its own: its worker lives, and the task fails where a person sees it.

    By default nobody waits for the leases of the two that died; full, they run out as in life.
    """
    with in_tenant(alpha):
        poison = task_row("tests.poison")
    nursery.start("relay")
    started, others = time.monotonic(), []
    for deaths in (1, 2):
        worker = nursery.start("low")
        assert until(lambda pid=worker: not alive(pid), seconds=60)
        if not FULL:
            with in_tenant(alpha):
                ended = sa.update(TaskRow).where(TaskRow.id == poison.id)
                db.session.execute(ended.values(lease_until=clock.now() - timedelta(seconds=1)))
        with in_tenant(beta):
            others += [
                task_row("tests.harmless", lost=number % 10 // 9 * 2).id for number in range(20)
            ]  # two alone too
        assert until(lambda n=deaths: lost(in_tenant, alpha, poison) == n, seconds=60)
    survivor = nursery.start("low")

    def ended():
        with in_tenant(alpha):
            return db.session.get_one(TaskRow, poison.id).state == "failed"

    assert until(ended, seconds=60)
    took = time.monotonic() - started
    with in_tenant(alpha):
        row = db.session.get_one(TaskRow, poison.id)
        assert (row.attempts, row.problem, row.lease) == (3, "It ended its worker 3 times.", None)
    with in_tenant(beta):
        harmless = sa.select(TaskRow.state).where(TaskRow.id.in_(others))
        assert until(lambda: set(db.session.scalars(harmless)) == {"done"}, seconds=30)
    assert alive(survivor)
    assert took < (120 if FULL else 60)


def test_r12_what_others_wait_for_does_not_grow_while_workers_die_of_a_task(nursery, alpha, beta, in_tenant, broker):
    """p95 of another company's tasks, ten a second and two workers: at most a fifth more, or 50 ms that nobody notices.

    Who dies is started again, as every platform does. By default each lease of the dead ends after two seconds.
    """
    nursery.start("relay")
    workers = [nursery.start("low"), nursery.start("low")]
    assert len(others_wait(beta, in_tenant, nursery, workers, lambda count: count < 10)) == 10  # all is warm

    quiet = others_wait(beta, in_tenant, nursery, workers, lambda count: count < sized(600, 30))
    with in_tenant(alpha):
        poison = task_row("tests.poison").id
        announce(db.session())

    def goes_on(count):
        with in_tenant(alpha):
            row = db.session.get_one(TaskRow, poison)
            if not FULL and row.attempts == row.lost + 1 < 3 and count % 10 == 9:
                row.lease_until = clock.now() - timedelta(seconds=1)
        return row.state != "failed" or count < len(quiet)

    poisoned = others_wait(beta, in_tenant, nursery, workers, goes_on)

    print(f"p95 {p95(quiet):.3f} s, and {p95(poisoned):.3f} s while workers die; {len(poisoned)} tasks")
    assert len(set(nursery.pids)) == 1 + 2 + 2  # the relay, two workers, and one for each that died
    assert p95(poisoned) <= max(1.2 * p95(quiet), p95(quiet) + 0.05)


def others_wait(tenant, in_tenant, nursery, workers, goes_on):
    """Seconds from the wish to its end, of a task each tenth of a second while `goes_on(how many there were)`."""
    rows = []
    pace = threading.Event()
    while goes_on(len(rows)):
        with in_tenant(tenant):
            rows.append(task_row("tests.harmless").id)
            announce(db.session())
        workers[:] = [pid if alive(pid) else nursery.start("low") for pid in workers]
        pace.wait(0.1)
    ends = sa.select(TaskRow.created_at, TaskRow.finished_at).where(TaskRow.id.in_(rows), TaskRow.state == "done")

    def done():
        with in_tenant(tenant):
            return db.session.execute(ends).all()

    assert until(lambda: len(done()) == len(rows), seconds=30)
    return [(end - start).total_seconds() for start, end in done()]


def p95(seconds):
    return quantiles(seconds, n=20, method="inclusive")[-1]


def lost(in_tenant, tenant, row):
    with in_tenant(tenant):
        return db.session.get_one(TaskRow, row.id).lost


@pytest.fixture
def lost_task(alpha, in_tenant):
    """A task whose worker never comes back."""
    name = "tests.poison"
    told = []
    TASKS[name] = TaskDefinition(name, lambda _run: None, "low", 60, attempts=9, on_failure=told.append)
    with in_tenant(alpha):
        row = task_row(name)
    yield row.id, told
    del TASKS[name]


def test_r12_what_takes_its_worker_with_it_even_there_is_stopped_and_shown(
    flask_app, alpha, in_tenant, lost_task, clock_at
):
    """Five at most, then it stands in the list of failed tasks, and can be run again by a person."""
    task_id, told = lost_task
    now, taken = clock.now(), 0
    for _ in range(3 * MOST_LOST):
        now += timedelta(minutes=1)
        with clock_at(now):
            relay(flask_app, alpha, Inline())
            with flask_app.app_context(), tenant_scope(alpha):
                taken += runtime._claim(task_id) is not None

    with in_tenant(alpha):
        row = db.session.get_one(TaskRow, task_id)
        assert (taken, row.state, row.problem) == (MOST_LOST, "failed", f"It ended its worker {MOST_LOST} times.")
    assert told == [f"It ended its worker {MOST_LOST} times."]


@pytest.fixture
def metered(settings):
    """Processes that judge by a language model, one call a judgement; it answers after a moment."""
    with LlmServer().running() as server:
        server.orders, server.slow_seconds = ["slow"], 0.2
        more = {"anthropic_api_key": SecretStr("key"), "anthropic_base_url": server.url}
        own = Nursery(settings.model_copy(update=more | {"llm_samples": 1, "llm_calls_per_minute": 10_000}))
        yield own, server
        own.close()


def test_r42_every_judgement_signalled_five_times_counts_once(metered, alpha, in_tenant, ask, broker):
    """One score, and one call that is counted, kept and paid for."""
    nursery, server = metered
    rows = ask(sized(40, 4))
    signaller = Signaller(broker)
    for number in range(5):
        for task_id in rows:
            signaller.signal("scoring", tenant="alpha", task_id=task_id, attempt=100 + number, limit=60)
    nursery.start("scoring")
    nursery.start("scoring")

    assert until(lambda: judged(in_tenant, alpha) == len(rows) and not broker.llen("rq:queue:scoring"), seconds=240)
    with in_tenant(alpha):
        done = sa.select(TaskRow.attempts).where(TaskRow.name == "scorecards.judge", TaskRow.state == "done")
        assert sorted(db.session.scalars(done)) == [1] * len(rows)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Assessment)) == len(rows)
        hashes = db.session.scalars(sa.select(LlmResult.input_hash)).all()
        assert sorted(hashes) == sorted(db.session.scalars(sa.select(Assessment.input_hash)))
        usage = db.session.execute(sa.select(LlmUsage.calls, LlmUsage.hits, LlmUsage.tokens_in)).all()
        assert usage == [(len(rows), 0, 900 * len(rows))]
    assert len(server.requests) == len(rows)
    settle(nursery, in_tenant, alpha)
