"""Kits, and the interviews made of them."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.applications.models import Application
from app.candidates.models import Resume
from app.identity.models import Member
from app.postings.models import Posting
from tenants.sealed import Sealed, SealedJson, persons
from tenants.tables import TenantModel, Timestamp


class Kit(TenantModel):
    """What is asked and how it is judged, for one posting. Nobody is interviewed before a person approved it."""

    __tablename__ = "kit"
    __table_args__ = (sa.CheckConstraint("state in ('waiting', 'proposed', 'approved', 'failed')", name="state"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    posting_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Posting.id, ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    engine: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default="en")
    approved_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
    approved_at: Mapped[datetime | None] = mapped_column(Timestamp)
    version: Mapped[int] = mapped_column(server_default="1")

    dimensions: Mapped[list["Dimension"]] = relationship(
        order_by="Dimension.position", lazy="raise", cascade="all, delete-orphan"
    )
    questions: Mapped[list["Question"]] = relationship(
        order_by="Question.position", lazy="raise", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class Dimension(TenantModel):
    __tablename__ = "dimension"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Kit.id, ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    description: Mapped[str]
    weight: Mapped[int]
    anchors: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))


class Question(TenantModel):
    __tablename__ = "question"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Kit.id, ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    minutes: Mapped[int]
    limited: Mapped[bool] = mapped_column(server_default=sa.false())
    kind: Mapped[str]
    shows: Mapped[str]
    dimension_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(sa.Uuid))


class QuestionMeaning(TenantModel):
    """What a question means, and which of the bank are near it; made by a worker, gone when its words are changed.

    `meaning` is None where the model does not know the language.
    """

    __tablename__ = "question_meaning"

    question_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Question.id, ondelete="CASCADE"), primary_key=True)
    engine: Mapped[str]
    meaning: Mapped[list[float] | None] = mapped_column(ARRAY(sa.REAL))
    bank: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class PersonalQuestions(TenantModel):
    """What an engine would ask one person, beside the kit that everybody gets. No interview asks it by itself.

    `resume_id` is whose lines the questions refer to. What comes of an asking that is not `asking_id` is too late.
    """

    __tablename__ = "personal_questions"
    __table_args__ = (sa.CheckConstraint("state in ('waiting', 'made', 'failed')", name="state"),)

    application_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(Application.id, ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[uuid.UUID] = persons()
    state: Mapped[str] = mapped_column(server_default="waiting")
    questions: Mapped[list[dict[str, Any]]] = mapped_column(
        SealedJson("personal_questions.questions"), server_default=""
    )
    engine: Mapped[str | None]
    resume_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Resume.id, ondelete="SET NULL"), index=True)
    asking_id: Mapped[uuid.UUID]
    asked_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id))
    asked_at: Mapped[datetime] = mapped_column(Timestamp)


class Interview(TenantModel):
    """One person's interview. `plan` is the kit as it was when the invitation went out; later edits don't reach it."""

    __tablename__ = "interview"
    __table_args__ = (
        sa.CheckConstraint(
            "state in ('invited', 'started', 'paused', 'submitted', 'expired', 'cancelled')", name="state"
        ),
        sa.Index("ix_interview_live", "state", "seen_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    application_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Application.id, ondelete="CASCADE"), index=True)
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="invited")
    language: Mapped[str]
    link_hash: Mapped[bytes | None] = mapped_column(unique=True)
    link_revoked_at: Mapped[datetime | None] = mapped_column(Timestamp)
    deadline: Mapped[datetime] = mapped_column(Timestamp)
    invited_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
    invited_at: Mapped[datetime] = mapped_column(Timestamp)
    reminded_at: Mapped[datetime | None] = mapped_column(Timestamp)
    consented_at: Mapped[datetime | None] = mapped_column(Timestamp)
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    started_at: Mapped[datetime | None] = mapped_column(Timestamp)
    paused_at: Mapped[datetime | None] = mapped_column(Timestamp)
    submitted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    seen_at: Mapped[datetime | None] = mapped_column(Timestamp)
    extra_time: Mapped[Decimal] = mapped_column(sa.Numeric(3, 1), server_default="1.0")
    rehearsal: Mapped[bool] = mapped_column(server_default=sa.false())
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def asked_in(self) -> str | None:
        """The language of its questions; `language` is the candidate's own. None: invited before kits said theirs."""
        language: str | None = self.plan.get("language")
        return language

    application: Mapped[Application] = relationship(lazy="raise")
    turns: Mapped[list["Turn"]] = relationship(order_by="Turn.number", lazy="raise", cascade="all")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class Turn(TenantModel):
    """One question as asked, and what was said. A question of the plan without a turn was not asked."""

    __tablename__ = "turn"
    __table_args__ = (
        sa.UniqueConstraint("interview_id", "number"),
        sa.UniqueConstraint("interview_id", "question", "follow_up"),
        sa.CheckConstraint("state in ('asked', 'answered', 'not_answered')", name="state"),
        sa.CheckConstraint("follow_up_state in ('none', 'waiting', 'settled')", name="follow_up_state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    interview_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Interview.id, ondelete="CASCADE"))
    number: Mapped[int]
    question: Mapped[int]
    follow_up: Mapped[bool] = mapped_column(server_default=sa.false())
    text: Mapped[str] = mapped_column(Sealed("turn.text"))
    state: Mapped[str] = mapped_column(server_default="asked")
    asked_at: Mapped[datetime] = mapped_column(Timestamp)
    ends_at: Mapped[datetime | None] = mapped_column(Timestamp)
    extensions: Mapped[int] = mapped_column(server_default="0")
    draft: Mapped[str] = mapped_column(Sealed("turn.draft"), server_default="")
    draft_revision: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    answer: Mapped[str | None] = mapped_column(Sealed("turn.answer"))
    answered_at: Mapped[datetime | None] = mapped_column(Timestamp)
    timed_out: Mapped[bool] = mapped_column(server_default=sa.false())
    follow_up_state: Mapped[str] = mapped_column(server_default="none")

    @property
    def unsent(self) -> str:
        """Words written for it that are no answer yet; once there is an answer, that is what counts."""
        return "" if self.answer else self.draft.strip()


class HelpRequest(TenantModel):
    """A candidate asked for another way, more time, or a person. The interview's clock stands still meanwhile."""

    __tablename__ = "help_request"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    interview_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Interview.id, ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Sealed("help_request.text"))
    at: Mapped[datetime] = mapped_column(Timestamp)
    settled_at: Mapped[datetime | None] = mapped_column(Timestamp)
    settled_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
