"""The Procfile's runner: what dies comes back, what is stopped leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.processes import alive

ROOT = Path(__file__).resolve().parents[2]
PROCFILE = """\
# sleepers that say who they are
one: sh -c 'echo $$ >> one.pids; exec sleep 300'
two: sh -c 'trap "" TERM; echo $$ >> two.pids; sleep 300 & wait; sleep 300'
three: python three.py
"""
THREE = "import os, time\nwith open('three.pids', 'a') as f: f.write(f'{os.getpid()}\\n')\ntime.sleep(300)\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Procfile").write_text(PROCFILE)
    (tmp_path / "three.py").write_text(THREE)
    return tmp_path


@pytest.fixture
def runner(folder):
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bin/runner.py"), str(folder / "Procfile")],
        env=os.environ | {"DATA_DIR": str(folder)}, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    until(lambda: all(pids(folder, name) for name in ("one", "two", "three")))
    yield process
    process.kill()
    process.wait()


def pids(folder, name):
    file = folder / f"{name}.pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize("name", ["one", "three"])
def test_runner_starts_a_killed_child_again_within_a_second(folder, runner, name):
    (first,) = pids(folder, name)
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    until(lambda: len(pids(folder, name)) == 2)
    assert time.monotonic() - killed < 1.0
    assert not alive(first)


def test_runner_told_to_stop_leaves_no_process(folder, runner):
    everybody = [pid for name in ("one", "two", "three") for pid in pids(folder, name)]
    told = time.monotonic()
    runner.send_signal(signal.SIGTERM)
    runner.wait(15)
    assert time.monotonic() - told < 10
    assert [pid for pid in everybody if alive(pid)] == []


def test_runner_killed_takes_its_children_along(folder, runner):
    everybody = [pid for name in ("one", "two", "three") for pid in pids(folder, name)]
    runner.kill()
    runner.wait()
    until(lambda: not any(alive(pid) for pid in everybody), seconds=3)


def test_runner_says_what_keeps_ending(tmp_path):
    (tmp_path / "Procfile").write_text("bad: sh -c 'echo no such luck; exit 1'\n")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bin/runner.py"), str(tmp_path / "Procfile")],
        env=os.environ | {"DATA_DIR": str(tmp_path)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = process.stderr.readline()
    process.terminate()
    process.communicate(timeout=15)
    assert said == "bad keeps ending: no such luck\n"
