"""States of an application, the next things, verdicts."""

from enum import StrEnum


class ApplicationState(StrEnum):
    ACTIVE = "active"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    HIRED = "hired"


class NextThing(StrEnum):
    """What is to happen next; the one tag on a card."""

    NONE = ""
    RESUME_UNREADABLE = "resume-unreadable"
    INVITED = "invited"
    IN_INTERVIEW = "in-interview"
    HELP_WANTED = "help-wanted"
    OVERDUE = "overdue"
    SCORING = "scoring"
    SCORECARD_DUE = "scorecard-due"
    TO_DECIDE = "to-decide"


class Verdict(StrEnum):
    ADVANCE = "advance"
    HOLD = "hold"
    REJECT = "reject"
    HIRE = "hire"
