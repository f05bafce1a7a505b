"""What happened with applications."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class _ApplicationEvent(Event):
    application_id: uuid.UUID
    posting_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"posting-{self.posting_id}", f"application-{self.application_id}")


class CandidateApplied(_ApplicationEvent):
    name: ClassVar[str] = "candidate.applied"


class ApplicationMoved(_ApplicationEvent):
    """A stage or a state changed: seeds' application.status_changed."""

    name: ClassVar[str] = "application.status_changed"


class MatchAsked(_ApplicationEvent):
    """The resume was read, or the requirements changed: they are compared anew."""

    name: ClassVar[str] = "application.match_asked"


class ApplicationTouched(_ApplicationEvent):
    """A note, a decision, a next thing: pages look again, nothing else happens."""

    name: ClassVar[str] = "application.touched"
