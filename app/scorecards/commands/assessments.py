"""The engine's draft: one task per dimension; what fails is shown as failed, and can be run again."""

import uuid

import sqlalchemy as sa

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.applications.models import Application
from app.audit import commands as audit
from app.interviews.models import Interview, Turn
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.judging import Judgement, literal_quote
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
            id=new_id(), person_id=interview.person_id, interview_id=interview.id,
            dimension_id=uuid.UUID(dimension["id"]), position=number,
            state=AssessmentState.WAITING, asked_at=now, flags=[],
        )
        for number, dimension in enumerate(interview.plan["dimensions"])
    ]  # fmt: skip
    db.session.add_all(opened)
    db.session.add_all(
        Scorecard(
            id=new_id(), person_id=interview.person_id, interview_id=interview.id, member_id=member_id, state="asked",
            asked_at=now,
        )
        for member_id in members
    )  # fmt: skip
    db.session.flush()
    for assessment in opened:
        record(AssessmentAsked(assessment.id, interview.id))
    return opened


def take_judgement(assessment: Assessment, interview: Interview, judgement: Judgement, turns: list[Turn]) -> None:
    """Store a checked judgement, once. A level comes with words of the transcript or it doesn't come."""
    by_number = {turn.number: turn for turn in turns}
    _refuse_unfounded(judgement, by_number)
    if not _lock_waiting(assessment) and assessment.state != AssessmentState.FAILED:
        return
    assessment.problem = None
    scored = judgement.level is not None
    assessment.state = AssessmentState.SCORED if scored else AssessmentState.NOT_SCORED
    assessment.level, assessment.score = judgement.level, judgement.score
    assessment.low, assessment.high = judgement.low, judgement.high
    assessment.reason, assessment.not_scored = judgement.reason, judgement.not_scored
    assessment.flags = [{"code": f.code, "turn": f.turn, "text": f.text} for f in judgement.flags]
    assessment.quotes = len(judgement.quotes)
    _keep_origin(assessment, judgement)
    db.session.execute(sa.delete(Evidence).where(Evidence.assessment_id == assessment.id))
    db.session.add_all(
        Evidence(
            id=new_id(), person_id=assessment.person_id, assessment_id=assessment.id,
            turn_id=by_number[quote.turn].id, turn_number=quote.turn,
            position=position, text=quote.text,
        )
        for position, quote in enumerate(judgement.quotes)
    )  # fmt: skip
    _announce(interview)


def _refuse_unfounded(judgement: Judgement, by_number: dict[int, Turn]) -> None:
    if judgement.level is not None and not judgement.quotes:
        raise Conflict("a level without evidence")
    for quote in judgement.quotes:
        turn = by_number.get(quote.turn)
        if turn is None or not literal_quote(quote.text, turn.answer or ""):
            raise Conflict("a quote that is not in the transcript")


def _lock_waiting(assessment: Assessment) -> bool:
    """Whether this draft still waits, seen under its lock: whatever comes second changes nothing."""
    db.session.refresh(assessment, ["state"], with_for_update=True)
    return assessment.state == AssessmentState.WAITING


def _keep_origin(assessment: Assessment, judgement: Judgement) -> None:
    assessment.engine, assessment.prompt_version = judgement.engine, judgement.prompt_version
    assessment.input_hash = judgement.input_hash
    assessment.tokens_in, assessment.tokens_out = judgement.tokens_in, judgement.tokens_out
    assessment.cost_usd, assessment.took_ms = judgement.cost_usd, judgement.took_ms
    assessment.problem, assessment.done_at = None, clock.now()


def fail_assessment(assessment_id: uuid.UUID, problem: str) -> None:
    assessment = db.session.get(Assessment, assessment_id)
    if assessment is None or not _lock_waiting(assessment):
        return
    assessment.state, assessment.problem = AssessmentState.FAILED, problem[:500]
    assessment.done_at = clock.now()
    _announce(db.session.get_one(Interview, assessment.interview_id))


def judge_again(assessment: Assessment, interview: Interview, *, by: Actor) -> None:
    """A failed draft is asked for anew; a second click asks for nothing."""
    if _lock_waiting(assessment):
        return
    if assessment.state != AssessmentState.FAILED:
        raise Conflict(sentence("This draft did not fail, so it is not made again. Load the page again to read it."))
    assessment.state, assessment.problem = AssessmentState.WAITING, None
    audit.note("scorecards.judge_again", by=by, target=("assessment", assessment.id))
    record(AssessmentAsked(assessment.id, interview.id))
    record(AssessmentTouched(interview.id, interview.application_id))


def judge_failed_again(interview: Interview, *, by: Actor) -> None:
    """Every failed draft of an interview."""
    failed = sa.select(Assessment).where(
        Assessment.interview_id == interview.id, Assessment.state == AssessmentState.FAILED
    )
    for assessment in list(db.session.scalars(failed.order_by(Assessment.position))):
        judge_again(assessment, interview, by=by)


def _announce(interview: Interview) -> None:
    """The last of an interview's drafts completes the scoring; exactly one finds itself the last, by the lock.

    A failed draft leaves the scoring incomplete until it was run again; people go on meanwhile.
    """
    db.session.flush()
    db.session.execute(sa.select(Interview.id).where(Interview.id == interview.id).with_for_update())
    states = set(
        db.session.scalars(sa.select(Assessment.state).where(Assessment.interview_id == interview.id).distinct())
    )
    if AssessmentState.WAITING not in states:
        _let_people_go_on(interview)
    unfinished = states & {AssessmentState.WAITING, AssessmentState.FAILED}
    event = AssessmentTouched if unfinished else ScoringCompleted
    record(event(interview.id, interview.application_id))


def _let_people_go_on(interview: Interview) -> None:
    """The card says what comes next, unless somebody went on without waiting for the draft."""
    now = db.session.scalar(sa.select(Application.next_thing).where(Application.id == interview.application_id))
    if now == NextThing.SCORING and not interview.rehearsal:
        set_next_thing(interview.application_id, _next_thing(interview))


def _next_thing(interview: Interview) -> NextThing:
    open_ones = sa.select(Scorecard.id).where(Scorecard.interview_id == interview.id, Scorecard.state != "submitted")
    return NextThing.SCORECARD_DUE if db.session.scalar(open_ones.limit(1)) else NextThing.TO_DECIDE
