"""Whose judgement is asked, and what they said."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.applications.queries import together
from app.identity.enums import Role
from app.identity.models import Member
from app.interviews.models import Interview
from app.postings.queries import team_of
from app.scorecards.enums import ScorecardState
from app.scorecards.models import Assessment, Rating, Scorecard
from app.scorecards.queries.drafts import state_of
from tenants.db import db


@dataclass(frozen=True)
class Overview:
    """One interview of an application: how far its scoring is and who was asked. No rating is in here."""

    interview: Interview
    scoring: str
    done: int
    of: int
    failed: int
    scorecards: list[Scorecard]

    @property
    def submitted(self) -> int:
        return sum(card.state == ScorecardState.SUBMITTED for card in self.scorecards)


def overviews_of(application_id: uuid.UUID) -> list[Overview]:
    """The newest first; rehearsals are nobody's interview."""
    every = together(application_id)
    query = sa.select(Interview).where(Interview.application_id.in_(every), Interview.rehearsal.is_(False))
    interviews = list(db.session.scalars(query.order_by(Interview.invited_at.desc())))
    ids = [interview.id for interview in interviews]
    states, cards = _states(ids), _cards(ids)
    return [_overview(interview, states[interview.id], cards[interview.id]) for interview in interviews]


def _overview(interview: Interview, states: list[str], cards: list[Scorecard]) -> Overview:
    waiting, failed = states.count("waiting"), states.count("failed")
    done = len(states) - waiting - failed
    return Overview(interview, state_of(states), done, len(interview.plan["dimensions"]), failed, cards)


def _states(ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    query = sa.select(Assessment.interview_id, Assessment.state).where(Assessment.interview_id.in_(ids))
    for interview_id, state in db.session.execute(query):
        found[interview_id].append(state)
    return found


def _cards(ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Scorecard]]:
    found: dict[uuid.UUID, list[Scorecard]] = defaultdict(list)
    query = sa.select(Scorecard).options(joinedload(Scorecard.member)).where(Scorecard.interview_id.in_(ids))
    for card in db.session.scalars(query.order_by(Scorecard.asked_at, Scorecard.id)):
        found[card.interview_id].append(card)
    return found


def scorecards_of(interview_id: uuid.UUID) -> list[Scorecard]:
    """Who was asked and how far they are; without their ratings."""
    return _cards([interview_id])[interview_id]


def submitted_scorecards(interview_id: uuid.UUID) -> list[Scorecard]:
    query = (
        sa.select(Scorecard)
        .options(joinedload(Scorecard.member), joinedload(Scorecard.ratings).joinedload(Rating.pins))
        .where(Scorecard.interview_id == interview_id, Scorecard.state == ScorecardState.SUBMITTED)
    )
    return list(db.session.scalars(query.order_by(Scorecard.submitted_at, Scorecard.id)).unique())


def scorecards_waiting_for(member_id: uuid.UUID) -> list[Scorecard]:
    query = sa.select(Scorecard).where(Scorecard.member_id == member_id, Scorecard.state != ScorecardState.SUBMITTED)
    return list(db.session.scalars(query.order_by(Scorecard.asked_at)))


def judges_among(team: list[Member]) -> list[uuid.UUID]:
    """Who of a hiring team is asked for a scorecard: its interviewers, or its hiring managers where it has none."""
    for role in (Role.INTERVIEWER, Role.HIRING_MANAGER):
        asked = [member.id for member in team if member.role == role]
        if asked:
            return asked
    return []


def askable(posting_id: uuid.UUID, me: Member) -> list[Member]:
    """Who can be asked to judge: the team, and whoever asks."""
    team = team_of(posting_id)
    return team if any(member.id == me.id for member in team) else [me, *team]
