"""Reading the log, and proving that nobody changed it."""

import hashlib
import json
import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from app.audit.models import GENESIS, AiOutput, AuditEntry
from tenants.db import db
from tenants.replicas import from_replica


def newest_entries(
    *, before: int | None = None, on: tuple[str, str] | None = None, by: uuid.UUID | None = None, limit: int = 50
) -> list[AuditEntry]:
    """`on` is what they are about: its kind, and its id. `by` is the member, or the candidate, who acted."""
    query = sa.select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit)
    if on is not None:
        query = query.where(AuditEntry.target_kind == on[0], AuditEntry.target_id == on[1])
    if by is not None:
        query = query.where(AuditEntry.actor_id == by)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return list(db.session.scalars(query))


@from_replica
def first_broken_link() -> int | None:
    """The number of the first entry that isn't what was written, or is missing; None when the chain holds."""
    previous, expected = GENESIS, 1
    for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).yield_per(500):
        if entry.number != expected or entry.digest != entry.digest_after(previous):
            return expected
        previous, expected = entry.digest, expected + 1
    return None


def hash_of(given: Any) -> str:
    """Of an engine's input as canonical JSON."""
    return hashlib.sha256(json.dumps(given, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def outputs_about(subject: uuid.UUID) -> list[AiOutput]:
    """What engines said of one thing, the oldest first."""
    return list(db.session.scalars(sa.select(AiOutput).where(AiOutput.subject_id == subject).order_by(AiOutput.at)))


def newest_outputs(
    kinds: Collection[str], *, before: uuid.UUID | None = None, limit: int, words: bool = False
) -> list[AiOutput]:
    """What engines made, of some kinds or, for none named, of all. Without `words` nothing is unsealed."""
    query = sa.select(AiOutput).order_by(AiOutput.id.desc()).limit(limit)
    if kinds:
        query = query.where(AiOutput.kind.in_(kinds))
    if before is not None:
        query = query.where(AiOutput.id < before)
    return list(db.session.scalars(query if words else query.options(defer(AiOutput.input), defer(AiOutput.output))))


def as_line(row: AiOutput, *, with_output: bool = True) -> dict[str, Any]:
    """All that is kept of it, for a line of JSON."""
    names = ("id", "at", "kind", "subject_id", "person_id", "engine", "version", "prompt_hash", "input_hash", "rubric")
    told = {name: getattr(row, name) for name in names} | {"at": row.at.isoformat(), "input": row.input}
    overseer = {"id": row.overseer_id, "name": row.overseer_name}
    return told | ({"output": row.output} if with_output else {"withheld": True}) | {"overseer": overseer}
