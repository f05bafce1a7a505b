"""Who may read what was mailed: recruiters and admins, and only where the installation shows it at all."""

import uuid

from app.identity.access import may_hire
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.letters.models import Mail
from tenants.db import db


def may_read_mail(member: Member, *, shown: bool) -> None:
    """Letters hold links that are keys, so outside of demos (`shown`) there is no mailbox page."""
    if not shown:
        raise NotFound("mailbox")
    may_hire(member)


def mail_for(member: Member, mail_id: uuid.UUID, *, shown: bool) -> Mail:
    may_read_mail(member, shown=shown)
    found = db.session.get(Mail, mail_id)
    if found is None:
        raise NotFound("mail")
    return found
