"""One application: beside the board, and as a page; and what is done with it."""

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from app.applications import access, commands, queries
from app.applications.enums import ApplicationState
from app.applications.forms import MoveForm, NoteForm, RejectForm
from app.applications.models import Application, Move
from app.applications.routes import wording
from app.applications.routes.board import board_of
from app.applications.routes.context import Context, context_of_request
from app.identity import gate
from app.kernel import clock
from app.letters.queries import mail_about
from app.postings.access import stage_for
from app.postings.queries import stages_of
from app.web.pages import focus_to, is_htmx, page, see_other, toast, wanted_fragment

bp = Blueprint("application", __name__, url_prefix="/applications")
gate.members_only(bp)
PARTS = ("panel", "standing", "activity")


@bp.get("/<uuid:application_id>")
def show(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    if wanted_fragment(PARTS) == "panel":
        focus_to("#panel-title")
    return _panel(application, NoteForm(formdata=None))


@bp.get("/<uuid:application_id>/move")
def move(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    form = MoveForm(formdata=None, stage=str(application.stage_id), version=str(application.version))
    return _ask("move", application, form.offer(stages_of(application.posting_id)))


@bp.post("/<uuid:application_id>/move")
def move_now(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    form = MoveForm().offer(stages_of(application.posting_id))
    if not form.validate():
        return _ask("move", application, form, status=422)
    stage = stage_for(application.posting, form.chosen)
    batch = commands.move([application], stage, by=gate.actor(), expected_version=form.expected_version)
    return _done(
        application, batch, _("%(name)s moved to %(stage)s", name=application.candidate.name, stage=stage.name)
    )


@bp.get("/<uuid:application_id>/reject")
def reject(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    form = RejectForm(formdata=None, version=str(application.version)).offer(application.posting)
    return _ask("reject", application, form)


@bp.post("/<uuid:application_id>/reject")
def reject_now(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    form = RejectForm().offer(application.posting)
    if not form.validate():
        return _ask("reject", application, form, status=422)
    batch = commands.reject(
        [application], reason=form.written_reason, by=gate.actor(), expected_version=form.expected_version
    )
    return _done(application, batch, _("%(name)s is rejected. No letter was sent.", name=application.candidate.name))


@bp.post("/<uuid:application_id>/notes")
def add_note(application_id: uuid.UUID) -> Any:
    application = access.application_for(gate.member(), application_id)
    form = NoteForm()
    if not form.validate():
        return _panel(application, form, status=422)
    commands.add_note(application, author_id=gate.member().id, text=form.text.data, by=gate.actor())
    if wanted_fragment(PARTS):
        focus_to("#text")
        return _panel(application, NoteForm(formdata=None))
    return see_other(context_of_request().of(application.id))


def _panel(application: Application, form: NoteForm, *, status: int = 200, done: bool = False) -> Any:
    """`done` also clears the dialog that asked."""
    context = context_of_request()
    opened = {**_opened(application, context, form), "done": done}
    if not context.beside or wanted_fragment(("standing", "activity")):
        return page("applications/show.html", *PARTS, status=status, opened=opened)
    behind = {} if wanted_fragment(("panel",)) else board_of(application.posting, opened["stages"])
    return page("applications/board.html", "panel", status=status, opened=opened, **behind)


def _opened(application: Application, context: Context, form: NoteForm) -> dict[str, Any]:
    """What the panel shows."""
    stages = stages_of(application.posting_id)
    around = queries.around(application, context.neighbours(application))
    history = queries.history_of(application.id)
    names = {stage.id: stage.name for stage in stages}
    at = next((number for number, stage in enumerate(stages) if stage.id == application.stage_id), 0)
    return {
        "application": application, "context": context, "around": around, "stages": stages, "at": at, "form": form,
        "leading": queries.leading(application) if application.joined_in else None,
        "timeline": wording.timeline(history, mail_about(queries.together(application.id)), names),
        "next": wording.what_next(application, stages[at]), "way": wording.way_on(application),
        "last_step": _undoable([step for step in history.moves if step.application_id == application.id]),
        "state": wording.STATES[application.state], "tag": wording.THINGS.get(application.next_thing),
        "following": stages[at + 1] if at + 1 < len(stages) else None,
        "topic": f"posting-{application.posting_id}" if context.beside else f"application-{application.id}",
    }  # fmt: skip


def _undoable(moves: list[Move]) -> Move | None:
    """The step that Undo would take back now."""
    last = queries.last_batch_of(moves)
    if last and last.to_state == ApplicationState.WITHDRAWN:
        return None
    return last if last and clock.now() - last.at < commands.UNDO_WITHIN else None


def _ask(what: str, application: Application, form: MoveForm | RejectForm, *, status: int = 200) -> Any:
    """A dialog over the page, or a page of its own where no script is."""
    context = context_of_request()
    action = url_for(f".{what}", application_id=application.id, **context.in_address())
    headers = {"HX-Retarget": "#asked", "HX-Reselect": "#asked"} if status != 200 and is_htmx() else {}  # noqa: PLR2004
    return page(
        "applications/ask.html", "asked", status=status, headers=headers, what=what, form=form, action=action,
        names=[application.candidate.name], posting=application.posting, back=context.of(application.id),
        title=wording.question(what, [application.candidate.name]), dialog=is_htmx(), hidden=[], into="panel",
    )  # fmt: skip


def _done(application: Application, batch: uuid.UUID, said: str) -> Any:
    """The board's script hears the new version; the panel is shown anew; a plain browser goes on."""
    undo = url_for("applications_bulk.undo", batch_id=batch)
    if wanted_fragment(PARTS):
        toast(said, undo_url=undo)
        focus_to("#panel-title")
        return _panel(application, NoteForm(formdata=None), done=True)
    if is_htmx():
        return "", 204, {"X-Version": str(application.version), "X-Undo": undo}
    toast(said, undo_url=undo)
    return see_other(context_of_request().back(application.posting_id))
