"""What to ask one person, beside the kit: a proposal for whoever talks with them."""

import uuid
from typing import Any

from flask import Blueprint, Flask, url_for
from flask_babel import gettext as _

from app.applications.access import application_for
from app.candidates.queries import newest_read_of
from app.identity import gate
from app.interviews import queries
from app.interviews.commands.personal import ask_for_questions
from app.web.pages import page, see_other, toast

bp = Blueprint("personal_questions", __name__, url_prefix="/applications/<uuid:application_id>/questions")
gate.members_only(bp)


def install(flask_app: Flask) -> None:
    flask_app.register_blueprint(bp)


@bp.get("")
def show(application_id: uuid.UUID) -> Any:
    application = application_for(gate.member(), application_id)
    newest = newest_read_of(application.candidate_id)
    proposed = queries.personal_questions_of(application)
    return page(
        "interviews/personal.html", "personal", application=application, newest=newest,
        proposed=proposed, late=queries.are_late(proposed), kit=queries.kit_of(application.posting_id),
    )  # fmt: skip


@bp.post("")
def propose(application_id: uuid.UUID) -> Any:
    ask_for_questions(application_for(gate.member(), application_id), by=gate.actor())
    toast(_("Questions are being proposed. They show up here by themselves."))
    return see_other(url_for(".show", application_id=application_id))
