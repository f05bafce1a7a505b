"""Processes by fork, from one that has imported everything: killing twenty of them must not cost twenty imports.

By default what a killed process held is free after eight seconds instead of twenty; TEST_PROFILE=full waits as the product does.

Reads "relay", "scheduler", "web PORT" or a queue on stdin, each after "skewed SECONDS" or not; answers with the pid of a new
process. It ends with its stdin.
"""

import contextlib
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

from itsdangerous import TimestampSigner

import asgi
from app import create_app
from app.adapters import timekeeping
from app.kernel import clock
from app.settings import Settings
from jobs import relay, runtime, timetable
from jobs.relay import Relay
from jobs.worker import work
from tests.chaos import poison
from tests.sizes import FULL

SHORT = timedelta(seconds=8)


def skew(seconds: float) -> None:
    """A machine whose clock is wrong."""
    clock.machine = lambda: datetime.now(UTC) + timedelta(seconds=seconds)
    TimestampSigner.get_timestamp = lambda _: int(time.time() + seconds)


def hurry() -> None:
    """Everything in the product's own proportions."""
    ratio = SHORT / runtime.LEASE
    runtime.LEASE, relay.SIGNAL_AGAIN = SHORT, relay.SIGNAL_AGAIN * ratio
    runtime.BEAT_SECONDS *= ratio
    relay.SWEEP_ROUND_SECONDS *= ratio


def main() -> None:
    if not FULL:
        hurry()
    poison.install()
    settings = Settings()
    flask_app = create_app(settings)
    redis_url = settings.redis_url.get_secret_value()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        words = line.split()
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(2, 1)  # whatever it prints is no answer of ours
            if words[0] == "skewed":
                skew(float(words[1]))
                timekeeping.keep(flask_app)
                words = words[2:]
            if words == ["relay"]:
                Relay(flask_app, redis_url).serve()
            elif words == ["scheduler"]:
                timetable.serve(flask_app)
            elif words[0] == "web":
                with_port = settings.model_copy(update={"port": int(words[1])})
                asgi.serve(with_port, asgi.Application(with_port, flask_app=flask_app))
            else:
                work(flask_app, redis_url, words[0])
            os._exit(0)
        with contextlib.suppress(OSError):  # whoever is first: it leads a group before anybody hears of it
            os.setpgid(pid, pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
