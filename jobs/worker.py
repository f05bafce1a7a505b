"""A worker process: one queue, one task at a time, no fork per task (loaded engines stay loaded)."""

from types import FrameType

import redis
import structlog
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from jobs import runtime
from jobs.queues import connect, queue_of

SEEN_SECONDS = 60  # how often an idle worker says that it lives; Redis believes it for a minute longer

log = structlog.get_logger()


class Worker(SimpleWorker):
    """RQ ends an idle worker by an exception out of the signal; raised where something swallows it, it is forgotten."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def work(flask_app: Flask, redis_url: str, queue: str, *, burst: bool = False) -> None:
    """Serve until told to stop (SIGTERM finishes the task at hand) or Redis is gone, which ends the process.

    One queue: of several, RQ takes a signal in two steps, and a kill between them loses it (requirements R-05).
    A killed worker leaves its row's lease to run out; the sweeper frees it and another worker goes on.
    """
    runtime.serve(flask_app)
    connection: redis.Redis = connect(redis_url)
    worker = Worker(
        [queue_of(queue, connection)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=SEEN_SECONDS,
    )
    log.info("worker_ready", queue=queue)
    worker.work(burst=burst, logging_level="WARNING")
