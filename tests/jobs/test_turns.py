"""For one signal a worker goes on with a company's tasks: alone as long as a turn lasts, never before somebody else."""

import signal
import time
import uuid

import pytest
import sqlalchemy as sa

from app.kernel import clock
from app.kernel.ids import new_id
from jobs import worker as working
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from jobs.queues import Signaller, company_of, queue_of, signal_id
from jobs.worker import work
from tenants.db import db
from tenants.provisioning import set_state
from tenants.scope import current_tenant

NAME, OTHER = "tests.turn", "tests.elsewhere"


@pytest.fixture
def ran(monkeypatch):
    """Whose tasks ran, in order."""
    order = []

    def body(run):
        order.append(current_tenant().slug)
        with run.completing():
            pass

    monkeypatch.setitem(TASKS, NAME, TaskDefinition(NAME, body, "default", 30, 3, None))
    monkeypatch.setitem(TASKS, OTHER, TaskDefinition(OTHER, body, "low", 30, 3, None))
    return order


@pytest.fixture
def plan(in_tenant):
    """plan(alpha, 3) writes three tasks that are due."""

    def write(tenant, number, *, name=NAME, **values):
        now = clock.now()
        usual = {"name": name, "arguments": {}, "run_at": now, "created_at": now} | values
        rows = [{"id": new_id(), "key": uuid.uuid4().hex} | usual for _ in range(number)]
        with in_tenant(tenant):
            db.session.execute(sa.insert(TaskRow), rows)
        return [row["id"] for row in rows]

    return write


@pytest.fixture
def told(redis, in_tenant):
    """told(alpha, task) puts a task's signal on the queue, as the relay does."""

    def tell(tenant, task_id):
        Signaller(redis).signal("default", tenant=tenant.slug, task_id=task_id, attempt=1, limit=30)
        with in_tenant(tenant):
            db.session.execute(sa.update(TaskRow).where(TaskRow.id == task_id).values(signalled_at=clock.now()))

    return tell


@pytest.fixture
def worked(flask_app, settings, cast):
    """Run a worker until its queue is empty."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield lambda: work(flask_app, settings.redis_url.get_secret_value(), "default", burst=True)
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), handlers, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def states(in_tenant):
    def count(tenant):
        query = sa.select(TaskRow.state, sa.func.count()).where(TaskRow.name.like("tests.%")).group_by(TaskRow.state)
        with in_tenant(tenant):
            return dict(db.session.execute(query).all())

    return count


def test_one_signal_is_enough_for_all_that_a_company_has_to_do(alpha, ran, plan, told, worked, states, redis):
    first, *_rest = plan(alpha, 20)
    told(alpha, first)
    worked()

    assert states(alpha) == {"done": 20}
    assert len(queue_of("default", redis)) == 0


def test_nobody_waits_for_more_than_the_task_at_hand(alpha, beta, ran, plan, told, worked):
    first, *_rest = plan(alpha, 3)
    other = plan(beta, 1)
    told(alpha, first)
    told(beta, *other)
    worked()

    assert ran == ["alpha", "beta"]


def test_a_turn_is_over_after_a_while(alpha, ran, plan, told, worked, monkeypatch):
    monkeypatch.setattr(working, "TURN_SECONDS", 0.0)
    first, second, _third = plan(alpha, 3)
    told(alpha, first)
    told(alpha, second)
    worked()

    assert ran == ["alpha", "alpha"]


def test_what_is_not_due_or_told_or_of_another_queue_is_left(alpha, ran, plan, told, worked, states, redis):
    first, told_elsewhere = plan(alpha, 2)
    plan(alpha, 1, run_at=clock.now().replace(year=2099))
    plan(alpha, 1, name=OTHER)
    plan(alpha, 1, state="running", lease=new_id(), lease_until=clock.now().replace(year=2099))
    plan(alpha, 1, state="failed")
    told(alpha, told_elsewhere)
    queue_of("default", redis).empty()
    told(alpha, first)
    worked()

    assert states(alpha) == {"done": 1, "waiting": 3, "running": 1, "failed": 1}


def test_a_company_that_was_closed_in_between_gets_no_turn(flask_app, alpha, ran, plan, told, worked, states):
    first, *_rest = plan(alpha, 2)
    told(alpha, first)
    set_state(flask_app.extensions["owners"].main, "alpha", "suspended")
    worked()

    assert states(alpha) == {"waiting": 2}


def test_a_task_of_a_turn_has_its_own_limit(alpha, ran, plan, told, worked, in_tenant, monkeypatch):
    def slow(run):
        ran.append("slow")
        time.sleep(5)
        ran.append("slept")

    monkeypatch.setattr(working, "GRACE_SECONDS", 0)
    monkeypatch.setattr(working, "TURN_SECONDS", 60)
    monkeypatch.setitem(TASKS, OTHER, TaskDefinition(OTHER, slow, "default", 1, 3, None))
    (first,) = plan(alpha, 1)
    (second,) = plan(alpha, 1, name=OTHER)
    told(alpha, first)
    worked()

    with in_tenant(alpha):
        row = db.session.get_one(TaskRow, second)
        assert (ran, row.state, row.attempts) == (["alpha", "slow"], "waiting", 1)
        # RQ's limit for threads, where any test used it, writes its own seconds into the text for good
        assert row.problem.startswith("Task exceeded maximum timeout value")


@pytest.mark.parametrize("slug", ["alpha", "with-dashes-1"])
def test_a_signals_name_says_whose_it_is(slug):
    assert company_of(signal_id(slug, uuid.uuid4(), 12)) == slug


@pytest.mark.parametrize("name", ["", "planted", "a-b", "-1-2", "UPPER-1-2"])
def test_what_is_no_signal_is_nobodys(name):
    assert company_of(name) is None
