"""Looking for viruses in originals: asked for, and what was found."""

import uuid

import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.events import ResumeRead, ResumeScanned, ResumeUploaded, ScanAsked
from app.candidates.models import Resume
from app.kernel.actor import SYSTEM
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
    query = sa.select(Resume) if again else sa.select(Resume).where(Resume.scan.in_(["none", "asked", "failed"]))
    if after is not None:
        query = query.where(Resume.id > after)
    found = list(db.session.scalars(query.order_by(Resume.id).limit(ASKED_AT_ONCE)))
    for resume in found:
        resume.scan = "asked" if resume.scan in {"none", "failed"} else resume.scan
        record(ScanAsked(resume.id, resume.candidate_id))
    return len(found), found[-1].id if found else None


def take_scan(resume: Resume, found: str | None) -> None:
    """Infected: nobody opens it from now on, the reader neither. It stays sealed, and whoever sent it as they were.

    One that was taken for infected, and is not, is read.
    """
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
