"""What members look for again and again."""

import uuid
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from app.candidates.models import SavedSearch
from app.identity.models import Member
from tenants.db import db


def asked_by(words: str, job: uuid.UUID | None) -> dict[str, Any]:
    """Words and filters as parameters of the list's address; nothing of them is empty."""
    return {name: value for name, value in (("q", words), ("job", str(job or ""))) if value}


def saved_by(member: Member) -> list[SavedSearch]:
    """Their own, by name."""
    found = db.session.scalars(sa.select(SavedSearch).where(SavedSearch.member_id == member.id))
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def jobs_in(searches: Iterable[SavedSearch]) -> set[uuid.UUID]:
    return {uuid.UUID(one.asked["job"]) for one in searches if "job" in one.asked}
