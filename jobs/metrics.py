"""What background work counts. Labels are names that code defines: no company's, no person's."""

import time

from prometheus_client import Counter, Gauge, Histogram

from app.kernel.events import Event

ENDS = ("done", "put_off", "failed", "lease_lost")
READING_ENDS = (
    "read", "broken", "locked", "image-only", "bomb", "not-what-it-says", "too-large", "empty", "too-slow",
)  # fmt: skip
SCAN_ENDS = ("clean", "found", "away", "refused")
SECONDS = Histogram(
    "assay_task_seconds", "Time of a task, by how it ended", ["task", "end"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)  # fmt: skip
READINGS = Counter("assay_readings_total", "Resume files by what became of them", ["end"])
SCANS = Counter("assay_scans_total", "Files that the virus scanner was asked about, by what it said", ["end"])
FACTS = Counter("assay_facts_total", "Facts that the relay passed on", ["fact"])
LEASES_LOST = Counter("assay_leases_lost_total", "Tasks whose worker stopped beating")
POISONOUS = Counter("assay_poisonous_tasks_total", "Tasks that ended worker after worker, and were failed", ["task"])
STUMBLES = Counter("assay_stumbles_total", "Companies that relay or scheduler could not serve", ["process"])
SWEPT = Gauge("assay_relay_sweep_timestamp_seconds", "When the relay last looked at its share of companies")
PLANNED = Gauge("assay_scheduler_beat_timestamp_seconds", "When the scheduler last went through all companies")
BACKUPS = Gauge("assay_backup_timestamp_seconds", "When the last backup was taken, by what is known of it", ["kind"])
ARCHIVE_FAILURES = Gauge("assay_archive_failures", "Times that PostgreSQL could not archive its log", ["database"])
ARCHIVE_WAITS = Gauge("assay_archive_waiting_seconds", "How long full files of its log wait", ["database"])


def expect(tasks: list[str]) -> None:
    """Start every count at zero: a count that first appears as 1 has, for Prometheus, not risen."""
    for task in tasks:
        for end in ENDS:
            SECONDS.labels(task, end)
        POISONOUS.labels(task)
    for end in READING_ENDS:
        READINGS.labels(end)
    for end in SCAN_ENDS:
        SCANS.labels(end)
    for fact in _facts(Event):
        FACTS.labels(fact)
    for process in ("relay", "scheduler"):
        STUMBLES.labels(process)


def _facts(kind: type[Event]) -> set[str]:
    own = {kind.name} if "name" in vars(kind) else set()
    return own.union(*(_facts(each) for each in kind.__subclasses__()))


def reading_ended(end: str) -> None:
    """What a hostile file makes its reader say is no label of ours."""
    READINGS.labels(end if end in READING_ENDS else "other").inc()


class Pulse:
    """A loop that has not turned for `patience` seconds is stuck, and its process better started again."""

    def __init__(self, *, patience: float) -> None:
        self._patience = patience
        self._last = time.monotonic()

    def beat(self) -> None:
        self._last = time.monotonic()

    def alive(self) -> bool:
        return time.monotonic() - self._last < self._patience
