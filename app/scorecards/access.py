"""Who may see which judgement. Whoever is asked for their own sees nobody else's before it is submitted."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.applications.models import Application
from app.identity.enums import Role
from app.identity.models import Member
from app.interviews.access import interview_for
from app.interviews.models import Interview
from app.kernel.errors import Conflict, NotFound
from app.kernel.sentences import sentence
from app.scorecards.enums import ScorecardState
from app.scorecards.models import Assessment, Rating, Report, Scorecard
from tenants.db import db


def judged_interview_for(member: Member, interview_id: uuid.UUID) -> Interview:
    """The interview with its people, for hiring staff, and for interviewers who were asked to judge it."""
    if member.role != Role.INTERVIEWER:
        return staffed_interview_for(member, interview_id)
    found = db.session.scalar(
        sa.select(Interview)
        .join(Scorecard, Scorecard.interview_id == Interview.id)
        .options(
            joinedload(Interview.application).joinedload(Application.candidate),
            joinedload(Interview.application).joinedload(Application.posting),
            joinedload(Interview.application).joinedload(Application.stage),
        )
        .where(Interview.id == interview_id, Interview.rehearsal.is_(False), Scorecard.member_id == member.id)
    )
    if found is None:
        raise NotFound("interview")
    return found


def staffed_interview_for(member: Member, interview_id: uuid.UUID) -> Interview:
    """For those who run the job: to ask for judgements, to decide. A rehearsal is nobody's interview."""
    found = interview_for(member, interview_id)
    if found.rehearsal:
        raise NotFound("interview")
    return found


def own_scorecard(member: Member, interview_id: uuid.UUID, *, to_change: bool = False) -> Scorecard | None:
    """`to_change` holds it for this transaction: two tabs that save at once save one after the other."""
    query = (
        sa.select(Scorecard)
        .options(selectinload(Scorecard.ratings).selectinload(Rating.pins))
        .where(Scorecard.interview_id == interview_id, Scorecard.member_id == member.id)
    )
    return db.session.scalar(query.with_for_update() if to_change else query)


def own_open_scorecard(member: Member, interview_id: uuid.UUID) -> Scorecard:
    """One's own, to write in. Who was not asked has none; what is submitted is a Conflict."""
    found = own_scorecard(member, interview_id, to_change=True)
    if found is None:
        raise NotFound("scorecard")
    if found.state == ScorecardState.SUBMITTED:
        raise Conflict(sentence("Your scorecard is submitted. It stands as it was sent."))
    return found


def may_see_others(member: Member, interview_id: uuid.UUID) -> bool:
    """Other people's ratings and the engine's draft: not before one's own is in, and not before anybody's is.

    The second half keeps the draft from being the first opinion in the room (product.md S10).
    """
    states = db.session.execute(
        sa.select(Scorecard.member_id, Scorecard.state).where(Scorecard.interview_id == interview_id)
    ).all()
    own_open = any(who == member.id and state != ScorecardState.SUBMITTED for who, state in states)
    return not own_open and any(state == ScorecardState.SUBMITTED for _, state in states)


def assessment_for(member: Member, assessment_id: uuid.UUID) -> tuple[Assessment, Interview]:
    """To run it again: hiring staff and managers."""
    found = db.session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound("assessment")
    return found, staffed_interview_for(member, found.interview_id)


def report_for(member: Member, report_id: uuid.UUID) -> Report:
    """A report holds everybody's ratings, so its door is the same."""
    found = db.session.get(Report, report_id)
    if found is None:
        raise NotFound("report")
    judged_interview_for(member, found.interview_id)
    if not may_see_others(member, found.interview_id):
        raise NotFound("report")
    return found
