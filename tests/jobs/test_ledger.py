"""A task may run twice and has its effect once; what fails is seen; what is lost is found."""

import random
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.audit import commands as audit
from app.audit.models import AuditEntry
from app.kernel.actor import SYSTEM
from app.kernel.errors import Refused, Unavailable
from app.kernel.ids import new_id
from jobs import runtime
from jobs.definitions import TASKS, TaskDefinition, task
from jobs.ledger import TaskRow
from jobs.queues import Signaller, connect, queue_of
from jobs.relay import MOST_LOST, SWEEP_ROUND_SECONDS, _free_lost_leases, relay
from jobs.worker import work
from tenants.db import db
from tenants.scope import tenant_scope
from tests.conftest import Inline
from tests.jobs.factories import task_row
from tests.sizes import FULL, sized

NAME = "tests.effect"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def task_of():
    """Registers one body under a name of the tests' own."""

    def register(body, **kwargs):
        settings = {"queue": "default", "limit": 10, "attempts": 3, "on_failure": None} | kwargs
        TASKS[NAME] = TaskDefinition(NAME, body, **settings)

    yield register
    TASKS.pop(NAME, None)


def effect(run, **_):
    with run.completing():
        audit.note("tests.effect", by=SYSTEM, target=("task", run.task_id))


def plan(**values):
    return task_row(NAME, **values)


def effects():
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "tests.effect"))


def state_of(row):
    return db.session.get_one(TaskRow, row.id, populate_existing=True)


def test_task_run_twice_has_its_effect_once(alpha, cast, in_tenant, task_of):
    task_of(effect)
    with in_tenant(alpha):
        row = plan()

    runtime.run("alpha", str(row.id))
    runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert (effects(), state_of(row).state) == (1, "done")


def test_two_workers_at_once_one_effect(alpha, cast, in_tenant, task_of):
    task_of(effect)
    with in_tenant(alpha):
        rows = [plan() for _ in range(20)]
    start = threading.Barrier(2)

    def worker():
        start.wait()
        for row in rows:
            runtime.run("alpha", str(row.id))

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with in_tenant(alpha):
        assert effects() == 20


def test_whoever_lost_the_lease_has_no_effect(alpha, cast, in_tenant, task_of):
    def slow(run, **_):
        with in_tenant(alpha):
            db.session.execute(sa.update(TaskRow).where(TaskRow.id == run.task_id).values(lease=new_id()))
        effect(run)

    task_of(slow)
    with in_tenant(alpha):
        row = plan()

    runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert (effects(), state_of(row).state) == (0, "running")


def test_a_lease_that_ran_out_is_given_to_another(alpha, cast, in_tenant, task_of, clock_at):
    task_of(effect)
    with clock_at(NOW), in_tenant(alpha):
        row = plan(state="running", lease=new_id(), lease_until=NOW + timedelta(seconds=20), attempts=1)
    with clock_at(NOW + timedelta(seconds=19)):
        runtime.run("alpha", str(row.id))
    with in_tenant(alpha):
        assert effects() == 0
    with clock_at(NOW + timedelta(seconds=21)):
        with in_tenant(alpha):
            _free_lost_leases()
        runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert (effects(), state_of(row).attempts) == (1, 2)


@pytest.mark.parametrize(
    ("error", "state", "attempts"),
    [
        (Unavailable("away", after=timedelta(seconds=7)), "waiting", 1),
        (Refused("never"), "failed", 1),
        (KeyError("bug"), "waiting", 1),
    ],
)
def test_how_a_task_ends_that_raises(alpha, cast, in_tenant, task_of, clock_at, error, state, attempts):
    def raising(_run, **_):
        raise error

    task_of(raising)
    with clock_at(NOW), in_tenant(alpha):
        row = plan()
    with clock_at(NOW):
        runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        found = state_of(row)
        assert (found.state, found.attempts) == (state, attempts)
        if isinstance(error, Unavailable):
            assert found.run_at == NOW + timedelta(seconds=7)


def test_the_last_failure_tells_the_page_in_the_same_transaction(alpha, cast, in_tenant, task_of):
    told = []

    def raising(_run, **_):
        raise RuntimeError("broken")

    task_of(raising, attempts=1, on_failure=lambda problem, **_: told.append(problem))
    with in_tenant(alpha):
        row = plan()

    runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert (told, state_of(row).state, state_of(row).problem) == (["broken"], "failed", "broken")


