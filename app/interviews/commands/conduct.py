"""Leading an interview. Every step is a row before the person sees it, so any process may die between two steps.

All verbs but `save_draft` lock the interview first: two tabs, two clicks or a retry do one thing once.
"""

import uuid
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.applications.models import Application
from app.audit import commands as audit
from app.interviews.enums import RUNNING, InterviewState
from app.interviews.events import FollowUpAsked, InterviewCompleted, InterviewStarted, InterviewTouched
from app.interviews.models import Interview, Turn
from app.interviews.queries import past_deadline
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from tenants.db import changed, db
from tenants.sealed import belonging

LONGEST_ANSWER = 20_000
LONGEST_DRAFT = 200_000
FOLLOW_UP_WITHIN = timedelta(seconds=0.9)  # and the next question is there within a second
GRACE = timedelta(seconds=10)
EXTRA_STEP = timedelta(minutes=2)
MOST_EXTENSIONS = 10
CONSENT_VERSION = "2026-11"
_interview, _turn_table = (cast("sa.Table", model.__table__) for model in (Interview, Turn))
# Built once, since drafts come every few seconds: making a statement takes longer than running it.
_SEEN = (
    sa.update(_interview)
    .where(_interview.c.id == sa.bindparam("interview"))
    .values(seen_at=sa.bindparam("now"))
    .returning(_interview.c.person_id)
)
_DRAFT = (
    sa.update(_turn_table)
    .where(
        _turn_table.c.interview_id == sa.bindparam("interview"), _turn_table.c.number == sa.bindparam("asked"),
        _turn_table.c.state == "asked", _turn_table.c.draft_revision < sa.bindparam("newest"),
    )
    .values(draft=sa.bindparam("words"), draft_revision=sa.bindparam("newest"))
)  # fmt: skip
_AS_IT_IS = {"populate_existing": True}
_OVER = sentence("This interview is over, so nothing can be added to it. What you sent before is safe.")
_TOO_LATE_TO_BEGIN = sentence(
    "This interview is over, so it cannot begin any more. If you would still like to take it, ask for more time."
)


def lock(interview_id: uuid.UUID) -> Interview:
    """The interview for this transaction alone, as it is now, with its application, candidate, posting."""
    return db.session.execute(_locking(), {"interview": interview_id}, execution_options=_AS_IT_IS).scalar_one()


@cache
def _locking() -> sa.Select[tuple[Interview]]:
    people = joinedload(Interview.application)
    return (
        sa.select(Interview)
        .options(people.joinedload(Application.candidate), people.joinedload(Application.posting))
        .where(Interview.id == sa.bindparam("interview"))
        .with_for_update(of=Interview)
    )


def begin(interview: Interview, *, consented_to: dict[str, Any], by: Actor) -> Turn:
    """Consent, then the first question. Beginning twice gives the turn that is there."""
    if interview.state in RUNNING:
        return _last(interview) or _ask(interview, 0, follow_up=False, text=None)
    now = clock.now()
    if interview.state != InterviewState.INVITED or past_deadline(interview, now):
        raise Conflict(_TOO_LATE_TO_BEGIN)
    interview.state, interview.started_at, interview.seen_at = InterviewState.STARTED, now, now
    interview.consented_at, interview.consent = now, {"version": CONSENT_VERSION} | consented_to
    audit.note("interviews.begin", by=by, target=("interview", interview.id))
    if not interview.rehearsal:
        set_next_thing(interview.application_id, NextThing.IN_INTERVIEW)
    record(InterviewStarted(interview.id, interview.application_id))
    return _ask(interview, 0, follow_up=False, text=None)


def save_draft(interview_id: uuid.UUID, number: int, text: str, revision: int) -> bool:
    """Keep what is typed so far, unless a newer revision is there. Says whether this one is what is kept.

    The interview's row comes first, as in `lock`: the draft of a field that is left may meet the answer that is sent.
    """
    person = db.session.execute(_SEEN, {"interview": interview_id, "now": clock.now()}).scalar()
    words = belonging(text[:LONGEST_DRAFT], person)
    kept = changed(_DRAFT, {"interview": interview_id, "asked": number, "words": words, "newest": revision})
    return bool(kept) or _was_sent(interview_id, number, text)


def _was_sent(interview_id: uuid.UUID, number: int, text: str) -> bool:
    """The field is left because its answer is sent: the late draft says nothing new."""
    query = sa.select(Turn.answer, Turn.draft).where(Turn.interview_id == interview_id, Turn.number == number)
    found = db.session.execute(query.where(Turn.state != "asked")).one_or_none()
    return found is not None and text.strip() in {found.answer, found.draft}


