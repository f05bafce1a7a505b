"""A member's own scorecard. Nothing on this page comes from anybody else's, nor from the engine's draft."""

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.identity import gate
from app.interviews.models import Interview, Turn
from app.interviews.queries import turns_of
from app.scorecards import access, queries
from app.scorecards.commands import scorecards
from app.scorecards.enums import ScorecardState
from app.scorecards.forms import ScorecardForm, filled, made_for
from app.scorecards.models import Scorecard
from app.scorecards.routes.blueprint import bp
from app.web.errors import answer_conflict
from app.web.pages import form_page, is_htmx, page, see_other, toast

TEMPLATE = "scorecards/mine.html"


@bp.get("/interviews/<uuid:interview_id>/scorecard")
def mine(interview_id: uuid.UUID) -> Any:
    interview = access.judged_interview_for(gate.member(), interview_id)
    scorecard = access.own_scorecard(gate.member(), interview.id)
    if scorecard is None or scorecard.state == ScorecardState.SUBMITTED:
        return see_other(url_for(".evidence", interview_id=interview.id))
    turns = turns_of(interview.id)
    form = filled(made_for(interview, turns), interview, scorecard, turns)
    return page(TEMPLATE, **_facts(interview, scorecard, turns, form))


@bp.post("/interviews/<uuid:interview_id>/scorecard/draft")
def keep_draft(interview_id: uuid.UUID) -> Any:
    """By itself while somebody types, or by one of the form's buttons, which also take a quote typed by hand.

    By itself it answers the version that the next one has to name.
    """
    interview, scorecard, turns, form = _opened(interview_id)
    newest = form.refuse_older(scorecard)
    if is_htmx():
        return str(_keep(interview, scorecard, turns, form, typed=False)) if newest else answer_conflict()
    fits = form.refuse_strange_quotes(turns)
    if newest:
        form.version.data = str(_keep(interview, scorecard, turns, form, typed=fits))
    if not (newest and fits):
        return form_page(TEMPLATE, **_facts(interview, scorecard, turns, form))
    toast(_("The draft is saved."))
    return see_other(url_for(".mine", interview_id=interview.id))


@bp.post("/interviews/<uuid:interview_id>/scorecard")
def submit(interview_id: uuid.UUID) -> Any:
    interview, scorecard, turns, form = _opened(interview_id)
    complete = form.validate()
    fits = form.refuse_strange_quotes(turns)
    newest = form.refuse_older(scorecard)
    if newest:
        form.version.data = str(_keep(interview, scorecard, turns, form, typed=fits))
    if not (newest and complete and fits):
        return form_page(TEMPLATE, **_facts(interview, scorecard, turns, form))
    scorecards.submit(scorecard, interview, by=gate.actor())
    toast(_("Your scorecard is in. The AI draft and your colleagues' scorecards are open to you now."))
    return see_other(url_for(".evidence", interview_id=interview.id))


def _opened(interview_id: uuid.UUID) -> tuple[Interview, Scorecard, list[Turn], ScorecardForm]:
    interview = access.judged_interview_for(gate.member(), interview_id)
    scorecard = access.own_open_scorecard(gate.member(), interview.id)
    turns = turns_of(interview.id)
    return interview, scorecard, turns, made_for(interview, turns)()


def _keep(interview: Interview, scorecard: Scorecard, turns: list[Turn], form: ScorecardForm, *, typed: bool) -> int:
    dimension_ids = [uuid.UUID(dimension["id"]) for dimension in interview.plan["dimensions"]]
    drafts = form.drafts(dimension_ids, typed=typed, without=request.form.get("unpin", ""))
    return scorecards.keep_draft(scorecard, turns, drafts, verdict=form.overall(), note=form.note.data or "")


def _facts(interview: Interview, scorecard: Scorecard, turns: list[Turn], form: ScorecardForm) -> dict[str, Any]:
    quoted = [found for rating in scorecard.ratings for found in queries.pins_of(rating, turns)]
    return {
        "interview": interview, "scorecard": scorecard, "form": form,
        "lines": queries.transcript(interview, turns, quoted),
        "pins": {number: queries.pins_of(rating, turns) for number, rating in _by_position(interview, scorecard)},
    }  # fmt: skip


def _by_position(interview: Interview, scorecard: Scorecard) -> list[tuple[int, Any]]:
    ratings = {str(rating.dimension_id): rating for rating in scorecard.ratings}
    dimensions = enumerate(interview.plan["dimensions"])
    return [(number, ratings[one["id"]]) for number, one in dimensions if one["id"] in ratings]
