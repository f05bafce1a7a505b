"""Openings, the stages people pass through, and who hires."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.identity.models import Member
from tenants.tables import TenantModel, Timestamp


class Posting(TenantModel):
    __tablename__ = "posting"
    __table_args__ = (
        sa.CheckConstraint("state in ('draft', 'published', 'closed')", name="state"),
        sa.CheckConstraint("analysis in ('none', 'waiting', 'done', 'failed')", name="analysis"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    place: Mapped[str | None]
    remote: Mapped[str | None]
    seniority: Mapped[str | None]
    years_min: Mapped[Decimal | None] = mapped_column(sa.Numeric(4, 1))
    must_have: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    nice_to_have: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    responsibilities: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    salary: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="draft")
    analysis: Mapped[str] = mapped_column(server_default="none")
    analysis_engine: Mapped[str | None]
    analysis_problem: Mapped[str | None]
    corrected: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    rehearsal: Mapped[bool] = mapped_column(server_default=sa.false())
    version: Mapped[int] = mapped_column(server_default="1")
    created_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id))
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    published_at: Mapped[datetime | None] = mapped_column(Timestamp)
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)

    stages: Mapped[list["Stage"]] = relationship(order_by="Stage.position", lazy="raise", cascade="all")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class PostingMeaning(TenantModel):
    """What the job is about, as numbers that are near to what resumes say of such work."""

    __tablename__ = "posting_meaning"

    posting_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Posting.id, ondelete="CASCADE"), primary_key=True)
    meaning: Mapped[list[float]] = mapped_column(ARRAY(sa.REAL))


class Stage(TenantModel):
    __tablename__ = "stage"
    __table_args__ = (sa.Index("ix_stage_posting", "posting_id", "position"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    posting_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Posting.id, ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str]
    reply_days: Mapped[int]


class TeamSeat(TenantModel):
    """A member's place in a posting's hiring team."""

    __tablename__ = "team_seat"

    posting_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Posting.id, ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(Member.id, ondelete="CASCADE"), primary_key=True, index=True
    )
