"""Judgements as pages, reports and tasks need them."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.identity.enums import Role
from app.identity.models import Member
from app.interviews.models import Interview, Turn
from app.interviews.queries import interview as interview_with_people
from app.interviews.queries import turns_of
from app.kernel.errors import NotFound
from app.ports.judging import AnswerTurn, JudgeRequest, overall
from app.scorecards.models import Assessment, Rating, Report, Scorecard
from tenants.db import db


@dataclass(frozen=True)
class Draft:
    """The engine's draft of a whole interview. `overall`: the weighted mean of what is scored, or None."""

    assessments: list[Assessment]
    overall: float | None
    covered: int
    state: str


def assessment(assessment_id: uuid.UUID) -> Assessment:
    found = db.session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound("assessment")
    return found


def draft_of(interview: Interview) -> Draft:
    found = list(
        db.session.scalars(
            sa.select(Assessment)
            .options(selectinload(Assessment.evidence))
            .where(Assessment.interview_id == interview.id)
            .order_by(Assessment.position)
        )
    )
    weights = {uuid.UUID(d["id"]): int(d["weight"]) for d in interview.plan["dimensions"]}
    mean = overall((a.score, weights[a.dimension_id]) for a in found)
    covered = sum(weights[a.dimension_id] for a in found if a.score is not None)
    return Draft(found, mean, covered, _state([a.state for a in found]))


def _state(states: list[str]) -> str:
    if not states or "waiting" in states:
        return "waiting"
    return "failed" if "failed" in states else "done"


def request_for(interview: Interview, dimension_id: uuid.UUID, turns: list[Turn]) -> JudgeRequest:
    """What a judge sees: one dimension, the turns asked for it; nothing of who speaks, or how."""
    dimension = dimension_of(interview, dimension_id)
    questions = interview.plan["questions"]
    main = {turn.question: turn.number for turn in turns if not turn.follow_up}
    relevant = tuple(
        AnswerTurn(
            number=turn.number, question=turn.text, answer=turn.answer or "",
            follow_up_of=main[turn.question] if turn.follow_up else None,
        )
        for turn in turns
        if dimension["id"] in questions[turn.question]["dimensions"]
    )  # fmt: skip
    anchors = dimension["anchors"]
    return JudgeRequest(
        dimension=dimension["name"], description=dimension["description"],
        anchors=(anchors[0], anchors[1], anchors[2], anchors[3]), turns=relevant, language=None,
    )  # fmt: skip


def dimension_of(interview: Interview, dimension_id: uuid.UUID) -> dict[str, Any]:
    found: dict[str, Any] = next(d for d in interview.plan["dimensions"] if d["id"] == str(dimension_id))
    return found


def submitted_scorecards(interview_id: uuid.UUID) -> list[Scorecard]:
    query = (
        sa.select(Scorecard)
        .options(joinedload(Scorecard.member), selectinload(Scorecard.ratings).selectinload(Rating.pins))
        .where(Scorecard.interview_id == interview_id, Scorecard.state == "submitted")
    )
    return list(db.session.scalars(query.order_by(Scorecard.submitted_at)))


def scorecards_waiting_for(member_id: uuid.UUID) -> list[Scorecard]:
    query = sa.select(Scorecard).where(Scorecard.member_id == member_id, Scorecard.state != "submitted")
    return list(db.session.scalars(query.order_by(Scorecard.asked_at)))


def newest_report(interview_id: uuid.UUID) -> Report | None:
    query = sa.select(Report).where(Report.interview_id == interview_id).order_by(Report.asked_at.desc())
    return db.session.scalar(query.limit(1))


def report(report_id: uuid.UUID) -> Report:
    found = db.session.get(Report, report_id)
    if found is None:
        raise NotFound("report")
    return found


def judges_among(team: list[Member]) -> list[uuid.UUID]:
    """Who of a hiring team is asked for a scorecard: its interviewers, or its hiring managers where it has none."""
    for role in (Role.INTERVIEWER, Role.HIRING_MANAGER):
        asked = [member.id for member in team if member.role == role]
        if asked:
            return asked
    return []


def report_facts(interview_id: uuid.UUID) -> dict[str, Any]:
    """What a report shows."""
    interview = interview_with_people(interview_id)
    return {
        "interview": interview,
        "turns": turns_of(interview_id),
        "draft": draft_of(interview),
        "scorecards": submitted_scorecards(interview_id),
        "dimensions": interview.plan["dimensions"],
    }
