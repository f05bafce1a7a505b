"""The candidate's interview, by the link alone. Looking uses nothing up; every step is a button.

Nothing here asks for a cookie: whoever can send these forms knows the link, and that is all the right there is. A phone
that forgot its cookies overnight still sends what was typed on it.
"""

import time
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for
from flask_babel import gettext as _

from app.applications.enums import ApplicationState
from app.interviews import access, queries
from app.interviews.commands import conduct
from app.interviews.enums import InterviewState
from app.interviews.forms.candidate import AnswerForm, ConsentForm
from app.interviews.models import Interview, Turn
from app.interviews.routes.standing import in_words
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotFound
from app.letters.queries import contact_of
from app.ports.vault import Vault
from app.web import csrf
from app.web.languages import asked_for
from app.web.pages import form_page, page, see_other, toast
from app.workspace.queries import workspace

bp = Blueprint("interview", __name__, url_prefix="/i/<token>")
MOST_REVISIONS = 2**53  # what a browser counts to
FIRST_LOOK, LATER = 0.05, 1.6  # seconds; each pause is so many times the one before


def vault() -> Vault:
    found: Vault = current_app.extensions["providers"].vault
    return found


def candidate_of(interview: Interview) -> Actor:
    candidate = interview.application.candidate
    return Actor(kind="candidate", id=candidate.id, name=candidate.name)


@bp.get("")
def show(token: str) -> Response:
    """Where the person is in the interview, whatever happened since: one address for all of it."""
    interview = access.interview_by_link(token)
    if interview.application.state != ApplicationState.ACTIVE or interview.state == InterviewState.SUBMITTED:
        return done_page(token, interview)
    if interview.state == InterviewState.CANCELLED:
        return candidate_page("closed", token, interview)
    wishes = queries.open_help_requests([interview.id])
    over = interview.state == InterviewState.EXPIRED or queries.past_deadline(interview, clock.now())
    if over and not wishes:
        return candidate_page("expired", token, interview)
    if interview.state in {InterviewState.INVITED, InterviewState.EXPIRED}:
        return candidate_page("welcome", token, interview, form=ConsentForm(), wishes=wishes, over=over)
    if interview.state == InterviewState.PAUSED:
        return candidate_page("paused", token, interview, turns=queries.turns_of(interview.id), wishes=wishes)
    return _going_on(token, interview)


def _going_on(token: str, interview: Interview) -> Response:
    turns = _caught_up(interview)
    if turns and turns[-1].state == "asked":
        form = AnswerForm(formdata=None, turn=turns[-1].number, answer=turns[-1].draft)
        return _question_page(token, interview, turns, form)
    return candidate_page("review", token, interview, asked=queries.transcript(interview, turns), turns=turns)


def _caught_up(interview: Interview) -> list[Turn]:
    """The turns, after what a worker or the clock has done since; nobody waits longer than a second for a follow-up."""
    waited = _wait_for_follow_up(interview)
    turns = queries.turns_of(interview.id)
    if not conduct.behind(interview, turns[-1] if turns else None, waited=waited):
        return turns
    conduct.catch_up(conduct.lock(interview.id), waited=waited)
    return queries.turns_of(interview.id)


def _wait_for_follow_up(interview: Interview) -> bool:
    """Look after 50 ms and ever later, holding no lock, until a second after the answer. Says whether it was in vain.

    Whoever had to stand in a line for this page has waited there: a thread held for everybody's whole second again
    would make the line longer, and so would looking twenty times.
    """
    since = queries.follow_up_awaited_since(interview.id)
    if since is None:
        return False
    left = min(since + conduct.FOLLOW_UP_WITHIN - clock.now(), conduct.FOLLOW_UP_WITHIN)
    end = time.monotonic() + left.total_seconds()
    pause = FIRST_LOOK
    while not queries.follow_up_settled(interview.id):
        if time.monotonic() > end:
            return True
        time.sleep(min(pause, max(end - time.monotonic(), 0.01)))
        pause *= LATER
    return False


@bp.post("/begin")
def begin(token: str) -> Response:
    interview, form = access.interview_by_link(token), ConsentForm()
    refuse_withdrawn(interview)
    if not form.validate():
        context = {"wishes": queries.open_help_requests([interview.id]), "over": False}
        return form_page("interviews/candidate/welcome.html", form=form, **_context(token, interview), **context)
    given = {"answers": True, "read_in": asked_for()}
    conduct.begin(conduct.lock(interview.id), consented_to=given, by=candidate_of(interview))
    return see_other(url_for(".show", token=token))


@bp.post("/answer")
def answer(token: str) -> Response:
    interview, form = _typed(token)
    if not form.answer.data.strip() and conduct.stands_open(interview, form.turn.data):
        form.answer.errors = [_("There is no answer in the field yet. Write it here, or leave this question for now.")]
        return _not_yet(token, interview, form)
    if not conduct.answer(conduct.lock(interview.id), form.turn.data, form.answer.data):
        toast(_("That question was answered already, perhaps in another tab. You are at the right place now."))
    return see_other(url_for(".show", token=token))


