"""Texts that companies edit, and the mail made of them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenants.sealed import Sealed, persons
from tenants.tables import TenantModel, Timestamp


class Letter(TenantModel):
    """A company's own wording; where there is none, the house's (templates/letters) is used."""

    __tablename__ = "letter"
    __table_args__ = (sa.UniqueConstraint("kind", "language"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    edited_at: Mapped[datetime] = mapped_column(Timestamp)


class Mail(TenantModel):
    """One letter to one person. Its text is sealed: it holds links that are stored nowhere else in the clear."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.CheckConstraint("state in ('waiting', 'sent', 'failed')", name="state"),
        sa.Index("ix_mail_newest", sa.text("created_at desc")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = persons()
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    to_name: Mapped[str] = mapped_column(Sealed("mail.to_name"))
    to_address: Mapped[str] = mapped_column(Sealed("mail.to_address"))
    subject: Mapped[str] = mapped_column(Sealed("mail.subject"))
    sealed: Mapped[bytes]
    about_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    problem: Mapped[str | None] = mapped_column(Sealed("mail.problem"))
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp)
