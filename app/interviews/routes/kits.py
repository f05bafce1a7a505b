"""The kit of a job: what is asked and how it is judged. Proposed by an engine, edited and approved by a person."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import gettext as _

from app.identity import gate
from app.identity.queries import member_by_id
from app.interviews.commands import kits as commands
from app.interviews.forms.kits import (
    TOPICS,
    DimensionForm,
    QuestionForm,
    form_of_dimension,
    form_of_question,
    offering,
)
from app.interviews.models import Dimension, Kit, Question
from app.interviews.queries import kit_of
from app.kernel.errors import NotFound
from app.postings.access import may_change, posting_for
from app.postings.models import Posting
from app.web.pages import focus_to, is_htmx, page, see_other, toast
from tenants.db import db

bp = Blueprint("kits", __name__, url_prefix="/jobs/<uuid:posting_id>/kit")
gate.members_only(bp)
STEPS = {"up": -1, "down": 1}
NEW_MINUTES = 4


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)


@bp.get("")
def show(posting_id: uuid.UUID) -> Any:
    posting = posting_for(gate.member(), posting_id)
    return _show(posting, kit_of(posting.id))


def _show(posting: Posting, kit: Kit | None, *, status: int = 200, wrong: Any = None, asked: bool = False) -> Any:
    """`wrong` is (row id, its form) that came back; `asked` says all that is missing, after Approve was pressed."""
    forms: dict[uuid.UUID, Any] = {}
    if kit is not None:
        forms = {d.id: form_of_dimension(d) for d in kit.dimensions}
        forms |= {question.id: form_of_question(kit, question) for question in kit.questions}
    approver = member_by_id(kit.approved_by) if kit and kit.approved_by else None
    return page(
        "interviews/kit.html", "kit", "kit_summary", status=status, posting=posting, kit=kit, asked=asked,
        forms=forms | dict([wrong] if wrong else []), wrong=wrong[0] if wrong else None, approver=approver,
        problems=commands.problems_of(kit) if kit else {}, total=commands.total_weight(kit) if kit else 0,
        asking={d.id: commands.questions_for(kit, d) for d in kit.dimensions} if kit else {},
        cautions=cautions_in(kit.questions if kit else ()), editable=may_change(gate.member()),
    )  # fmt: skip


def cautions_in(questions: Iterable[Any]) -> dict[str, Any]:
    """What asks a person about themselves as no interview may, by its words, and about what: a person decides."""
    analyst = current_app.extensions["providers"].analyst
    asked = {question.text: analyst.must_not_ask(question.text) for question in questions}
    return {text: TOPICS[topic] for text, topic in asked.items() if topic}


def opened(posting_id: uuid.UUID) -> tuple[Posting, Kit]:
    """To change it."""
    posting = posting_for(gate.member(), posting_id, to_change=True)
    kit = kit_of(posting.id)
    if kit is None:
        raise NotFound("kit")
    return posting, kit


def changed(posting: Posting, kit: Kit, focus: str) -> Any:
    if is_htmx():
        focus_to(f"#{focus}")
        return _show(posting, kit)
    return see_other(url_for("kits.show", posting_id=posting.id, _anchor=focus))


@bp.post("/propose")
def propose(posting_id: uuid.UUID) -> Any:
    commands.ask_for_kit(posting_for(gate.member(), posting_id, to_change=True), by=gate.actor())
    toast(_("A new kit is being proposed. It shows up here by itself."))
    return see_other(url_for(".show", posting_id=posting_id))


@bp.post("/start")
def start(posting_id: uuid.UUID) -> Any:
    commands.start_by_hand(posting_for(gate.member(), posting_id, to_change=True), by=gate.actor())
    return see_other(url_for(".show", posting_id=posting_id))


@bp.post("/approve")
def approve(posting_id: uuid.UUID) -> Any:
    posting, kit = opened(posting_id)
    if commands.problems_of(kit):
        return _show(posting, kit, status=422, asked=True)
    commands.approve(kit, by=gate.actor())
    toast(_("The kit is approved. People can be invited now."))
    return changed(posting, kit, "kit-title")


@bp.post("/criteria")
def add_dimension(posting_id: uuid.UUID) -> Any:
    posting, kit = opened(posting_id)
    left = max(0, commands.ALL_WEIGHTS - commands.total_weight(kit))
    dimension = commands.add_dimension(kit, name=_("New criterion"), weight=left, by=gate.actor())
    return changed(posting, kit, f"edit-{dimension.id}")


@bp.post("/criteria/<uuid:dimension_id>")
def change_dimension(posting_id: uuid.UUID, dimension_id: uuid.UUID) -> Any:
    posting, kit = opened(posting_id)
    dimension = row_of(kit.dimensions, dimension_id)
    if (act := request.form.get("act")) in {"remove", *STEPS}:
        return _act(posting, kit, dimension, act)
    form = DimensionForm(prefix=f"{dimension_id}-")
    if not form.validate():
        return _show(posting, kit, status=422, wrong=(dimension_id, form))
    commands.edit_dimension(kit, dimension, by=gate.actor(), **form.changes())
    return changed(posting, kit, f"edit-{dimension_id}")


@bp.post("/questions")
def add_question(posting_id: uuid.UUID) -> Any:
    posting, kit = opened(posting_id)
    question = commands.add_question(
        kit, text=_("New question"), minutes=NEW_MINUTES, dimension_ids=[], by=gate.actor()
    )
    return changed(posting, kit, f"edit-{question.id}")


@bp.post("/questions/<uuid:question_id>")
def change_question(posting_id: uuid.UUID, question_id: uuid.UUID) -> Any:
    posting, kit = opened(posting_id)
    question = row_of(kit.questions, question_id)
    if (act := request.form.get("act")) in {"remove", *STEPS}:
        return _act(posting, kit, question, act)
    form = offering(QuestionForm(prefix=f"{question_id}-"), kit)
    if not form.validate():
        return _show(posting, kit, status=422, wrong=(question_id, form))
    commands.edit_question(kit, question, by=gate.actor(), **form.changes())
    return changed(posting, kit, f"edit-{question_id}")


def row_of(rows: list[Any], row_id: uuid.UUID) -> Any:
    """A row of a kit that the member was shown already."""
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound("row of the kit")
    return found


def _act(posting: Posting, kit: Kit, row: Question | Dimension, act: str) -> Any:
    if act in STEPS:
        commands.shift(kit, row, STEPS[act], by=gate.actor())
        return changed(posting, kit, f"{act}-{row.id}")
    if isinstance(row, Question):
        commands.remove_question(kit, row, by=gate.actor())
    else:
        commands.remove_dimension(kit, row, by=gate.actor())
    db.session.flush()
    return changed(posting, kit, "kit-title")