def test_a_body_that_forgets_to_complete_is_never_done(alpha, cast, in_tenant, task_of):
    task_of(lambda _run, **_: None)
    with in_tenant(alpha):
        row = plan()

    runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert state_of(row).state == "waiting"


def test_signals_are_found_again_after_redis_was_wiped(flask_app, redis, alpha, cast, in_tenant, task_of, clock_at):
    task_of(effect)
    signaller = Signaller(redis)
    with clock_at(NOW):
        with in_tenant(alpha):
            plan()
        relay(flask_app, alpha, signaller)
    first = len(queue_of("default", redis))
    redis.flushall()
    with clock_at(NOW + timedelta(seconds=21)):
        relay(flask_app, alpha, signaller)

    assert (first, len(queue_of("default", redis))) == (1, 1)


def test_one_attempt_has_one_signal_however_often_it_is_due(
    flask_app, redis, alpha, cast, in_tenant, task_of, clock_at
):
    task_of(effect)
    signaller = Signaller(redis)
    for seconds in (0, 21, 42):
        with clock_at(NOW + timedelta(seconds=seconds)):
            if seconds == 0:
                with in_tenant(alpha):
                    plan()
            relay(flask_app, alpha, signaller)

    assert len(queue_of("default", redis)) == 1


def test_a_suspended_companys_tasks_wait(flask_app, alpha, cast, in_tenant, task_of):
    from tenants.provisioning import set_state

    task_of(effect)
    with in_tenant(alpha):
        row = plan()
    set_state(flask_app.extensions["owners"].main, "alpha", "suspended")

    runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert state_of(row).state == "waiting"


def test_a_signal_that_a_dead_worker_took_along_is_put_there_anew(
    flask_app, redis, alpha, cast, in_tenant, task_of, clock_at
):
    """Killed between taking the signal and starting: RQ's own record still says "queued"."""
    task_of(effect)
    signaller, queue = Signaller(redis), queue_of("default", redis)
    with clock_at(NOW):
        with in_tenant(alpha):
            plan()
        relay(flask_app, alpha, signaller)
    redis.lpop(queue.key)
    with clock_at(NOW + timedelta(seconds=21)):
        relay(flask_app, alpha, signaller)

    assert len(queue) == 1


def test_a_long_task_keeps_its_lease_while_it_works(alpha, cast, in_tenant, task_of, monkeypatch):
    monkeypatch.setattr(runtime, "BEAT_SECONDS", 0.05)
    seen = []

    def lease_until(run):
        with in_tenant(alpha):
            return db.session.scalar(sa.select(TaskRow.lease_until).where(TaskRow.id == run.task_id))

    def slow(run, **_):
        seen.append(lease_until(run))
        end = time.monotonic() + 10
        while (now := lease_until(run)) == seen[0] and time.monotonic() < end:
            time.sleep(0.01)
        seen.append(now)
        effect(run)

    task_of(slow)
    with in_tenant(alpha):
        row = plan()
    runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        assert (seen[0] < seen[1], effects(), state_of(row).state) == (True, 1, "done")


def test_two_tasks_of_one_name_are_a_mistake_that_is_said_at_once(task_of):
    task_of(effect)

    with pytest.raises(ValueError, match=NAME):
        task(NAME)(lambda _run: None)
    assert TASKS[NAME].body is effect


def test_a_process_that_serves_no_application_runs_nothing(alpha, cast, in_tenant, task_of, monkeypatch):
    task_of(effect)
    with in_tenant(alpha):
        row = plan()
    monkeypatch.setattr(runtime, "_flask_app", None)

    with pytest.raises(RuntimeError):
        runtime.run("alpha", str(row.id))
    with in_tenant(alpha):
        assert (effects(), state_of(row).state) == (0, "waiting")


def test_r04_what_a_killed_worker_held_is_run_again_within_a_minute(
    flask_app, alpha, cast, in_tenant, task_of, clock_at
):
    """Killed at any moment after its last beat, wherever the sweep then is: nobody beats, the lease ends, it is due."""
    task_of(effect)
    chance, waited = random.Random(4), []
    for number in range(sized(200, 20)):
        start = NOW + timedelta(hours=number)
        worked, phase = chance.uniform(0, 60), chance.uniform(0, SWEEP_ROUND_SECONDS)
        killed_at = start + timedelta(seconds=worked)
        with clock_at(start), in_tenant(alpha):
            row = plan()
        with clock_at(start), flask_app.app_context(), tenant_scope(alpha):
            assert runtime._claim(row.id) is not None
        beat = start + timedelta(seconds=worked - worked % runtime.BEAT_SECONDS)
        with in_tenant(alpha):
            db.session.execute(sa.update(TaskRow).where(TaskRow.id == row.id).values(lease_until=beat + runtime.LEASE))
        look = killed_at + timedelta(seconds=phase)
        inline = Inline()
        while ("alpha", row.id) not in inline.due:
            with clock_at(look):
                relay(flask_app, alpha, inline)
            waited.append((look - killed_at).total_seconds())
            look += timedelta(seconds=SWEEP_ROUND_SECONDS)
        with clock_at(look):
            runtime.run("alpha", str(row.id))
        with in_tenant(alpha):
            assert (state_of(row).state, state_of(row).attempts) == ("done", 2)

    assert max(waited) <= runtime.LEASE.total_seconds() + SWEEP_ROUND_SECONDS
    assert max(waited) <= 60


