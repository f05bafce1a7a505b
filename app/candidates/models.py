"""People who apply, and their resumes as sent and as read."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenants.sealed import PERSON, Sealed, SealedJson, persons
from tenants.tables import TenantModel, Timestamp


class Candidate(TenantModel):
    """`corrected` names the fields that a person edited: no reading of a resume touches them again."""

    __tablename__ = "candidate"
    __table_args__ = (
        sa.Index("ix_candidate_email", sa.text("lower(email)")),
        sa.Index("ix_candidate_words", "words", postgresql_using="gin"),
        sa.Index("ix_candidate_name", sa.text("lower(name)"), "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, info=PERSON)
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    place: Mapped[str | None]
    headline: Mapped[str | None]
    links: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    language: Mapped[str] = mapped_column(server_default="en")
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    consented_at: Mapped[datetime | None] = mapped_column(Timestamp)
    corrected: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    found_by: Mapped[str] = mapped_column(server_default="", deferred=True)
    words: Mapped[str] = mapped_column(
        TSVECTOR, sa.Computed("to_tsvector('simple', found_by)", persisted=True), deferred=True
    )


class Resume(TenantModel):
    """A file as it came. `state` says how far its reading is; the original stays whatever the reading says."""

    __tablename__ = "resume"
    __table_args__ = (sa.CheckConstraint("state in ('waiting', 'read', 'unreadable', 'failed')", name="state"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    candidate_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(Candidate.id, ondelete="CASCADE"), index=True, info=PERSON
    )
    file_name: Mapped[str] = mapped_column(Sealed("resume.file_name"))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    storage_key: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    problem: Mapped[str | None]
    kind: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(Sealed("resume.text"), deferred=True)
    document: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("resume.document", dict), deferred=True)
    flags: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("resume.flags"), server_default="")
    uploaded_at: Mapped[datetime] = mapped_column(Timestamp)
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)

    candidate: Mapped[Candidate] = relationship(lazy="raise")


class ResumePage(TenantModel):
    __tablename__ = "resume_page"

    resume_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Resume.id, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    number: Mapped[int] = mapped_column(primary_key=True)
    width: Mapped[float]
    height: Mapped[float]
    words: Mapped[list[Any]] = mapped_column(SealedJson("resume_page.words"), deferred=True)
    image_key: Mapped[str | None]
