"""Who may see and change which opening. Hiring managers and interviewers: those on whose team they sit."""

import uuid

import sqlalchemy as sa

from app.identity.access import hires
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.postings.models import Posting, Stage, TeamSeat
from tenants.db import db


def visible_to(member: Member) -> sa.ColumnElement[bool]:
    """A condition on Posting: those that this member may see."""
    if hires(member):
        return sa.not_(Posting.rehearsal)
    seats = sa.select(TeamSeat.posting_id).where(TeamSeat.member_id == member.id)
    return sa.and_(sa.not_(Posting.rehearsal), Posting.id.in_(seats))


def posting_for(member: Member, posting_id: uuid.UUID, *, to_change: bool = False) -> Posting:
    """The opening, if the member may see it (to_change: edit it). Interviewers see no openings' boards."""
    posting = db.session.scalar(sa.select(Posting).where(Posting.id == posting_id, visible_to(member)))
    if posting is None or member.role == Role.INTERVIEWER or (to_change and not may_change(member)):
        raise NotFound("posting")
    return posting


def may_change(member: Member) -> bool:
    return hires(member) or member.role == Role.HIRING_MANAGER


def may_see_openings(member: Member) -> None:
    """For the list of jobs; to interviewers, who see interviews and no boards, it looks missing."""
    if member.role == Role.INTERVIEWER:
        raise NotFound("openings")


def stage_for(posting: Posting, stage_id: uuid.UUID) -> Stage:
    """A stage of an opening that the member was shown already."""
    stage = db.session.get(Stage, stage_id)
    if stage is None or stage.posting_id != posting.id:
        raise NotFound("stage")
    return stage


def published_posting(posting_id: uuid.UUID) -> Posting:
    """For the careers pages: anybody may read what is published."""
    posting = db.session.get(Posting, posting_id)
    if posting is None or posting.state != "published" or posting.rehearsal:
        raise NotFound("posting")
    return posting
