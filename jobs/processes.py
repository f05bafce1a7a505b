"""What `python -m jobs` starts: one application, and around it the loop that was asked for."""

import sys
import uuid
from typing import NoReturn

from flask import Flask
from prometheus_client import REGISTRY

from app import create_app
from app.adapters import timekeeping, tracing
from app.adapters.redis.durability import refusal
from app.settings import Settings
from jobs import alone, everything, metrics, runtime, timetable
from jobs.backlog import Backlog
from jobs.definitions import TASKS
from jobs.machines import answer_machines
from jobs.relay import Relay
from jobs.worker import work


def serve(process: str, queue: str = "") -> None:
    """Until told to stop. Ends the process with a sentence where Redis may not be used as it is set up."""
    settings = Settings()
    if reason := refusal(settings):
        sys.exit(reason)
    flask_app = create_app(settings)
    redis_url = settings.redis_url.get_secret_value()
    metrics.expect(list(TASKS))
    if process != "all":
        timekeeping.keep(flask_app)
    if process == "relay":
        relay = _relay(flask_app, redis_url)
        answer_machines(settings, relay.pulse.alive)
        relay.serve()
    elif process == "scheduler":
        pulse = metrics.Pulse(patience=timetable.STUCK_SECONDS)
        answer_machines(settings, pulse.alive)
        timetable.serve(flask_app, pulse)
    elif process == "worker":
        answer_machines(settings, lambda: True)
        work(flask_app, redis_url, queue)
    else:
        relay = _relay(flask_app, redis_url)
        everything.serve(flask_app, redis_url, relay, lambda: answer_machines(settings, relay.pulse.alive))


def finish(tenant: str, task_id: str, lease: str) -> NoReturn:
    """One task that somebody else holds the lease of."""
    flask_app = create_app(Settings())
    timekeeping.keep(flask_app)
    runtime.serve(flask_app)
    how = runtime.run_held(tenant, uuid.UUID(task_id), uuid.UUID(lease))
    tracing.end()
    alone.end(how)


def _relay(flask_app: Flask, redis_url: str) -> Relay:
    backlog = Backlog()
    REGISTRY.register(backlog)
    return Relay(flask_app, redis_url, backlog)
