"""Members bring resumes to a job, several at once."""

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from app.candidates import commands, queries
from app.candidates.access import applications
from app.candidates.forms import UploadForm, refusal
from app.identity import gate
from app.identity.access import hires
from app.postings import access as postings
from app.postings.models import Posting
from app.web.pages import is_htmx, page, see_other, toast
from app.web.requests import id_in

bp = Blueprint("uploads", __name__, url_prefix="/jobs")
gate.members_only(bp)


@bp.get("/<uuid:posting_id>/resumes")
def show(posting_id: uuid.UUID) -> Any:
    return _show(postings.posting_for(gate.member(), posting_id), UploadForm())


def _show(posting: Posting, form: UploadForm, *, status: int = 200) -> Any:
    found, more = queries.resumes_in(posting.id, before=id_in(request.args.get("before", "")))
    editable = postings.may_change(gate.member())
    return page(
        "candidates/uploads.html", "queue", status=status, posting=posting, form=form, resumes=found, more=more,
        editable=editable, may_delete=hires(gate.member()),
    )  # fmt: skip


@bp.post("/<uuid:posting_id>/resumes")
def take(posting_id: uuid.UUID) -> Any:
    """One file a request from drop.js, all of them from a plain form; each is taken or refused by itself."""
    posting = postings.posting_for(gate.member(), posting_id, to_change=True)
    form, sent = UploadForm(), [file for file in request.files.getlist("resumes") if file.filename]
    problems = [(file.filename, problem) for file in sent if (problem := _take(posting, file))]
    if is_htmx():
        return Response(problems[0][1], 422, mimetype="text/plain") if problems else Response(status=204)
    if problems or not sent:
        form.resumes.errors = [f"{name}: {problem}" for name, problem in problems] or [_("Choose a file first.")]
        return _show(posting, form, status=422)
    toast(ngettext("%(num)s resume is here.", "%(num)s resumes are here.", len(sent)))
    return see_other(url_for(".show", posting_id=posting_id))


def _take(posting: Posting, file: FileStorage) -> str | None:
    """The sentence that says why not, or None."""
    if problem := refusal(file):
        return problem
    storage, by = current_app.extensions["providers"].storage, gate.actor()
    candidate, resume = commands.take_upload(file_name=file.filename or "", data=file.read(), storage=storage, by=by)
    applications().enter(posting, candidate, resume=resume, source="upload", by=by)
    return None
