"""The relay while Redis is away, while a company is closed, and while there is much to do."""

import threading
import time

import pytest
import redis
import sqlalchemy as sa

from app.adapters.local.services import _Redis
from app.adapters.redis.signals import NUDGES
from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.postings.commands import write_posting
from jobs import relay as relaying
from jobs.ledger import TaskRow
from jobs.queues import queue_of
from jobs.relay import Relay, relay
from tenants import provisioning
from tenants.db import db
from tests.conftest import Inline, _free_port


@pytest.fixture
def own_redis(tmp_path):
    """A Redis that a test may stop and start again at the same port."""
    server, port = _Redis(tmp_path / "redis", "test", fast=True), _free_port()
    server.url = server.start(port, _free_port)
    server.again = lambda: server.start(port, _free_port)
    yield server
    server.stop()


@pytest.fixture
def running(flask_app, own_redis):
    """The relay's loop in a thread of this process, as `python -m jobs all` has it."""
    found = Relay(flask_app, own_redis.url)
    thread = threading.Thread(target=found.loop, daemon=True)
    thread.start()
    yield thread
    found.over.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def somebody_applies(cast, in_tenant):
    def somebody(tenant, member=None):
        with in_tenant(tenant):
            by = actor_of(member or cast.rita)
            posting = write_posting(text="Night nurse", by=member or cast.rita, actor=by)
            return apply(posting, register(name="Cara"), resume=None, source="careers", by=by).id

    return somebody


def planned(in_tenant, tenant):
    """Names of the company's tasks, and whether each was signalled."""
    with in_tenant(tenant):
        rows = db.session.execute(sa.select(TaskRow.name, TaskRow.signalled_at).order_by(TaskRow.name)).all()
        return [(name, at is not None) for name, at in rows]


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_facts_become_tasks_while_redis_is_away_and_are_signalled_when_it_is_back(
    running, own_redis, alpha, in_tenant, somebody_applies
):
    own_redis.stop()
    somebody_applies(alpha)
    until(lambda: planned(in_tenant, alpha))
    waiting = planned(in_tenant, alpha)
    own_redis.again()
    connection = redis.Redis.from_url(own_redis.url)
    until(lambda: len(queue_of("mail", connection)) == 1)

    names = ["applications.confirm", "applications.match", "postings.analyse"]
    assert waiting == [(name, False) for name in names]
    until(lambda: planned(in_tenant, alpha) == [(name, True) for name in names])
    connection.close()


def test_a_nudge_for_a_company_that_is_closed_or_gone_stops_nothing(
    flask_app, running, own_redis, *, alpha, beta, cast, in_tenant, somebody_applies
):
    provisioning.set_state(flask_app.extensions["owners"].main, "beta", "suspended")
    somebody_applies(beta, cast.rex)
    connection = redis.Redis.from_url(own_redis.url)
    connection.lpush(NUDGES, "nobody", "beta")
    for number in (1, 2):  # when the second is signalled, the first round is over for certain
        somebody_applies(alpha)
        connection.lpush(NUDGES, "alpha")
        until(lambda number=number: len(queue_of("mail", connection)) == number)

    assert planned(in_tenant, beta) == []
    connection.close()


def test_more_facts_than_one_batch_are_relayed_in_one_go(
    flask_app, alpha, cast, in_tenant, somebody_applies, monkeypatch
):
    monkeypatch.setattr(relaying, "BATCH", 2)
    for _one in range(3):
        somebody_applies(alpha)

    assert relay(flask_app, alpha, Inline()) == 9
    assert relay(flask_app, alpha, Inline()) == 0