def answer(interview: Interview, number: int, text: str) -> bool:
    """Take an answer, once. Says whether this text is what is kept: a retry is, another tab's late word is not.

    A first answer asks for a follow-up, which a worker settles; an empty one goes on at once. What comes after the
    deadline is kept as a draft; what comes after the clock closed the question empty is still taken as its answer.
    What another tab sends during a break ends the break: its time is given back first.
    """
    _refuse_too_long(text)
    turn, text = _turn(interview, number), text.strip()
    if interview.state == InterviewState.EXPIRED and turn.state == "asked":
        _keep(turn, text)
        return True
    if interview.state not in RUNNING:
        raise Conflict(_OVER)
    if turn.state != "asked":
        return _again(interview, turn, text)
    resume(interview)
    _close(turn, text, timed_out=_is_over(turn))
    interview.seen_at = clock.now()
    if turn.state == "answered" and not turn.follow_up and not turn.timed_out:
        turn.follow_up_state = "waiting"
        record(FollowUpAsked(turn.id, interview.id))
    else:
        _ask_next(interview, turn)
    record(InterviewTouched(interview.id, interview.application_id))
    return True


def stands_open(interview: Interview, number: int) -> bool:
    """Whether the person may go on writing here, so that an empty field is asked about and not taken as an answer."""
    turn = _last(interview)
    if turn is None or turn.number != number or turn.state != "asked" or interview.state not in RUNNING:
        return False
    return turn.ends_at is None or turn.ends_at > (interview.paused_at or clock.now())


def _again(interview: Interview, turn: Turn, text: str) -> bool:
    if turn.timed_out and not turn.answer and text:
        _close(turn, text, timed_out=True)
        record(InterviewTouched(interview.id, interview.application_id))
    elif not turn.answer and text not in turn.draft:  # left in one tab, answered in another: asked about at the end
        turn.draft = (text if turn.draft in text else f"{turn.draft}\n\n{text}")[:LONGEST_DRAFT]
    return text in {turn.answer or "", ""}


def skip(interview: Interview, number: int, text: str) -> None:
    """Go on without an answer; the question comes back at the end, with what was typed so far."""
    _refuse_too_long(text)
    turn = _turn(interview, number)
    if interview.state not in RUNNING:
        raise Conflict(_OVER)
    if turn.state != "asked":
        return
    _close(turn, "", timed_out=False)
    turn.draft = text.strip()
    interview.state, interview.seen_at, interview.paused_at = InterviewState.STARTED, clock.now(), None
    _ask_next(interview, turn)
    record(InterviewTouched(interview.id, interview.application_id))


def keep_draft(interview: Interview, number: int, text: str) -> None:
    """What is in the field when a person takes a break, or wants more time: newer than any draft sent before."""
    _refuse_too_long(text)
    turn = _turn(interview, number)
    if turn.state == "asked":
        _keep(turn, text)


def settle_follow_up(interview: Interview, turn: Turn, text: str | None) -> None:
    """Ask the follow-up, or go on where there is none. Settled once: who comes late changes nothing."""
    if turn.follow_up_state != "waiting":
        return
    turn.follow_up_state = "settled"
    if interview.state not in RUNNING:
        return
    if text:
        _ask(interview, turn.question, follow_up=True, text=text)
    else:
        _ask_next(interview, turn)
    record(InterviewTouched(interview.id, interview.application_id))


def behind(interview: Interview, turn: Turn | None, *, waited: bool = False) -> bool:
    """Whether the clock has gone on without `turn`, the last one: then `catch_up` has something to do.

    `waited` says that the person has waited for a follow-up for as long as anybody should.
    """
    if turn is None or interview.state != InterviewState.STARTED:
        return False
    if turn.state == "asked":
        return _is_over(turn)
    if turn.follow_up_state == "waiting":
        return waited or turn.answered_at is None or turn.answered_at + FOLLOW_UP_WITHIN < clock.now()
    return turn.question + 1 < len(interview.plan["questions"])


def catch_up(interview: Interview, *, waited: bool = False) -> None:
    """What the clock has done meanwhile: a time that ended saves and moves on; a late follow-up is not waited for."""
    turn = _last(interview)
    if turn is None or not behind(interview, turn, waited=waited):
        return
    if turn.state == "asked":
        _close(turn, turn.draft.strip(), timed_out=True)
    if turn.follow_up_state == "waiting":
        settle_follow_up(interview, turn, None)
    else:
        _ask_next(interview, turn)
        record(InterviewTouched(interview.id, interview.application_id))


