"""What happened with assessments, scorecards and reports."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class AssessmentAsked(Event):
    name: ClassVar[str] = "assessment.asked"
    assessment_id: uuid.UUID
    interview_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"scorecards-{self.interview_id}",)


@dataclass(frozen=True)
class _ScorecardEvent(Event):
    interview_id: uuid.UUID
    application_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"scorecards-{self.interview_id}", f"application-{self.application_id}")


class AssessmentTouched(_ScorecardEvent):
    name: ClassVar[str] = "assessment.touched"


class ScoringCompleted(_ScorecardEvent):
    name: ClassVar[str] = "scoring.completed"


class ScorecardAsked(_ScorecardEvent):
    name: ClassVar[str] = "scorecard.asked"


class ScorecardSubmitted(_ScorecardEvent):
    name: ClassVar[str] = "scorecard.submitted"


@dataclass(frozen=True)
class ReportAsked(Event):
    name: ClassVar[str] = "report.asked"
    report_id: uuid.UUID
    interview_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"scorecards-{self.interview_id}",)


@dataclass(frozen=True)
class ReportReady(Event):
    name: ClassVar[str] = "report.ready"
    report_id: uuid.UUID
    interview_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"scorecards-{self.interview_id}",)
