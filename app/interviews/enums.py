"""States of kits, interviews and turns."""

from enum import StrEnum


class KitState(StrEnum):
    WAITING = "waiting"
    PROPOSED = "proposed"
    APPROVED = "approved"
    FAILED = "failed"


class InterviewState(StrEnum):
    INVITED = "invited"
    STARTED = "started"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN = frozenset({InterviewState.INVITED, InterviewState.STARTED, InterviewState.PAUSED})
RUNNING = frozenset({InterviewState.STARTED, InterviewState.PAUSED})


class HelpKind(StrEnum):
    MORE_TIME = "more-time"
    PERSON = "person"
    PHONE = "phone"
    CAPTIONS = "captions"
    SIGN_LANGUAGE = "sign-language"
    LANGUAGE = "language"
    OTHER = "other"
