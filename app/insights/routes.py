"""The start page, and the search that is always there."""

from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_babel import lazy_gettext as _

from app.identity import gate
from app.identity.enums import Role
from app.insights import queries
from app.web.navigation import NavItem, register
from app.web.pages import is_htmx, page

bp = Blueprint("insights", __name__)
gate.members_only(bp)


@bp.get("/")
def home() -> Any:
    member = gate.member()
    work = queries.work_for(member)
    first_run = work.is_empty and member.role != Role.INTERVIEWER and not queries.has_jobs(member)
    return page("insights/home.html", "work", work=work, first_run=first_run, me=member)


@bp.get("/palette")
def palette() -> Any:
    """For the palette's script the options alone; for everybody else a page of what was found."""
    typed = " ".join(request.args.get("q", "").replace("\0", "").split())[:200]
    found = queries.find(gate.member(), typed)
    if is_htmx():
        return render_template("insights/options.html", found=found)
    return page("insights/search.html", found=found, typed=typed)


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)
    register(flask_app, NavItem("work", _("Work"), "layout-dashboard", "insights.home", order=10))
