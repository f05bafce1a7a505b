"""The applicant's own page, by the link in the letter that confirmed the application."""

from flask import Blueprint, Flask, Response, request, url_for

from app.applications.access import application_by_link
from app.interviews.commands import invitations
from app.interviews.routes.candidate import link_is_gone
from app.interviews.routes.standing import in_words
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotFound
from app.letters.queries import contact_of
from app.postings.queries import stages_of
from app.web import csrf
from app.web.pages import page, see_other
from app.workspace.queries import workspace

bp = Blueprint("status", __name__, url_prefix="/status/<token>")


@bp.get("")
def show(token: str) -> Response:
    application, company = application_by_link(token), workspace()
    return page(
        "status/show.html", token=token, application=application, company=company, contact=contact_of(company),
        stages=stages_of(application.posting_id), where=in_words(application),
    )  # fmt: skip


@bp.post("/withdraw")
def withdraw(token: str) -> Response:
    application = application_by_link(token)
    candidate = application.candidate
    invitations.withdraw(application, by=Actor(kind="candidate", id=candidate.id, name=candidate.name))
    return see_other(url_for(".show", token=token))


def _over_already(_error: Conflict) -> Response:
    return see_other(url_for("status.show", **(request.view_args or {})))


bp.register_error_handler(NotFound, link_is_gone)
bp.register_error_handler(Conflict, _over_already)
csrf.exempt(bp)


def install(flask_app: Flask) -> None:
    flask_app.register_blueprint(bp)