def more_time(interview: Interview, number: int) -> bool:
    """Two minutes more for a limited question, up to ten times (WCAG 2.2.1). Says whether they were given."""
    turn = _turn(interview, number)
    if turn.state != "asked" or turn.ends_at is None or turn.extensions >= MOST_EXTENSIONS:
        return False
    turn.ends_at = max(turn.ends_at, clock.now()) + EXTRA_STEP
    turn.extensions += 1
    return True


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
        raise Conflict(_OVER)
    _refuse_too_long(text)
    turn = _turn(interview, number)
    if turn.state == "asked":
        raise Conflict(sentence("This question is still being asked. Answer it first; you can change it after that."))
    timed_out = turn.timed_out
    _close(turn, text.strip(), timed_out=timed_out)
    interview.seen_at = clock.now()
    record(InterviewTouched(interview.id, interview.application_id))


def take_drafts(interview: Interview, number: int | None = None) -> None:
    """What was written and not sent becomes the answer: of one question, or of each that was left without one."""
    if interview.state not in RUNNING:
        raise Conflict(_OVER)
    query = sa.select(Turn).where(Turn.interview_id == interview.id, Turn.state == "not_answered")
    for turn in db.session.scalars(query, execution_options=_AS_IT_IS):
        if turn.unsent and number in {None, turn.number}:
            _refuse_too_long(turn.unsent)
            _close(turn, turn.unsent, timed_out=turn.timed_out)
    interview.seen_at = clock.now()
    record(InterviewTouched(interview.id, interview.application_id))


def submit(interview: Interview, *, by: Actor) -> bool:
    """Send all answers, once; says whether this was the time. Workers score them afterwards."""
    if interview.state == InterviewState.SUBMITTED:
        return False
    if interview.state not in RUNNING:
        raise Conflict(_OVER)
    last = _last(interview)
    if last is None or last.state == "asked" or last.question + 1 < len(interview.plan["questions"]):
        raise Conflict(sentence("There are questions left. Answer or skip them, then send your answers."))
    interview.state, interview.submitted_at = InterviewState.SUBMITTED, clock.now()
    audit.note("interviews.submit", by=by, target=("interview", interview.id))
    if not interview.rehearsal:
        set_next_thing(interview.application_id, NextThing.SCORING)
    record(InterviewCompleted(interview.id, interview.application_id))
    return True


def _refuse_too_long(text: str) -> None:
    if len(text) > LONGEST_ANSWER:
        raise Invalid(
            {"answer": sentence("This answer is too long: 20,000 characters at most. Nothing is lost; shorten it.")}
        )


def _turn(interview: Interview, number: int) -> Turn:
    query = sa.select(Turn).where(Turn.interview_id == interview.id, Turn.number == number)
    turn = db.session.scalar(query, execution_options=_AS_IT_IS)
    if turn is None:
        raise Conflict(sentence("This question was not asked yet. Load the page again to see where you are."))
    return turn


def _last(interview: Interview) -> Turn | None:
    query = sa.select(Turn).where(Turn.interview_id == interview.id).order_by(Turn.number.desc()).limit(1)
    return db.session.scalar(query, execution_options=_AS_IT_IS)


def _is_over(turn: Turn) -> bool:
    return turn.ends_at is not None and turn.ends_at + GRACE < clock.now()


def _keep(turn: Turn, text: str) -> None:
    """What says nothing new makes no other device's next draft an old one."""
    if text != turn.draft:
        turn.draft, turn.draft_revision = text, turn.draft_revision + 1


def _close(turn: Turn, text: str, *, timed_out: bool) -> None:
    """A draft that the clock takes may be longer than an answer may be: then the answer is its beginning."""
    turn.state = "answered" if text else "not_answered"
    turn.answer, turn.answered_at, turn.timed_out = text[:LONGEST_ANSWER] or None, clock.now(), timed_out
    turn.draft = text


def _ask_next(interview: Interview, turn: Turn) -> None:
    """The kit's next question; after the last one there is nothing to ask, and the review comes."""
    if turn.question + 1 < len(interview.plan["questions"]):
        _ask(interview, turn.question + 1, follow_up=False, text=None)


def _ask(interview: Interview, question: int, *, follow_up: bool, text: str | None) -> Turn:
    asked = interview.plan["questions"][question]
    last = _last(interview)
    turn = Turn(
        id=new_id(), person_id=interview.person_id, interview_id=interview.id,
        number=last.number + 1 if last else 1, question=question,
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
