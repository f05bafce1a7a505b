"""A task whose workers died twice runs in a process of its own; how that ended says what becomes of it (R-12)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from jobs import alone, runtime
from jobs.ledger import TaskRow
from tenants.db import db
from tests.chaos.processes import alive, until
from tests.jobs.test_ledger import NAME, effect, plan, state_of, task_of  # noqa: F401 -- a fixture


def poisonous():
    return REGISTRY.get_sample_value("assay_poisonous_tasks_total", {"task": NAME}) or 0


@pytest.fixture
def ended(alpha, cast, in_tenant, task_of, monkeypatch):  # noqa: F811
    """ended("a line of shell") -> state, problem, and by how many the poisonous became more."""

    def run(line, **values):
        monkeypatch.setattr(alone, "COMMAND", ["sh", "-c", line] if line else ["/nowhere/at/all"])
        task_of(effect, attempts=1)
        with in_tenant(alpha):
            row = plan(lost=alone.AFTER, attempts=7, **values)
        before = poisonous()
        runtime.run("alpha", str(row.id))
        with in_tenant(alpha):
            found = state_of(row)
            return found.state, found.problem, poisonous() - before

    return run


def test_r12_a_signal_that_nobody_stops_processes_by_is_the_tasks_own_doing(ended):
    assert ended("kill -KILL $$") == ("failed", "It ended its worker 3 times.", 1)
    assert ended("kill -SEGV $$") == ("failed", "It ended its worker 3 times.", 1)
    assert ended("exit 137") == ("failed", "It ended its worker 3 times.", 1)


@pytest.mark.parametrize("line", ["kill -TERM $$", "kill -INT $$", "exit 1", "exit 0", ""])
def test_r12_what_did_not_run_is_no_try_however_many_there_were(ended, line):
    state, problem, more = ended(line)

    assert (state, more) == ("waiting", 0)
    assert problem


def test_r12_what_had_ended_before_its_process_died_is_no_poison(ended, alpha, in_tenant, monkeypatch):
    """As where a library ends the interpreter by a signal after the body completed."""

    def completed_and_died(_tenant, row, _definition):
        with in_tenant(alpha):
            held = db.session.get_one(TaskRow, row.id)
            held.state, held.lease, held.lease_until, held.finished_at = "done", None, None, row.created_at
        raise alone.DiedError

    monkeypatch.setattr(alone, "run", completed_and_died)

    assert ended("") == ("done", None, 0)


def test_such_a_process_dies_with_its_parent_and_by_itself_in_time():
    code = "import signal, sys; from jobs import alone; alone.begin(int(sys.argv[1]), {seconds}); signal.pause()"
    parent = "import os, subprocess, sys; print(subprocess.Popen([sys.executable, '-c', sys.argv[1], str(os.getpid())], stdout=subprocess.DEVNULL).pid, flush=True); import signal; signal.pause()"
    starter = subprocess.Popen(
        [sys.executable, "-c", parent, code.format(seconds=50)], stdout=subprocess.PIPE, text=True
    )
    child = int(starter.stdout.readline())
    assert until(lambda: ignores(child, signal.SIGTERM), seconds=30)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert until(lambda: not alive(child), seconds=10)

    began = time.monotonic()
    short = subprocess.run([sys.executable, "-c", code.format(seconds=1), str(os.getpid())], check=False)
    assert (short.returncode, time.monotonic() - began < 30) == (-signal.SIGALRM, True)
    stranger = subprocess.run([sys.executable, "-c", code.format(seconds=9), "1"], check=False)
    assert stranger.returncode == 1


def ignores(pid, number):
    told = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(int(line.split()[1], 16) for line in told if line.startswith("SigIgn"))
    return bool(mask >> (number - 1) & 1)
