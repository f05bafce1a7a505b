"""Pages of openings: the list, the plan of one, the careers site."""

import uuid

from flask import Flask
from flask_babel import lazy_gettext as _

from app.identity import gate
from app.identity.enums import Role
from app.kernel.errors import NotFound
from app.postings import access
from app.postings.routes import careers, jobs, plan, stages, team
from app.web.navigation import NavItem, register

for part in (plan, stages, team):
    part.install(jobs.bp)


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(jobs.bp)
    flask_app.register_blueprint(careers.bp)
    register(flask_app, NavItem("jobs", _("Jobs"), "briefcase", "jobs.index", order=20, shown=_sees_openings))
    flask_app.extensions["topics"].register("postings", _may_hear_all)
    flask_app.extensions["topics"].register("posting", _may_hear)


def _sees_openings() -> bool:
    member = gate.member_or_none()
    return member is not None and member.role != Role.INTERVIEWER


def _may_hear_all(_identifier: str) -> None:
    if not _sees_openings():
        raise NotFound("postings")


def _may_hear(identifier: str) -> None:
    member = gate.member_or_none()
    if member is None:
        raise NotFound("posting")
    try:
        access.posting_for(member, uuid.UUID(identifier))
    except ValueError as error:
        raise NotFound("posting") from error
