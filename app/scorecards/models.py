"""What people rated and what the engine drafted, side by side; each rating with the words it rests on."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.identity.models import Member
from app.interviews.models import Interview, Turn
from app.ports.judging import unstable
from tenants.sealed import Sealed, SealedJson, persons
from tenants.tables import TenantModel, Timestamp

LEVELS = "('missing', 'partial', 'solid', 'strong')"


class Assessment(TenantModel):
    """An engine's draft for one dimension. A level without evidence cannot be stored as scored."""

    __tablename__ = "assessment"
    __table_args__ = (
        sa.UniqueConstraint("interview_id", "dimension_id"),
        sa.CheckConstraint("state in ('waiting', 'scored', 'not_scored', 'failed')", name="state"),
        sa.CheckConstraint(f"level in {LEVELS}", name="level"),
        sa.CheckConstraint("(state = 'scored') = (level is not null and score is not null)", name="scored"),
        sa.CheckConstraint("score between 0 and 100", name="score"),
        sa.CheckConstraint("level is null or quotes > 0", name="quotes"),
        sa.CheckConstraint("low <= score and score <= high", name="band"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    interview_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Interview.id, ondelete="CASCADE"))
    dimension_id: Mapped[uuid.UUID]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="waiting")
    level: Mapped[str | None]
    score: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Sealed("assessment.reason"))
    not_scored: Mapped[str | None]
    quotes: Mapped[int] = mapped_column(server_default="0")
    flags: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("assessment.flags"), server_default="")
    problem: Mapped[str | None]
    engine: Mapped[str | None]
    prompt_version: Mapped[str | None]
    input_hash: Mapped[str | None]
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    cost_usd: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 6))
    took_ms: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(Timestamp)
    done_at: Mapped[datetime | None] = mapped_column(Timestamp)

    evidence: Mapped[list["Evidence"]] = relationship(
        order_by="Evidence.position", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def unstable(self) -> bool:
        """The engine contradicts itself too much to be counted: a person has to judge."""
        return unstable(self.low, self.high)


class Evidence(TenantModel):
    """A quote that stands literally in the turn it names; checked before it is stored."""

    __tablename__ = "evidence"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    assessment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Assessment.id, ondelete="CASCADE"), index=True)
    turn_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Turn.id, ondelete="CASCADE"))
    turn_number: Mapped[int]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Sealed("evidence.text"))


class Scorecard(TenantModel):
    """One member's own judgement of one interview. Until it is submitted, its author sees nobody else's."""

    __tablename__ = "scorecard"
    __table_args__ = (
        sa.UniqueConstraint("interview_id", "member_id"),
        sa.CheckConstraint("state in ('asked', 'draft', 'submitted')", name="state"),
        sa.CheckConstraint("verdict in ('strong_no', 'no', 'yes', 'strong_yes')", name="verdict"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    interview_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Interview.id, ondelete="CASCADE"))
    member_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id), index=True)
    state: Mapped[str] = mapped_column(server_default="asked")
    verdict: Mapped[str | None]
    note: Mapped[str] = mapped_column(Sealed("scorecard.note"), server_default="")
    asked_at: Mapped[datetime] = mapped_column(Timestamp)
    submitted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    version: Mapped[int] = mapped_column(server_default="1")

    member: Mapped[Member] = relationship(lazy="raise")
    ratings: Mapped[list["Rating"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class Rating(TenantModel):
    """One dimension as its author sees it. Rated without a level is "not enough evidence"; not rated is a draft."""

    __tablename__ = "rating"
    __table_args__ = (
        sa.UniqueConstraint("scorecard_id", "dimension_id"),
        sa.CheckConstraint(f"level in {LEVELS}", name="level"),
        sa.CheckConstraint("rated or level is null", name="rated"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    scorecard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Scorecard.id, ondelete="CASCADE"))
    dimension_id: Mapped[uuid.UUID]
    rated: Mapped[bool] = mapped_column(server_default=sa.true())
    level: Mapped[str | None]
    note: Mapped[str] = mapped_column(Sealed("rating.note"), server_default="")

    pins: Mapped[list["Pin"]] = relationship(order_by="Pin.id", lazy="raise", cascade="all, delete-orphan")


class Pin(TenantModel):
    """Words of a turn that a person pinned to a rating."""

    __tablename__ = "pin"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    rating_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Rating.id, ondelete="CASCADE"), index=True)
    turn_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Turn.id, ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Sealed("pin.text"))


class Report(TenantModel):
    """A rendered PDF of one interview's report. Rendered by a worker, since the web process has no WeasyPrint."""

    __tablename__ = "report"
    __table_args__ = (sa.CheckConstraint("state in ('waiting', 'ready', 'failed')", name="state"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    interview_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Interview.id, ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    storage_key: Mapped[str | None]
    problem: Mapped[str | None]
    asked_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
    asked_at: Mapped[datetime] = mapped_column(Timestamp)
    ready_at: Mapped[datetime | None] = mapped_column(Timestamp)
