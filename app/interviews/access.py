"""Who may see which interview: candidates by their link, staff through the application or their own scorecard."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.applications.models import Application
from app.identity.enums import Role
from app.identity.models import Member
from app.interviews.models import Interview
from app.kernel.errors import NotFound
from app.kernel.ids import token_digest
from app.postings.access import visible_to
from app.postings.models import Posting
from tenants.db import db


def interview_by_link(token: str) -> Interview:
    """The candidate's own, with application, candidate, posting. A revoked link looks like none at all.

    An expired one still opens: the page says so, and how to go on.
    """
    found = db.session.scalar(_with_people().where(Interview.link_hash == token_digest(token)))
    if found is None or found.link_revoked_at is not None:
        raise NotFound("interview")
    return found


def interview_for(member: Member, interview_id: uuid.UUID) -> Interview:
    """For members who may see the application. Interviewers come through scorecards.access."""
    found = db.session.scalar(
        _with_people()
        .join(Posting, Posting.id == Application.posting_id)
        .where(Interview.id == interview_id, visible_to(member))
    )
    if found is None or member.role == Role.INTERVIEWER:
        raise NotFound("interview")
    return found


def _with_people() -> sa.Select[tuple[Interview]]:
    return (
        sa.select(Interview)
        .join(Application, Application.id == Interview.application_id)
        .options(
            joinedload(Interview.application).joinedload(Application.candidate),
            joinedload(Interview.application).joinedload(Application.posting),
            joinedload(Interview.application).joinedload(Application.stage),
        )
    )
