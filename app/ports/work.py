"""What background work tells of itself: how long queues are, who works, on what. Numbers and ids, nobody's words."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class QueueState:
    """`waiting`: due tasks that no worker has taken; `oldest_seconds`: how long the oldest of them is due."""

    name: str
    waiting: int
    oldest_seconds: float
    working: int


@dataclass(frozen=True)
class WorkerState:
    """`tenant` and `task_id`: what it works on now."""

    name: str
    queue: str
    seen_at: datetime | None
    tenant: str | None
    task_id: uuid.UUID | None


@dataclass(frozen=True)
class WorkState:
    """As of `at`. `tasks`: the names of all tasks that this release can run."""

    at: datetime
    queues: tuple[QueueState, ...]
    workers: tuple[WorkerState, ...]
    tasks: frozenset[str]


class WorkBoard(Protocol):
    def told(self) -> WorkState | None:
        """What was told last; None where nobody has told anything for minutes.

        Raises Unavailable.
        """
        ...
