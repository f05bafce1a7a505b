"""Everything on one interview, for the page where people decide and for its report."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.applications.models import Decision
from app.applications.queries import decisions_on
from app.interviews.models import Interview, Turn
from app.interviews.queries import interview as interview_with_people
from app.interviews.queries import turns_of
from app.kernel import clock
from app.kernel.errors import NotFound
from app.postings.models import Stage
from app.postings.queries import stages_of
from app.scorecards.models import Rating, Report, Scorecard
from app.scorecards.queries.comparisons import Compared, compare, number_of, strengths, to_improve, to_talk_about
from app.scorecards.queries.drafts import Draft, draft_of
from app.scorecards.queries.people import submitted_scorecards
from app.scorecards.queries.transcripts import Line, transcript
from tenants.db import db


@dataclass(frozen=True)
class Evidence:
    """What lies on the table when a person decides."""

    interview: Interview
    draft: Draft
    scorecards: list[Scorecard]
    compared: list[Compared]
    lines: list[Line]
    numbers: dict[uuid.UUID, int]
    decisions: list[Decision]

    @property
    def to_talk_about(self) -> list[Compared]:
        return to_talk_about(self.compared)


def evidence_of(interview: Interview) -> Evidence:
    turns = turns_of(interview.id)
    draft, cards = draft_of(interview), submitted_scorecards(interview.id)
    numbers = {turn.id: turn.number for turn in turns}
    lines = transcript(interview, turns, _quoted(draft, cards, numbers))
    compared, decisions = compare(interview, draft, cards), decisions_on(interview.application_id)
    return Evidence(interview, draft, cards, compared, lines, numbers=numbers, decisions=decisions)


def _quoted(draft: Draft, cards: list[Scorecard], numbers: dict[uuid.UUID, int]) -> list[tuple[int, str]]:
    drafted = [(one.turn_number, one.text) for a in draft.assessments for one in a.evidence]
    pinned = [(numbers[pin.turn_id], pin.text) for c in cards for r in c.ratings for pin in r.pins]
    return drafted + pinned


def next_stage(interview: Interview) -> Stage | None:
    """The one after where the application stands; None at the end of the way."""
    stages = stages_of(interview.application.posting_id)
    later = [stage for stage in stages if stage.position > interview.application.stage.position]
    return later[0] if later else None


def newest_report(interview_id: uuid.UUID) -> Report | None:
    query = sa.select(Report).where(Report.interview_id == interview_id).order_by(Report.asked_at.desc())
    return db.session.scalar(query.limit(1))


def report(report_id: uuid.UUID) -> Report:
    found = db.session.get(Report, report_id)
    if found is None:
        raise NotFound("report")
    return found


def report_facts(interview_id: uuid.UUID) -> dict[str, Any]:
    """What a report shows, in the order of the plan."""
    return facts_of(interview_with_people(interview_id))


def facts_of(interview: Interview) -> dict[str, Any]:
    found = evidence_of(interview)
    order = [dimension["id"] for dimension in interview.plan["dimensions"]]
    compared = sorted(found.compared, key=lambda one: order.index(one.dimension["id"]))
    return {
        "interview": interview,
        "found": found,
        "compared": compared,
        "strengths": strengths(compared),
        "to_improve": to_improve(compared),
        "made_at": clock.now(),
        "number_of": number_of,
    }


def pins_of(rating: Rating, turns: list[Turn]) -> list[tuple[int, str]]:
    """What somebody pinned to a rating, as (number of the turn, words)."""
    numbers = {turn.id: turn.number for turn in turns}
    return [(numbers[pin.turn_id], pin.text) for pin in rating.pins]
