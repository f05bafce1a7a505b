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
class _ScanEvent(Event):
    resume_id: uuid.UUID
    candidate_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"candidate-{self.candidate_id}", "uploads")


class ScanAsked(_ScanEvent):
    """Somebody wants an original that nobody has looked for viruses in."""

    name: ClassVar[str] = "resume.scan_asked"


class FileDeleteAsked(_ScanEvent):
    """Somebody wants an infected original gone for good; the row stays, and says who."""

    name: ClassVar[str] = "resume.delete_asked"


class FileDeleted(_ScanEvent):
    """Nothing of it is left in the storage."""

    name: ClassVar[str] = "resume.file_deleted"


class ResumeScanned(_ScanEvent):
    """Clean, infected, or not to be scanned: either way there is something new to see."""

    name: ClassVar[str] = "resume.scanned"


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


@dataclass(frozen=True)
class _MergeEvent(Event):
    """`candidate_id` is the one who stays."""

    candidate_id: uuid.UUID
    absorbed_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"candidate-{self.candidate_id}", f"candidate-{self.absorbed_id}")


class CandidatesMerged(_MergeEvent):
    """Two entries are one person. Nobody was deleted, whatever a listener makes of it."""

    name: ClassVar[str] = "candidate.merged"


class CandidatesParted(_MergeEvent):
    """They are two again."""

    name: ClassVar[str] = "candidate.parted"


@dataclass(frozen=True)
class LikenessFound(Event):
    """Somebody looks like somebody else; a person says whether they are one."""

    name: ClassVar[str] = "candidate.likeness_found"
    candidate_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"candidate-{self.candidate_id}",)
