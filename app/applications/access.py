"""Who may see which application: whoever may see its opening. Interviewers see theirs through their scorecards."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.applications.models import Application
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.kernel.ids import token_digest
from app.postings.access import visible_to
from app.postings.models import Posting
from tenants.db import db


def application_for(member: Member, application_id: uuid.UUID) -> Application:
    """With its candidate, posting, stage and resume."""
    found = db.session.scalar(
        sa.select(Application)
        .join(Posting, Posting.id == Application.posting_id)
        .options(
            joinedload(Application.candidate), joinedload(Application.posting), joinedload(Application.stage),
            joinedload(Application.resume),
        )
        .where(Application.id == application_id, visible_to(member))
    )  # fmt: skip
    if found is None or member.role == Role.INTERVIEWER:
        raise NotFound("application")
    return found


def application_by_link(token: str) -> Application:
    """For the candidate who holds the link to their own application."""
    found = db.session.scalar(
        sa.select(Application)
        .options(joinedload(Application.candidate), joinedload(Application.posting), joinedload(Application.stage))
        .where(Application.link_hash == token_digest(token))
    )
    if found is None:
        raise NotFound("application")
    return found
