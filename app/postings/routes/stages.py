"""The stages of a job: named, ordered, added, removed."""

import uuid
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _

from app.identity import gate
from app.postings import access, commands
from app.postings.forms import StageForm
from app.postings.models import Posting, Stage
from app.postings.routes.plan import changed, show
from app.web.pages import focus_to

STEPS = {"up": -1, "down": 1}


def change_stage(posting_id: uuid.UUID, stage_id: uuid.UUID) -> Any:
    """One form a row: the button that sent it says what is meant."""
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    stage, act = access.stage_for(posting, stage_id), request.form.get("act", "save")
    if act == "remove":
        return _remove(posting, stage)
    if act in STEPS:
        commands.shift_stage(posting, stage, STEPS[act], by=gate.actor())
        focus_to(f"#stage-{stage.id}-{act}")
        return changed(posting, "stages")
    return _save(posting, stage)


def _save(posting: Posting, stage: Stage) -> Any:
    form = StageForm(prefix=f"{stage.id}-")
    if not form.validate():
        return show(posting, status=422, rows={stage.id: form})
    commands.edit_stage(posting, stage, name=form.name.data, reply_days=form.reply_days.data, by=gate.actor())
    return changed(posting, "stages", _("The stage is saved."))


def _remove(posting: Posting, stage: Stage) -> Any:
    commands.remove_stage(posting, stage, by=gate.actor())
    focus_to("#new-name")
    return changed(posting, "stages", _("The stage is removed."))


def add_stage(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    form = StageForm(prefix="new-")
    if not form.validate():
        return show(posting, status=422, new_stage=form)
    commands.add_stage(posting, name=form.name.data, reply_days=form.reply_days.data, by=gate.actor())
    focus_to("#new-name")
    return changed(posting, "stages")


def install(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:posting_id>/plan/stages", view_func=add_stage, methods=["POST"])
    bp.add_url_rule("/<uuid:posting_id>/plan/stages/<uuid:stage_id>", view_func=change_stage, methods=["POST"])
