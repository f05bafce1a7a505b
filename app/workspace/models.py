"""What a company chose for itself: one row."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import TenantModel, Timestamp


class Workspace(TenantModel):
    __tablename__ = "workspace"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(server_default="en")
    zone: Mapped[str] = mapped_column(server_default="UTC")
    jurisdiction: Mapped[str] = mapped_column(server_default="EU")
    accent: Mapped[str] = mapped_column(server_default="#1f6feb")
    contact_name: Mapped[str] = mapped_column(server_default="")
    contact_email: Mapped[str] = mapped_column(server_default="")
    reply_days: Mapped[int] = mapped_column(server_default="10")
    plan: Mapped[str] = mapped_column(server_default="free")
    limits: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Timestamp)
