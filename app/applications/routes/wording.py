"""How things read: the one tag of a card, an age, a step of a history. Sentences live here, not in the database."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from flask import Flask, current_app, url_for
from flask_babel import get_timezone, gettext, ngettext
from flask_babel import lazy_gettext as _

from app.applications.enums import ApplicationState, NextThing, Verdict
from app.applications.models import Application, Move
from app.applications.queries import EVERY_STATE, LATE, Card, History, Row, Said
from app.kernel import clock
from app.letters.enums import LetterKind
from app.letters.models import Mail
from app.postings.enums import StageKind
from app.postings.models import Stage
from app.web.sheets import day


class Tag(NamedTuple):
    text: Any
    tone: str | None = None
    icon: str | None = None


class Line(NamedTuple):
    """A card as it is shown, with everything about it looked up already: a board shows hundreds."""

    card: Card
    id: str
    name: str
    url: str
    move_url: str
    tag: Tag | None
    age: str


THINGS: dict[str, Tag] = {
    NextThing.RESUME_UNREADABLE: Tag(_("Resume not readable"), "warn", "file-text"),
    NextThing.INVITED: Tag(_("Invited, not started"), "info", "mail"),
    NextThing.IN_INTERVIEW: Tag(_("In the interview"), "info", "radio"),
    NextThing.HELP_WANTED: Tag(_("Asked for help"), "warn", "hand"),
    NextThing.OVERDUE: Tag(_("Interview overdue"), "warn", "clock"),
    NextThing.SCORING: Tag(_("Being scored"), "ai", "hourglass"),
    NextThing.SCORECARD_DUE: Tag(_("Scorecard due"), "warn", "file-text"),
    NextThing.TO_DECIDE: Tag(_("Ready to decide"), "ok", "circle-check"),
    LATE: Tag(_("Reply is late"), "warn", "clock"),
}
STATES: dict[str, Tag] = {
    ApplicationState.ACTIVE: Tag(_("Active")),
    ApplicationState.REJECTED: Tag(_("Rejected"), "bad", "x"),
    ApplicationState.WITHDRAWN: Tag(_("Withdrew"), None, "log-out"),
    ApplicationState.HIRED: Tag(_("Hired"), "ok", "circle-check"),
    EVERY_STATE: Tag(_("All")),
}
EMPTY: dict[str, Any] = {
    StageKind.NEW: _("People come here when they apply."),
    StageKind.REVIEW: _("Move people here to read their resume closely."),
    StageKind.INTERVIEW: _("Move people here to invite them to the interview."),
    StageKind.SCORECARDS: _("People come here when their interview is done."),
    StageKind.OFFER: _("Move people here to make them an offer."),
}
NEXT: dict[str, Any] = {
    NextThing.RESUME_UNREADABLE: _("The resume could not be read. Look at the original, or ask for another file."),
    NextThing.INVITED: _("The invitation is out. The interview has not been started yet."),
    NextThing.IN_INTERVIEW: _("The interview is running. Answers given so far may still change."),
    NextThing.HELP_WANTED: _("The candidate asked for help. The interview’s clock stands still until you answer."),
    NextThing.OVERDUE: _("The interview’s deadline has passed. Grant more time, or invite again."),
    NextThing.SCORING: _("The answers are being scored. This takes a minute or two."),
    NextThing.SCORECARD_DUE: _("A scorecard is due. The AI’s draft opens to each interviewer after their own."),
    NextThing.TO_DECIDE: _("Every scorecard is in. A person decides, with a reason."),
}
NEXT_IN: dict[str, Any] = {
    StageKind.NEW: _("Read the resume. Then move on, or reject with a reason."),
    StageKind.REVIEW: _("Hold the resume against the must-haves. Then move on to the interview."),
    StageKind.INTERVIEW: _("Invite to the interview."),
    StageKind.SCORECARDS: _("Collect the scorecards, then decide."),
    StageKind.OFFER: _("Make the offer."),
}
WAYS: dict[str, tuple[str, Any]] = {
    NextThing.HELP_WANTED: ("interviews_staff.of_application", _("Answer the request")),
    NextThing.OVERDUE: ("interviews_staff.of_application", _("Give more time")),
    NextThing.IN_INTERVIEW: ("interviews_staff.of_application", _("Look at the interview")),
    NextThing.SCORECARD_DUE: ("scorecards.of_application", _("Open the scorecards")),
    NextThing.TO_DECIDE: ("scorecards.of_application", _("Read and decide")),
}
OVER: dict[str, Any] = {
    ApplicationState.REJECTED: _("Rejected. Move to a stage to bring the application back."),
    ApplicationState.WITHDRAWN: _("The candidate withdrew."),
    ApplicationState.HIRED: _("Hired."),
}
VERDICTS: dict[str, Any] = {
    Verdict.ADVANCE: _("Decided to go on"),
    Verdict.HOLD: _("Decided to wait"),
    Verdict.REJECT: _("Decided to reject"),
    Verdict.HIRE: _("Decided to hire"),
}
LETTERS: dict[str, Any] = {
    LetterKind.APPLICATION_RECEIVED: _("Letter: application received"),
    LetterKind.INTERVIEW_INVITATION: _("Letter: invitation to the interview"),
    LetterKind.INTERVIEW_REMINDER: _("Letter: reminder of the interview"),
    LetterKind.INTERVIEW_DONE: _("Letter: interview received"),
}
SHEET = (
    _("Candidate"), _("Now at"), _("Place"), _("E-mail"), _("Phone"), _("Stage"), _("State"), _("Next"),
    _("In this stage since"), _("Applied"), _("Reply promised by"), _("Came by"),
)  # fmt: skip
SOURCES: dict[str, Any] = {"careers": _("Careers page"), "upload": _("Brought by a colleague")}
MAIL_STATES: dict[str, Any] = {"waiting": _("waiting to be sent"), "sent": _("sent"), "failed": _("not sent")}


def lines(cards: Iterable[Card], **address: Any) -> list[Line]:
    """Each sentence and each address is looked up once, however many cards have it."""
    tags: dict[str, Tag | None] = {"": None}
    ages: dict[int, str] = {}
    today, nameless = clock.today(), gettext("Name not read yet")
    midnight = clock.now().astimezone(get_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    (before, after), (before_move, after_move) = _around_id(".show", address), _around_id(".move", address)
    made = []
    for card in cards:
        key, identifier = _key(card, today), str(card.id)
        if key not in tags:
            tag = THINGS.get(key) or STATES[key]
            tags[key] = tag._replace(text=str(tag.text))
        days = (midnight - card.stage_since).days + 1
        if days not in ages:
            ages[days] = age(days)
        url, move_url = f"{before}{identifier}{after}", f"{before_move}{identifier}{after_move}"
        made.append(Line(card, identifier, card.name or nameless, url, move_url, tags[key], ages[days]))
    return made


def cells(rows: Iterable[Row]) -> list[list[str]]:
    """As `SHEET` names them."""
    today = clock.today()
    return [
        [
            row.card.name, row.card.headline or "", row.place or "", row.email or "", row.phone or "", row.stage,
            str(STATES[row.card.state].text), _next(row.card, today),
            day(row.card.stage_since), day(row.card.applied_at),
            row.card.promised_on.isoformat() if row.card.promised_on else "", str(SOURCES.get(row.source, row.source)),
        ]
        for row in rows
    ]  # fmt: skip


def _next(card: Card, today: date) -> str:
    key = _key(card, today)
    return str(THINGS[key].text) if key in THINGS else ""


def _around_id(page: str, address: dict[str, Any]) -> tuple[str, str]:
    """What stands before and after an application's id in the address of its page."""
    nobody = uuid.UUID(int=0)
    before, _id, after = url_for(f"application{page}", application_id=nobody, **address).partition(str(nobody))
    return before, after


