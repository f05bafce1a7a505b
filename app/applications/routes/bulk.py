"""What is done with several at once, and taking things back."""

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.applications import access, commands
from app.applications.forms import MoveForm, RejectForm, id_of
from app.applications.models import Application
from app.applications.routes import wording
from app.applications.routes.context import context_of_request
from app.identity import gate
from app.kernel.errors import Conflict, NotFound
from app.postings.access import posting_for, stage_for
from app.postings.models import Posting
from app.postings.queries import stages_of
from app.web.pages import inside, is_htmx, page, see_other, toast

bp = Blueprint("applications_bulk", __name__)
gate.members_only(bp)


@bp.post("/jobs/<uuid:posting_id>/bulk")
def ask(posting_id: uuid.UUID) -> Any:
    """Which ones and what: the question that follows shows their names. Nothing is done yet."""
    posting = posting_for(gate.member(), posting_id)
    chosen = request.form.getlist("application")
    if not chosen:
        raise Conflict(_("Select somebody first."))
    people = access.applications_for(gate.member(), posting, [_known(text) for text in chosen])
    if request.form.get("act") == "reject":
        return _ask("reject", posting, people, RejectForm(formdata=None).offer(posting))
    return _ask("move", posting, people, MoveForm(formdata=None).offer(stages_of(posting.id)))


@bp.post("/jobs/<uuid:posting_id>/bulk/move")
def move(posting_id: uuid.UUID) -> Any:
    posting = posting_for(gate.member(), posting_id)
    people, form = _people(posting), MoveForm().offer(stages_of(posting.id))
    if not form.validate():
        return _ask("move", posting, people, form, status=422)
    stage = stage_for(posting, form.chosen)
    batch = commands.move(people, stage, by=gate.actor())
    said = ngettext("%(num)d moved to %(stage)s", "%(num)d moved to %(stage)s", len(people), stage=stage.name)
    return _done(posting, batch, said)


@bp.post("/jobs/<uuid:posting_id>/bulk/reject")
def reject(posting_id: uuid.UUID) -> Any:
    posting = posting_for(gate.member(), posting_id)
    people, form = _people(posting), RejectForm().offer(posting)
    if not form.validate():
        return _ask("reject", posting, people, form, status=422)
    batch = commands.reject(people, reason=form.written_reason, by=gate.actor())
    said = ngettext("%(num)d rejected. No letter was sent.", "%(num)d rejected. No letters were sent.", len(people))
    return _done(posting, batch, said)


@bp.post("/applications/undo/<uuid:batch_id>")
def undo(batch_id: uuid.UUID) -> Any:
    undone = commands.undo(access.batch_for(gate.member(), batch_id), by=gate.actor())
    if is_htmx():
        return "", 204, {"X-Version": str(undone[0].version)}
    toast(_("Taken back."))
    return see_other(inside(request.form.get("next"), url_for("applications.board", posting_id=undone[0].posting_id)))


def _known(text: str) -> uuid.UUID:
    found = id_of(text)
    if found is None:
        raise NotFound("application")
    return found


def _people(posting: Posting) -> list[Application]:
    """Those that the question named, each still as it was then."""
    asked = dict(entry.partition(".")[::2] for entry in request.form.getlist("application"))
    people = access.applications_for(gate.member(), posting, [_known(text) for text in asked])
    changed = [one.candidate.name for one in people if str(one.version) != asked[str(one.id)]]
    if changed:
        raise Conflict(
            _("Changed by someone else meanwhile: %(names)s. Nobody was moved.", names=", ".join(changed[:3]))
        )
    return people


def _ask(what: str, posting: Posting, people: list[Application], form: MoveForm | RejectForm, status: int = 200) -> Any:
    context = context_of_request()
    action = url_for(f".{what}", posting_id=posting.id, **context.in_address())
    return page(
        "applications/ask.html", "asked", status=status, what=what, form=form, action=action, posting=posting,
        names=[one.candidate.name for one in people], back=context.back(posting.id), dialog=is_htmx(), into="asked",
        title=wording.question(what, [one.candidate.name for one in people]),
        hidden=[("application", f"{one.id}.{one.version}") for one in people],
    )  # fmt: skip


def _done(posting: Posting, batch: uuid.UUID, said: str) -> Any:
    toast(said, undo_url=url_for(".undo", batch_id=batch))
    return see_other(context_of_request().back(posting.id))
