"""Candidates come in; their resumes are kept, read, corrected."""

import hashlib
import uuid
from typing import Any

import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.events import ResumeRead, ResumeUploaded
from app.candidates.models import Candidate, Resume, ResumePage
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from app.ports.reading import Document
from app.ports.storage import Storage
from tenants.db import db

LARGEST_RESUME = 10 * 1024 * 1024
SEARCHED_CHARACTERS = 60_000
ALLOWED = (".pdf", ".docx", ".txt")


def register(*, name: str, email: str | None = None, phone: str | None = None, language: str = "en") -> Candidate:
    candidate = Candidate(
        id=new_id(), name=" ".join(name.split()), email=(email or "").strip() or None,
        phone=(phone or "").strip() or None, language=language, created_at=clock.now(), links=[],
    )  # fmt: skip
    candidate.found_by = _found_by(candidate, "")
    db.session.add(candidate)
    return candidate


def known_by_email(email: str) -> Candidate | None:
    query = sa.select(Candidate).where(sa.func.lower(Candidate.email) == email.strip().lower())
    return db.session.scalar(query.order_by(Candidate.created_at).limit(1))


def keep_resume(candidate: Candidate, *, file_name: str, data: bytes, storage: Storage, by: Actor) -> Resume:
    """Keep the original, sealed, before anything is said about it; its reading is announced.

    Raises Invalid for more than 10 MB, unstored. The file is written before the row: a crash between leaves a
    sealed file that nothing names, never a row without its file.
    """
    if len(data) > LARGEST_RESUME:
        raise Invalid({"resume": "This file is larger than 10 MB. Save it smaller, or send it as PDF."})
    resume_id = new_id()
    key = f"resumes/{resume_id}"
    storage.put(key, data)
    resume = Resume(
        id=resume_id, candidate_id=candidate.id, file_name=_plain_name(file_name), size=len(data), storage_key=key,
        sha256=hashlib.sha256(data).hexdigest(), uploaded_at=clock.now(), state="waiting", flags=[],
    )  # fmt: skip
    db.session.add(resume)
    db.session.flush()
    audit.note("candidates.keep_resume", by=by, target=("resume", resume.id), size=len(data))
    record(ResumeUploaded(resume.id, candidate.id))
    return resume


def _plain_name(file_name: str) -> str:
    """The last part of the name without control characters; it is shown and offered, never used as a path."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:120] or "resume"


def read_again(resume: Resume, *, by: Actor) -> None:
    resume.state, resume.problem = "waiting", None
    audit.note("candidates.read_again", by=by, target=("resume", resume.id))
    record(ResumeUploaded(resume.id, resume.candidate_id))


def take_reading(resume: Resume, document: Document, read: dict[str, Any], image_keys: dict[int, str]) -> None:
    """Store what was read. The candidate's empty fields are filled; what a person gave stays as given."""
    resume.state, resume.problem, resume.kind = "read", None, document.kind
    resume.text, resume.document = document.text, read
    resume.flags = read.get("meta", {}).get("flags", [])
    resume.read_at = clock.now()
    db.session.execute(sa.delete(ResumePage).where(ResumePage.resume_id == resume.id))
    db.session.add_all(
        ResumePage(
            resume_id=resume.id, number=page.number, width=page.width, height=page.height,
            words=[[w.text, w.x0, w.y0, w.x1, w.y1, w.hidden] for w in page.words],
            image_key=image_keys.get(page.number),
        )
        for page in document.pages
    )  # fmt: skip
    candidate = db.session.get_one(Candidate, resume.candidate_id)
    _fill(candidate, read)
    candidate.found_by = _found_by(candidate, document.text)
    record(ResumeRead(resume.id, resume.candidate_id))


def _fill(candidate: Candidate, read: dict[str, Any]) -> None:
    basics = read.get("basics", {})
    if not candidate.name:
        candidate.name = basics.get("name", "")
    candidate.email = candidate.email or basics.get("email")
    candidate.phone = candidate.phone or basics.get("phone")
    candidate.place = candidate.place or basics.get("location", {}).get("city")
    links = [basics.get("url"), *(profile.get("url") for profile in basics.get("profiles", []))]
    candidate.links = candidate.links or [link for link in links if link]
    candidate.headline = _headline(read) or candidate.headline


def _headline(read: dict[str, Any]) -> str | None:
    work = read.get("work", [])
    latest = next((job for job in work if "endDate" not in job), work[0] if work else None)
    if latest is None:
        label: str | None = read.get("basics", {}).get("label")
        return label
    return ", ".join(part for part in (latest.get("position"), latest.get("name")) if part) or None


def _found_by(candidate: Candidate, text: str) -> str:
    parts = [candidate.name, candidate.email or "", candidate.headline or "", candidate.place or "", text]
    return " ".join(parts).replace("\0", "")[:SEARCHED_CHARACTERS]


def refuse_reading(resume: Resume, code: str) -> None:
    """The file cannot be read, and the page says why; the original stays."""
    resume.state, resume.problem, resume.read_at = "unreadable", code, clock.now()
    record(ResumeRead(resume.id, resume.candidate_id))


def fail_reading(resume_id: uuid.UUID, problem: str) -> None:
    """Our reading broke, not the file: it can be run again."""
    resume = db.session.get(Resume, resume_id)
    if resume is not None:
        resume.state, resume.problem = "failed", problem[:500]
        record(ResumeRead(resume.id, resume.candidate_id))
