"""Questions like one of a kit: looked for by meaning, added to the kit by a person."""

import uuid
from typing import Any

from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import gettext as _

from app.identity import gate
from app.interviews.commands.alike import ask_for_likes
from app.interviews.commands.kits import MOST_QUESTIONS, add_question
from app.interviews.models import Kit, Question
from app.interviews.queries.alike import Likes, are_asked_for, likes_of
from app.interviews.routes.kits import cautions_in, changed, opened, row_of
from app.kernel.errors import NotFound
from app.web.pages import page, toast

bp = Blueprint("kits_alike", __name__, url_prefix="/jobs/<uuid:posting_id>/kit/questions/<uuid:question_id>/alike")
gate.members_only(bp)
MOST_TRIES = 12


def install(flask_app: Flask) -> None:
    flask_app.register_blueprint(bp)


@bp.get("")
def show(posting_id: uuid.UUID, question_id: uuid.UUID) -> Any:
    """A worker is asked once; until it has answered, the page has what is known and asks again by itself."""
    posting, kit = opened(posting_id)
    question, tries = row_of(kit.questions, question_id), request.args.get("tries", 0, int)
    likes = _likes(kit, question)
    if tries == 0 and _waits(likes) and not are_asked_for(posting.id, likes):
        ask_for_likes(posting.id)
    in_kit = request.args.get("in") == "kit"  # the page of the kit shows it within
    again = url_for(".show", posting_id=posting.id, question_id=question.id, tries=tries + 1)
    again += "&in=kit" if in_kit else ""
    return page(
        "interviews/alike.html", "alike", posting=posting, question=question, likes=likes, in_kit=in_kit,
        again=again if _waits(likes) and tries < MOST_TRIES else None,
        cautions=cautions_in(likes.found), most=MOST_QUESTIONS,
        full=len(kit.questions) if len(kit.questions) >= MOST_QUESTIONS else 0,
    )  # fmt: skip


def _likes(kit: Kit, question: Question) -> Likes:
    return likes_of(gate.member(), kit, question, engine=current_app.extensions["providers"].bank.engine)


def _waits(likes: Likes) -> bool:
    return likes.state == "waiting" or likes.lacking > 0


@bp.post("")
def add(posting_id: uuid.UUID, question_id: uuid.UUID) -> Any:
    """It asks for the criteria of the question that it is like."""
    posting, kit = opened(posting_id)
    question = row_of(kit.questions, question_id)
    offered = _likes(kit, question).found
    found = next((each for each in offered if each.key == request.form.get("key")), None)
    if found is None:
        raise NotFound("question")
    added = add_question(
        kit, text=found.text, minutes=found.minutes, kind=found.kind, shows=found.shows,
        dimension_ids=question.dimension_ids, by=gate.actor(),
    )  # fmt: skip
    toast(_("The question is in the kit, at its end."))
    return changed(posting, kit, f"edit-{added.id}")