@bp.post("/skip")
def skip(token: str) -> Response:
    interview, form = _typed(token)
    conduct.skip(conduct.lock(interview.id), form.turn.data, form.answer.data)
    return see_other(url_for(".show", token=token))


@bp.post("/pause")
def pause(token: str) -> Response:
    """A break, with what is in the field kept."""
    interview, form = _typed(token)
    locked = conduct.lock(interview.id)
    conduct.keep_draft(locked, form.turn.data, form.answer.data)
    conduct.pause(locked)
    return see_other(url_for(".show", token=token))


@bp.post("/resume")
def resume(token: str) -> Response:
    interview = access.interview_by_link(token)
    refuse_withdrawn(interview)
    conduct.resume(conduct.lock(interview.id))
    return see_other(url_for(".show", token=token))


@bp.post("/more-time")
def more_time(token: str) -> Response:
    interview, form = _typed(token)
    locked = conduct.lock(interview.id)
    conduct.keep_draft(locked, form.turn.data, form.answer.data)
    if conduct.more_time(locked, form.turn.data):
        toast(_("You have two minutes more."))
    else:
        toast(_("More time cannot be added here. Send what you have; you can change it at the end."))
    return see_other(url_for(".show", token=token))


@bp.post("/draft")
def draft(token: str) -> Response:
    """What is typed so far, from the page's script. 409: a newer text is there; 410: the application is over."""
    interview = access.place_by_link(token)
    if interview.application_state != ApplicationState.ACTIVE:
        return Response(status=410)
    number = request.args.get("turn", type=int) or 0
    revision = request.form.get("revision", type=int) or 0
    if not 0 <= revision < MOST_REVISIONS:
        abort(400)
    text = request.form.get("answer", "").replace("\r\n", "\n").replace("\x00", "")
    kept = conduct.save_draft(interview.id, number, text, revision)
    return Response(status=204 if kept else 409)


def _typed(token: str) -> tuple[Interview, AnswerForm]:
    """What was written for which question. Ends the request with the question again where the form does not fit."""
    interview, form = access.interview_by_link(token), AnswerForm()
    refuse_withdrawn(interview)
    if not form.validate():
        abort(_not_yet(token, interview, form))
    return interview, form


def _not_yet(token: str, interview: Interview, form: AnswerForm) -> Response:
    """The question again, with what was typed and what is wrong with it."""
    turns = queries.turns_of(interview.id)
    if not turns or turns[-1].number != form.turn.data:
        raise Conflict("this question was not asked")
    return _question_page(token, interview, turns, form)


def _question_page(token: str, interview: Interview, turns: list[Turn], form: AnswerForm) -> Response:
    current, questions = turns[-1], interview.plan["questions"]
    return candidate_page(
        "question", token, interview, form=form, turn=current, turns=turns, status=422 if form.errors else 200,
        asked=questions[current.question], of=len(questions), now=clock.now(),
        extensions_left=conduct.MOST_EXTENSIONS - current.extensions,
    )  # fmt: skip


def done_page(token: str, interview: Interview) -> Response:
    turns = queries.turns_of(interview.id)
    return candidate_page(
        "done", token, interview, asked=queries.transcript(interview, turns), turns=turns,
        where=in_words(interview.application),
    )  # fmt: skip


def candidate_page(name: str, token: str, interview: Interview, **context: Any) -> Response:
    return page(f"interviews/candidate/{name}.html", **_context(token, interview), **context)


def _context(token: str, interview: Interview) -> dict[str, Any]:
    company, application = workspace(), interview.application
    return {
        "token": token, "interview": interview, "application": application, "company": company,
        "contact": contact_of(company),
    }  # fmt: skip


def refuse_withdrawn(interview: Interview) -> None:
    if interview.application.state != ApplicationState.ACTIVE:
        raise Conflict("the application is over")


def link_is_gone(_error: NotFound) -> Response:
    """Never made, revoked, replaced by a newer one: from outside they look alike."""
    return page("interviews/candidate/gone.html", status=404)


def step_is_gone(_error: Conflict) -> Response:
    """Somebody, or the clock, was first: show where the person is now."""
    toast(_("This has changed meanwhile. Here is where you are now; what you sent before is safe."))
    return see_other(url_for("interview.show", **(request.view_args or {})))


bp.register_error_handler(NotFound, link_is_gone)
bp.register_error_handler(Conflict, step_is_gone)
csrf.exempt(bp)


def install(flask_app: Flask) -> None:
    """The blueprint, with its own words for what is gone."""
    from app.interviews.routes import finishing  # noqa: F401 -- the rest of the blueprint's pages

    flask_app.register_blueprint(bp)
