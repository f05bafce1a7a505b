"""What a task is: its name, queue, time limit, and how often it is tried. `jobs/tasks/<slice>.py` registers them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from jobs.queues import QueueName
from jobs.run import Run

P = ParamSpec("P")
R = TypeVar("R")
Body = Callable[Concatenate[Run, P], R]
Failure = Callable[[Any, str], None]


@dataclass(frozen=True)
class TaskDefinition:
    name: str
    body: Callable[..., Any]
    queue: QueueName
    limit: int
    attempts: int
    on_failure: Callable[..., None] | None
    patience: timedelta = timedelta(0)


TASKS: dict[str, TaskDefinition] = {}


def task(
    name: str,
    *,
    queue: QueueName = "default",
    limit: int = 60,
    attempts: int = 5,
    on_failure: Callable[..., None] | None = None,
    patience: timedelta = timedelta(0),
) -> Callable[[Body[P, None]], Body[P, None]]:
    """Register a task body `(run, **ids)`. `limit` is in seconds.

    `on_failure(problem, **ids)` runs in the transaction that marks the task failed for good, so that what a person
    looks at says so too. For as long as `patience`, what is outside may be unavailable without a try being counted.
    """

    def register(body: Body[P, None]) -> Body[P, None]:
        if name in TASKS:
            raise ValueError(f"two tasks are called {name}")
        TASKS[name] = TaskDefinition(name, body, queue, limit, attempts, on_failure, patience)
        return body

    return register


def identified(arguments: dict[str, str]) -> dict[str, Any]:
    """Ids travel as text; a body gets them as UUIDs."""
    return {key: uuid.UUID(value) if key.endswith("_id") else value for key, value in arguments.items()}
