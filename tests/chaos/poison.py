"""Tasks of the tests' own for processes of their own: one ends whatever process runs it, as the kernel's OOM killer does.

Not imported by the tests themselves: what they know of tasks is the product's.
"""

import os
import signal
import sys
from threading import Event

from app.audit.commands import note
from app.audit.queries import newest_entries
from app.kernel.actor import SYSTEM
from jobs import __main__ as product
from jobs import alone
from jobs.definitions import task


def install():
    @task("tests.poison", queue="low", limit=20, attempts=9)
    def poison(_run):
        os.kill(os.getpid(), signal.SIGKILL)

    @task("tests.harmless", queue="low", limit=20, attempts=9)
    def harmless(run):
        with run.completing():
            pass

    @task("tests.begins", queue="low", limit=300, attempts=9)
    def begins(run):
        """Notes each beginning. The first one goes on until its process is killed."""
        with run.noting():
            first = not newest_entries(on=("task", str(run.task_id)))
            note("tests.begun", by=SYSTEM, target=("task", run.task_id), pid=os.getpid())
        if first:
            Event().wait()
        with run.completing():
            pass

    alone.COMMAND = [sys.executable, "-m", "tests.chaos.poison", "alone"]


if __name__ == "__main__":
    install()
    product.main()
