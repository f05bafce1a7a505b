"""Interviews and kits as pages and tasks need them."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.applications.models import Application
from app.interviews.enums import InterviewState
from app.interviews.models import HelpRequest, Interview, Kit, Turn
from app.kernel.errors import NotFound
from tenants.db import db


def interview(interview_id: uuid.UUID) -> Interview:
    """With its application, candidate, posting."""
    found = db.session.scalar(
        sa.select(Interview)
        .options(
            joinedload(Interview.application).joinedload(Application.candidate),
            joinedload(Interview.application).joinedload(Application.posting),
        )
        .where(Interview.id == interview_id)
    )
    if found is None:
        raise NotFound("interview")
    return found


def turns_of(interview_id: uuid.UUID) -> list[Turn]:
    return list(db.session.scalars(sa.select(Turn).where(Turn.interview_id == interview_id).order_by(Turn.number)))


def turn(turn_id: uuid.UUID) -> Turn:
    found = db.session.get(Turn, turn_id)
    if found is None:
        raise NotFound("turn")
    return found


def last_turn(interview_id: uuid.UUID) -> Turn | None:
    query = sa.select(Turn).where(Turn.interview_id == interview_id).order_by(Turn.number.desc()).limit(1)
    return db.session.scalar(query)


def follow_up_settled(interview_id: uuid.UUID) -> bool:
    """Whether nobody is thinking about a follow-up; asks the table, not the session."""
    waiting = sa.select(Turn.id).where(Turn.interview_id == interview_id, Turn.follow_up_state == "waiting")
    return db.session.scalar(waiting.limit(1)) is None


def kit_of(posting_id: uuid.UUID) -> Kit | None:
    return db.session.scalar(
        sa.select(Kit)
        .options(selectinload(Kit.dimensions), selectinload(Kit.questions))
        .where(Kit.posting_id == posting_id)
    )


def interviews_of(application_id: uuid.UUID) -> list[Interview]:
    query = sa.select(Interview).where(Interview.application_id == application_id)
    return list(db.session.scalars(query.order_by(Interview.invited_at.desc())))


def overdue(now: datetime) -> list[Interview]:
    open_states = [InterviewState.INVITED, InterviewState.STARTED, InterviewState.PAUSED]
    query = sa.select(Interview).where(Interview.state.in_(open_states), Interview.deadline < now)
    return list(db.session.scalars(query.limit(500).with_for_update(skip_locked=True)))


def to_remind(now: datetime, *, before: timedelta = timedelta(hours=24)) -> list[Interview]:
    query = (
        sa.select(Interview)
        .options(
            joinedload(Interview.application).joinedload(Application.candidate),
            joinedload(Interview.application).joinedload(Application.posting),
        )
        .where(
            Interview.state.in_([InterviewState.INVITED, InterviewState.PAUSED, InterviewState.STARTED]),
            Interview.reminded_at.is_(None), Interview.rehearsal.is_(False), Interview.link_hash.is_not(None),
            Interview.deadline > now, Interview.deadline < now + before, Interview.invited_at < now - before,
        )
    )  # fmt: skip
    return list(db.session.scalars(query.limit(200).with_for_update(skip_locked=True, of=Interview)))


def open_help_requests(interview_ids: list[uuid.UUID]) -> list[HelpRequest]:
    query = sa.select(HelpRequest).where(HelpRequest.interview_id.in_(interview_ids), HelpRequest.settled_at.is_(None))
    return list(db.session.scalars(query.order_by(HelpRequest.at)))
