"""A resume as it came, as it looks, and as it was read."""

import uuid
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _

from app.audit import commands as audit
from app.candidates import access, commands, queries
from app.candidates.commands import scanning
from app.candidates.routes import gateway
from app.candidates.routes.marking import marked
from app.identity import gate
from app.identity.access import hires
from app.web.headers import INERT
from app.web.pages import page, see_other, toast

bp = Blueprint("resumes", __name__, url_prefix="/resumes")
gate.members_only(bp)


@bp.get("/<uuid:resume_id>")
def show(resume_id: uuid.UUID) -> Any:
    found = access.resume_for(gate.member(), resume_id)
    resume, pages = queries.resume_as_read(found.id)
    gateway.opens_soon(found)
    quoted = request.args.get("begin", 0, int), request.args.get("end", 0, int)
    return page(
        "candidates/resume.html", "resume", resume=resume, candidate=found.candidate, pages=pages,
        may_delete=hires(gate.member()), **marked(resume, pages, quoted),
    )  # fmt: skip


@bp.get("/<uuid:resume_id>/pages/<int:number>.png")
def picture(resume_id: uuid.UUID, number: int) -> Any:
    resume = access.resume_for(gate.member(), resume_id)
    key = access.page_image_of(resume, number)
    if not gateway.opens(resume):
        return gateway.answer_shut(resume)
    data = current_app.extensions["providers"].storage.get(key)
    return Response(data, mimetype="image/png", headers=INERT)


@bp.get("/<uuid:resume_id>/original")
def original(resume_id: uuid.UUID) -> Any:
    """Never shown by the browser as anything: a file, to be saved, once it was scanned where anybody scans."""
    resume = access.resume_for(gate.member(), resume_id)
    if not gateway.opens_soon(resume):
        return gateway.answer_shut(resume)
    data = current_app.extensions["providers"].storage.get(access.original_of(resume))
    audit.note("candidates.download_original", by=gate.actor(), target=("resume", resume.id))
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in resume.file_name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(resume.file_name, safe='')}"
    return Response(data, mimetype="application/octet-stream", headers={**INERT, "Content-Disposition": named})


@bp.post("/<uuid:resume_id>/read-again")
def read_again(resume_id: uuid.UUID) -> Any:
    resume = access.resume_for(gate.member(), resume_id)
    commands.read_again(resume, by=gate.actor())
    toast(_("The resume is being read again."))
    return see_other(url_for("candidates.show", candidate_id=resume.candidate_id))


@bp.get("/<uuid:resume_id>/delete")
def ask_to_delete(resume_id: uuid.UUID) -> Any:
    resume = access.infected_for(gate.member(), resume_id)
    if resume.file_deleted_at is not None:
        return see_other(url_for(".show", resume_id=resume.id))
    return page("candidates/delete_file.html", resume=resume, candidate=resume.candidate)


@bp.post("/<uuid:resume_id>/delete")
def delete(resume_id: uuid.UUID) -> Any:
    resume = access.infected_for(gate.member(), resume_id)
    scanning.delete_file(resume, by=gate.actor())
    toast(_("Nobody can open the file any more. It is being deleted."))
    return see_other(url_for(".show", resume_id=resume.id))