def _key(card: Card, today: date) -> str:
    """One tag: what ended, what comes next, or that a word is late."""
    if card.state != ApplicationState.ACTIVE:
        return card.state
    if card.next_thing in THINGS:
        return card.next_thing
    return LATE if card.promised_on and card.promised_on < today else ""


def age(days: int) -> str:
    return str(ngettext("%(num)d day", "%(num)d days", days)) if days > 0 else str(gettext("today"))


def what_next(application: Application, stage: Stage) -> Any:
    if application.state != ApplicationState.ACTIVE:
        return OVER[application.state]
    return NEXT.get(application.next_thing) or NEXT_IN.get(stage.kind, "")


def way_on(application: Application) -> tuple[str, Any] | None:
    """Where the next thing is done, and what that is called; None where it is done here."""
    endpoint, text = WAYS.get(application.next_thing, ("", ""))
    url = way_to(endpoint, application.id) if application.state == ApplicationState.ACTIVE else None
    return (url, text) if url else None


def labels() -> dict[str, tuple[str, str]]:
    """What a card's controls are called, as what stands before and after the name."""
    nobody = "\0"
    said = {
        "select": gettext("Select %(name)s", name=nobody),
        "move": gettext("Move %(name)s", name=nobody),
    }
    return {key: (text.partition(nobody)[0], text.partition(nobody)[2]) for key, text in said.items()}


