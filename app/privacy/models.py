"""Erasures: what a company had of somebody, and that it is gone. Nothing in here is of the person but a number."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.identity.models import Member
from tenants.tables import TenantModel, Timestamp


class Erasure(TenantModel):
    """`stores` is every store by name with how many things of the person it had; `ids` are kept until they are gone."""

    __tablename__ = "erasure"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    person: Mapped[uuid.UUID] = mapped_column(unique=True)
    asked_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
    asked_at: Mapped[datetime] = mapped_column(Timestamp)
    done_at: Mapped[datetime | None] = mapped_column(Timestamp)
    forgotten_again_at: Mapped[datetime | None] = mapped_column(Timestamp)
    stores: Mapped[list[list[str | int]]] = mapped_column(JSONB, server_default="[]")
    ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(sa.Uuid), server_default="{}")
