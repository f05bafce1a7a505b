"""The engine's draft of an interview, and what a judge is asked."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.interviews.models import Interview, Turn
from app.kernel.errors import NotFound
from app.ports.judging import AnswerTurn, JudgeRequest, Level, band_of, overall
from app.scorecards.enums import AssessmentState
from app.scorecards.models import Assessment
from tenants.db import db


@dataclass(frozen=True)
class Draft:
    """The engine's draft of an interview.

    `overall` is the weighted mean of what is scored and not unstable; None when nothing is. `between` is the same of
    the lowest and of the highest scores, where an engine was asked several times: people whose bands overlap are tied.
    """

    assessments: list[Assessment]
    overall: float | None
    covered: int
    state: str
    between: tuple[float, float] | None = None

    @property
    def band(self) -> Level | None:
        return None if self.overall is None else band_of(round(self.overall))

    @property
    def spread(self) -> tuple[int, int] | None:
        """The lowest and the highest score of a dimension."""
        scores = [a.score for a in self.assessments if a.score is not None and not a.unstable]
        return (min(scores), max(scores)) if scores else None

    @property
    def made_by(self) -> list[tuple[str, str]]:
        """Engines with their version of prompt or rules, each once."""
        made = {(a.engine, a.prompt_version or "") for a in self.assessments if a.engine}
        return sorted(made)

    @property
    def flags(self) -> list[dict[str, Any]]:
        """Each flagged passage once: several dimensions may see the same one."""
        found = {(f["code"], f["turn"], f["text"]): f for a in self.assessments for f in a.flags}
        return [found[key] for key in sorted(found)]


def assessment(assessment_id: uuid.UUID) -> Assessment:
    found = db.session.get(Assessment, assessment_id)
    if found is None:
        raise NotFound("assessment")
    return found


def draft_of(interview: Interview) -> Draft:
    query = (
        sa.select(Assessment)
        .options(joinedload(Assessment.evidence))
        .where(Assessment.interview_id == interview.id)
        .order_by(Assessment.position)
    )
    found = list(db.session.scalars(query).unique())
    weights = {uuid.UUID(d["id"]): int(d["weight"]) for d in interview.plan["dimensions"]}
    counted = [(a, weights[a.dimension_id]) for a in found if a.score is not None and not a.unstable]
    mean = overall((a.score, weight) for a, weight in counted)
    covered = sum(weight for _, weight in counted)
    return Draft(found, mean, covered, state_of([a.state for a in found]), _between(counted))


def _between(counted: list[tuple[Assessment, int]]) -> tuple[float, float] | None:
    """What was asked once counts with its one score."""
    if not any(a.low != a.high for a, _ in counted):
        return None
    low = overall((a.score if a.low is None else a.low, weight) for a, weight in counted)
    high = overall((a.score if a.high is None else a.high, weight) for a, weight in counted)
    return None if low is None or high is None else (low, high)


def state_of(states: list[str]) -> str:
    """waiting, failed or done, for all drafts of an interview together."""
    if not states or AssessmentState.WAITING in states:
        return "waiting"
    return "failed" if AssessmentState.FAILED in states else "done"


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
