"""People's ratings and the engine's draft side by side, the largest difference first."""

import uuid
from dataclasses import dataclass
from typing import Any

from app.interviews.models import Interview
from app.ports.judging import LEVELS
from app.scorecards.models import Assessment, Rating, Scorecard
from app.scorecards.queries.drafts import Draft

WORTH_TALKING = 2


@dataclass(frozen=True)
class Compared:
    """One dimension. `apart` counts the steps from the lowest level to the highest; None with fewer than two levels."""

    dimension: dict[str, Any]
    assessment: Assessment | None
    ratings: list[tuple[Scorecard, Rating | None]]

    @property
    def people(self) -> list[int]:
        return [number_of(rating.level) for _, rating in self.ratings if rating and rating.level]

    @property
    def drafted(self) -> int | None:
        known = self.assessment
        return number_of(known.level) if known and known.level and not known.unstable else None

    @property
    def apart(self) -> int | None:
        levels = self.people + ([self.drafted] if self.drafted else [])
        return max(levels) - min(levels) if len(levels) > 1 else None

    @property
    def basis(self) -> list[int]:
        """What a report goes by: people's levels; the draft's only where no person rated."""
        return self.people or ([self.drafted] if self.drafted else [])


def number_of(level: str | None) -> int:
    """1 to 4; 0 for none."""
    return LEVELS.index(level) + 1 if level in LEVELS else 0


def compare(interview: Interview, draft: Draft, cards: list[Scorecard]) -> list[Compared]:
    assessments = {a.dimension_id: a for a in draft.assessments}
    found = []
    for dimension in interview.plan["dimensions"]:
        dimension_id = uuid.UUID(dimension["id"])
        ratings = [(c, next((r for r in c.ratings if r.dimension_id == dimension_id), None)) for c in cards]
        found.append(Compared(dimension, assessments.get(dimension_id), ratings))
    return sorted(found, key=lambda one: -1 if one.apart is None else one.apart, reverse=True)


def to_talk_about(compared: list[Compared]) -> list[Compared]:
    return [one for one in compared if (one.apart or 0) >= WORTH_TALKING]


def strengths(compared: list[Compared]) -> list[Compared]:
    """Where everybody saw Solid or more."""
    return [one for one in compared if one.basis and min(one.basis) > LEVELS.index("solid")]


def to_improve(compared: list[Compared]) -> list[Compared]:
    """Where everybody saw Partial or less."""
    return [one for one in compared if one.basis and max(one.basis) <= LEVELS.index("solid")]
