"""A candidate in a posting: where the application stands, how it got there, who said what about it."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.candidates.models import Candidate, Resume
from app.identity.models import Member
from app.postings.models import Posting, Stage
from tenants.sealed import Sealed, SealedJson, persons
from tenants.tables import TenantModel, Timestamp

# One word for both, since one statement reads both: what members say of an application.
SAID = "said"
LEADS = sa.text("joined_in is null")


class Application(TenantModel):
    """`person_id` says whose it is, for keys and erasures; `candidate_id` on whose page it stands.

    The two differ where two entries of one person were merged. Where both had applied for the same job, one application
    leads; the other one keeps all that is its own, and `joined_in` names the merge that set it beside the first.
    """

    __tablename__ = "application"
    __table_args__ = (
        sa.Index(
            "uq_application_posting_id_candidate_id",
            "posting_id",
            "candidate_id",
            unique=True,
            postgresql_where=LEADS,
        ),
        sa.Index(
            "ix_application_board", "posting_id", "state", "stage_id", "stage_since", "id", postgresql_where=LEADS
        ),
        sa.Index("ix_application_list", "posting_id", "stage_since", "id", postgresql_where=LEADS),
        sa.Index("ix_application_applied", "applied_at"),
        sa.Index("ix_application_next", "next_thing", postgresql_where=sa.text("next_thing <> ''")),
        sa.CheckConstraint("state in ('active', 'rejected', 'withdrawn', 'hired')", name="state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    posting_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Posting.id, ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = persons()
    candidate_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("candidate.id", ondelete="CASCADE"), index=True)
    resume_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Resume.id, ondelete="SET NULL"), index=True)
    stage_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Stage.id), index=True)
    state: Mapped[str] = mapped_column(server_default="active")
    source: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Sealed("application.reason"))
    rehearsal: Mapped[bool] = mapped_column(server_default=sa.false())
    applied_at: Mapped[datetime] = mapped_column(Timestamp)
    stage_since: Mapped[datetime] = mapped_column(Timestamp)
    promised_on: Mapped[date | None]
    next_thing: Mapped[str] = mapped_column(server_default="")
    link_hash: Mapped[bytes | None] = mapped_column(unique=True)
    joined_in: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    posting: Mapped[Posting] = relationship(lazy="raise")
    candidate: Mapped[Candidate] = relationship(lazy="raise")
    resume: Mapped[Resume | None] = relationship(lazy="raise")
    stage: Mapped[Stage] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class Move(TenantModel):
    """One step of an application, by a named person; what Undo goes back over."""

    __tablename__ = "move"
    __table_args__ = (sa.Index("ix_move_application", "application_id", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(index=True)
    person_id: Mapped[uuid.UUID] = persons()
    application_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Application.id, ondelete="CASCADE"))
    from_stage_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Stage.id))
    to_stage_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Stage.id))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Sealed("move.reason"))
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str] = mapped_column(Sealed("move.by_name"))
    at: Mapped[datetime] = mapped_column(Timestamp)
    undone_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Note(TenantModel):
    __tablename__ = "note"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    application_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Application.id, ondelete="CASCADE"), index=True)
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id))
    text: Mapped[str] = mapped_column(Sealed(SAID))
    at: Mapped[datetime] = mapped_column(Timestamp)

    author: Mapped[Member] = relationship(lazy="raise")


class Match(TenantModel):
    """What a resume says to each requirement of the job, as an engine found it. It ranks nobody, and decides nothing.

    `asked` tells by a digest which requirements it answers.
    """

    __tablename__ = "application_match"

    application_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(Application.id, ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[uuid.UUID] = persons()
    resume_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Resume.id, ondelete="CASCADE"), index=True)
    asked: Mapped[str]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("application_match.findings"))
    engine: Mapped[str]
    at: Mapped[datetime] = mapped_column(Timestamp)


class Decision(TenantModel):
    """What a named person decided, and why. Nothing else writes here."""

    __tablename__ = "decision"
    __table_args__ = (sa.CheckConstraint("verdict in ('advance', 'hold', 'reject', 'hire')", name="verdict"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    application_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Application.id, ondelete="CASCADE"), index=True)
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed(SAID))
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id))
    at: Mapped[datetime] = mapped_column(Timestamp)

    by: Mapped[Member] = relationship(lazy="raise")
