"""Who may see which candidate: hiring staff all, hiring managers who applied to their jobs, interviewers none."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.candidates.models import Candidate, Merge, Resume, ResumePage, SavedSearch
from app.identity.access import may_hire
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.postings.models import Posting
from tenants.db import db


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application as a candidate's page names it."""

    id: uuid.UUID
    posting_id: uuid.UUID
    job: str
    stage: str
    state: str
    applied_at: datetime
    promised_on: date | None
    joined: bool


class Applications(Protocol):
    """What this slice asks about applications. Their slice lies above, so it signs in here and is not imported."""

    def seen_by(self, member: Member) -> sa.ColumnElement[bool]:
        """A condition on Candidate: those whom this member may see."""

    def in_posting(self, posting_id: uuid.UUID) -> sa.Select[tuple[uuid.UUID]]:
        """The ids of an opening's candidates."""

    def of_candidate(self, candidate_id: uuid.UUID, member: Member) -> list[ApplicationLine]: ...

    def enter(self, posting: Posting, candidate: Candidate, *, resume: Resume, source: str, by: Actor) -> uuid.UUID:
        """The application's id; the one that is there when the candidate applied before."""

    def follow(
        self, survivor: uuid.UUID, absorbed: uuid.UUID, *, merge_id: uuid.UUID, leading: Collection[uuid.UUID]
    ) -> None:
        """The absorbed one's applications stand with the survivor. For a job that both applied for one leads: that of
        `leading`, else the one that has come further; the other is set beside it, as it is.
        """

    def go_back(
        self, survivor: uuid.UUID, absorbed: uuid.UUID, *, merge_id: uuid.UUID, whose: Collection[uuid.UUID]
    ) -> None:
        """The applications of `whose` stand with the absorbed one again; what was set beside stands by itself."""

    def for_one_job(self, first: uuid.UUID, second: uuid.UUID) -> list[tuple[ApplicationLine, ApplicationLine]]:
        """Where both applied for the same job; the one that has come further is named first."""

    def whose(self, survivor: uuid.UUID, persons: Collection[uuid.UUID]) -> list[ApplicationLine]:
        """What would go back with those persons."""

    def one(self, application_id: uuid.UUID) -> ApplicationLine | None: ...


_signed_in: dict[str, Applications] = {}


def sign_in(applications: Applications) -> None:
    _signed_in["applications"] = applications


def applications() -> Applications:
    return _signed_in["applications"]


def visible_to(member: Member) -> sa.ColumnElement[bool]:
    """A condition on Candidate: those that this member may see."""
    return sa.false() if member.role == Role.INTERVIEWER else applications().seen_by(member)


def may_see_candidates(member: Member) -> None:
    """For the list; to interviewers it looks missing."""
    if member.role == Role.INTERVIEWER:
        raise NotFound("candidates")


def candidate_for(member: Member, candidate_id: uuid.UUID) -> Candidate:
    found = db.session.scalar(sa.select(Candidate).where(Candidate.id == candidate_id, visible_to(member)))
    if found is None:
        raise NotFound("candidate")
    return found


def candidates_to_merge(member: Member, first: uuid.UUID, second: uuid.UUID) -> tuple[Candidate, Candidate]:
    """Two whom a recruiter or an admin may see, the older one first; its page is the one that stays."""
    may_hire(member)
    if first == second:
        raise NotFound("candidate")
    return candidate_for(member, min(first, second)), candidate_for(member, max(first, second))


def merge_for(member: Member, merge_id: uuid.UUID) -> Merge:
    """With who merged them, for those who may undo it."""
    may_hire(member)
    found = db.session.scalar(
        sa.select(Merge)
        .join(Candidate, Candidate.id == Merge.survivor_id)
        .options(joinedload(Merge.by))
        .where(Merge.id == merge_id, visible_to(member))
    )
    if found is None:
        raise NotFound("merge")
    return found


def saved_search_for(member: Member, search_id: uuid.UUID) -> SavedSearch:
    """One's own."""
    may_see_candidates(member)
    found = db.session.get(SavedSearch, search_id)
    if found is None or found.member_id != member.id:
        raise NotFound("saved search")
    return found


def resume_for(member: Member, resume_id: uuid.UUID) -> Resume:
    """With its candidate."""
    found = db.session.scalar(
        sa.select(Resume)
        .join(Candidate, Candidate.id == Resume.candidate_id)
        .options(joinedload(Resume.candidate))
        .where(Resume.id == resume_id, visible_to(member))
    )
    if found is None:
        raise NotFound("resume")
    return found


def infected_for(member: Member, resume_id: uuid.UUID) -> Resume:
    """One that a recruiter or an admin may delete, or has: something was found in it."""
    may_hire(member)
    found = resume_for(member, resume_id)
    if found.scan != "infected":
        raise NotFound("infected file")
    return found


def original_of(resume: Resume) -> str:
    """Where the file is kept, as it came."""
    if resume.storage_key is None:
        raise NotFound("original")
    return resume.storage_key


def may_be_opened(resume: Resume, *, scanned_here: bool) -> bool:
    """By anybody, the reader too. Where nobody scans, what nobody has looked at; what was found infected never."""
    return resume.scan == "clean" or (resume.scan != "infected" and not scanned_here)


def page_image_of(resume: Resume, number: int) -> str:
    """Where the picture of a page is kept."""
    page = db.session.get(ResumePage, (resume.id, number))
    if page is None or page.image_key is None:
        raise NotFound("page")
    return page.image_key
