"""A task whose workers died twice runs in a process of its own: if that dies too, the task is to blame, and no worker.

Workers killed at random hit a task twice now and then; none of that is its fault, and a third death of the same kind
says nothing either. The death of a process that did nothing else, while the worker that started it lives, does.
"""

import signal
import subprocess
import sys

import structlog

from app.kernel.errors import Unavailable
from jobs.definitions import TaskDefinition
from jobs.ledger import Held
from tenants.registry import TenantRecord

AFTER = 2  # deaths; the third attempt is the last (requirements R-12)
ENDS = {"done": 100, "lease_lost": 101, "put_off": 102, "failed": 103}  # exit statuses that nothing else uses
START_SECONDS = 15  # to import everything
KILLED = 128 + signal.SIGKILL  # as a shell says it
COMMAND = [sys.executable, "-m", "jobs", "alone"]

log = structlog.get_logger()


class DiedError(Exception):
    """The process ended without a word."""


def run(tenant: TenantRecord, row: Held, definition: TaskDefinition) -> str:
    """How it ended, in the ledger's words. The caller holds the lease, prolongs it, and goes on holding it.

    Raises DiedError; TimeoutError after the task's limit; Unavailable where it could not start, or was told to stop.
    """
    words = [*COMMAND, tenant.slug, str(row.id), str(row.lease)]
    process = subprocess.Popen(words)  # noqa: S603 -- our own module, a slug and two ids
    try:
        status = process.wait(definition.limit + START_SECONDS)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{definition.name} took longer than {definition.limit} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if end := next((end for end, known in ENDS.items() if known == status), None):
        return end
    log.error("task_died_alone", status=status)
    if status in {-signal.SIGTERM, -signal.SIGINT} or (status > 0 and status != KILLED):
        raise Unavailable(f"the process for it ended with {status}")
    raise DiedError
