"""The ledger of background work: what is to be done, who holds it until when, how it ended. RQ only carries signals."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.forgetting import IDS
from tenants.tables import TenantModel, Timestamp


class TaskRow(TenantModel):
    __tablename__ = "task"
    __table_args__ = (
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
        sa.Index("ix_task_open", "run_at", postgresql_where=sa.text("state in ('waiting', 'running')")),
        sa.Index("ix_task_failed", "finished_at", postgresql_where=sa.text("state = 'failed'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB, info=IDS)
    state: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    lost: Mapped[int] = mapped_column(server_default="0")
    run_at: Mapped[datetime] = mapped_column(Timestamp)
    signalled_at: Mapped[datetime | None] = mapped_column(Timestamp)
    lease: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None] = mapped_column(Timestamp)
    problem: Mapped[str | None]
    request_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    finished_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Held(NamedTuple):
    """What a worker knows of the row that it holds."""

    id: uuid.UUID
    name: str
    arguments: dict[str, Any]
    attempts: int
    lost: int
    lease: uuid.UUID
    request_id: str | None
    created_at: datetime


TASK = cast("sa.Table", TaskRow.__table__)
HELD = tuple(TASK.c[field] for field in Held._fields)
