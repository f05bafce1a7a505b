"""Leading an interview. Every step is a row before the person sees it, so any process may die between two steps.

All verbs but `save_draft` lock the interview first: two tabs, two clicks or a retry do one thing once.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.audit import commands as audit
from app.interviews.enums import RUNNING, HelpKind, InterviewState
from app.interviews.events import FollowUpAsked, InterviewCompleted, InterviewStarted, InterviewTouched
from app.interviews.models import HelpRequest, Interview, Turn
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from tenants.db import changed, db

LONGEST_ANSWER = 20_000
FOLLOW_UP_WITHIN = timedelta(seconds=1)
GRACE = timedelta(seconds=10)
EXTRA_STEP = timedelta(minutes=2)
CONSENT_VERSION = "2026-11"


def lock(interview_id: uuid.UUID) -> Interview:
    """The interview for this transaction alone, as it is now."""
    query = sa.select(Interview).where(Interview.id == interview_id).with_for_update()
    return db.session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def begin(interview: Interview, *, consented_to: dict[str, Any], by: Actor) -> Turn:
    """Consent, then the first question. Beginning twice gives the turn that is there."""
    if interview.state in RUNNING:
        return _last(interview) or _ask(interview, 0, follow_up=False, text=None)
    if interview.state != InterviewState.INVITED:
        raise Conflict("the interview is over")
    now = clock.now()
    interview.state, interview.started_at, interview.seen_at = InterviewState.STARTED, now, now
    interview.consented_at, interview.consent = now, {"version": CONSENT_VERSION} | consented_to
    audit.note("interviews.begin", by=by, target=("interview", interview.id))
    if not interview.rehearsal:
        set_next_thing(interview.application_id, NextThing.IN_INTERVIEW)
    record(InterviewStarted(interview.id, interview.application_id))
    return _ask(interview, 0, follow_up=False, text=None)


def save_draft(interview_id: uuid.UUID, number: int, text: str, revision: int) -> bool:
    """Keep what is typed so far, unless a newer revision is there. Says whether this one is what is kept."""
    kept = changed(
        sa.update(Turn)
        .where(
            Turn.interview_id == interview_id, Turn.number == number, Turn.state == "asked",
            Turn.draft_revision < revision,
        )
        .values(draft=text[:LONGEST_ANSWER], draft_revision=revision)
    )  # fmt: skip
    db.session.execute(sa.update(Interview).where(Interview.id == interview_id).values(seen_at=clock.now()))
    return bool(kept)


def answer(interview: Interview, number: int, text: str) -> Turn:
    """Take an answer, once. The same turn answered again (a retry, another tab) changes nothing.

    A first answer asks for a follow-up, which a worker settles; an empty one goes on at once.
    """
    turn = _turn(interview, number)
    if interview.state not in RUNNING:
        raise Conflict("the interview is over")
    if turn.state != "asked":
        return turn
    _refuse_too_long(text)
    _close(turn, text.strip() or "", timed_out=_is_over(turn))
    interview.state, interview.seen_at, interview.paused_at = InterviewState.STARTED, clock.now(), None
    if turn.state == "answered" and not turn.follow_up and not turn.timed_out:
        turn.follow_up_state = "waiting"
        record(FollowUpAsked(turn.id, interview.id))
    else:
        _ask_next(interview, turn)
    record(InterviewTouched(interview.id, interview.application_id))
    return turn


def settle_follow_up(interview: Interview, turn: Turn, text: str | None) -> None:
    """Ask the follow-up, or go on where there is none. Settled once: who comes late changes nothing."""
    if turn.follow_up_state != "waiting":
        return
    turn.follow_up_state = "settled"
    if text and interview.state in RUNNING:
        _ask(interview, turn.question, follow_up=True, text=text)
    else:
        _ask_next(interview, turn)
    record(InterviewTouched(interview.id, interview.application_id))


def catch_up(interview: Interview) -> None:
    """What the clock has done meanwhile: a time that ended saves and moves on; a late follow-up is not waited for."""
    now, turn = clock.now(), _last(interview)
    if turn is None or interview.state != InterviewState.STARTED:
        return
    if turn.state == "asked" and turn.ends_at is not None and turn.ends_at + GRACE < now:
        _close(turn, turn.draft.strip(), timed_out=True)
        _ask_next(interview, turn)
        record(InterviewTouched(interview.id, interview.application_id))
    elif turn.follow_up_state == "waiting" and turn.answered_at and turn.answered_at + FOLLOW_UP_WITHIN < now:
        settle_follow_up(interview, turn, None)


def more_time(interview: Interview, number: int) -> None:
    """Two minutes more for a limited question, up to ten times its time (WCAG 2.2.1)."""
    turn = _turn(interview, number)
    if turn.state != "asked" or turn.ends_at is None:
        return
    minutes = interview.plan["questions"][turn.question]["minutes"]
    latest = turn.asked_at + timedelta(minutes=10 * minutes)
    turn.ends_at = min(max(turn.ends_at, clock.now()) + EXTRA_STEP, latest)


def pause(interview: Interview) -> None:
    if interview.state == InterviewState.STARTED:
        interview.state, interview.paused_at = InterviewState.PAUSED, clock.now()
        record(InterviewTouched(interview.id, interview.application_id))


def resume(interview: Interview) -> None:
    """Go on; the time of the pause is given back."""
    if interview.state != InterviewState.PAUSED:
        return
    turn = _last(interview)
    if turn is not None and turn.ends_at is not None and interview.paused_at is not None:
        turn.ends_at += clock.now() - interview.paused_at
    interview.state, interview.paused_at, interview.seen_at = InterviewState.STARTED, None, clock.now()
    record(InterviewTouched(interview.id, interview.application_id))


def change_answer(interview: Interview, number: int, text: str) -> None:
    """Before sending, any answer may still be changed, or given where there was none."""
    if interview.state not in RUNNING:
        raise Conflict("the answers are sent")
    _refuse_too_long(text)
    turn = _turn(interview, number)
    if turn.state == "asked":
        raise Conflict("this question is still being asked")
    timed_out = turn.timed_out
    _close(turn, text.strip(), timed_out=timed_out)
    interview.seen_at = clock.now()
    record(InterviewTouched(interview.id, interview.application_id))


def submit(interview: Interview, *, by: Actor) -> None:
    """Send all answers, once. Workers score them afterwards."""
    if interview.state == InterviewState.SUBMITTED:
        return
    if interview.state not in RUNNING:
        raise Conflict("the interview is over")
    last = _last(interview)
    if last is None or last.state == "asked" or last.question + 1 < len(interview.plan["questions"]):
        raise Conflict("there are questions left")
    interview.state, interview.submitted_at = InterviewState.SUBMITTED, clock.now()
    audit.note("interviews.submit", by=by, target=("interview", interview.id))
    if not interview.rehearsal:
        set_next_thing(interview.application_id, NextThing.SCORING)
    record(InterviewCompleted(interview.id, interview.application_id))


def ask_for_help(interview: Interview, *, kind: HelpKind, text: str, by: Actor) -> HelpRequest:
    """Another way, more time, a person. The interview's clock stands still until somebody answers."""
    pause(interview)
    wish = HelpRequest(id=new_id(), interview_id=interview.id, kind=kind, text=text.strip()[:2000], at=clock.now())
    db.session.add(wish)
    set_next_thing(interview.application_id, NextThing.HELP_WANTED)
    audit.note("interviews.ask_for_help", by=by, target=("interview", interview.id), kind=kind)
    record(InterviewTouched(interview.id, interview.application_id))
    return wish


