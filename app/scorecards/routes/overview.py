"""How far the scoring of an application's interviews is, and asking colleagues to judge."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.applications.access import application_for
from app.applications.models import Application
from app.applications.queries import decisions_on
from app.identity import gate
from app.scorecards import access, queries
from app.scorecards.commands import assessments, scorecards
from app.scorecards.forms import ask_form
from app.scorecards.routes.blueprint import bp
from app.web.pages import form_page, page, see_other, toast

TEMPLATE = "scorecards/of_application.html"


@bp.get("/applications/<uuid:application_id>/scorecards")
def of_application(application_id: uuid.UUID) -> Any:
    application = application_for(gate.member(), application_id)
    return page(TEMPLATE, "scorecards", **_facts(application))


@bp.post("/interviews/<uuid:interview_id>/scorecards")
def ask(interview_id: uuid.UUID) -> Any:
    me = gate.member()
    interview = access.staffed_interview_for(me, interview_id)
    people = queries.askable(interview.application.posting_id, me)
    form = ask_form(people, me=me)
    if not form.validate():
        return form_page(TEMPLATE, "scorecards", **_facts(interview.application) | {"form": form})
    asked = next(member for member in people if str(member.id) == form.member.data)
    scorecards.ask_for_scorecard(interview, asked.id, by=gate.actor())
    if asked.id == me.id:
        return see_other(url_for(".mine", interview_id=interview.id))
    toast(_("%(name)s is asked for a scorecard.", name=asked.name))
    return see_other(url_for(".of_application", application_id=interview.application_id))


@bp.post("/interviews/<uuid:interview_id>/scoring/again")
def score_again(interview_id: uuid.UUID) -> Any:
    interview = access.staffed_interview_for(gate.member(), interview_id)
    assessments.judge_failed_again(interview, by=gate.actor())
    toast(_("What failed is run again."))
    return see_other(url_for(".of_application", application_id=interview.application_id))


def _facts(application: Application) -> dict[str, Any]:
    me = gate.member()
    people, overviews = queries.askable(application.posting_id, me), queries.overviews_of(application.id)
    return {
        "application": application, "overviews": overviews, "me": me, "people": people,
        "form": ask_form(people, me=me), "decisions": decisions_on(application.id),
        "topics": [f"scorecards-{one.interview.id}" for one in overviews],
    }  # fmt: skip
