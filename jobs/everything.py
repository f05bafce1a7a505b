"""All of background work under one process: a relay, and a child for each queue. For rehearsals; a service has a
process a line of the Procfile.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable

from flask import Flask

from app.adapters import timekeeping
from jobs.queues import QUEUES
from jobs.relay import Relay
from jobs.tied import dies_with
from jobs.worker import work


def serve(flask_app: Flask, redis_url: str, relay: Relay, begin: Callable[[], object]) -> None:
    """Until told to stop; then the children finish their tasks. `begin` starts threads, so the forks come first."""
    parent = os.getpid()
    children = [_child(flask_app, redis_url, queue, parent) for queue in QUEUES]
    try:
        timekeeping.keep(flask_app)
        begin()
        relay.serve()
    finally:
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for pid in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _child(flask_app: Flask, redis_url: str, queue: str, parent: int) -> int:
    """Dies with its parent, however that ends."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        if dies_with(parent, signal.SIGTERM):
            timekeeping.keep(flask_app)
            work(flask_app, redis_url, queue)
            status = 0
    except BaseException:  # noqa: BLE001 -- it ends here, and says why
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
