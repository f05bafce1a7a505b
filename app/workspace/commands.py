"""Setting a company up."""

from app.audit import commands as audit
from app.kernel import clock
from app.kernel.actor import Actor
from app.workspace.models import Workspace
from tenants.db import db


def open_workspace(*, name: str, by: Actor, **chosen: object) -> Workspace:
    workspace = Workspace(id=1, name=name, created_at=clock.now(), **chosen)
    db.session.add(workspace)
    audit.note("workspace.open", by=by, target=("workspace", 1))
    return workspace


def change_workspace(workspace: Workspace, *, by: Actor, **changes: object) -> None:
    changed = {key: value for key, value in changes.items() if getattr(workspace, key) != value}
    for key, value in changed.items():
        setattr(workspace, key, value)
    if changed:
        audit.note("workspace.change", by=by, target=("workspace", 1), fields=sorted(changed))
