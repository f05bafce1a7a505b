"""Applications of two entries that are one person, and of one that is two again. No application is changed by it.

What moves is on whose page each stands, and which of two for one job leads. Each keeps its own stage, state,
interviews, notes, letters and link; written past the mapper, since none of it is a version that somebody looked at.
"""

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from app.applications.events import ApplicationTouched, MatchAsked
from app.applications.models import Application
from app.applications.queries import for_one_job
from app.candidates.models import Resume
from app.kernel.events import record
from tenants.db import db

OWN = {"synchronize_session": "fetch"}


def follow(survivor: uuid.UUID, absorbed: uuid.UUID, *, merge_id: uuid.UUID, leading: Collection[uuid.UUID]) -> None:
    beside = [first.id if second.id in leading else second.id for first, second in for_one_job(survivor, absorbed)]
    aside = sa.update(Application).where(Application.id.in_(beside)).values(joined_in=merge_id)
    db.session.execute(aside, execution_options=OWN)
    moved = sa.update(Application).where(Application.candidate_id == absorbed).values(candidate_id=survivor)
    db.session.execute(moved, execution_options=OWN)
    _touch(survivor)


def go_back(survivor: uuid.UUID, absorbed: uuid.UUID, *, merge_id: uuid.UUID, whose: Collection[uuid.UUID]) -> None:
    """A resume that came in meanwhile by the other one's address goes with its owner: no application keeps it."""
    _touch(survivor)
    theirs = (Application.candidate_id == survivor, Application.person_id.in_(whose))
    db.session.execute(sa.update(Application).where(*theirs).values(candidate_id=absorbed), execution_options=OWN)
    again = sa.update(Application).where(Application.joined_in == merge_id).values(joined_in=None)
    db.session.execute(again, execution_options=OWN)
    _own_resumes([survivor, absorbed])


def _own_resumes(people: Collection[uuid.UUID]) -> None:
    """Whoever's application names a resume that stands with somebody else names their own newest one again."""
    newest = sa.select(Resume.id).where(Resume.candidate_id == Application.candidate_id)
    newest = newest.order_by(Resume.uploaded_at.desc()).limit(1)
    elsewhere = sa.exists().where(Resume.id == Application.resume_id, Resume.candidate_id != Application.candidate_id)
    changed = sa.update(Application).where(Application.candidate_id.in_(people), elsewhere)
    changed = changed.values(resume_id=newest.scalar_subquery()).returning(Application.id, Application.posting_id)
    for application_id, posting_id in db.session.execute(changed, execution_options=OWN).all():
        record(MatchAsked(application_id, posting_id))


def _touch(candidate: uuid.UUID) -> None:
    """Open pages look again."""
    query = sa.select(Application.id, Application.posting_id).where(Application.candidate_id == candidate)
    for application_id, posting_id in db.session.execute(query):
        record(ApplicationTouched(application_id, posting_id))
