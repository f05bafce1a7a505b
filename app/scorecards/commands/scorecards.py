"""A member's own judgement: rated, evidence pinned, submitted once."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.applications.models import Application
from app.audit import commands as audit
from app.interviews.enums import InterviewState
from app.interviews.models import Interview, Turn
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.judging import fold, literal_quote
from app.scorecards.enums import Level, Overall, ScorecardState
from app.scorecards.events import ScorecardAsked, ScorecardSubmitted
from app.scorecards.models import Pin, Rating, Scorecard
from tenants.db import db


@dataclass(frozen=True)
class RatingDraft:
    """One dimension as it stands in the form; `pins` are (number of a turn, words)."""

    rated: bool
    level: Level | None
    note: str
    pins: tuple[tuple[int, str], ...]


def ask_for_scorecard(interview: Interview, member_id: uuid.UUID, *, by: Actor) -> Scorecard:
    """Ask a member to judge an interview that is sent; asked twice is asked once."""
    if interview.state != InterviewState.SUBMITTED or interview.rehearsal:
        raise Conflict(sentence("The answers are not in yet. You can ask for scorecards once they are."))
    _lock(interview)
    query = sa.select(Scorecard).where(Scorecard.interview_id == interview.id, Scorecard.member_id == member_id)
    known = db.session.scalar(query)
    if known is not None:
        return known
    scorecard = Scorecard(
        id=new_id(),
        person_id=interview.person_id,
        interview_id=interview.id,
        member_id=member_id,
        state=ScorecardState.ASKED,
        asked_at=clock.now(),
    )
    db.session.add(scorecard)
    db.session.flush()
    _turn_next_thing(interview, NextThing.TO_DECIDE, NextThing.SCORECARD_DUE)
    audit.note("scorecards.ask", by=by, target=("scorecard", scorecard.id), member=str(member_id))
    record(ScorecardAsked(interview.id, interview.application_id))
    return scorecard


def rate(
    scorecard: Scorecard,
    dimension_id: uuid.UUID,
    *,
    level: Level | None,
    note: str,
    dimensions: set[uuid.UUID],
    rated: bool = True,
) -> Rating:
    """Set one rating of an open scorecard. None means "not enough evidence", which is a valid result.

    `rated` False keeps a note or a pin whose level is not chosen yet.
    """
    _refuse_submitted(scorecard)
    if dimension_id not in dimensions:
        raise Conflict("this dimension is not part of the interview")
    rating = next((r for r in scorecard.ratings if r.dimension_id == dimension_id), None)
    if rating is None:
        rating = Rating(
            id=new_id(), person_id=scorecard.person_id, scorecard_id=scorecard.id, dimension_id=dimension_id
        )
        rating.pins = []
        scorecard.ratings.append(rating)
    rating.rated, rating.level, rating.note = rated, level if rated else None, note.strip()
    scorecard.state = ScorecardState.DRAFT
    return rating


def pin(scorecard: Scorecard, rating: Rating, turn: Turn, text: str) -> Pin:
    """Pin words of a turn to a rating; words that aren't there are refused."""
    _refuse_submitted(scorecard)
    if not text.strip() or not literal_quote(text, turn.answer or ""):
        raise Invalid(
            {"text": sentence("These words are not in that answer. Copy them from the transcript, letter by letter.")}
        )
    words = " ".join(text.split())
    pinned = Pin(id=new_id(), person_id=rating.person_id, rating_id=rating.id, turn_id=turn.id, text=words)
    rating.pins.append(pinned)
    return pinned


def unpin(scorecard: Scorecard, rating: Rating, pinned: Pin) -> None:
    _refuse_submitted(scorecard)
    rating.pins.remove(pinned)


def write_overall(scorecard: Scorecard, *, verdict: Overall | None, note: str) -> None:
    _refuse_submitted(scorecard)
    scorecard.verdict, scorecard.note, scorecard.state = verdict, note.strip(), ScorecardState.DRAFT


def keep_draft(
    scorecard: Scorecard,
    turns: list[Turn],
    ratings: Mapping[uuid.UUID, RatingDraft],
    *,
    verdict: Overall | None,
    note: str,
) -> int:
    """The whole form as it stands, and the version it has then. `ratings` names every dimension of the interview.

    The version grows also when only a rating changed: whoever holds an older one is refused by the route.
    """
    by_number = {turn.number: turn for turn in turns}
    for dimension_id, drafted in ratings.items():
        rating = rate(
            scorecard, dimension_id, level=drafted.level, note=drafted.note, dimensions=set(ratings),
            rated=drafted.rated,
        )  # fmt: skip
        _keep_pins(scorecard, rating, drafted.pins, by_number)
    write_overall(scorecard, verdict=verdict, note=note)
    flag_modified(scorecard, "note")
    db.session.flush()
    return scorecard.version


def _keep_pins(
    scorecard: Scorecard, rating: Rating, wanted: tuple[tuple[int, str], ...], by_number: dict[int, Turn]
) -> None:
    """Pins that are wanted stay or come, others go."""
    places: dict[tuple[uuid.UUID, str], tuple[Turn, str]] = {}
    for number, words in wanted:
        if turn := by_number.get(number):
            places.setdefault((turn.id, fold(words)), (turn, words))
    for pinned in list(rating.pins):
        if places.pop((pinned.turn_id, fold(pinned.text)), None) is None:
            unpin(scorecard, rating, pinned)
    for turn, words in places.values():
        pin(scorecard, rating, turn, words)


def submit(scorecard: Scorecard, interview: Interview, *, by: Actor) -> None:
    """Once. From here on it stands, and its author sees the others' and the engine's draft."""
    _refuse_submitted(scorecard)
    rated = {rating.dimension_id for rating in scorecard.ratings if rating.rated}
    missing = [d["name"] for d in interview.plan["dimensions"] if uuid.UUID(d["id"]) not in rated]
    problems = {}
    if missing:
        problems["ratings"] = sentence(
            "Rate these too, or choose “Not enough evidence”: %(names)s.", names=", ".join(missing)
        )
    if scorecard.verdict is None:
        problems["verdict"] = sentence("Say what you recommend.")
    if problems:
        raise Invalid(problems)
    _lock(interview)
    scorecard.state, scorecard.submitted_at = ScorecardState.SUBMITTED, clock.now()
    audit.note("scorecards.submit", by=by, target=("scorecard", scorecard.id))
    still_open = sa.select(Scorecard.id).where(
        Scorecard.interview_id == interview.id, Scorecard.state != ScorecardState.SUBMITTED
    )
    if db.session.scalar(still_open.limit(1)) is None:
        _turn_next_thing(interview, NextThing.SCORECARD_DUE, NextThing.TO_DECIDE)
    record(ScorecardSubmitted(interview.id, interview.application_id))


def _lock(interview: Interview) -> None:
    """Two who submit at once must not each take the other for still open."""
    db.session.execute(sa.select(Interview.id).where(Interview.id == interview.id).with_for_update())


def _turn_next_thing(interview: Interview, known: NextThing, then: NextThing) -> None:
    """Only from what we set ourselves: a decision that was taken meanwhile is not called open again."""
    now = db.session.scalar(sa.select(Application.next_thing).where(Application.id == interview.application_id))
    if now == known:
        set_next_thing(interview.application_id, then)


def _refuse_submitted(scorecard: Scorecard) -> None:
    if scorecard.state == ScorecardState.SUBMITTED:
        raise Conflict(sentence("Your scorecard is submitted. It stands as it was sent."))
