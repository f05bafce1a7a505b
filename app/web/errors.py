"""What went wrong, said once for a person: as a page, as a toast for HTMX, as JSON for a program.

Commands and access raise kernel errors; nothing in a route catches them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.kernel.errors import Conflict, Crowded, Full, Invalid, NotAllowed, NotFound, Refused, Unavailable
from app.web import request_ids
from app.web.branding import Branding
from app.web.guests import Guest, posted
from app.web.languages import translated
from app.web.pages import is_htmx

log = structlog.get_logger(__name__)
_SERVER = 500
Words = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of failure; `title` and `text` are asked for in the reader's language."""

    status: int
    icon: str
    title: Words
    text: Words


_PROBLEMS = {
    problem.status: problem
    for problem in (
        Problem(
            400,
            "circle-alert",
            lambda: gettext("That request did not arrive whole"),
            lambda: gettext("Go back, load the page again, and try once more."),
        ),
        Problem(
            401,
            "lock",
            lambda: gettext("Please sign in"),
            lambda: gettext("This page is for people who are signed in."),
        ),
        Problem(
            403,
            "lock",
            lambda: gettext("You cannot open this"),
            lambda: gettext("Your role here does not include it. An administrator of your company can change that."),
        ),
        Problem(
            404,
            "search",
            lambda: gettext("There is nothing here"),
            lambda: gettext("The address may be mistyped, or what was here has been removed."),
        ),
        Problem(
            405,
            "circle-alert",
            lambda: gettext("That does not work here"),
            lambda: gettext("Go back, load the page again, and try once more."),
        ),
        Problem(
            408,
            "clock",
            lambda: gettext("This took too long to arrive"),
            lambda: gettext("Nothing of it was saved. Go back and send it again, on a better connection if you can."),
        ),
        Problem(
            409,
            "git-merge",
            lambda: gettext("Someone else changed this first"),
            lambda: gettext("Load the page again to see the latest version. Nothing of theirs was overwritten."),
        ),
        Problem(
            410,
            "search",
            lambda: gettext("This is no longer here"),
            lambda: gettext("What was here has ended or has been removed."),
        ),
        Problem(
            413,
            "file-text",
            lambda: gettext("That file is too big"),
            lambda: gettext("Files can have up to 10 MB. Go back and choose a smaller one."),
        ),
        Problem(
            422,
            "circle-alert",
            lambda: gettext("Something in the form needs a change"),
            lambda: gettext("Go back and look at what you entered."),
        ),
        Problem(
            423,
            "lock",
            lambda: gettext("This file is not given out"),
            lambda: gettext("Nobody can open it now."),
        ),
        Problem(
            429,
            "hourglass",
            lambda: gettext("That was too many tries in a short time"),
            lambda: gettext("Wait a moment, then try again."),
        ),
        Problem(
            500,
            "triangle-alert",
            lambda: gettext("Something broke on our side"),
            lambda: gettext("What you saved before is safe. Try again; if it stays, tell us the reference below."),
        ),
        Problem(
            503,
            "plug",
            lambda: gettext("Something we rely on does not answer"),
            lambda: gettext("Nothing was lost. Try again in a few minutes."),
        ),
        Problem(
            507,
            "plug",
            lambda: gettext("There is no room left to save this"),
            lambda: gettext("What you saved before is safe. Somebody has to make room on our side; then try again."),
        ),
    )
}
_EXPIRED = Problem(
    403,
    "clock",
    lambda: gettext("This page was open for too long"),
    lambda: gettext("Nothing was changed. Go back: what you typed is still there. Load the page again, then send it."),
)
_FROM_ELSEWHERE = Problem(
    403,
    "lock",
    lambda: gettext("This came from another site"),
    lambda: gettext("Nothing was changed. Open the page here, and send it from there."),
)
# To somebody without an account, who knows no administrator and no colleagues.
_TO_GUESTS = {
    problem.status: problem
    for problem in (
        Problem(
            403,
            "lock",
            lambda: gettext("This page is not open"),
            lambda: gettext("It may open again later."),
        ),
        Problem(
            409,
            "git-merge",
            lambda: gettext("This has changed meanwhile"),
            lambda: gettext("Go back to see how it stands now."),
        ),
        Problem(
            500,
            "triangle-alert",
            lambda: gettext("Something broke on our side"),
            lambda: gettext("It was nothing that you did. Try again in a minute."),
        ),
        Problem(
            503,
            "plug",
            lambda: gettext("Something we rely on does not answer"),
            lambda: gettext("It was nothing that you did. Try again in a few minutes."),
        ),
        Problem(
            507,
            "plug",
            lambda: gettext("There is no room left to save this"),
            lambda: gettext("It was nothing that you did. Try again in a few minutes."),
        ),
    )
}


_MOVING = Problem(
    503,
    "hourglass",
    lambda: gettext("We are moving"),
    lambda: gettext(
        "These pages are being brought to another place. They are back in a few minutes, and nothing is lost."
    ),
)
_CROWDED = Problem(
    503,
    "hourglass",
    lambda: gettext("Too much is being sent at this moment"),
    lambda: gettext("Nothing of it was saved. Go back and send it again in a minute."),
)
_NOT_NOW = replace(_PROBLEMS[409], icon="circle-alert", title=lambda: gettext("That cannot be done now"))
# These say to everybody what it is; others of their status are told to guests in other words.
_SAYING_IT = (_EXPIRED, _FROM_ELSEWHERE, _MOVING, _CROWDED, _NOT_NOW)


def _by_status(status: int) -> Problem:
    return _PROBLEMS.get(status) or _PROBLEMS[_SERVER if status >= _SERVER else 400]


def _as_json(problem: Problem, text: str) -> Response:
    body = {"error": problem.title(), "message": text, "reference": request_ids.current()}
    return Response(json.dumps(body), mimetype="application/json")


