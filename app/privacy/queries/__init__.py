"""Receipts."""

import uuid

import sqlalchemy as sa

from app.kernel.errors import NotFound
from app.privacy.models import Erasure
from tenants.db import db


def erasures() -> list[Erasure]:
    return list(db.session.scalars(sa.select(Erasure).order_by(Erasure.number.desc()).limit(500)))


def erasure(erasure_id: uuid.UUID) -> Erasure:
    found = db.session.get(Erasure, erasure_id)
    if found is None:
        raise NotFound("erasure")
    return found


def erasure_of(person: uuid.UUID) -> Erasure | None:
    return db.session.scalar(sa.select(Erasure).where(Erasure.person == person))
