"""What happened with kits and interviews."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class _KitEvent(Event):
    posting_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"posting-{self.posting_id}",)


class KitAsked(_KitEvent):
    name: ClassVar[str] = "interview.kit_asked"


class KitProposed(_KitEvent):
    name: ClassVar[str] = "interview.kit_proposed"


class KitApproved(_KitEvent):
    name: ClassVar[str] = "interview.kit_approved"


class LikesAsked(_KitEvent):
    """Somebody looks for questions that are like those of a kit."""

    name: ClassVar[str] = "interview.likes_asked"


@dataclass(frozen=True)
class _InterviewEvent(Event):
    interview_id: uuid.UUID
    application_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"interview-{self.interview_id}", f"application-{self.application_id}", "live")


class InterviewScheduled(_InterviewEvent):
    """The invitation is written."""

    name: ClassVar[str] = "interview.scheduled"


class InterviewStarted(_InterviewEvent):
    name: ClassVar[str] = "interview.started"


class InterviewTouched(_InterviewEvent):
    """A question was asked, an answer came, a pause, a call for help."""

    name: ClassVar[str] = "interview.touched"


class InterviewCompleted(_InterviewEvent):
    name: ClassVar[str] = "interview.completed"


class InterviewExpired(_InterviewEvent):
    name: ClassVar[str] = "interview.expired"


@dataclass(frozen=True)
class FollowUpAsked(Event):
    name: ClassVar[str] = "interview.follow_up_asked"
    turn_id: uuid.UUID
    interview_id: uuid.UUID


@dataclass(frozen=True)
class _ApplicationEvent(Event):
    application_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"application-{self.application_id}",)


@dataclass(frozen=True)
class QuestionsAsked(_ApplicationEvent):
    """Somebody wants to know what to ask one person."""

    name: ClassVar[str] = "interview.questions_asked"
    asking_id: uuid.UUID


class QuestionsProposed(_ApplicationEvent):
    name: ClassVar[str] = "interview.questions_proposed"