def _as_toast(problem: Problem, text: str) -> Response:
    said = f"{problem.title()}. {text}"
    if problem.status >= _SERVER:
        said += " " + gettext("Reference: %(reference)s", reference=request_ids.current())
    items = {"toast": {"items": [{"text": said, "undo": None, "tone": "bad"}]}}
    return Response(said, mimetype="text/plain", headers={"HX-Trigger": json.dumps(items), "HX-Reswap": "none"})


def _rendered(problem: Problem, text: str) -> str | None:
    guest, reference = current_app.extensions["guest_of"](), request_ids.current()
    try:
        if guest is None:
            return render_template("errors/problem.html", problem=problem, text=text, reference=reference)
        own = None if problem in _SAYING_IT else _TO_GUESTS.get(problem.status)
        return render_template(
            "errors/guest.html", problem=own or problem, text=own.text() if own else text, reference=reference,
            guest=guest, posted=posted(guest) if problem.status >= _SERVER else [], again=request.method == "GET",
        )  # fmt: skip
    except Exception:
        log.exception("error_page_failed")
        return None


def _as_page(problem: Problem, text: str) -> Response:
    html = _rendered(problem, text)
    if html is None:  # what broke broke the page as well: then without the customer's name and colour
        g.branding = Branding()
        html = _rendered(problem, text)
    reference = request_ids.current()
    return make_response(html or f"<!doctype html><title>Error</title><p>Something broke. {reference}")


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def answer(problem: Problem, text: str | None = None, *, after: timedelta | None = None) -> Response:
    g.pop("toasts", None)
    said = text or problem.text()
    render = _as_json if _wants_json() else _as_toast if is_htmx() else _as_page
    response = render(problem, said)
    response.status_code = problem.status
    response.vary.add("HX-Request")
    if after is not None:
        response.headers["Retry-After"] = str(max(1, round(after.total_seconds())))
    return response


def _invalid(error: Invalid) -> Response:
    return answer(_PROBLEMS[422], " ".join(map(translated, error.fields.values())) or None)


def _in_words(error: Conflict | NotAllowed) -> str | None:
    """What it says itself, if anything. str() of an error would lose a Sentence."""
    return translated(error.args[0]) if error.args else None


def _conflict(error: Conflict) -> Response:
    said = _in_words(error)
    return answer(_NOT_NOW if said else _PROBLEMS[409], said)


def answer_locked(text: str, *, after: timedelta | None = None) -> Response:
    """It is there, and theirs to see, and shut all the same; the text says why. What was done on the way stays done."""
    return answer(_PROBLEMS[423], text, after=after)


def answer_missing() -> Response:
    return answer(_PROBLEMS[404])


def answer_conflict() -> Response:
    return answer(_PROBLEMS[409])


def answer_from_elsewhere() -> Response:
    return answer(_FROM_ELSEWHERE)


def answer_unavailable(*, full: bool, reason: str) -> Response:
    """The database is away, or has no room: nothing of this page can be asked of it."""
    g.branding = Branding()
    log.warning("database_unavailable", reason=reason)
    return answer(_PROBLEMS[507 if full else 503], after=timedelta(seconds=60 if full else 5))


def answer_moving() -> Response:
    return answer(_MOVING, after=timedelta(seconds=30))


def _unavailable(error: Unavailable) -> Response:
    log.warning("unavailable", reason=str(error))
    problem = _CROWDED if isinstance(error, Crowded) else _PROBLEMS[507 if isinstance(error, Full) else 503]
    return answer(problem, after=error.after)


def _refused(error: Refused) -> Response:
    log.warning("refused", code=error.code, reason=str(error))
    return answer(_PROBLEMS[503], gettext("Trying again will not help. An administrator has to look at it."))


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or _SERVER) < 400:  # noqa: PLR2004
        return make_response(error.get_response())
    response = answer(_by_status(error.code or _SERVER))
    response.status_code = error.code or _SERVER
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _missing(_error: NotFound) -> Response:
    return _not_yet() or answer(_PROBLEMS[404])


def _not_yet(*, lately: bool = False) -> Response | None:
    """After PostgreSQL crashed people are missing until lists are filled again: that is no 404, and no fault."""
    if not current_app.extensions["catching_up"](lately=lately):
        return None
    log.warning("catching_up")
    return answer(_PROBLEMS[503], after=timedelta(seconds=5))


def _anything(error: Exception) -> Response:
    config = current_app.config
    propagate = config["PROPAGATE_EXCEPTIONS"]
    if propagate or (propagate is None and (current_app.testing or current_app.debug)):
        raise error
    # The rule, not the path: a path may hold a candidate's token.
    where = {"rule": str(request.url_rule), "method": request.method}
    if later := _not_yet(lately=True):  # everybody's page, many times a second: no trace of each
        log.warning("missed_while_catching_up", error=type(error).__name__, **where)
        return later
    log.error("unhandled", exc_info=error, **where)
    return answer(_PROBLEMS[_SERVER])


def install(flask_app: Flask, *, guest_of: Callable[[], Guest | None]) -> None:
    flask_app.extensions["guest_of"] = guest_of
    flask_app.extensions.setdefault("catching_up", lambda *, lately: False)  # noqa: ARG005
    handle = flask_app.register_error_handler
    handle(NotFound, _missing)
    handle(NotAllowed, lambda error: answer(_PROBLEMS[403], _in_words(error)))
    handle(Invalid, _invalid)
    handle(Conflict, _conflict)
    handle(Unavailable, _unavailable)
    handle(Refused, _refused)
    handle(CSRFError, lambda _: answer(_EXPIRED))
    handle(HTTPException, _http)
    handle(Exception, _anything)
