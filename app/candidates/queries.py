"""Candidates and resumes as pages and tasks need them."""

import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from app.candidates.models import Candidate, Resume, ResumePage
from app.kernel.errors import NotFound
from tenants.db import db


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


def candidate(candidate_id: uuid.UUID) -> Candidate:
    found = db.session.get(Candidate, candidate_id)
    if found is None:
        raise NotFound("candidate")
    return found


def day_of(resume_uploaded: Resume) -> date:
    """The day a resume was sent, which is what "present" means in it."""
    return resume_uploaded.uploaded_at.date()