def test_r11_a_long_task_is_run_once_while_everybody_tidies_up(
    flask_app, settings, alpha, cast, in_tenant, task_of, monkeypatch
):
    """Twenty minutes of leases and RQ's own maintenance, in seconds; at size with the leases of life."""
    seconds = sized(60, 4)
    if not FULL:
        monkeypatch.setattr(runtime, "LEASE", timedelta(seconds=1.5))
        monkeypatch.setattr(runtime, "BEAT_SECONDS", 0.2)
    begun, over, tidied = [], threading.Event(), []

    def long(run, **_):
        begun.append(time.monotonic())
        time.sleep(seconds)
        effect(run)

    task_of(long, limit=2 * seconds)
    url = settings.redis_url.get_secret_value()
    connection = connect(url)
    connection.flushall()
    with in_tenant(alpha):
        row = plan()

    def tidy():
        others = SimpleWorker([queue_of("default", connection)], connection=connection, serializer=JSONSerializer)
        signaller = Signaller(connection)
        while not over.wait(seconds / 20):
            connection.delete(*connection.keys("rq:maintenance*") or ["none"])
            others.run_maintenance_tasks()
            relay(flask_app, alpha, signaller)
            tidied.append(1)

    relay(flask_app, alpha, Signaller(connection))
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    tidying = threading.Thread(target=tidy)
    tidying.start()
    try:
        work(flask_app, url, "default", burst=True)
    finally:
        over.set()
        tidying.join()
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), handlers, strict=True):
            signal.signal(number, handler)
        connection.close()

    with in_tenant(alpha):
        found = state_of(row)
        assert (len(begun), effects(), found.state, found.attempts, found.lost) == (1, 1, "done", 1, 0)
    assert len(tidied) >= sized(15, 3)


@pytest.mark.parametrize(
    ("after", "earliest", "latest"),
    [
        (timedelta(minutes=7), timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(days=20_000), runtime.LONGEST_AFTER, runtime.LONGEST_AFTER),
        (timedelta(days=99_999_999), runtime.LONGEST_AFTER, runtime.LONGEST_AFTER),
        (timedelta(seconds=-5), timedelta(seconds=1), timedelta(seconds=2)),
    ],
)
def test_what_is_outside_says_when_to_ask_again_within_reason(
    alpha, cast, in_tenant, task_of, clock_at, after, earliest, latest
):
    """A provider that names a moment where seconds belong puts nothing off for decades, where nobody would see it."""

    def away(_run, **_):
        raise Unavailable("away", after=after)

    task_of(away)
    with clock_at(NOW):
        with in_tenant(alpha):
            row = plan()
        runtime.run("alpha", str(row.id))

    with in_tenant(alpha):
        found = state_of(row)
        assert (found.state, earliest <= found.run_at - NOW <= latest) == ("waiting", True)


def test_what_another_version_alone_knows_is_left_to_it_and_stops_nothing(
    flask_app, alpha, cast, in_tenant, task_of, clock_at
):
    """While processes are replaced, an older worker and an older relay meet what the newer ones wrote."""
    task_of(effect)
    with clock_at(NOW), in_tenant(alpha):
        newer = plan()
        newer.name = "tests.newer"
        over = plan(state="running", lease=new_id(), lease_until=NOW - timedelta(seconds=1), lost=MOST_LOST - 1)
        over.name = "tests.newer"
        known = plan()
    signaller = Inline()
    with clock_at(NOW):
        runtime.run("alpha", str(newer.id))
        relay(flask_app, alpha, signaller)

    with in_tenant(alpha):
        assert [(state_of(row).state, state_of(row).attempts) for row in (newer, over)] == [("waiting", 0)] * 2
    assert signaller.due == [("alpha", known.id)]
