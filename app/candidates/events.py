"""What happened with candidates and their resumes."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class ResumeUploaded(Event):
    name: ClassVar[str] = "resume.uploaded"
    resume_id: uuid.UUID
    candidate_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"candidate-{self.candidate_id}", "uploads")


@dataclass(frozen=True)
class ResumeRead(Event):
    """Read, or found unreadable: either way there is something new to see."""

    name: ClassVar[str] = "resume.read"
    resume_id: uuid.UUID
    candidate_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"candidate-{self.candidate_id}", "uploads")


@dataclass(frozen=True)
class PassagesAsked(Event):
    """What is found of a resume by meaning was lost, or never made."""

    name: ClassVar[str] = "resume.passages_asked"
    resume_id: uuid.UUID


@dataclass(frozen=True)
class SearchAsked(Event):
    """Somebody looks for words, and waits."""

    name: ClassVar[str] = "search.asked"
    search_id: uuid.UUID


@dataclass(frozen=True)
class CandidateCorrected(Event):
    """A person wrote over what was read."""

    name: ClassVar[str] = "candidate.corrected"
    candidate_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"candidate-{self.candidate_id}",)
