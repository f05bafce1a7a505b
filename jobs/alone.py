"""A task whose workers died twice runs in a process of its own: if that dies too, the task is to blame, and no worker.

Workers killed at random hit a task twice now and then; none of that is its fault, and a third death of the same kind
says nothing either. The death of a process that did nothing else, while the worker that started it lives, does.
"""

import os
import signal
import subprocess
import sys
from typing import NoReturn

import structlog

from jobs.definitions import TaskDefinition
from jobs.ledger import Held
from jobs.tied import dies_with
from tenants.registry import TenantRecord

AFTER = 2  # deaths; the third attempt is the last (requirements R-12)
ENDS = {"done": 100, "lease_lost": 101, "put_off": 102, "failed": 103}  # exit statuses that nothing else uses
START_SECONDS = 15  # to import everything
KILLED = 128 + signal.SIGKILL  # as a shell says it
STOPS = (signal.SIGTERM, signal.SIGINT)
COMMAND = [sys.executable, "-m", "jobs", "alone"]

log = structlog.get_logger()


class DiedError(Exception):
    """A signal ended the process, and nobody who tells processes to stop sent it."""


class NotRunError(Exception):
    """It could not start, was told to stop, or ended in a way that says nothing of the task."""


def run(tenant: TenantRecord, row: Held, definition: TaskDefinition) -> str:
    """How it ended, in the ledger's words. The caller holds the lease, prolongs it, and goes on holding it.

    Raises DiedError, NotRunError, and TimeoutError after the task's limit. The process dies with its caller.
    """
    longest = definition.limit + START_SECONDS
    words = [*COMMAND, tenant.slug, str(row.id), str(row.lease), str(os.getpid()), str(longest + START_SECONDS)]
    try:
        process = subprocess.Popen(words)  # noqa: S603 -- our own module, a slug, ids and numbers
    except OSError as error:
        raise NotRunError(type(error).__name__) from error
    try:
        status = process.wait(longest)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{definition.name} took longer than {definition.limit} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if end := next((end for end, known in ENDS.items() if known == status), None):
        return end
    log.error("task_ended_alone", status=status)
    if status == KILLED or (status < 0 and -status not in STOPS):
        raise DiedError
    raise NotRunError(f"the process for it ended with {status}")


def begin(parent: int, seconds: int) -> None:
    """In the process itself: it dies with its parent, and by itself after so many seconds.

    Told to stop, it finishes its task, as a worker does.
    """
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    if not dies_with(parent, signal.SIGKILL):
        os._exit(1)
    signal.alarm(seconds)


def end(how: str) -> NoReturn:
    """At once: what libraries do when an interpreter ends could still kill it, and says nothing of the task."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ENDS[how])
