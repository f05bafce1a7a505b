"""python -m jobs relay | scheduler | worker QUEUE | all: the processes of the Procfile."""

import argparse
import sys

from flask import Flask
from prometheus_client import REGISTRY

from app import create_app
from app.adapters import timekeeping
from app.adapters.redis.durability import refusal
from app.settings import Settings
from jobs import everything, metrics, timetable
from jobs.backlog import Backlog
from jobs.definitions import TASKS
from jobs.machines import answer_machines
from jobs.queues import QUEUES
from jobs.relay import Relay
from jobs.worker import work


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    words.add_argument("process", choices=["relay", "scheduler", "worker", "all"])
    words.add_argument("queues", nargs="*", choices=[*QUEUES, []], metavar="QUEUE")
    asked = words.parse_args()
    if len(asked.queues) != (asked.process == "worker"):
        words.error("A worker serves one queue: python -m jobs worker QUEUE, and a process for each.")
    settings = Settings()
    if reason := refusal(settings):
        sys.exit(reason)
    flask_app = create_app(settings)
    redis_url = settings.redis_url.get_secret_value()
    metrics.expect(list(TASKS))
    if asked.process != "all":
        timekeeping.keep(flask_app)
    if asked.process == "relay":
        relay = _relay(flask_app, redis_url)
        answer_machines(settings, relay.pulse.alive)
        relay.serve()
    elif asked.process == "scheduler":
        pulse = metrics.Pulse(patience=timetable.STUCK_SECONDS)
        answer_machines(settings, pulse.alive)
        timetable.serve(flask_app, pulse)
    elif asked.process == "worker":
        answer_machines(settings, lambda: True)
        work(flask_app, redis_url, asked.queues[0])
    else:
        relay = _relay(flask_app, redis_url)
        everything.serve(flask_app, redis_url, relay, lambda: answer_machines(settings, relay.pulse.alive))


def _relay(flask_app: Flask, redis_url: str) -> Relay:
    backlog = Backlog()
    REGISTRY.register(backlog)
    return Relay(flask_app, redis_url, backlog)


if __name__ == "__main__":
    main()
