"""Looking for viruses in originals: asked for, what was found, and deleting that."""

import uuid

import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.events import (
    FileDeleteAsked,
    FileDeleted,
    ResumeRead,
    ResumeScanned,
    ResumeUploaded,
    ScanAsked,
)
from app.candidates.models import Resume, ResumePage
from app.kernel import clock
from app.kernel.actor import SYSTEM, Actor
from app.kernel.events import record
from tenants.db import db

ASKED_AT_ONCE = 200


def ask_for_scan(resume: Resume) -> None:
    """Once: who asks meanwhile waits for the same scan. What a worker has found meanwhile stays."""
    asking = sa.update(Resume).where(Resume.id == resume.id, Resume.scan.in_(["none", "failed"])).values(scan="asked")
    if db.session.scalar(asking.returning(Resume.id)):
        record(ScanAsked(resume.id, resume.candidate_id))


def ask_for_scans(after: uuid.UUID | None, *, again: bool = False) -> tuple[int, uuid.UUID | None]:
    """Of some after that id that nobody looked at; `again`: of all, which stay open meanwhile if they were clean."""
    query = sa.select(Resume).where(Resume.file_deleted_at.is_(None))
    if not again:
        query = query.where(Resume.scan.in_(["none", "asked", "failed"]))
    if after is not None:
        query = query.where(Resume.id > after)
    found = list(db.session.scalars(query.order_by(Resume.id).limit(ASKED_AT_ONCE)))
    for resume in found:
        resume.scan = "asked" if resume.scan in {"none", "failed"} else resume.scan
        record(ScanAsked(resume.id, resume.candidate_id))
    return len(found), found[-1].id if found else None


def take_scan(resume: Resume, found: str | None) -> None:
    """Infected: nobody opens it from now on, the reader neither. It stays sealed, and whoever sent it as they were.

    One that was taken for infected, and is not, is read. Of one that was deleted meanwhile nothing is known any more.
    """
    db.session.refresh(resume, ["scan", "scan_found", "state", "file_deleted_at"], with_for_update=True)
    if resume.file_deleted_at is not None:
        return
    known = (resume.scan, resume.scan_found)
    resume.scan, resume.scan_found = ("infected", found) if found else ("clean", None)
    if found and (resume.scan, found) != known:
        audit.note("candidates.find_infected", by=SYSTEM, target=("resume", resume.id), found=found)
    if found and resume.state != "read":
        resume.state, resume.problem = "unreadable", "infected"
        record(ResumeRead(resume.id, resume.candidate_id))
    elif resume.problem == "infected" and not found:
        resume.state, resume.problem = "waiting", None
        record(ResumeUploaded(resume.id, resume.candidate_id))
    elif (resume.scan, found) != known:
        record(ResumeScanned(resume.id, resume.candidate_id))


def fail_scan(resume_id: uuid.UUID) -> None:
    """Nobody could look, so nobody knows: it stays shut until somebody could."""
    resume = db.session.get(Resume, resume_id)
    if resume is not None and resume.scan in {"none", "asked"}:
        resume.scan = "failed"
        record(ResumeScanned(resume.id, resume.candidate_id))


def delete_file(resume: Resume, *, by: Actor) -> None:
    """Of an infected one the file goes for good, by a task; the row stays, and says who wanted it. Twice is as once.

    Nothing else changes: whoever sent it, and what they applied for, are as they were.
    """
    asking = sa.update(Resume).where(
        Resume.id == resume.id, Resume.scan == "infected", Resume.file_deleted_at.is_(None)
    )
    if not db.session.scalar(asking.values(file_deleted_at=clock.now(), file_deleted_by=by.id).returning(Resume.id)):
        return
    if resume.state != "read":
        resume.state, resume.problem = "unreadable", "infected"
    audit.note("candidates.delete_file", by=by, target=("resume", resume.id), found=resume.scan_found)
    record(FileDeleteAsked(resume.id, resume.candidate_id))


def forget_file(resume: Resume) -> None:
    """It is gone, and so are the pictures of its pages: no row names them any more."""
    resume.storage_key = None
    pages = sa.update(ResumePage).where(ResumePage.resume_id == resume.id)
    db.session.execute(pages.values(image_key=None))
    record(FileDeleted(resume.id, resume.candidate_id))
