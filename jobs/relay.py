"""From outbox to ledger to queue. Woken by nudges, and sweeping every tenant anyway: a nudge may be lost, a row not."""

import signal
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.dialects.postgresql import insert

from app.adapters import tracing
from app.adapters.redis.signals import NUDGES
from app.kernel import clock
from app.kernel.ids import new_id
from jobs import metrics, runtime
from jobs import tasks as _tasks  # noqa: F401 -- importing it fills TASKS
from jobs.backlog import Backlog, Waiting
from jobs.definitions import TASKS
from jobs.ledger import HELD, TASK, Held, TaskRow
from jobs.outages import Outages
from jobs.queues import QueueName, Signaller, connect
from jobs.reactions import REACTIONS
from jobs.telling import Teller
from tenants.db import changed, db
from tenants.outbox import OUTBOX, OutboxRow
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

BATCH = 200
MOST_AT_ONCE = 1000
OUT = 4
SWEEP_ROUND_SECONDS = 10.0
REDIS_SECONDS = 10.0  # for any answer of Redis; later than that the line is dead at the other end
LISTEN_SECONDS = 0.5  # at a stretch: whoever is told to stop hears it after that
STUCK_SECONDS = 120.0
SIGNAL_AGAIN = timedelta(seconds=20)
MOST_LOST = 5

log = structlog.get_logger()


def relay(flask_app: Flask, tenant: TenantRecord, signaller: Signaller, backlog: Backlog | None = None) -> int:
    """Turn all of a tenant's waiting facts into tasks, and signal what is due. Returns how many signals went out."""
    out, seen = 0, backlog or Backlog()
    while True:
        turn = take_turn(flask_app, tenant, signaller, seen, most_out=lambda _: MOST_AT_ONCE)
        out += turn.signals
        if not turn.more:
            return out


@dataclass(frozen=True)
class Turn:
    signals: int
    more: bool


def take_turn(
    flask_app: Flask,
    tenant: TenantRecord,
    signaller: Signaller,
    seen: Backlog,
    *,
    most_out: Callable[[QueueName], int],
    sweep: bool = True,
) -> Turn:
    """One tenant's share: a batch of facts, and as many signals as keep those not yet taken at `most_out` a queue.

    So a queue holds a few signals of each company, however much one of them has to do, and whoever comes late waits
    for a few tasks of each. Every task that ends nudges for the next signal. Leases that ran out are looked for by
    sweeps alone: no nudge tells of one.
    """
    with flask_app.app_context(), tenant_scope(tenant):
        more = _facts_to_tasks(tenant, seen) == BATCH
        if not more:
            seen.facts_wait(tenant.slug, None)
        if sweep:
            _free_lost_leases()
        return Turn(_signal_due(tenant, signaller, seen, most_out), more)


def _facts_to_tasks(tenant: TenantRecord, seen: Backlog) -> int:
    """Claim, write tasks, mark relayed: one transaction. Task keys are unique, so a second relay changes nothing.

    Nothing here waits for the disk: a crash of PostgreSQL that forgets the tasks forgets that the facts are relayed.
    """
    fields = (OutboxRow.id, OutboxRow.name, OutboxRow.data, OutboxRow.occurred_at, OutboxRow.request_id)
    waiting = sa.select(*fields).where(OutboxRow.relayed_at.is_(None)).order_by(OutboxRow.id)
    with unit_of_work(durable=False):
        facts = db.session.execute(waiting.limit(BATCH).with_for_update(skip_locked=True)).all()
        if facts:
            seen.facts_wait(tenant.slug, facts[0].occurred_at)
            rows = [row for fact in facts for row in _tasks_for(fact)]
            if rows:
                db.session.execute(insert(TASK).on_conflict_do_nothing(index_elements=["key"]), rows)
            relayed = sa.update(OUTBOX).where(OUTBOX.c.id.in_([fact.id for fact in facts]))
            db.session.execute(relayed.values(relayed_at=clock.now()))
    for fact in facts:
        metrics.FACTS.labels(fact.name).inc()
        tracing.relayed(fact.name, fact.request_id, since=fact.occurred_at, tenant=tenant.slug)
    return len(facts)


