"""The kinds of letters there are."""

from enum import StrEnum


class LetterKind(StrEnum):
    APPLICATION_RECEIVED = "application_received"
    INTERVIEW_INVITATION = "interview_invitation"
    INTERVIEW_REMINDER = "interview_reminder"
    INTERVIEW_DONE = "interview_done"
    PASSWORD_LINK = "password_link"  # noqa: S105 -- the kind of a letter
    HELP_WANTED = "help_wanted"
    BUDGET_NEARLY_SPENT = "budget_nearly_spent"
    BUDGET_SPENT = "budget_spent"
