"""Who may hear of a job's board, and of one application."""

import uuid

from app.applications.access import application_for
from app.applications.forms import id_of
from app.identity import gate
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.postings.access import posting_for


def hear_posting(identifier: str) -> None:
    posting_for(*_asked(identifier))


def hear_application(identifier: str) -> None:
    application_for(*_asked(identifier))


def _asked(identifier: str) -> tuple[Member, uuid.UUID]:
    member, found = gate.member_or_none(), id_of(identifier)
    if member is None or found is None:
        raise NotFound("topic")
    return member, found
