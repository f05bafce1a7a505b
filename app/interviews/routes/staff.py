"""A hiring team's side of interviews: inviting, helping along, reading."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask_babel import gettext as _

from app.applications.access import application_for
from app.applications.models import Application
from app.applications.queries import together
from app.identity import gate
from app.interviews import access, queries
from app.interviews.commands import adjustments, conduct, invitations
from app.interviews.enums import OPEN, InterviewState, KitState
from app.interviews.forms.candidate import WISHES
from app.interviews.forms.staff import ExtendForm, InviteForm, end_of
from app.interviews.models import Interview, Kit
from app.kernel import clock
from app.kernel.errors import Conflict
from app.letters.enums import LetterKind
from app.letters.models import Mail
from app.letters.queries import mail_about
from app.ports.vault import Vault
from app.web.pages import form_page, inside, page, see_other, toast, wanted_fragment
from app.workspace.queries import workspace
from tenants.site import site_url

bp = Blueprint("interviews_staff", __name__)
gate.members_only(bp)


def _vault() -> Vault:
    found: Vault = current_app.extensions["providers"].vault
    return found


@bp.get("/applications/<uuid:application_id>/interviews")
def of_application(application_id: uuid.UUID) -> Response:
    return _list_page(application_for(gate.member(), application_id))


def _list_page(application: Application) -> Response:
    rows = queries.with_progress(queries.interviews_of(application.id))
    kit = queries.kit_of(application.posting_id)
    return page(
        "interviews/of_application.html", "interviews", application=application, rows=rows,
        plan_url=_plan_url(application),
        ready=kit is not None and kit.state == KitState.APPROVED, now=clock.now(),
        mails=_letters_to_candidate(application),
        extend=ExtendForm(formdata=None), wishes=WISHES, can_open=OPEN | {InterviewState.EXPIRED}, is_open=OPEN,
    )  # fmt: skip


@bp.get("/applications/<uuid:application_id>/interviews/invite")
def invite(application_id: uuid.UUID) -> Response:
    application = application_for(gate.member(), application_id)
    usual = (clock.now() + invitations.USUAL_DEADLINE).date()
    form = InviteForm(request.args if "deadline" in request.args else None, deadline=usual)
    return _invite_page(application, form)


@bp.post("/applications/<uuid:application_id>/interviews/invite")
def invite_now(application_id: uuid.UUID) -> Response:
    application, form = application_for(gate.member(), application_id), InviteForm()
    kit = queries.kit_of(application.posting_id)
    if kit is None or not form.validate():
        return _invite_page(application, form)
    invitations.invite(
        application, kit, by=gate.actor(), site=site_url(), vault=_vault(),
        deadline=end_of(form.deadline.data, workspace().zone),
    )  # fmt: skip
    toast(_("%(name)s is invited.", name=application.candidate.name))
    return see_other(inside(request.args.get("next"), url_for(".of_application", application_id=application.id)))


def _invite_page(application: Application, form: InviteForm) -> Response:
    kit = queries.kit_of(application.posting_id)
    ready = kit is not None and kit.state == KitState.APPROVED
    opened = any(one.state in OPEN for one in queries.interviews_of(application.id))
    context: dict[str, Any] = {
        "application": application, "plan_url": _plan_url(application), "ready": ready, "opened": opened,
        "asked_in": kit.language if kit is not None else application.candidate.language,
        "letter": _letter(application, kit, form) if kit is not None and ready else None,
    }  # fmt: skip
    if form.errors:
        return form_page("interviews/invite.html", "letter_preview", form=form, **context)
    return page("interviews/invite.html", "letter_preview", form=form, **context)


def _letters_to_candidate(application: Application) -> list[Mail]:
    return [mail for mail in mail_about(together(application.id)) if mail.kind != LetterKind.HELP_WANTED]


def _plan_url(application: Application) -> str:
    return url_for("jobs.plan", posting_id=application.posting_id)


def _letter(application: Application, kit: Kit, form: InviteForm) -> Any:
    day = form.deadline.data or (clock.now() + invitations.USUAL_DEADLINE).date()
    link = f"{site_url()}/i/…"
    return invitations.preview(application, kit, deadline=end_of(day, workspace().zone), link=link)


@bp.get("/interviews/<uuid:interview_id>")
def show(interview_id: uuid.UUID) -> Response:
    interview = access.interview_for(gate.member(), interview_id)
    turns = queries.turns_of(interview.id)
    return page(
        "interviews/show.html", "transcript", interview=interview, application=interview.application, turns=turns,
        asked=queries.transcript(interview, turns),
    )  # fmt: skip


@bp.post("/interviews/<uuid:interview_id>/link")
def send_new_link(interview_id: uuid.UUID) -> Response:
    interview = _held(interview_id)
    invitations.send_new_link(interview, interview.application, by=gate.actor(), site=site_url(), vault=_vault())
    return _changed(interview, _("A new link is on its way. The old one has stopped working."))


@bp.post("/interviews/<uuid:interview_id>/revoke")
def revoke(interview_id: uuid.UUID) -> Response:
    interview = _held(interview_id)
    invitations.revoke_link(interview, by=gate.actor())
    return _changed(interview, _("The link has stopped working."))


@bp.post("/interviews/<uuid:interview_id>/remind")
def remind(interview_id: uuid.UUID) -> Response:
    interview = _held(interview_id)
    invitations.remind_now(interview, interview.application, by=gate.actor(), vault=_vault())
    return _changed(interview, _("The reminder is on its way."))


@bp.post("/interviews/<uuid:interview_id>/extend")
def extend(interview_id: uuid.UUID) -> Response:
    interview, form = _held(interview_id), ExtendForm()
    if not form.validate():
        raise Conflict(_("Choose from the lists how much more time there is."))
    extend_by(interview, form)
    return _changed(interview, _("There is more time now."))


def extend_by(interview: Interview, form: ExtendForm) -> None:
    """Days count from the deadline, or from now where that has passed. A factor is granted, never taken away."""
    factor = Decimal(form.factor.data)
    start = max(interview.deadline, clock.now())
    invitations.extend(
        interview, until=start + timedelta(days=form.days.data) if form.days.data else None,
        factor=factor if factor > interview.extra_time else None, by=gate.actor(),
    )  # fmt: skip


@bp.post("/interviews/<uuid:interview_id>/settle")
def settle(interview_id: uuid.UUID) -> Response:
    interview = _held(interview_id)
    adjustments.settle_help(interview, by=gate.actor())
    return _changed(interview, _("Marked as answered. The clock goes on."))


@bp.post("/interviews/<uuid:interview_id>/cancel")
def cancel(interview_id: uuid.UUID) -> Response:
    interview = _held(interview_id)
    invitations.cancel(interview, by=gate.actor())
    return _changed(interview, _("The interview is called off. Nobody was mailed."))


def _held(interview_id: uuid.UUID) -> Interview:
    return conduct.lock(access.interview_for(gate.member(), interview_id).id)


def _changed(interview: Interview, said: str) -> Response:
    """The list as it is now, or the page that the button stood on."""
    toast(said)
    usual = url_for(".of_application", application_id=interview.application_id)
    if wanted_fragment(("interviews",)):
        return _list_page(application_for(gate.member(), interview.application_id))
    return see_other(inside(request.form.get("next"), usual))


def install(flask_app: Flask) -> None:
    flask_app.register_blueprint(bp)
