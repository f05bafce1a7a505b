"""States and levels of judgements."""

from enum import StrEnum


class AssessmentState(StrEnum):
    WAITING = "waiting"
    SCORED = "scored"
    NOT_SCORED = "not_scored"
    FAILED = "failed"


class ScorecardState(StrEnum):
    ASKED = "asked"
    DRAFT = "draft"
    SUBMITTED = "submitted"


class Level(StrEnum):
    MISSING = "missing"
    PARTIAL = "partial"
    SOLID = "solid"
    STRONG = "strong"


class Overall(StrEnum):
    STRONG_NO = "strong_no"
    NO = "no"
    YES = "yes"
    STRONG_YES = "strong_yes"
