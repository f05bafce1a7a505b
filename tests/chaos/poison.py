"""Tasks of the tests' own for processes of their own: one ends whatever process runs it, as the kernel's OOM killer does.

Not imported by the tests themselves: what they know of tasks is the product's.
"""

import os
import signal
import sys

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

    alone.COMMAND = [sys.executable, "-m", "tests.chaos.poison", "alone"]


if __name__ == "__main__":
    install()
    product.main()
