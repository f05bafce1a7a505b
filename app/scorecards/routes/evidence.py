"""The AI draft beside people's scorecards, and the decision with both in front of one."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.applications.enums import Verdict
from app.identity import gate
from app.identity.enums import Role
from app.interviews.models import Interview
from app.kernel.errors import NotAllowed
from app.scorecards import access, queries
from app.scorecards.commands import assessments, decisions
from app.scorecards.forms import DecisionForm
from app.scorecards.routes.blueprint import bp
from app.web.pages import form_page, is_htmx, page, see_other, toast, wanted_fragment

TEMPLATE = "scorecards/evidence.html"
FRAGMENTS = ("comparison", "transcript", "printing")


@bp.get("/interviews/<uuid:interview_id>/evidence")
def evidence(interview_id: uuid.UUID) -> Any:
    interview = access.judged_interview_for(gate.member(), interview_id)
    if not access.may_see_others(gate.member(), interview.id):
        return _blind(interview)
    if is_htmx() and wanted_fragment(FRAGMENTS) is None:
        return see_other(url_for(".evidence", interview_id=interview.id))
    return page(TEMPLATE, *FRAGMENTS, **_facts(interview, DecisionForm()))


@bp.post("/interviews/<uuid:interview_id>/decision")
def decide(interview_id: uuid.UUID) -> Any:
    interview = _seen(interview_id)
    form = DecisionForm()
    if not form.validate():
        return form_page(TEMPLATE, *FRAGMENTS, **_facts(interview, form))
    decisions.decide(
        interview, verdict=Verdict(form.verdict.data), reason=form.reason.data, by=gate.actor(),
        expected_version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
    )  # fmt: skip
    toast(_("Your decision is recorded."))
    return see_other(url_for(".evidence", interview_id=interview.id, _anchor="decision"))


@bp.post("/interviews/<uuid:interview_id>/move-on")
def move_on(interview_id: uuid.UUID) -> Any:
    interview = _seen(interview_id)
    stage = queries.next_stage(interview)
    decisions.move_on(interview, stage, by=gate.actor())
    toast(_("Moved to %(stage)s.", stage=stage.name if stage else ""))
    return see_other(url_for(".evidence", interview_id=interview.id, _anchor="decision"))


@bp.post("/assessments/<uuid:assessment_id>/again")
def judge_again(assessment_id: uuid.UUID) -> Any:
    assessment, interview = access.assessment_for(gate.member(), assessment_id)
    assessments.judge_again(assessment, interview, by=gate.actor())
    toast(_("It is run again."))
    return see_other(url_for(".evidence", interview_id=interview.id))


def _blind(interview: Interview) -> Any:
    """Why there is nothing to see yet, and what opens it. A page that shows more than that is loaded anew."""
    if is_htmx() and wanted_fragment(("blind",)) is None:
        return see_other(url_for(".evidence", interview_id=interview.id))
    cards = queries.scorecards_of(interview.id)
    own = next((card for card in cards if card.member_id == gate.member().id), None)
    may_ask = gate.member().role != Role.INTERVIEWER
    asked: dict[str, Any] = {"own": own, "cards": cards, "may_ask": may_ask, "me": gate.member()}
    return page("scorecards/blind.html", "blind", interview=interview, **asked)


def _seen(interview_id: uuid.UUID) -> Interview:
    """For deciding: by those who run the job, after the scorecards that were asked of them."""
    interview = access.staffed_interview_for(gate.member(), interview_id)
    if not access.may_see_others(gate.member(), interview.id):
        raise NotAllowed(_("Score the interview first. The evidence opens after that, and then you can decide."))
    return interview


def _facts(interview: Interview, form: DecisionForm) -> dict[str, Any]:
    decides = gate.member().role != Role.INTERVIEWER
    return {
        "found": queries.evidence_of(interview), "interview": interview, "form": form, "decides": decides,
        "next_stage": queries.next_stage(interview) if decides else None,
        "report": queries.newest_report(interview.id), "number_of": queries.number_of,
    }  # fmt: skip
