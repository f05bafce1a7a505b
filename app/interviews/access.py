"""Who may see which interview: candidates by their link, staff through the application or their own scorecard."""

import uuid
from functools import cache
from typing import NamedTuple, cast

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

_interview, _application = (cast("sa.Table", model.__table__) for model in (Interview, Application))
_PLACE = (  # built once: making a statement takes longer than running it
    sa.select(_interview.c.id, _interview.c.person_id, _application.c.state)
    .join(_application, _application.c.id == _interview.c.application_id)
    .where(_interview.c.link_hash == sa.bindparam("link"), _interview.c.link_revoked_at.is_(None))
)


def interview_by_link(token: str) -> Interview:
    """The candidate's own, with application, candidate, posting. A revoked link looks like none at all.

    An expired one still opens: the page says so, and how to go on.
    """
    found = db.session.scalar(_by_link(), {"link": token_digest(token)})
    if found is None or found.link_revoked_at is not None:
        raise NotFound("interview")
    return found


class Place(NamedTuple):
    """As much of an interview as a draft has to know."""

    id: uuid.UUID
    person_id: uuid.UUID
    application_state: str


def place_by_link(token: str) -> Place:
    """As `interview_by_link`, for what comes every few seconds from everybody."""
    found = db.session.execute(_PLACE, {"link": token_digest(token)}).one_or_none()
    if found is None:
        raise NotFound("interview")
    return Place(*found)


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


@cache
def _by_link() -> sa.Select[tuple[Interview]]:
    return _with_people().where(Interview.link_hash == sa.bindparam("link"))


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
