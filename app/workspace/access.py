"""Settings are for company admins."""

from app.identity.access import may_administer
from app.identity.models import Member
from app.workspace.models import Workspace
from tenants.db import db


def workspace_for(member: Member) -> Workspace:
    may_administer(member)
    return db.session.get_one(Workspace, 1)
