"""Members of a company, and where they are signed in."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenants.tables import TenantModel, Timestamp


class Member(TenantModel):
    __tablename__ = "member"
    __table_args__ = (
        sa.Index("uq_member_email", sa.text("lower(email)"), unique=True),
        sa.CheckConstraint("role in ('admin', 'recruiter', 'hiring_manager', 'interviewer')", name="role"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=sa.true())
    locale: Mapped[str | None]
    zone: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Timestamp)


class SignIn(TenantModel):
    """One browser's session; the browser holds the token, we its SHA-256."""

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    member_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    seen_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    agent: Mapped[str]

    member: Mapped[Member] = relationship(lazy="raise")


class SignInFailure(TenantModel):
    """How often a name was tried in vain; kept by digest, for names that nobody has too."""

    __tablename__ = "sign_in_failure"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Timestamp)


class PasswordLink(TenantModel):
    """A link by which a member sets a password once; stored as SHA-256."""

    __tablename__ = "password_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id, ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    used_at: Mapped[datetime | None] = mapped_column(Timestamp)
