"""The queues, and putting a signal on one. A signal says "look at this row"; the row in PostgreSQL is the work."""

import uuid
from contextlib import suppress
from typing import Literal, get_args

import redis
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from tenants.names import is_slug
from tenants.scope import NoTenantError

QueueName = Literal["asking", "default", "parsing", "scoring", "mail", "low"]
QUEUES: tuple[QueueName, ...] = get_args(QueueName)


def connect(url: str, *, patience: float | None = None) -> redis.Redis:
    """For workers and relay: blocking reads must outlast redis-py's five-second default. RQ sets its own patience."""
    return redis.Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=2, health_check_interval=15)


def queue_of(name: str, connection: redis.Redis) -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def unserved(connection: redis.Redis) -> list[QueueName]:
    """Queues that no worker listens to. One that was killed is believed in for two minutes."""
    return [name for name in QUEUES if not Worker.all(queue=queue_of(name, connection))]


def signal_id(tenant: str, task_id: uuid.UUID, attempt: int) -> str:
    """One name per company, task and attempt. Raises NoTenantError for what is no company: nobody's work is no work."""
    if not is_slug(tenant):
        raise NoTenantError(f"a signal for no company: {tenant!r}")
    return f"{tenant}-{task_id.hex}-{attempt}"


def company_of(signal: str) -> str | None:
    """Whose signal it is by its name; None for what is none of ours."""
    slug, _, rest = signal.rpartition("-")[0].rpartition("-")
    return slug if is_slug(slug) and rest else None


class Signaller:
    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection
        self._queues = {name: queue_of(name, connection) for name in QUEUES}

    def workers(self, queue: QueueName) -> int:
        """How many serve the queue; at least one, who may be starting."""
        return max(1, int(self._connection.scard(f"rq:workers:{queue}")))

    def signal(self, queue: QueueName, *, tenant: str, task_id: uuid.UUID, attempt: int, limit: int) -> None:
        """Once per attempt, however often it is called. A signal that a dead worker took away is put there anew.

        Asking where the signal stands is the point: a worker killed between taking and starting it leaves it
        "queued" by name, and in no queue.
        """
        job_id = signal_id(tenant, task_id, attempt)
        try:
            self._enqueue(queue, tenant, task_id, job_id, limit)
        except DuplicateJobError:
            if self._queues[queue].get_job_position(job_id) is None:
                with suppress(NoSuchJobError):
                    Job.fetch(job_id, connection=self._connection, serializer=JSONSerializer).delete()
                self._enqueue(queue, tenant, task_id, job_id, limit)

    def _enqueue(self, queue: QueueName, tenant: str, task_id: uuid.UUID, job_id: str, limit: int) -> None:
        self._queues[queue].enqueue_call(
            "jobs.runtime.run", args=[tenant, str(task_id)], job_id=job_id, unique=True,
            timeout=limit + 15, result_ttl=0, failure_ttl=60,
        )  # fmt: skip
