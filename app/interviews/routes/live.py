"""What goes on now: interviews under way, calls for help. Answers, never drafts."""

import uuid
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_babel import lazy_gettext as _

from app.identity import gate
from app.identity.enums import Role
from app.identity.models import Member
from app.interviews import access, queries
from app.interviews.enums import RUNNING
from app.interviews.forms.candidate import WISHES
from app.interviews.forms.staff import ExtendForm
from app.kernel import clock
from app.kernel.errors import NotFound
from app.web.navigation import NavItem, register
from app.web.pages import focus_to, page

bp = Blueprint("live", __name__, url_prefix="/live")
gate.members_only(bp)
ROWS = 50


@bp.get("")
def show() -> Response:
    return page("interviews/live.html", "sessions", **_context(), session=None)


@bp.get("/<uuid:interview_id>")
def watch(interview_id: uuid.UUID) -> Response:
    """One of them, beside the others."""
    interview = access.interview_for(watcher(), interview_id)
    turns = queries.turns_of(interview.id)
    session = {
        "interview": interview,
        "asked": queries.transcript(interview, turns),
        "turns": turns,
        "help": queries.open_help_requests([interview.id]),
        "extend": ExtendForm(formdata=None),
        "running": interview.state in RUNNING,
    }
    if request.args.get("opened"):
        focus_to("#session-title")
    return page("interviews/live.html", "sessions", "session", **_context(), session=session)


def _context() -> dict[str, Any]:
    found = queries.live_for(watcher(), after=request.args.get("after", ""), limit=ROWS)
    return {"live_page": found, "now": clock.now(), "still": "still" in request.args, "wishes": WISHES}


def watcher() -> Member:
    """Interviewers come to a candidate unprepared by what others saw: they have no live page."""
    member = gate.member()
    if member.role == Role.INTERVIEWER:
        raise NotFound("live")
    return member


def _may_watch() -> bool:
    member = gate.member_or_none()
    return member is not None and member.role != Role.INTERVIEWER


def _guard_live(_identifier: str) -> None:
    if not _may_watch():
        raise NotFound("topic")


def _guard_interview(identifier: str) -> None:
    member = gate.member_or_none()
    try:
        interview_id = uuid.UUID(identifier)
    except ValueError:
        raise NotFound("topic") from None
    if member is None:
        raise NotFound("topic")
    access.interview_for(member, interview_id)


def install(flask_app: Flask) -> None:
    flask_app.register_blueprint(bp)
    flask_app.extensions["topics"].register("live", _guard_live)
    flask_app.extensions["topics"].register("interview", _guard_interview)
    register(flask_app, NavItem("live", _("Live"), "radio", "live.show", order=40, shown=_may_watch))
