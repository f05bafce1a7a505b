"""Reading the log, and proving that nobody changed it."""

import sqlalchemy as sa

from app.audit.models import GENESIS, AuditEntry
from tenants.db import db


def newest_entries(*, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    query = sa.select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return list(db.session.scalars(query))


def first_broken_link() -> int | None:
    """The number of the first entry that isn't what was written, or is missing; None when the chain holds."""
    previous, expected = GENESIS, 1
    for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).yield_per(500):
        if entry.number != expected or entry.digest != entry.digest_after(previous):
            return expected
        previous, expected = entry.digest, expected + 1
    return None
