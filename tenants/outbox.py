"""The outbox: facts that other rooms still have to hear of, in the transaction that made them true."""

import uuid
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.forgetting import IDS
from tenants.tables import TenantModel, Timestamp


class OutboxRow(TenantModel):
    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_waiting", "id", postgresql_where=sa.text("relayed_at is null")),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, info=IDS)
    occurred_at: Mapped[datetime] = mapped_column(Timestamp)
    request_id: Mapped[str | None]
    relayed_at: Mapped[datetime | None] = mapped_column(Timestamp)


OUTBOX = cast("sa.Table", OutboxRow.__table__)
