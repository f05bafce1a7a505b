"""Candidates and resumes as pages and tasks need them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from app.audit.models import AuditEntry
from app.candidates.access import applications, visible_to
from app.candidates.models import Candidate, Merge, Resume, ResumePage, candidate_table, clear_table
from app.identity.models import Member
from app.kernel.errors import NotFound
from tenants.db import db

PAGE = 50
MAY_LACK = timedelta(minutes=1)


def resume(resume_id: uuid.UUID) -> Resume:
    found = db.session.get(Resume, resume_id)
    if found is None:
        raise NotFound("resume")
    return found


def resume_as_read(resume_id: uuid.UUID) -> tuple[Resume, list[ResumePage]]:
    """With text, document and pages (their words included)."""
    found = db.session.scalar(
        sa.select(Resume).options(undefer(Resume.text), undefer(Resume.document)).where(Resume.id == resume_id)
    )
    if found is None:
        raise NotFound("resume")
    pages = sa.select(ResumePage).options(undefer(ResumePage.words)).where(ResumePage.resume_id == resume_id)
    return found, list(db.session.scalars(pages.order_by(ResumePage.number)))


def newest_resume_of(candidate_id: uuid.UUID) -> Resume | None:
    query = sa.select(Resume).where(Resume.candidate_id == candidate_id).order_by(Resume.uploaded_at.desc())
    return db.session.scalar(query.limit(1))


def newest_text_of(candidate_id: uuid.UUID) -> str | None:
    """What the newest resume that could be read says."""
    query = sa.select(Resume.text).where(Resume.candidate_id == candidate_id, Resume.state == "read")
    return db.session.scalar(query.order_by(Resume.uploaded_at.desc()).limit(1))


def documents_of(candidate_id: uuid.UUID) -> list[dict[str, Any]]:
    """What each resume says, as JSON Resume, the newest first."""
    query = sa.select(Resume.document).where(Resume.candidate_id == candidate_id, Resume.document.is_not(None))
    return [document for document in db.session.scalars(query.order_by(Resume.uploaded_at.desc())) if document]


@dataclass(frozen=True, slots=True)
class Correction:
    """A field that a person wrote over; `read` is what the newest reading says of it."""

    who: str
    at: datetime
    read: str


def corrections_of(candidate: Candidate, document: dict[str, Any] | None) -> dict[str, Correction]:
    """By field: who wrote it last, and what would stand there without them."""
    read, found = as_read(document or {}), {}
    query = sa.select(AuditEntry).where(
        AuditEntry.target_kind == "candidate", AuditEntry.target_id == str(candidate.id),
        AuditEntry.action.in_(["candidates.correct", "candidates.merge"]),
    )  # fmt: skip
    for entry in db.session.scalars(query.order_by(AuditEntry.number)):
        for field in {*entry.data.get("fields", ())} & {*candidate.corrected}:
            found[field] = Correction(entry.actor_name, entry.at, read.get(field) or "")
    return found


def as_read(document: Mapping[str, Any]) -> dict[str, str | None]:
    """What a reading says of the fields that stand with the contact."""
    basics = document.get("basics", {})
    read = {key: basics.get(key) for key in ("name", "email", "phone")}
    return read | {"place": basics.get("location", {}).get("city"), "headline": _headline(document)}


def _headline(read: Mapping[str, Any]) -> str | None:
    work = read.get("work", [])
    latest = next((job for job in work if "endDate" not in job), work[0] if work else None)
    if latest is None:
        label: str | None = read.get("basics", {}).get("label")
        return label
    return ", ".join(part for part in (latest.get("position"), latest.get("name")) if part) or None


def resumes_of(candidate_id: uuid.UUID) -> list[Resume]:
    query = sa.select(Resume).where(Resume.candidate_id == candidate_id)
    return list(db.session.scalars(query.order_by(Resume.uploaded_at.desc())))


def document_of(resume_id: uuid.UUID) -> dict[str, Any] | None:
    """The fields as read, as JSON Resume."""
    return db.session.scalar(sa.select(Resume.document).where(Resume.id == resume_id))


def resumes_in(posting_id: uuid.UUID, *, before: uuid.UUID | None = None) -> tuple[list[Resume], bool]:
    """The resumes of an opening's candidates, newest first, with their candidates, and whether there are more."""
    query = sa.select(Resume).options(joinedload(Resume.candidate))
    query = query.where(Resume.candidate_id.in_(applications().in_posting(posting_id)))
    if before is not None:
        query = query.where(Resume.id < before)
    found = list(db.session.scalars(query.order_by(Resume.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def candidates_for(member: Member, *, words: str = "", before: uuid.UUID | None = None) -> tuple[list[Candidate], bool]:
    """Newest first; `words` are looked for in name, address and resume, each as the beginning of a word."""
    query = sa.select(Candidate).where(visible_to(member))
    if wanted := _prefixes(words):
        query = query.where(Candidate.words.op("@@")(sa.func.to_tsquery("simple", wanted)))
    if before is not None:
        query = query.where(Candidate.id < before)
    found = list(db.session.scalars(query.order_by(Candidate.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def _prefixes(words: str) -> str:
    """Words such as "asha pyth" as a search query; what is typed is quoted, so that no sign is an operator."""
    quoted = (word.replace("\\", "").replace("'", "").replace("\0", "") for word in words.split()[:12])
    return " & ".join(f"'{word}':*" for word in quoted if any(sign.isalnum() for sign in word))


def candidate(candidate_id: uuid.UUID) -> Candidate:
    found = db.session.get(Candidate, candidate_id)
    if found is None:
        raise NotFound("candidate")
    return found


def day_of(resume_uploaded: Resume) -> date:
    """The day a resume was sent, which is what "present" means in it."""
    return resume_uploaded.uploaded_at.date()


def is_being_filled(*, lately: bool = False) -> bool:
    """Whether lists lack somebody who was there before PostgreSQL started: they are filled by id, oldest first.

    `lately`: or may have lacked somebody a moment ago, since it started within the last minute.
    """
    started = sa.func.pg_postmaster_start_time()
    before = sa.select(candidate_table.c.id).where(
        candidate_table.c.created_at < started, ~sa.exists().where(Merge.absorbed_id == candidate_table.c.id)
    )
    newest = before.order_by(candidate_table.c.id.desc()).limit(1).subquery()
    lacks = ~sa.exists().where(clear_table.c.id == newest.c.id)
    young = started > sa.func.now() - MAY_LACK
    return bool(db.session.scalar(sa.select(sa.or_(lacks, young) if lately else lacks).select_from(newest)))
