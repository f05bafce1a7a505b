"""The lines to PostgreSQL and to Redis are slow, cut or dead at one end: pages answer, what was taken stays, it passes."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import jobs.relay
from app.adapters.redis.signals import NUDGES
from app.applications.commands import apply
from app.applications.models import Note
from app.candidates.commands import register
from app.identity.commands import actor_of
from jobs.relay import Relay
from tenants.db import db
from tests.chaos.invariants import settle
from tests.chaos.processes import Nursery, Person, free_port, until
from tests.chaos.proxy import Proxy
from tests.jobs.factories import approved_kit, submitted_interview
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lines")]
FAULT_SECONDS, SLOW_SECONDS = sized(8, 2), 0.3
ROUND_TRIPS = 30  # of a write and the page after it, at most
WELL_AGAIN_SECONDS = sized(10, 2)
PEOPLE, FINE = 4, frozenset({200, 303})
KEPT_ALIVE = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)


@pytest.fixture(scope="module")
def lines(settings):
    """(nursery, the line to PostgreSQL, the line to Redis)."""
    database, database_url = Proxy.before(settings.database_url.get_secret_value())
    redis, redis_url = Proxy.before(settings.redis_url.get_secret_value())
    through = {"database_url": SecretStr(database_url), "redis_url": SecretStr(redis_url)}
    with closing(database), closing(redis), closing(Nursery(settings.model_copy(update=through))) as nursery:
        yield nursery, database, redis


class Said(NamedTuple):
    began: float
    took: float
    status: int
    words: str | None  # of the note that was sent


class Writers:
    """Members who write a note and look at the board, again and again."""

    def __init__(self, port, posting, applications):
        self.port, self.posting, self.over, self.said = port, posting, threading.Event(), []
        self.threads = [threading.Thread(target=self._write, args=(one,)) for one in applications]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def since(self, moment):
        return [each for each in list(self.said) if each.began + each.took >= moment]

    def _write(self, application):
        rita, number = Person(self.port, "rita"), 0
        while not self.over.wait(0.05):
            number += 1
            words = f"{application} {number}"
            began = time.monotonic()
            status = rita.post(f"/applications/{application}/notes", {"text": words})
            self.said.append(Said(began, time.monotonic() - began, status, words))
            began = time.monotonic()
            status = rita.ask("GET", f"/jobs/{self.posting}/board")[0]
            self.said.append(Said(began, time.monotonic() - began, status, None))


@pytest.fixture
def house(lines, alpha, cast, in_tenant):
    """Everybody at work through the lines, with something to do; (writers, line to PostgreSQL, line to Redis)."""
    nursery, database, redis = lines
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=2)
        people = [
            apply(posting, register(name=f"Cara {n}"), resume=None, source="upload", by=actor_of(cast.rita)).id
            for n in range(PEOPLE)
        ]
        submitted_interview(cast.rita, posting, kit, name="Mira")
    nursery.web(port := free_port())
    for name in ("relay", "default", "low"):
        nursery.start(name)
    writers = Writers(port, posting.id, people)
    assert until(lambda: len(writers.said) >= 4 * PEOPLE, seconds=60)
    yield writers, database, redis
    writers.stop()
    nursery.kill_all()


class Fault(NamedTuple):
    """What happens to the lines, after how many seconds a page has to be there, and which answers may come."""

    strike: Callable[[Proxy, Proxy], object]
    seconds: float
    statuses: frozenset[int]


FAULTS = {
    "a slow PostgreSQL": Fault(lambda database, _: database.slow(SLOW_SECONDS), ROUND_TRIPS * SLOW_SECONDS, FINE),
    "a slow Redis": Fault(lambda _, redis: redis.slow(SLOW_SECONDS), 3.0, FINE),
    "all connections cut": Fault(lambda *both: [line.reset() for line in both], 3.0, FINE | {503}),
    "all connections dead at one end": Fault(
        lambda *both: [line.half_open() for line in both], FAULT_SECONDS + 3.0, FINE | {503}
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_between_the_processes_fails_and_nothing_that_was_taken_is_lost(house, lines, alpha, in_tenant, name):
    """Until the machine would tell that a line is dead, by keepalives; here it is cut then."""
    (writers, *both), fault = house, FAULTS[name]
    began = time.monotonic()
    met = fault.strike(*both)
    writers.over.wait(FAULT_SECONDS)
    for line in both:
        line.mend()
    ended = time.monotonic()
    assert until(lambda: len(writers.since(ended + WELL_AGAIN_SECONDS)) >= PEOPLE, seconds=60)
    writers.stop()

    during, after = writers.since(began), writers.since(ended + WELL_AGAIN_SECONDS)
    slowest = max(each.took for each in during)
    print(f"{name}: {len(during)} requests, the slowest {slowest:.1f} s, {Counter(each.status for each in during)}")
    assert met is None or min(met) >= 1
    assert {each.status for each in during} <= fault.statuses
    assert slowest <= fault.seconds
    assert {each.status for each in after} == FINE
    with in_tenant(alpha):
        there = Counter(db.session.scalars(sa.select(Note.text)))
    told = {each.words for each in writers.said if each.words and each.status == 303}
    assert sorted(told - set(there)) == []
    assert set(there.values()) == {1}
    settle(lines[0], in_tenant, alpha)


def test_a_relay_whose_redis_died_at_the_other_end_goes_on_by_a_new_line(flask_app, settings, monkeypatch):
    monkeypatch.setattr(jobs.relay, "REDIS_SECONDS", 1.0)
    line, url = Proxy.before(settings.redis_url.get_secret_value())
    relay = Relay(flask_app, url)
    with closing(line), closing(relay.redis):
        flask_app.extensions["signals"].client.delete(NUDGES)
        assert relay._nudged() == set()
        line.half_open()
        relay._nudged()
        flask_app.extensions["signals"].client.lpush(NUDGES, "alpha")

        assert until(lambda: relay._nudged() == {"alpha"}, seconds=10)


def test_what_a_dead_line_to_postgresql_costs_is_seconds(flask_app, settings):
    """The machine asks the other end after ten quiet seconds, and gives up what nobody receipts after twenty."""
    with flask_app.app_context(), db.engine.connect() as connection:
        line = socket.socket(fileno=os.dup(connection.connection.fileno()))
        told = [line.getsockopt(socket.IPPROTO_TCP, option) for option in KEPT_ALIVE]
        line.close()
    assert told == [10, 5, 2, 20_000]