def _refuse_too_long(text: str) -> None:
    if len(text) > LONGEST_ANSWER:
        raise Invalid({"answer": "This answer is too long: 20,000 characters at most. Nothing is lost; shorten it."})


def _turn(interview: Interview, number: int) -> Turn:
    query = sa.select(Turn).where(Turn.interview_id == interview.id, Turn.number == number)
    turn = db.session.scalar(query)
    if turn is None:
        raise Conflict("this question was not asked")
    return turn


def _last(interview: Interview) -> Turn | None:
    query = sa.select(Turn).where(Turn.interview_id == interview.id).order_by(Turn.number.desc()).limit(1)
    return db.session.scalar(query)


def _is_over(turn: Turn) -> bool:
    return turn.ends_at is not None and turn.ends_at + GRACE < clock.now()


def _close(turn: Turn, text: str, *, timed_out: bool) -> None:
    turn.state = "answered" if text else "not_answered"
    turn.answer, turn.answered_at, turn.timed_out = text or None, clock.now(), timed_out
    turn.draft = text


def _ask_next(interview: Interview, turn: Turn) -> None:
    """The kit's next question; after the last one there is nothing to ask, and the review comes."""
    if turn.question + 1 < len(interview.plan["questions"]):
        _ask(interview, turn.question + 1, follow_up=False, text=None)


def _ask(interview: Interview, question: int, *, follow_up: bool, text: str | None) -> Turn:
    asked = interview.plan["questions"][question]
    last = _last(interview)
    turn = Turn(
        id=new_id(), interview_id=interview.id, number=last.number + 1 if last else 1, question=question,
        follow_up=follow_up, text=text or asked["text"], state="asked", asked_at=clock.now(),
        ends_at=_end(interview, asked), draft="", draft_revision=0, follow_up_state="none",
    )  # fmt: skip
    db.session.add(turn)
    db.session.flush()
    return turn


def _end(interview: Interview, asked: dict[str, Any]) -> datetime | None:
    if not asked["limited"]:
        return None
    return clock.now() + timedelta(minutes=asked["minutes"]) * float(interview.extra_time)
