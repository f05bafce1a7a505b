"""Pages of candidates: who there is, their resumes, and the ways in."""

import uuid

from flask import Flask
from flask_babel import lazy_gettext as _

from app.candidates import access
from app.candidates.routes import apply, doubles, files, gateway, people, searches, uploads
from app.identity import gate
from app.identity.enums import Role
from app.kernel.errors import NotFound
from app.web.navigation import NavItem, register


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    for part in (people, searches, doubles, files, uploads, apply):
        flask_app.register_blueprint(part.bp)
    way = NavItem("candidates", _("Candidates"), "users-round", "candidates.index", order=30, shown=_sees_candidates)
    register(flask_app, way)
    flask_app.jinja_env.globals["file_opens"] = gateway.opens
    flask_app.extensions["topics"].register("uploads", _may_hear_uploads)
    flask_app.extensions["topics"].register("candidate", _may_hear)


def _sees_candidates() -> bool:
    member = gate.member_or_none()
    return member is not None and member.role != Role.INTERVIEWER


def _may_hear_uploads(_identifier: str) -> None:
    if not _sees_candidates():
        raise NotFound("uploads")


def _may_hear(identifier: str) -> None:
    member = gate.member_or_none()
    if member is None:
        raise NotFound("candidate")
    try:
        access.candidate_for(member, uuid.UUID(identifier))
    except ValueError as error:
        raise NotFound("candidate") from error
