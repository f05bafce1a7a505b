"""Writing to the log: every entry's digest covers the entry before it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.audit.models import GENESIS, AiOutput, AuditEntry
from app.audit.queries import hash_of
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.ids import new_id
from tenants.db import db


def note(action: str, *, by: Actor, target: tuple[str, object], **data: Any) -> None:
    """Append one entry, in the caller's transaction. Writers of one company wait for each other here, until commit.

    `action` is "slice.verb"; `target` is (kind, id). Personal data stays out: ids and names of fields go in, and a
    candidate who acts is an id here.
    """
    name = "" if by.kind == "candidate" else by.name
    db.session.flush()
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(sa.func.current_schema() + ":audit"))))
    last = db.session.execute(
        sa.select(AuditEntry.number, AuditEntry.digest).order_by(AuditEntry.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.number + 1, last.digest) if last else (1, GENESIS)
    entry = AuditEntry(
        number=number, at=clock.now(), actor_kind=by.kind, actor_id=by.id, actor_name=name,
        action=action, target_kind=target[0], target_id=str(target[1]), data=data,
    )  # fmt: skip
    entry.digest = entry.digest_after(previous)
    db.session.add(entry)
    db.session.flush()


@dataclass(frozen=True, slots=True)
class Made:
    """One output of an engine. `input_hash` where the engine's port has its own way to make it."""

    kind: str
    subject: uuid.UUID
    person: uuid.UUID | None
    engine: str
    version: str
    prompt_hash: str
    input: dict[str, Any]
    output: dict[str, Any]
    rubric: dict[str, Any] | None = None
    input_hash: str | None = None


def note_output(made: Made, *, overseer: uuid.UUID, name: str) -> None:
    """In the transaction that keeps the output itself. The overseer is the member who answers for it."""
    db.session.add(
        AiOutput(
            id=new_id(), person_id=made.person, at=clock.now(), kind=made.kind, subject_id=made.subject,
            engine=made.engine, version=made.version, prompt_hash=made.prompt_hash, rubric=made.rubric,
            input_hash=made.input_hash or hash_of(made.input), input=made.input, output=made.output,
            overseer_id=overseer, overseer_name=name,
        )
    )  # fmt: skip


def forget_outputs(days: int) -> None:
    """What is older than the company has to keep."""
    db.session.execute(sa.delete(AiOutput).where(AiOutput.at <= clock.now() - timedelta(days=days)))
