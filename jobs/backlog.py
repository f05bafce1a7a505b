"""What waits, as the relay's sweep saw it last: counted where it is swept anyway, so that no scrape asks a database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.kernel import clock
from jobs.queues import QUEUES, QueueName


@dataclass(frozen=True)
class Waiting:
    """Due tasks, and since when the oldest of them is due."""

    tasks: int
    since: datetime

    def with_more(self, tasks: int, since: datetime) -> "Waiting":
        return Waiting(self.tasks + tasks, min(self.since, since))


class Backlog(Collector):
    """Kept by company, told as sums without names. Several relays each see everything: take the maximum of them."""

    def __init__(self) -> None:
        self._facts: dict[str, datetime] = {}
        self._tasks: dict[str, dict[QueueName, Waiting]] = {}

    def facts_wait(self, tenant: str, since: datetime | None) -> None:
        if since is None:
            self._facts.pop(tenant, None)
        else:
            self._facts[tenant] = since

    def tasks_wait(self, tenant: str, queues: dict[QueueName, Waiting]) -> None:
        self._tasks[tenant] = queues

    def keep_only(self, tenants: Iterable[str]) -> None:
        """Whoever was suspended or deleted waits for nothing."""
        known = set(tenants)
        for seen in (self._facts, self._tasks):
            for tenant in [name for name in seen if name not in known]:
                seen.pop(tenant, None)

    def collect(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("assay_queue_tasks", "Due tasks that no worker has taken", labels=["queue"])
        oldest = GaugeMetricFamily("assay_queue_oldest_seconds", "How long the oldest is due", labels=["queue"])
        companies = list(self._tasks.values())
        for queue in QUEUES:
            found = [waiting[queue] for waiting in companies if queue in waiting]
            depth.add_metric([queue], sum(each.tasks for each in found))
            oldest.add_metric([queue], _age([each.since for each in found]))
        lag = _age(list(self._facts.values()))
        yield from (depth, oldest, GaugeMetricFamily("assay_outbox_lag_seconds", "Age of the oldest fact", value=lag))


def _age(times: list[datetime]) -> float:
    return max(0.0, (clock.now() - min(times)).total_seconds()) if times else 0.0
