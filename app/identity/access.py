"""Which roles may do what with members and settings."""

import uuid

from app.identity.enums import HIRING_STAFF, Role
from app.identity.models import Member
from app.kernel.errors import NotFound
from tenants.db import db


def hires(member: Member) -> bool:
    """Recruiters and company admins see every job."""
    return member.role in HIRING_STAFF


def may_hire(member: Member) -> None:
    """For pages that only recruiters and admins have; to others they look missing."""
    if not hires(member):
        raise NotFound("hiring")


def may_administer(member: Member) -> None:
    if member.role != Role.ADMIN:
        raise NotFound("administration")


def member_for(admin: Member, member_id: uuid.UUID) -> Member:
    """A colleague, for a company admin to manage."""
    may_administer(admin)
    found = db.session.get(Member, member_id)
    if found is None:
        raise NotFound("member")
    return found
