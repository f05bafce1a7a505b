"""A member's own judgement: rated, evidence pinned, submitted once."""

import uuid

import sqlalchemy as sa

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.audit import commands as audit
from app.interviews.models import Interview, Turn
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from app.ports.judging import literal_quote
from app.scorecards.enums import Level, Overall, ScorecardState
from app.scorecards.events import ScorecardSubmitted
from app.scorecards.models import Pin, Rating, Scorecard
from tenants.db import db


def ask_for_scorecard(interview: Interview, member_id: uuid.UUID, *, by: Actor) -> Scorecard:
    """Ask a member to judge; asked twice is asked once."""
    query = sa.select(Scorecard).where(Scorecard.interview_id == interview.id, Scorecard.member_id == member_id)
    known = db.session.scalar(query)
    if known is not None:
        return known
    scorecard = Scorecard(
        id=new_id(),
        interview_id=interview.id,
        member_id=member_id,
        state=ScorecardState.ASKED,
        asked_at=clock.now(),
    )
    db.session.add(scorecard)
    db.session.flush()
    audit.note("scorecards.ask", by=by, target=("scorecard", scorecard.id), member=str(member_id))
    return scorecard


def rate(
    scorecard: Scorecard,
    dimension_id: uuid.UUID,
    *,
    level: Level | None,
    note: str,
    dimensions: set[uuid.UUID],
) -> Rating:
    """Set one rating of an open scorecard. None means "not enough evidence", which is a valid result."""
    _refuse_submitted(scorecard)
    if dimension_id not in dimensions:
        raise Conflict("this dimension is not part of the interview")
    rating = next((r for r in scorecard.ratings if r.dimension_id == dimension_id), None)
    if rating is None:
        rating = Rating(id=new_id(), scorecard_id=scorecard.id, dimension_id=dimension_id)
        rating.pins = []
        scorecard.ratings.append(rating)
    rating.level, rating.note = level, note.strip()
    scorecard.state = ScorecardState.DRAFT
    return rating


def pin(scorecard: Scorecard, rating: Rating, turn: Turn, text: str) -> Pin:
    """Pin words of a turn to a rating; words that aren't there are refused."""
    _refuse_submitted(scorecard)
    if not text.strip() or not literal_quote(text, turn.answer or ""):
        raise Invalid({"text": "These words are not in the answer."})
    pinned = Pin(id=new_id(), rating_id=rating.id, turn_id=turn.id, text=text.strip())
    rating.pins.append(pinned)
    return pinned


def unpin(scorecard: Scorecard, rating: Rating, pinned: Pin) -> None:
    _refuse_submitted(scorecard)
    rating.pins.remove(pinned)


def write_overall(scorecard: Scorecard, *, verdict: Overall | None, note: str) -> None:
    _refuse_submitted(scorecard)
    scorecard.verdict, scorecard.note, scorecard.state = verdict, note.strip(), ScorecardState.DRAFT


def submit(scorecard: Scorecard, interview: Interview, *, by: Actor) -> None:
    """Once. From here on it stands, and its author sees the others' and the engine's draft."""
    _refuse_submitted(scorecard)
    rated = {rating.dimension_id for rating in scorecard.ratings}
    missing = [d["name"] for d in interview.plan["dimensions"] if uuid.UUID(d["id"]) not in rated]
    problems = {}
    if missing:
        problems["ratings"] = "Rate these too, or choose “Not enough evidence”: " + ", ".join(missing) + "."
    if scorecard.verdict is None:
        problems["verdict"] = "Say what you recommend."
    if problems:
        raise Invalid(problems)
    scorecard.state, scorecard.submitted_at = ScorecardState.SUBMITTED, clock.now()
    audit.note("scorecards.submit", by=by, target=("scorecard", scorecard.id))
    db.session.flush()
    still_open = sa.select(Scorecard.id).where(
        Scorecard.interview_id == interview.id, Scorecard.state != ScorecardState.SUBMITTED
    )
    if db.session.scalar(still_open.limit(1)) is None:
        set_next_thing(interview.application_id, NextThing.TO_DECIDE)
    record(ScorecardSubmitted(interview.id, interview.application_id))


def _refuse_submitted(scorecard: Scorecard) -> None:
    if scorecard.state == ScorecardState.SUBMITTED:
        raise Conflict("the scorecard is submitted")
