"""Applying on the careers site, without an account and without a script."""

import uuid
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, current_app, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app.candidates import commands
from app.candidates.access import applications
from app.candidates.forms import INTERVIEWED_IN, ApplyForm
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import NotFound, Unavailable
from app.postings.access import published_posting
from app.postings.models import Posting
from app.postings.queries import stages_of
from app.web.pages import form_page, page, see_other
from app.workspace.queries import workspace

bp = Blueprint("apply", __name__, url_prefix="/careers")
RECEIPT = "applied"


@bp.get("/<uuid:posting_id>/apply")
def show(posting_id: uuid.UUID) -> Any:
    posting, read = published_posting(posting_id), str(get_locale())
    form = ApplyForm(language=read if read in INTERVIEWED_IN else "en")
    return page("careers/apply.html", form=form, posting=posting, company=workspace())


@bp.post("/<uuid:posting_id>/apply")
def send(posting_id: uuid.UUID) -> Any:
    """Whatever else is down, the application is kept, or the person learns at once that it is not."""
    posting, form = published_posting(posting_id), ApplyForm()
    if not form.validate():
        return form_page("careers/apply.html", form=form, posting=posting, company=workspace())
    try:
        application_id = _enter(posting, form)
    except Unavailable:
        form.form_errors = [
            _("Your application could not be kept, so nothing of it was. Send it again in a few minutes."),
            _("What you typed is still here. Choose your file again."),
        ]
        return page("careers/apply.html", status=503, form=form, posting=posting, company=workspace())
    # The same for the first application and the fifth: what is shown tells nobody who applied before.
    days = stages_of(posting_id)[0].reply_days
    session[RECEIPT] = [str(application_id), (clock.today() + timedelta(days=days)).isoformat()]
    return see_other(url_for(".done", posting_id=posting_id))


def _enter(posting: Posting, form: ApplyForm) -> uuid.UUID:
    storage, (file_name, data) = current_app.extensions["providers"].storage, form.original()
    by = Actor(kind="candidate", id=None, name=form.name.data)
    candidate, resume = commands.come_in(
        name=form.name.data, email=form.email.data, phone=form.phone.data or "", language=form.language.data,
        file_name=file_name, data=data, storage=storage, by=by,
    )  # fmt: skip
    return applications().enter(posting, candidate, resume=resume, source="careers", by=by)


@bp.get("/<uuid:posting_id>/applied")
def done(posting_id: uuid.UUID) -> Any:
    """For the browser that applied."""
    application_id, promised = session.get(RECEIPT) or (None, "")
    line = applications().one(uuid.UUID(application_id)) if application_id else None
    if line is None or line.posting_id != posting_id:
        raise NotFound("receipt")
    return page(
        "careers/done.html", line=line, company=workspace(), promised=date.fromisoformat(promised),
        reference=f"A-{line.id.hex[-8:].upper()}",
    )  # fmt: skip
