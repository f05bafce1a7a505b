"""The end of a candidate's interview, and the ways beside it: answers changed and sent, help, withdrawing."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.identity.queries import member_by_id
from app.interviews import access, queries
from app.interviews.commands import adjustments, conduct, invitations
from app.interviews.enums import OPEN, RUNNING, HelpKind, InterviewState
from app.interviews.forms.candidate import WISHES, AnswerForm, HelpForm
from app.interviews.models import Interview, Turn
from app.interviews.routes.candidate import bp, candidate_of, candidate_page, refuse_withdrawn, vault
from app.kernel.errors import Conflict
from app.web.pages import see_other, toast
from tenants.site import site_url


@bp.get("/answers/<int:number>")
def edit(token: str, number: int) -> Response:
    interview = access.interview_by_link(token)
    turn = _answered(interview, number)
    form = AnswerForm(formdata=None, turn=number, answer=turn.answer or turn.draft)
    return _edit_page(token, interview, turn, form)


@bp.post("/answers/<int:number>")
def change(token: str, number: int) -> Response:
    interview, form = access.interview_by_link(token), AnswerForm()
    refuse_withdrawn(interview)
    if not form.validate():
        return _edit_page(token, interview, _answered(interview, number), form)
    conduct.change_answer(conduct.lock(interview.id), number, form.answer.data)
    return see_other(url_for(".show", token=token) + f"#answer-{number}")


@bp.post("/answers/<int:number>/take")
def take(token: str, number: int) -> Response:
    """The words that were left with a question become its answer."""
    interview = access.interview_by_link(token)
    refuse_withdrawn(interview)
    conduct.take_drafts(conduct.lock(interview.id), number)
    return see_other(url_for(".show", token=token) + f"#answer-{number}")


def _answered(interview: Interview, number: int) -> Turn:
    if interview.state not in RUNNING:
        raise Conflict("the answers are sent")
    found = next((turn for turn in queries.turns_of(interview.id) if turn.number == number), None)
    if found is None or found.state == "asked":
        raise Conflict("this question is not answered yet")
    return found


def _edit_page(token: str, interview: Interview, turn: Turn, form: AnswerForm) -> Response:
    return candidate_page("edit", token, interview, form=form, turn=turn, status=422 if form.errors else 200)


@bp.get("/send")
def before_sending(token: str) -> Response:
    """Which questions would go without an answer; what was written for them is offered first."""
    interview = access.interview_by_link(token)
    gaps = _gaps(interview)
    if not gaps:
        return see_other(url_for(".show", token=token))
    return candidate_page("send", token, interview, gaps=gaps, written=[turn for _one, turn in gaps if turn.unsent])


def _gaps(interview: Interview) -> list[tuple[queries.Asked, Turn]]:
    """None where there is nothing to send: a question is still being asked, or all has been sent."""
    turns = queries.turns_of(interview.id)
    if interview.state not in RUNNING or any(turn.state == "asked" for turn in turns):
        return []
    return queries.gaps_in(queries.transcript(interview, turns))


@bp.post("/send")
def send(token: str) -> Response:
    """Gaps are asked about once: `gaps` says that they are meant, and whether what was written for them goes along."""
    interview = access.interview_by_link(token)
    refuse_withdrawn(interview)
    locked, meant = conduct.lock(interview.id), request.form.get("gaps", "")
    if not meant and _gaps(locked):
        return see_other(url_for(".before_sending", token=token))
    if meant == "with-what-is-written" and locked.state in RUNNING:
        conduct.take_drafts(locked)
    if conduct.submit(locked, by=candidate_of(interview)):
        invitations.confirm_answers(locked, locked.application, vault=vault())
    return see_other(url_for(".show", token=token))


@bp.post("/withdraw")
def withdraw(token: str) -> Response:
    interview = access.interview_by_link(token)
    conduct.lock(interview.id)
    invitations.withdraw(interview.application, by=candidate_of(interview))
    return see_other(url_for(".show", token=token))


@bp.get("/help")
def ask(token: str) -> Response:
    interview = access.interview_by_link(token)
    form = HelpForm(formdata=None, kind=request.args.get("kind"))
    return _help_page(token, interview, form)


@bp.post("/help")
def ask_now(token: str) -> Response:
    interview, form = access.interview_by_link(token), HelpForm()
    if not form.validate():
        return _help_page(token, interview, form)
    adjustments.ask_for_help(
        conduct.lock(interview.id), kind=HelpKind(form.kind.data), text=form.text.data, by=candidate_of(interview),
        site=site_url(), vault=vault(),
    )  # fmt: skip
    toast(_("We have your request. The clock stands still until a person has answered."))
    return see_other(url_for(".ask", token=token))


def _help_page(token: str, interview: Interview, form: HelpForm) -> Response:
    context: dict[str, Any] = {
        "form": form,
        "open": interview.state in OPEN | {InterviewState.EXPIRED},
        "wishes": queries.open_help_requests([interview.id]),
        "words": {str(kind): words for kind, words in WISHES.items()},
        "inviter": member_by_id(interview.invited_by) if interview.invited_by else None,
    }
    return candidate_page("help", token, interview, status=422 if form.errors else 200, **context)
