"""Pages of scorecards: one's own, the evidence side by side, the decision, the report."""

import uuid

from flask import Flask

from app.identity import gate
from app.kernel.errors import NotFound
from app.scorecards import access
from app.scorecards.routes import evidence, overview, own, reports  # noqa: F401 -- importing them adds their views
from app.scorecards.routes.blueprint import bp


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)
    flask_app.extensions["topics"].register("scorecards", _may_listen)


def _may_listen(identifier: str) -> None:
    member = gate.member_or_none()
    if member is None:
        raise NotFound("topic")
    try:
        interview_id = uuid.UUID(identifier)
    except ValueError as error:
        raise NotFound("topic") from error
    access.judged_interview_for(member, interview_id)
