"""python -m jobs relay | scheduler | worker QUEUE | all: the processes of the Procfile."""

import argparse
import sys

from jobs.queues import QUEUES


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    words.add_argument("process", choices=["relay", "scheduler", "worker", "all"])
    words.add_argument("queues", nargs="*", choices=[*QUEUES, []], metavar="QUEUE")
    if sys.argv[1:2] == ["alone"]:
        _alone(*sys.argv[2:])
    asked = words.parse_args()
    if len(asked.queues) != (asked.process == "worker"):
        words.error("A worker serves one queue: python -m jobs worker QUEUE, and a process for each.")
    from jobs.processes import serve  # takes seconds: whoever asked for the wrong thing hears it before

    serve(asked.process, *asked.queues)


def _alone(tenant: str, task_id: str, lease: str, parent: str, seconds: str) -> None:
    """Started by workers, for nobody else (jobs/alone.py); its signals are set before anything takes time."""
    from jobs.alone import begin

    begin(int(parent), int(seconds))
    from jobs.processes import finish

    finish(tenant, task_id, lease)


if __name__ == "__main__":
    main()
