"""The processes of the Procfile as they really run: each does its work, and stops when it is told to."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.kernel import clock
from app.letters.models import Mail
from app.postings.commands import write_posting
from jobs.ledger import TaskRow
from jobs.queues import QUEUES, queue_of
from jobs.relay import OUT, SIGNAL_AGAIN
from jobs.timetable import plan
from tenants.db import db

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENCE_SECONDS = 60
STOPS_WITHIN_SECONDS = 2.0


def waited_for_a_core(process):
    """For how many seconds the process could have run and others did: a busy machine is not its fault."""
    file = Path(f"/proc/{process.pid}/schedstat")
    return int(file.read_text().split()[1]) / 1e9 if file.exists() else 0.0


def stopped(process):
    """Tell it to stop; its exit code, and how many seconds of its own it took."""
    told, waited = time.monotonic(), waited_for_a_core(process)
    process.send_signal(signal.SIGTERM)
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        assert time.monotonic() - told < PATIENCE_SECONDS, "does not stop"
        time.sleep(0.01)
    took = time.monotonic() - told - (waited_for_a_core(process) - waited)
    return process.wait(), took


@pytest.fixture
def process(settings):
    """process("relay") in a with: `python -m jobs relay`, told to stop at the end; it must do so in time, with 0."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
    }  # fmt: skip

    @contextmanager
    def run(*words):
        started = subprocess.Popen([sys.executable, "-m", "jobs", *words], env=environment)
        try:
            yield started
            code, took = stopped(started)
            patience = STOPS_WITHIN_SECONDS * (1 + len(QUEUES) if words == ("all",) else 1)  # for each process
            assert (code, took < patience) == (0, True), f"{words}: code {code} after {took:.2f} s"
        finally:
            started.kill()
            started.wait()

    return run


@pytest.fixture
def empty_queues(settings):
    connection = redis.Redis.from_url(settings.redis_url.get_secret_value())
    connection.flushall()
    yield {name: queue_of(name, connection) for name in QUEUES}
    connection.close()


@pytest.fixture
def twelve_apply(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = write_posting(text="Night nurse", by=cast.rita, actor=actor_of(cast.rita))
    for number in range(12):
        with in_tenant(alpha):
            person = register(name=f"Cara {number}", email=f"cara{number}@people.example")
            apply(posting, person, resume=None, source="careers", by=actor_of(cast.rita))


def until(condition, process):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None, f"ended by itself with {process.returncode}"
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def states(alpha, in_tenant):
    """states("letters.send") -> {"done": 3, "waiting": 9}"""

    def count(name):
        query = sa.select(TaskRow.state, sa.func.count()).where(TaskRow.name == name).group_by(TaskRow.state)
        with in_tenant(alpha):
            return dict(db.session.execute(query).all())

    return count


@pytest.fixture
def letters(alpha, in_tenant):
    """How many letters were written to each address."""

    def count():
        with in_tenant(alpha):
            return dict(Counter(db.session.scalars(sa.select(Mail.to_address))))

    return count


def test_relay_process_makes_tasks_of_facts_and_signals_some(process, empty_queues, twelve_apply, states):
    """As many signals as no company's work stands behind another's; each task that ends brings the next."""
    with process("relay") as relay:
        until(lambda: len(empty_queues["mail"]) == OUT + 2, relay)

    assert states("applications.confirm") == {"waiting": 12}


def test_worker_process_told_to_stop_finishes_the_task_at_hand_and_starts_no_other(
    process, empty_queues, twelve_apply, states, letters, drain, clock_at
):
    with process("relay") as relay, process("worker", "mail") as worker:
        until(lambda: states("applications.confirm").get("done", 0) >= 2, worker)
        assert relay.poll() is None

    assert set(states("applications.confirm")) | set(states("letters.send")) <= {"done", "waiting"}
    assert states("applications.confirm").get("done", 0) == len(letters())
    with clock_at(clock.now() + SIGNAL_AGAIN + timedelta(seconds=1)):
        drain()
    assert letters() == {f"cara{number}@people.example": 1 for number in range(12)}
    assert states("letters.send") == {"done": 12}


def test_one_process_for_everything_relays_and_works(process, empty_queues, twelve_apply, states, letters):
    with process("all") as everything:
        until(lambda: states("letters.send") == {"done": 12}, everything)

    assert letters() == {f"cara{number}@people.example": 1 for number in range(12)}


@pytest.mark.parametrize("words", [("worker", "mail", "low"), ("worker",), ("relay", "low"), ("all", "mail")])
def test_r05_a_worker_serves_one_queue_or_does_not_start(settings, words):
    """Of two, RQ takes a signal in two steps, and a kill between them loses it."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file),
    }  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-m", "jobs", *words], env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert said.returncode == 2
    assert "A worker serves one queue" in said.stderr


def test_r05_every_line_that_starts_a_worker_names_one_queue():
    """The Procfile, compose and Kubernetes: each queue once."""
    procfile = re.findall(r"-m jobs worker(.*)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    compose = re.findall(r"-m, jobs, worker(.*)\]", (ROOT / "deploy/compose.yaml").read_text())
    cluster = [
        line
        for file in (ROOT / "deploy/kubernetes").glob("worker-*.yaml")
        for line in re.findall(r"-m, jobs, worker(.*?)\]", file.read_text())
    ]

    for lines in (procfile, compose, cluster):
        assert sorted(line.strip(" ,") for line in lines) == sorted(QUEUES)


def test_timetable_process_plans_as_soon_as_it_starts(process, alpha, cast, states):
    with process("scheduler") as scheduler:
        until(lambda: states("interviews.close_overdue") and states("interviews.remind"), scheduler)


def test_a_slot_is_planned_once_however_many_plan_it(flask_app, alpha, cast, states):
    for seconds in (0, 1, 299):
        plan(flask_app, alpha, NOON + timedelta(seconds=seconds))
    planned = states("interviews.close_overdue"), states("interviews.remind")
    plan(flask_app, alpha, NOON + timedelta(seconds=300))

    assert planned == ({"waiting": 1}, {"waiting": 1})
    assert (states("interviews.close_overdue"), states("interviews.remind")) == ({"waiting": 2}, {"waiting": 1})
