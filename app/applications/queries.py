"""Applications as pages and tasks need them."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.applications.models import Application, Decision
from app.kernel.errors import NotFound
from tenants.db import db


def application(application_id: uuid.UUID) -> Application:
    """With candidate, posting, stage; for tasks."""
    found = db.session.scalar(
        sa.select(Application)
        .options(joinedload(Application.candidate), joinedload(Application.posting), joinedload(Application.stage))
        .where(Application.id == application_id)
    )
    if found is None:
        raise NotFound("application")
    return found


def decisions_on(application_id: uuid.UUID) -> list[Decision]:
    query = sa.select(Decision).options(joinedload(Decision.by)).where(Decision.application_id == application_id)
    return list(db.session.scalars(query.order_by(Decision.at)))
