"""States of an opening, kinds of stages, and the stages that a new opening starts with."""

from enum import StrEnum


class PostingState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class StageKind(StrEnum):
    """What a stage is for; its name is the company's."""

    NEW = "new"
    REVIEW = "review"
    INTERVIEW = "interview"
    SCORECARDS = "scorecards"
    OFFER = "offer"


class SkillKind(StrEnum):
    """The two lists of skills; the values are the names of their columns."""

    MUST_HAVE = "must_have"
    NICE_TO_HAVE = "nice_to_have"


LEGAL_MOVES: dict[PostingState, frozenset[PostingState]] = {
    PostingState.DRAFT: frozenset({PostingState.PUBLISHED, PostingState.CLOSED}),
    PostingState.PUBLISHED: frozenset({PostingState.CLOSED}),
    PostingState.CLOSED: frozenset({PostingState.PUBLISHED}),
}

USUAL_STAGES: tuple[tuple[str, StageKind], ...] = (
    ("Applied", StageKind.NEW),
    ("Review", StageKind.REVIEW),
    ("Interview", StageKind.INTERVIEW),
    ("Scorecards", StageKind.SCORECARDS),
    ("Offer", StageKind.OFFER),
)
