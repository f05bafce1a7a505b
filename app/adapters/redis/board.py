"""Where the relay tells how work stands: one text in Redis, gone minutes after the last one told it."""

import json
import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

import redis

from app.kernel.errors import Unavailable
from app.ports.work import QueueState, WorkerState, WorkState

BOARD = "assay:work"
KEPT_SECONDS = 600


class RedisBoard:
    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def tell(self, state: WorkState) -> None:
        said = asdict(state) | {"tasks": sorted(state.tasks)}
        self._client.set(BOARD, json.dumps(said, default=_plain), ex=KEPT_SECONDS)

    def told(self) -> WorkState | None:
        try:
            said: Any = self._client.get(BOARD)
        except redis.RedisError as error:
            raise Unavailable("Redis does not answer") from error
        return _read(json.loads(said)) if said else None


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(said: dict[str, Any]) -> WorkState:
    return WorkState(
        at=datetime.fromisoformat(said["at"]),
        queues=tuple(QueueState(**each) for each in said["queues"]),
        workers=tuple(_worker(each) for each in said["workers"]),
        tasks=frozenset(said["tasks"]),
    )


def _worker(said: dict[str, Any]) -> WorkerState:
    seen, task = said["seen_at"], said["task_id"]
    return WorkerState(
        said["name"], said["queue"], datetime.fromisoformat(seen) if seen else None, said["tenant"],
        uuid.UUID(task) if task else None,
    )  # fmt: skip
