"""Writing to the log: every entry's digest covers the entry before it."""

from typing import Any

import sqlalchemy as sa

from app.audit.models import GENESIS, AuditEntry
from app.kernel import clock
from app.kernel.actor import Actor
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
