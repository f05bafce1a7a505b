"""What the resume says to each requirement of the job."""

import uuid
from typing import Any

from flask import Blueprint, url_for

from app.applications import access, queries
from app.applications.models import Application, Match
from app.identity import gate
from app.web.pages import page

bp = Blueprint("application_requirements", __name__, url_prefix="/applications")
gate.members_only(bp)


@bp.get("/<uuid:application_id>/requirements")
def show(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    match = queries.match_of(application)
    return page("applications/requirements.html", "requirements", **_shown(application, match))


def _shown(application: Application, match: Match | None) -> dict[str, Any]:
    asked = queries.requirements_of(application.posting)
    current = match is not None and match.resume_id == application.resume_id
    return {
        "application": application, "match": match if current else None, "requirements": asked,
        "asks": bool(asked.must_have or asked.nice_to_have or asked.years_min),
        "older": current and match is not None and match.asked != queries.requirements_digest(asked),
        "place": _place,
    }  # fmt: skip


def _place(match: Match, evidence: dict[str, Any]) -> str:
    """Where the words stand in the text of the resume."""
    return url_for(
        "resumes.show", resume_id=match.resume_id, begin=evidence["begin"], end=evidence["end"], _anchor="found"
    )