def _tasks_for(fact: sa.Row[tuple[uuid.UUID, str, dict[str, Any], datetime, str | None]]) -> list[dict[str, object]]:
    now = clock.now()
    return [
        {
            "id": new_id(), "key": f"{name}:{fact.id}", "name": name,
            "arguments": {field: fact.data[field] for field in fields},
            "run_at": now, "created_at": now, "request_id": fact.request_id,
        }
        for name, fields in REACTIONS.get(fact.name, ())
    ]  # fmt: skip


def _free_lost_leases() -> None:
    """Whose worker died is due again; whose workers die again and again fails, where a person sees it.

    What kills its process is found out at the third attempt (jobs/alone.py). This is for what takes its worker with it
    there too: five times, because killing workers at random hits a few tasks thrice and next to none five times. What
    only another version knows is left for its relay to fail.
    """
    now = clock.now()
    known = TaskRow.name.in_(list(TASKS))
    over = sa.and_(TaskRow.state == "running", TaskRow.lease_until < now)
    with unit_of_work():
        killers = db.session.execute(sa.select(*HELD).where(over, known, TaskRow.lost + 1 >= MOST_LOST)).all()
    for row in (Held(*each) for each in killers):
        runtime.poisonous(TASKS[row.name], row)
    with unit_of_work():
        lost = changed(
            sa.update(TaskRow)
            .where(over)
            .values(state="waiting", lease=None, lease_until=None, run_at=now, signalled_at=None, lost=TaskRow.lost + 1)
        )
    metrics.LEASES_LOST.inc(lost + len(killers))


def _signal_due(tenant: TenantRecord, signaller: Signaller, seen: Backlog, most_out: Callable[[QueueName], int]) -> int:
    """Signals go out before the mark is committed: a crash between signals twice, which the lease makes harmless."""
    now = clock.now()
    with unit_of_work(durable=False):
        waiting, heard = _waiting(now)
        seen.tasks_wait(tenant.slug, waiting)
        room = {queue: most_out(queue) - heard[queue] for queue, due in waiting.items() if due.tasks > heard[queue]}
        due = [row for queue, free in room.items() if free > 0 for row in _unheard(queue, now, free)]
        for task_id, name, attempts in due:
            known = TASKS[name]
            signaller.signal(known.queue, tenant=tenant.slug, task_id=task_id, attempt=attempts + 1, limit=known.limit)
        ids = [task_id for task_id, _, _ in due]
        if ids:
            db.session.execute(sa.update(TaskRow).where(TaskRow.id.in_(ids)).values(signalled_at=now))
    return len(due)


def _waiting(now: datetime) -> tuple[dict[QueueName, Waiting], Counter[QueueName]]:
    """Due rows by queue, out of the index of open tasks; and for how many of them a signal is on its way."""
    heard = sa.func.count().filter(_is_heard(now))
    query = sa.select(TaskRow.name, sa.func.count(), sa.func.min(TaskRow.run_at), heard)
    found: dict[QueueName, Waiting] = {}
    out = Counter[QueueName]()
    due = query.where(TaskRow.state == "waiting", TaskRow.run_at <= now).group_by(TaskRow.name)
    for name, tasks, since, heard_of_it in db.session.execute(due):
        if known := TASKS.get(name):
            before = found.get(known.queue)
            found[known.queue] = before.with_more(tasks, since) if before else Waiting(tasks, since)
            out[known.queue] += heard_of_it
    return found, out


def _is_heard(now: datetime) -> sa.ColumnElement[bool]:
    """A signal that old went unheard: it is sent again, and counts no more."""
    return sa.and_(TaskRow.signalled_at.is_not(None), TaskRow.signalled_at >= now - SIGNAL_AGAIN)


def _unheard(queue: QueueName, now: datetime, most: int) -> Sequence[sa.Row[tuple[uuid.UUID, str, int]]]:
    """What to signal next: what was signalled before and went unheard, then what waits longest."""
    names = [name for name, known in TASKS.items() if known.queue == queue]
    waits = (TaskRow.state == "waiting", TaskRow.run_at <= now, TaskRow.name.in_(names), sa.not_(_is_heard(now)))
    query = sa.select(TaskRow.id, TaskRow.name, TaskRow.attempts).where(*waits)
    first = (TaskRow.signalled_at.is_(None), TaskRow.run_at, TaskRow.id)
    return db.session.execute(query.order_by(*first).limit(most).with_for_update(skip_locked=True)).all()


