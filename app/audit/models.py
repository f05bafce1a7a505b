"""The log that only grows. Each digest covers the entry before; the tenant's role may neither change nor delete."""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.sealed import SealedJson, persons
from tenants.tables import TenantModel, Timestamp

GENESIS = bytes(32)


class AuditEntry(TenantModel):
    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_target", "target_kind", "target_id"),)

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Timestamp)
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    target_kind: Mapped[str]
    target_id: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes]

    def digest_after(self, previous: bytes) -> bytes:
        """SHA-256 over the digest of the entry before and this one's fields as canonical JSON."""
        return hashlib.sha256(previous + self.canonical().encode()).digest()

    def canonical(self) -> str:
        fields = [
            self.number, self.at.astimezone(UTC).isoformat(), self.actor_kind, str(self.actor_id), self.actor_name,
            self.action, self.target_kind, self.target_id, self.data,
        ]  # fmt: skip
        return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


KINDS = ("reading", "analysis", "kit", "follow-up", "judging", "match", "questions")
_QUOTED = ", ".join(f"'{kind}'" for kind in KINDS)


class AiOutput(TenantModel):
    """What an engine made of what: enough to ask it the same again, and to say who was to oversee it.

    Its words stand sealed under the key of the person whom they are about, or the company's own, and go with them.
    """

    __tablename__ = "ai_output"
    __table_args__ = (
        sa.CheckConstraint(f"kind in ({_QUOTED})", name="kind"),
        sa.Index("ix_ai_output_subject", "subject_id"),
        sa.Index("ix_ai_output_at", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = persons()
    at: Mapped[datetime] = mapped_column(Timestamp)
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    engine: Mapped[str]
    version: Mapped[str]
    prompt_hash: Mapped[str]
    input_hash: Mapped[str]
    rubric: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    input: Mapped[dict[str, Any]] = mapped_column(SealedJson("ai_output.input", dict))
    output: Mapped[dict[str, Any]] = mapped_column(SealedJson("ai_output.output", dict))
    overseer_id: Mapped[uuid.UUID]
    overseer_name: Mapped[str]
