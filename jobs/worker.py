"""A worker process: one queue, one task at a time, no fork per task (loaded engines stay loaded).

Where tasks wait for a language model, threads run more of the same company's beside it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

import redis
import structlog
from flask import Flask
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from jobs import runtime
from jobs.definitions import TASKS
from jobs.queues import QUEUES, QueueName, company_of, connect, queue_of

SEEN_SECONDS = 60  # how often an idle worker says that it lives; Redis believes it for a minute longer
TURN_SECONDS = 1.0  # how long a worker goes on with a company's tasks for one signal
LOOKED_AT = 100  # signals at the head of the queue, to see whether anybody else waits
GRACE_SECONDS = 15

log = structlog.get_logger()


def _named(queue: Queue) -> QueueName:
    return next(known for known in QUEUES if known == queue.name)


class Worker(SimpleWorker):
    """RQ ends an idle worker by an exception out of the signal; raised where something swallows it, it is forgotten.

    `beside` threads help with the tasks of the company whose signal is at hand.
    """

    beside = 0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def execute_job(self, job: Job, queue: Queue) -> None:
        """As SimpleWorker does it; then more of the same company's tasks, as long as nobody else waits.

        RQ takes longer about a signal than most tasks take, so a company with thousands of them gets a second's worth
        for each of its few signals.
        """
        company = company_of(job.id)
        with self._helped(company, queue):
            self.perform_job(job, queue, self.prepare_execution(job))
            if company:
                self._go_on(company, queue)
        self.set_state("idle")

    @contextmanager
    def _helped(self, company: str | None, queue: Queue) -> Iterator[None]:
        """Threads that take more of the company's tasks meanwhile: they wait for a provider, not for a processor."""
        over = threading.Event()
        helpers = [
            threading.Thread(target=self._help, args=(company, queue, over), name=f"beside-{number}")
            for number in range(self.beside if company else 0)
        ]
        for helper in helpers:
            helper.start()
        try:
            yield
        finally:
            over.set()
            for helper in helpers:
                helper.join()

    def _help(self, company: str, queue: Queue, over: threading.Event) -> None:
        try:
            run_next = runtime.beside(company, _named(queue))
            while run_next() and not over.is_set() and not self._stop_requested:
                pass
        except Exception:  # as in `_go_on`
            log.warning("help_broken_off", exc_info=True)

    def _go_on(self, company: str, queue: Queue) -> None:
        end = time.monotonic() + TURN_SECONDS
        name = _named(queue)
        longest = max((known.limit for known in TASKS.values() if known.queue == name), default=0)
        try:
            run_next = runtime.turn(company, name, self._limited)
            self.heartbeat(longest + GRACE_SECONDS + SEEN_SECONDS)
            while time.monotonic() < end and not self._stop_requested and not self._somebody_else_waits(company, queue):
                if not run_next():
                    return
        except Exception:  # as RQ's own: what a task is not to blame for costs its turn, and its row is found again
            log.warning("turn_broken_off", exc_info=True)

    def _somebody_else_waits(self, company: str, queue: Queue) -> bool:
        head = self.connection.lrange(queue.key, 0, LOOKED_AT - 1)
        return any(company_of(each.decode() if isinstance(each, bytes) else each) != company for each in head)

    def _limited(self, seconds: int) -> AbstractContextManager[None]:
        return self.death_penalty_class(seconds + GRACE_SECONDS, JobTimeoutException)


def _beside(flask_app: Flask, queue: str) -> int:
    """Judging by a language model is waiting; by the built-in engine it is computing, which threads don't speed up."""
    providers = flask_app.extensions["providers"]
    return int(providers.settings.llm_at_once) if queue == "scoring" and providers.judge.metered else 0


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
    worker.beside = _beside(flask_app, queue)
    log.info("worker_ready", queue=queue, beside=worker.beside)
    worker.work(burst=burst, logging_level="WARNING")