class Relay:
    """The relay's process: nudges first, and a share of the sweep each second."""

    def __init__(self, flask_app: Flask, redis_url: str, backlog: Backlog | None = None) -> None:
        self.flask_app = flask_app
        self.redis = connect(redis_url, patience=REDIS_SECONDS)
        self.signaller = Signaller(self.redis)
        self.backlog = backlog or Backlog()
        self.teller = Teller(self.redis, self.backlog)
        self.pulse = metrics.Pulse(patience=STUCK_SECONDS)
        self.over = threading.Event()
        self.outages = Outages()

    def serve(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.over.set())
        self.loop()

    def loop(self) -> None:
        swept_at = 0.0
        while not self.over.is_set():
            self.pulse.beat()
            try:
                nudged = self._nudged()
                if time.monotonic() - swept_at > SWEEP_ROUND_SECONDS / 5:
                    swept_at = time.monotonic()
                    self._relay(nudged, swept={tenant.slug for tenant in self._share_of_tenants()})
                    metrics.SWEPT.set_to_current_time()
                    self.teller.tell()
                else:
                    self._relay(nudged)
            except Exception:
                log.warning("relay_stumbled", exc_info=True)
                self.over.wait(1)

    def _nudged(self, *, wait: bool = True) -> set[str]:
        try:
            first = self.redis.brpop([NUDGES], timeout=LISTEN_SECONDS) if wait else None
            if wait and first is None:
                return set()
            more = self.redis.rpop(NUDGES, 500) or []
        except (redis.ConnectionError, redis.TimeoutError):
            log.warning("relay_without_redis")
            self.over.wait(1)
            return set()
        return {slug.decode() for slug in [*(first or ())[1:], *more]}

    def _share_of_tenants(self) -> list[TenantRecord]:
        """A fifth of all tenants each time, by turns, so that each is looked at every ten seconds."""
        tenants: list[TenantRecord] = self.flask_app.extensions["registry"].all("active")
        self.backlog.keep_only(tenant.slug for tenant in tenants)
        turn = int(time.monotonic() / (SWEEP_ROUND_SECONDS / 5)) % 5
        return tenants[turn::5] if len(tenants) > 5 else tenants  # noqa: PLR2004 -- five turns

    def _relay(self, slugs: set[str], *, swept: AbstractSet[str] = frozenset()) -> None:
        """By turns, so that nobody's ten thousand facts stand before another one's single one."""
        waiting = deque(sorted(slugs | swept))
        while waiting and not self.over.is_set():
            slug = waiting.popleft()
            tenant = self.flask_app.extensions["registry"].by_slug(slug)
            if tenant is None or tenant.state != "active" or self.outages.of(tenant.database):
                continue
            if self._relay_one(tenant, sweep=slug in swept):
                waiting.extend([*sorted(self._nudged(wait=False) - {*waiting, slug}), slug])

    def _relay_one(self, tenant: TenantRecord, *, sweep: bool) -> bool:
        """Whether there is more. A broken schema must not keep the companies after it waiting, nor may a database that
        is gone, unless it is the registry's own: that ends the round.
        """
        try:
            return take_turn(
                self.flask_app, tenant, self.signaller, self.backlog, most_out=self._most_out, sweep=sweep
            ).more
        except redis.RedisError:
            raise
        except sa.exc.OperationalError as error:
            self.outages.note(tenant.database, error)
            metrics.STUMBLES.labels("relay").inc()
            return False
        except Exception:
            metrics.STUMBLES.labels("relay").inc()
            log.warning("relay_stumbled", tenant=tenant.slug, exc_info=True)
            return False

    def _most_out(self, queue: QueueName) -> int:
        """Enough that no worker waits for the next signal, and few enough to stand behind."""
        return OUT + 2 * self.signaller.workers(queue)
