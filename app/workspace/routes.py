"""A company's own settings."""

import uuid
from typing import Any

from flask import Blueprint, Flask, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from app.audit import commands as audit
from app.audit.queries import first_broken_link, newest_entries
from app.audit.routes import wording
from app.identity import gate
from app.identity.enums import Role
from app.kernel import clock
from app.web.navigation import NavItem, register
from app.web.pages import form_page, page, see_other, toast
from app.web.requests import id_in
from app.web.sheets import MOST_ROWS, sheet
from app.workspace import commands
from app.workspace.access import workspace_for
from app.workspace.forms import SettingsForm

bp = Blueprint("workspace", __name__, url_prefix="/settings")
gate.members_only(bp)


@bp.get("")
def show() -> Any:
    workspace = workspace_for(gate.member())
    return page("workspace/settings.html", form=SettingsForm(obj=workspace))


@bp.post("")
def change() -> Any:
    workspace = workspace_for(gate.member())
    form = SettingsForm()
    if not form.validate():
        return form_page("workspace/settings.html", form=form)
    changes = {name: value or "" for name, value in form.data.items() if name != "csrf_token"}
    commands.change_workspace(workspace, by=gate.actor(), **changes)
    toast(_("The settings are saved."))
    return see_other(url_for("workspace.show"))


@bp.get("/log")
def log() -> Any:
    """The newest entries, of all or about one thing or by one person, and whether the chain of digests still holds."""
    workspace_for(gate.member())
    before, on, by = _asked(request.args)
    whole = before is None and on is None and by is None
    return page(
        "workspace/log.html", "entries", entries=newest_entries(before=before, on=on, by=by), on=on, by=by,
        before=before, whole=whole, broken=first_broken_link() if whole else None, log_says=wording, most=MOST_ROWS,
    )  # fmt: skip


@bp.post("/log/sheet")
def download_log() -> Any:
    """What the page shows and all that is older, the newest first. A POST, so that no address holds whose it is."""
    workspace_for(gate.member())
    before, on, by = _asked(request.form)
    rows = [wording.cells(entry) for entry in newest_entries(before=before, on=on, by=by, limit=MOST_ROWS)]
    about = (on[1] if on else by or "all") if rows else "nothing"  # what nobody noted before is not noted here
    audit.note("audit.download_log", by=gate.actor(), target=("log", about), rows=len(rows))
    return sheet([str(name) for name in wording.SHEET], rows, name=f"log-{clock.today()}")


def _asked(said: MultiDict[str, str]) -> tuple[int | None, tuple[str, str] | None, uuid.UUID | None]:
    kind, wanted = said.get("kind"), said.get("id")
    on = (kind, wanted) if kind and wanted else None
    return said.get("before", type=int), on, id_in(said.get("by", ""))


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)
    register(
        flask_app,
        NavItem(
            "settings", lazy_gettext("Settings"), "settings", "workspace.show", 900, foot=True, on_phone=False,
            shown=lambda: (found := gate.member_or_none()) is not None and found.role == Role.ADMIN,
        ),
    )  # fmt: skip
