"""The report: as a page, and as a PDF that a worker makes."""

import uuid
from typing import Any

from flask import Response, current_app, url_for
from flask_babel import gettext as _

from app.audit import commands as audit
from app.identity import gate
from app.interviews.models import Interview
from app.kernel.errors import NotAllowed, NotFound
from app.scorecards import access, queries
from app.scorecards.commands import reports
from app.scorecards.routes.blueprint import bp
from app.web.headers import INERT
from app.web.pages import page, see_other


@bp.get("/interviews/<uuid:interview_id>/report")
def report(interview_id: uuid.UUID) -> Any:
    interview = _seen(interview_id)
    return page("reports/interview.html", **queries.facts_of(interview), on_screen=True)


@bp.post("/interviews/<uuid:interview_id>/report")
def ask_for_pdf(interview_id: uuid.UUID) -> Any:
    interview = _seen(interview_id)
    reports.ask_for_report(interview.id, by=gate.actor())
    return see_other(url_for(".evidence", interview_id=interview.id, _anchor="printing"))


@bp.get("/reports/<uuid:report_id>.pdf")
def pdf(report_id: uuid.UUID) -> Any:
    found = access.report_for(gate.member(), report_id)
    if found.storage_key is None:
        raise NotFound("report")
    data = current_app.extensions["providers"].storage.get(found.storage_key)
    audit.note("scorecards.download_report", by=gate.actor(), target=("interview", found.interview_id))
    response = Response(data, mimetype="application/pdf", headers=INERT)
    response.headers.set("Content-Disposition", "attachment", filename=f"interview-{found.asked_at:%Y-%m-%d}.pdf")
    return response


def _seen(interview_id: uuid.UUID) -> Interview:
    interview = access.judged_interview_for(gate.member(), interview_id)
    if not access.may_see_others(gate.member(), interview.id):
        raise NotAllowed(_("Score the interview first. The report opens after that: it holds the AI draft."))
    return interview
