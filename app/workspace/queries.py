"""What the company chose."""

from app.workspace.models import Workspace
from tenants.db import db


def workspace() -> Workspace:
    return db.session.get_one(Workspace, 1)