def empty_text(stage: Stage) -> str:
    return str(EMPTY.get(stage.kind, ""))


def timeline(history: History, mail: list[Mail], stages: dict[Any, str]) -> list[dict[str, Any]]:
    """Everything that happened, the newest first."""
    items = [
        *(_moved(step, stages) for step in history.moves),
        *(_said(one) for one in history.said),
        *(_written(letter) for letter in mail),
    ]
    return sorted(items, key=lambda item: item["at"], reverse=True)


def _moved(step: Move, stages: dict[Any, str]) -> dict[str, Any]:
    what, icon, tone = _step(step, stages.get(step.to_stage_id, ""))
    if step.undone_at:
        what, tone = gettext("%(what)s, taken back", what=what), None
    return {"what": what, "at": step.at, "who": step.by_name, "icon": icon, "tone": tone, "text": step.reason}


def _step(step: Move, stage: str) -> tuple[str, str, str | None]:
    if step.from_state is None:
        return gettext("Applied"), "inbox", "accent"
    if step.to_state == ApplicationState.REJECTED:
        return gettext("Rejected"), "x", "bad"
    if step.to_state == ApplicationState.WITHDRAWN:
        return gettext("Withdrew"), "log-out", None
    if step.to_state == ApplicationState.HIRED:
        return gettext("Hired"), "circle-check", "ok"
    if step.from_state != ApplicationState.ACTIVE:
        return gettext("Brought back to %(stage)s", stage=stage), "undo-2", None
    return gettext("Moved to %(stage)s", stage=stage), "arrow-right", None


def _said(one: Said) -> dict[str, Any]:
    what, icon = (VERDICTS[one.verdict], "flag") if one.verdict else (gettext("Note"), "message-square")
    return {"what": what, "at": one.at, "who": one.who, "icon": icon, "text": one.text}


def _written(mail: Mail) -> dict[str, Any]:
    kind, state = LETTERS.get(mail.kind, _("Letter")), MAIL_STATES[mail.state]
    what = gettext("%(letter)s, %(state)s", letter=kind, state=state)
    tone = "bad" if mail.state == "failed" else None
    return {"what": what, "at": mail.created_at, "icon": "mail", "tone": tone, "text": mail.problem}


def question(what: str, names: list[str]) -> str:
    """The title of what is asked before a move or a rejection."""
    many, name = len(names), names[0]
    if what == "move":
        one, several = gettext("Move %(name)s to…", name=name), "Move %(num)d candidates to…"
    else:
        one, several = gettext("Reject %(name)s", name=name), "Reject %(num)d candidates"
    return one if many == 1 else str(ngettext(several, several, many))


def way_to(endpoint: str, identifier: object | None = None, **more: object) -> str | None:
    """The address of another slice's page about one thing, or None where this installation has no such page."""
    if endpoint not in current_app.view_functions:
        return None
    rule = next(current_app.url_map.iter_rules(endpoint))
    ids = dict.fromkeys(rule.arguments, identifier) if identifier is not None else {}
    return url_for(endpoint, **ids, **more)  # type: ignore[arg-type]


def install(flask_app: Flask) -> None:
    flask_app.jinja_env.globals.update(way_to=way_to, card_labels=labels)
