"""Who may see which candidate: whoever may see one of their applications is asked there; here, hiring staff."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.candidates.models import Candidate, Resume
from app.identity.access import hires
from app.identity.models import Member
from app.kernel.errors import NotFound
from tenants.db import db


def candidate_for(member: Member, candidate_id: uuid.UUID) -> Candidate:
    found = db.session.get(Candidate, candidate_id)
    if found is None or not hires(member):
        raise NotFound("candidate")
    return found


def resume_for(member: Member, resume_id: uuid.UUID) -> Resume:
    found = db.session.scalar(sa.select(Resume).options(joinedload(Resume.candidate)).where(Resume.id == resume_id))
    if found is None or not hires(member):
        raise NotFound("resume")
    return found
