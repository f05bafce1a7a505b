"""What stands in the way of bin/demo is said in one sentence."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path):
    """The tree as another clone would have it: the same code, a var/ of its own."""
    clone = tmp_path / "a clone"
    (clone / "bin").mkdir(parents=True)
    (clone / "var").mkdir()
    for name in ("demo.py", "runner.py"):
        (clone / "bin" / name).write_text((ROOT / "bin" / name).read_text())
    for name in ("app", "jobs", "tenants"):
        (clone / name).symlink_to(ROOT / name)
    return clone


def started(clone, *words, **environment):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(
        [sys.executable, str(clone / "bin/demo.py"), *words],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.strip()


def test_taken_port_is_said_with_a_way_out(clone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = started(clone, PORT=str(port))
    assert code == 1
    assert said == (f"Port {port} is taken by another program. Stop it, or choose another: PORT={port + 80} bin/demo")


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_port_that_is_none_is_said(clone, port):
    assert started(clone, PORT=port) == (1, f"PORT must be a number from 1 to 65535, not {port!r}.")


def test_second_copy_is_said(clone):
    with (clone / "var" / "demo.lock").open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.write("4711")
        handle.flush()
        code, said = started(clone, PORT="18999")
    assert (code, said) == (1, "bin/demo is running here already (process 4711). Stop that one first.")


def test_unknown_word_is_wrong_usage(clone):
    code, said = started(clone, "--everything")
    assert code == 2
    assert said.startswith("usage: bin/demo")
