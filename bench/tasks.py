"""Tasks that do nothing, through outbox, relay, ledger and RQ, against bare RQ: how many a second one worker ends.

Goal: at least half of bare RQ's, which is RQ's own worker: it forks for each job. Ours does not, so RQ's that doesn't
is beside it. All by turns, enqueueing included. Then tasks whose workers are killed: seconds until another has run
them (goal: p99 under 60).
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import sqlalchemy as sa
from rq import SimpleWorker, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from app import create_app
from app.kernel import clock
from app.kernel.ids import new_id
from app.settings import Settings
from bench.house import House, house, percentile
from jobs import reactions, runtime
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from jobs.queues import connect, queue_of
from jobs.relay import SWEEP_ROUND_SECONDS, Relay
from jobs.run import Run
from jobs.worker import work
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.work import announce

NAME, HELD, QUEUE = "bench.nothing", "bench.held", "low"
FORKING, SIMPLE = "bench-forking", "bench-simple"
GOAL, GOAL_SECONDS = 0.5, 60
HOLDERS, HOUR = 4, timedelta(hours=1)  # for which nobody but they is told of their tasks


def nothing() -> None:
    """What bare RQ runs."""


def _body(run: Run) -> None:
    with run.completing():
        pass


def _held(run: Run) -> None:
    """The first time, until somebody kills its worker."""
    with run.reading():
        first = db.session.scalar(sa.select(TaskRow.attempts).where(TaskRow.id == run.task_id)) == 1
    if first:
        time.sleep(600)
    with run.completing():
        pass


def _known() -> None:
    TASKS[NAME] = TaskDefinition(NAME, _body, QUEUE, 30, 3, None)  # type: ignore[arg-type]
    TASKS[HELD] = TaskDefinition(HELD, _held, QUEUE, 900, 3, None)  # type: ignore[arg-type]
    reactions.REACTIONS[NAME] = ((NAME, ()),)


def _relay() -> None:
    _known()
    settings = Settings()
    Relay(create_app(settings), settings.redis_url.get_secret_value()).serve()


def _worker() -> None:
    _known()
    settings = Settings()
    work(create_app(settings), settings.redis_url.get_secret_value(), QUEUE)


def _forking() -> None:
    _bare(Worker, FORKING)


def _simple() -> None:
    _bare(SimpleWorker, SIMPLE)


def _bare(kind: type[Worker], queue: str) -> None:
    connection = connect(os.environ["REDIS_URL"])
    worker = kind([queue_of(queue, connection)], connection=connection, serializer=JSONSerializer)
    worker.work(logging_level="WARNING")


def _holder(ids: list[str]) -> None:
    """Takes its tasks one after the other, so that their beats don't fall together."""
    _known()
    runtime.serve(create_app(Settings()))
    for each in ids:
        threading.Thread(target=runtime.run, args=("bench", each), daemon=True).start()
        time.sleep(runtime.BEAT_SECONDS / len(ids))
    time.sleep(600)


@contextlib.contextmanager
def running(*targets: Callable[[], None]) -> Iterator[None]:
    processes = [multiprocessing.get_context("spawn").Process(target=target, daemon=True) for target in targets]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(20)


def ours(home: House, number: int) -> float:
    """Seconds from the transaction that writes the facts to the last task's end."""
    began = time.monotonic()
    with home.working():
        now = clock.now()
        facts = [{"id": new_id(), "name": NAME, "data": {}, "occurred_at": now} for _ in range(number)]
        before = db.session.scalar(_done()) or 0
        db.session.execute(sa.insert(OutboxRow), facts)
        announce(db.session())
    while True:
        with home.working():
            if db.session.scalar(_done()) == before + number:
                return time.monotonic() - began
        time.sleep(0.1)


def _done() -> sa.Select[tuple[int]]:
    return sa.select(sa.func.count()).where(TaskRow.name == NAME, TaskRow.state == "done")


def theirs(number: int, name: str) -> float:
    """Seconds from the first call to the last one's end."""
    connection = connect(os.environ["REDIS_URL"])
    queue = queue_of(name, connection)
    began = time.monotonic()
    last = [queue.enqueue_call("bench.tasks.nothing", result_ttl=0) for _ in range(number)][-1]
    while queue.count or Job.exists(last.id, connection=connection):
        time.sleep(0.05)
    return time.monotonic() - began


def recovered(home: House, number: int) -> list[float]:
    """Seconds from the kill of each task's worker to its end in another one's hands."""
    now = clock.now()
    rows = [
        {"id": new_id(), "key": f"{HELD}:{n}", "name": HELD, "arguments": {}, "run_at": now, "created_at": now}
        for n in range(number)
    ]
    with home.working():
        db.session.execute(sa.insert(TaskRow), [row | {"signalled_at": now + HOUR} for row in rows])
    ids = [str(row["id"]) for row in rows]
    shares = [ids[holder::HOLDERS] for holder in range(HOLDERS)]
    holders = [multiprocessing.get_context("spawn").Process(target=_holder, args=(share,)) for share in shares]
    for holder in holders:
        holder.start()
    _until(home, "running", number)
    killed: dict[str, float] = {}
    for holder, share in zip(holders, shares, strict=True):
        time.sleep(random.uniform(0, SWEEP_ROUND_SECONDS))
        holder.kill()
        killed |= dict.fromkeys(share, clock.now().timestamp())
    _until(home, "done", number)
    with home.working():
        ended = db.session.execute(sa.select(TaskRow.id, TaskRow.finished_at).where(TaskRow.name == HELD)).all()
    return [at.timestamp() - killed[str(task)] for task, at in ended]


def _until(home: House, state: str, number: int) -> None:
    counted = sa.select(sa.func.count()).where(TaskRow.name == HELD, TaskRow.state == state)
    while True:
        with home.working():
            if db.session.scalar(counted) == number:
                return
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--killed", type=int, default=100)
    asked = parser.parse_args()
    with house() as home, running(_relay, _worker, _forking, _simple):
        each = (lambda n: ours(home, n), lambda n: theirs(n, FORKING), lambda n: theirs(n, SIMPLE))
        for side in each:
            side(50)
        rounds = [[side(asked.tasks) for side in each] for _ in range(asked.rounds)]
        waited = recovered(home, asked.killed)
    mine, forking, simple = (asked.tasks * asked.rounds / sum(side) for side in zip(*rounds, strict=True))
    met = "met" if mine / forking >= GOAL else "missed"
    print(f"{asked.rounds} rounds of {asked.tasks:,} tasks by turns, one worker each; tasks a second")
    print(f"ledger and RQ {mine:,.0f}; RQ's worker {forking:,.0f}, ratio {mine / forking:.2f} (goal {GOAL}: {met});")
    print(f"RQ's worker that forks nothing {simple:,.0f}, ratio {mine / simple:.2f}")
    p50, p99 = percentile(waited, 0.5), percentile(waited, 0.99)
    met = "met" if p99 < GOAL_SECONDS else "missed"
    print(f"{len(waited)} tasks whose workers were killed, until another has run them: ", end="")
    print(f"p50 {p50:.1f} s, p99 {p99:.1f} s (goal {GOAL_SECONDS}: {met})")


if __name__ == "__main__":
    main()
