"""How work stands, told by the relay to the operators' page: what /metrics says of queues, and who works on what."""

import re
import time
import uuid
from collections import Counter
from contextlib import suppress
from datetime import UTC

import redis
from rq import Worker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from app.adapters.redis.board import RedisBoard
from app.kernel import clock
from app.ports.work import QueueState, WorkerState, WorkState
from jobs.backlog import Backlog
from jobs.definitions import TASKS
from jobs.queues import QUEUES

EVERY_SECONDS = 5.0
_SIGNAL = re.compile(r"(?P<tenant>.+)-(?P<task>[0-9a-f]{32})-\d+")


class Teller:
    def __init__(self, connection: redis.Redis, backlog: Backlog) -> None:
        self._connection, self._backlog = connection, backlog
        self._board = RedisBoard(connection)
        self._told_at = -EVERY_SECONDS

    def tell(self) -> None:
        """Now and then, however often it is asked. That it cannot be told stops no work."""
        if time.monotonic() - self._told_at < EVERY_SECONDS:
            return
        self._told_at = time.monotonic()
        with suppress(redis.RedisError):
            self._board.tell(self._state())

    def _state(self) -> WorkState:
        workers = tuple(_worker(each) for each in Worker.all(self._connection, serializer=JSONSerializer))
        busy = Counter(each.queue for each in workers if each.task_id)
        said = {
            (sample.name, sample.labels.get("queue")): sample.value
            for metric in self._backlog.collect()
            for sample in metric.samples
        }
        queues = tuple(
            QueueState(name, int(said["assay_queue_tasks", name]), said["assay_queue_oldest_seconds", name], busy[name])
            for name in QUEUES
        )
        return WorkState(clock.now(), queues, tuple(sorted(workers, key=_by_queue)), frozenset(TASKS))


def _worker(worker: BaseWorker) -> WorkerState:
    signal = _SIGNAL.fullmatch(worker.get_current_job_id() or "")
    return WorkerState(
        name=worker.name,
        queue=",".join(worker.queue_names()),
        seen_at=worker.last_heartbeat.replace(tzinfo=UTC) if worker.last_heartbeat else None,
        tenant=signal["tenant"] if signal else None,
        task_id=uuid.UUID(signal["task"]) if signal else None,
    )


def _by_queue(worker: WorkerState) -> tuple[int, str]:
    known = {name: place for place, name in enumerate(QUEUES)}
    return known.get(worker.queue, len(known)), worker.name  # type: ignore[call-overload]
