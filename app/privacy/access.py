"""Who may erase people: a company's admins. To everybody else there is no such page."""

import uuid

from app.audit.models import AiOutput
from app.candidates.access import candidate_for
from app.candidates.models import Candidate
from app.identity.access import may_administer
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.privacy.models import Erasure
from tenants.db import db


def candidate_to_erase(member: Member, candidate_id: uuid.UUID) -> Candidate:
    may_administer(member)
    return candidate_for(member, candidate_id)


def erasure_for(member: Member, erasure_id: uuid.UUID) -> Erasure:
    may_administer(member)
    found = db.session.get(Erasure, erasure_id)
    if found is None:
        raise NotFound("erasure")
    return found


def output_for(member: Member, output_id: uuid.UUID) -> AiOutput:
    may_administer(member)
    found = db.session.get(AiOutput, output_id)
    if found is None:
        raise NotFound("output")
    return found
