"""The engine's draft: one task per dimension; what fails is shown as failed, and can be run again."""

import uuid

import sqlalchemy as sa

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.audit import commands as audit
from app.interviews.models import Interview, Turn
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.ports.judging import Judgement
from app.scorecards.enums import AssessmentState
from app.scorecards.events import AssessmentAsked, AssessmentTouched, ScoringCompleted
from app.scorecards.models import Assessment, Evidence, Scorecard
from tenants.db import db


def open_assessments(interview: Interview, *, members: list[uuid.UUID]) -> list[Assessment]:
    """A waiting draft for each dimension, and a scorecard for each member asked. Opening twice changes nothing."""
    if db.session.scalar(sa.select(Assessment.id).where(Assessment.interview_id == interview.id).limit(1)):
        return []
    now = clock.now()
    opened = [
        Assessment(
            id=new_id(), interview_id=interview.id, dimension_id=uuid.UUID(dimension["id"]), position=number,
            state=AssessmentState.WAITING, asked_at=now, flags=[],
        )
        for number, dimension in enumerate(interview.plan["dimensions"])
    ]  # fmt: skip
    db.session.add_all(opened)
    db.session.add_all(
        Scorecard(id=new_id(), interview_id=interview.id, member_id=member_id, state="asked", asked_at=now)
        for member_id in members
    )
    db.session.flush()
    for assessment in opened:
        record(AssessmentAsked(assessment.id, interview.id))
    return opened


def take_judgement(assessment: Assessment, interview: Interview, judgement: Judgement, turns: list[Turn]) -> None:
    """Store a checked judgement. A level comes with evidence or it doesn't come."""
    if judgement.level is not None and not judgement.quotes:
        raise Conflict("a level without evidence")
    scored = judgement.level is not None
    assessment.state = AssessmentState.SCORED if scored else AssessmentState.NOT_SCORED
    assessment.level, assessment.score = judgement.level, judgement.score
    assessment.reason, assessment.not_scored = judgement.reason, judgement.not_scored
    assessment.flags = [{"code": f.code, "turn": f.turn, "text": f.text} for f in judgement.flags]
    _keep_origin(assessment, judgement)
    by_number = {turn.number: turn for turn in turns}
    db.session.execute(sa.delete(Evidence).where(Evidence.assessment_id == assessment.id))
    db.session.add_all(
        Evidence(
            id=new_id(), assessment_id=assessment.id, turn_id=by_number[quote.turn].id, turn_number=quote.turn,
            position=position, text=quote.text,
        )
        for position, quote in enumerate(judgement.quotes)
    )  # fmt: skip
    _announce(interview)


def _keep_origin(assessment: Assessment, judgement: Judgement) -> None:
    assessment.engine, assessment.prompt_version = judgement.engine, judgement.prompt_version
    assessment.input_hash = judgement.input_hash
    assessment.tokens_in, assessment.tokens_out = judgement.tokens_in, judgement.tokens_out
    assessment.cost_usd, assessment.took_ms = judgement.cost_usd, judgement.took_ms
    assessment.problem, assessment.done_at = None, clock.now()


def fail_assessment(assessment_id: uuid.UUID, problem: str) -> None:
    assessment = db.session.get(Assessment, assessment_id)
    if assessment is None:
        return
    assessment.state, assessment.problem, assessment.done_at = (
        AssessmentState.FAILED,
        problem[:500],
        clock.now(),
    )
    assessment.level = assessment.score = None
    interview = db.session.get_one(Interview, assessment.interview_id)
    _announce(interview)


def judge_again(assessment: Assessment, interview: Interview, *, by: Actor) -> None:
    """A failed draft is asked for anew."""
    if assessment.state != AssessmentState.FAILED:
        raise Conflict("only what failed is run again")
    assessment.state, assessment.problem = AssessmentState.WAITING, None
    audit.note("scorecards.judge_again", by=by, target=("assessment", assessment.id))
    record(AssessmentAsked(assessment.id, interview.id))


def _announce(interview: Interview) -> None:
    """The last of an interview's drafts completes the scoring; exactly one finds itself the last, by the lock."""
    db.session.flush()
    db.session.execute(sa.select(Interview.id).where(Interview.id == interview.id).with_for_update())
    waiting = sa.select(Assessment.id).where(
        Assessment.interview_id == interview.id, Assessment.state == AssessmentState.WAITING
    )
    if db.session.scalar(waiting.limit(1)) is None:
        if not interview.rehearsal:
            set_next_thing(interview.application_id, _next_thing(interview))
        record(ScoringCompleted(interview.id, interview.application_id))
    else:
        record(AssessmentTouched(interview.id, interview.application_id))


def _next_thing(interview: Interview) -> NextThing:
    open_ones = sa.select(Scorecard.id).where(Scorecard.interview_id == interview.id, Scorecard.state != "submitted")
    return NextThing.SCORECARD_DUE if db.session.scalar(open_ones.limit(1)) else NextThing.TO_DECIDE
