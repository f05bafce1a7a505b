"""Inviting, reminding, granting time, revoking."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.applications import commands as applications
from app.applications.commands import set_next_thing
from app.applications.enums import ApplicationState, NextThing
from app.applications.models import Application
from app.audit import commands as audit
from app.interviews.commands.adjustments import say_what_is_next, settle_help
from app.interviews.commands.kits import plan_of
from app.interviews.enums import OPEN, InterviewState, KitState
from app.interviews.events import InterviewExpired, InterviewScheduled, InterviewTouched
from app.interviews.models import Interview, Kit
from app.interviews.queries import interviews_of, last_turn
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id, new_token, token_digest
from app.kernel.sentences import sentence
from app.letters import commands as letters
from app.letters.enums import LetterKind
from app.letters.queries import Wording, contact_of, day_in_words, moment_in_words, wording
from app.ports.vault import Vault
from app.workspace.queries import workspace
from tenants.db import db

USUAL_DEADLINE = timedelta(days=7)
REMIND_AGAIN = timedelta(hours=1)


def open_interview(
    application: Application, kit: Kit, *, by: Actor, deadline: datetime | None = None, language: str | None = None,
    rehearsal: bool = False,
) -> Interview:  # fmt: skip
    """An interview on the approved kit, without a link. Raises Conflict for an unapproved kit or a second open one."""
    if kit.state != KitState.APPROVED:
        raise Conflict(sentence("Nobody can be invited before a person has approved the interview kit of this job."))
    open_one = sa.select(Interview.id).where(
        Interview.application_id == application.id, Interview.state.in_(sorted(OPEN))
    )
    if db.session.scalar(open_one):
        raise Conflict(sentence("There is an open interview for this application already."))
    now = clock.now()
    interview = Interview(
        id=new_id(), person_id=application.person_id, application_id=application.id,
        plan=plan_of(kit), state=InterviewState.INVITED,
        language=language or kit.language, deadline=deadline or now + USUAL_DEADLINE, invited_by=by.id,
        invited_at=now, rehearsal=rehearsal, extra_time=Decimal(1),
    )  # fmt: skip
    db.session.add(interview)
    db.session.flush()
    audit.note("interviews.open", by=by, target=("interview", interview.id), rehearsal=rehearsal)
    return interview


def invite(
    application: Application,
    kit: Kit,
    *,
    by: Actor,
    site: str,
    vault: Vault,
    deadline: datetime | None = None,
) -> Interview:
    """Open an interview and write the letter with its link. `site` is the company's address, as people type it.

    The application must come with candidate and posting. The token is in the letter alone; we keep its digest.
    """
    if application.state != ApplicationState.ACTIVE:
        raise Conflict(sentence("This application is over, so nobody is invited for it any more."))
    if not application.candidate.email:
        raise Invalid({"email": sentence("There is no e-mail address to send the invitation to. Add one first.")})
    interview = open_interview(application, kit, by=by, deadline=deadline, language=application.candidate.language)
    token = _new_link(interview)
    _write(LetterKind.INTERVIEW_INVITATION, interview, application, link=f"{site}/i/{token}", vault=vault)
    set_next_thing(application.id, NextThing.INVITED)
    record(InterviewScheduled(interview.id, application.id))
    return interview


def send_new_link(interview: Interview, application: Application, *, by: Actor, site: str, vault: Vault) -> None:
    """The old link ends, a new one goes out; answers stay."""
    if interview.state not in OPEN:
        raise Conflict(sentence("This interview is over, so it gets no new link. You can invite the person again."))
    token = _new_link(interview)
    _write(LetterKind.INTERVIEW_INVITATION, interview, application, link=f"{site}/i/{token}", vault=vault)
    audit.note("interviews.send_new_link", by=by, target=("interview", interview.id))


def _new_link(interview: Interview) -> str:
    token = new_token()
    interview.link_hash, interview.link_revoked_at = token_digest(token), None
    record(InterviewTouched(interview.id, interview.application_id))
    return token


def revoke_link(interview: Interview, *, by: Actor) -> None:
    interview.link_revoked_at = clock.now()
    audit.note("interviews.revoke_link", by=by, target=("interview", interview.id))
    record(InterviewTouched(interview.id, interview.application_id))


def remind(interview: Interview, application: Application, *, vault: Vault) -> None:
    """Before the deadline, and when a member asks for it; it repeats no link, since we no longer know it."""
    interview.reminded_at = clock.now()
    _write(LetterKind.INTERVIEW_REMINDER, interview, application, link="", vault=vault)
    record(InterviewTouched(interview.id, interview.application_id))


def remind_now(interview: Interview, application: Application, *, by: Actor, vault: Vault) -> None:
    if interview.state not in OPEN:
        raise Conflict(sentence("This interview is over, so nobody has to be reminded of it."))
    if interview.reminded_at and clock.now() - interview.reminded_at < REMIND_AGAIN:
        raise Conflict(sentence("A reminder went out within the last hour. Wait a little before you send another one."))
    remind(interview, application, vault=vault)
    audit.note("interviews.remind_now", by=by, target=("interview", interview.id))


def confirm_answers(interview: Interview, application: Application, *, vault: Vault) -> None:
    """The letter that says "your answers are here"; in the transaction of `conduct.submit`, where that says it was."""
    if not interview.rehearsal and application.candidate.email:
        _write(LetterKind.INTERVIEW_DONE, interview, application, link="", vault=vault)


def extend(interview: Interview, *, until: datetime | None, factor: Decimal | None, by: Actor) -> None:
    """More days, or more time for each limited question, the one being asked included."""
    if interview.state not in OPEN | {InterviewState.EXPIRED}:
        raise Conflict(sentence("This interview is over, so it needs no more time."))
    if until is not None:
        _move_deadline(interview, until)
    if factor is not None:
        _stretch(interview, factor)
    settle_help(interview, by=by)
    say_what_is_next(interview)
    audit.note("interviews.extend", by=by, target=("interview", interview.id))
    record(InterviewTouched(interview.id, interview.application_id))


def _move_deadline(interview: Interview, until: datetime) -> None:
    interview.deadline = max(interview.deadline, until)
    interview.reminded_at = None
    if interview.state == InterviewState.EXPIRED and interview.deadline > clock.now():
        interview.state = InterviewState.PAUSED if interview.started_at else InterviewState.INVITED
        interview.paused_at = clock.now() if interview.started_at else None


def _stretch(interview: Interview, factor: Decimal) -> None:
    turn = last_turn(interview.id)
    if turn is not None and turn.state == "asked" and turn.ends_at is not None:
        minutes = interview.plan["questions"][turn.question]["minutes"]
        turn.ends_at += timedelta(minutes=minutes) * max(float(factor - interview.extra_time), 0.0)
    interview.extra_time = factor


def cancel(interview: Interview, *, by: Actor) -> None:
    if interview.state not in OPEN:
        raise Conflict(sentence("This interview is over, so it cannot be called off any more."))
    interview.state = InterviewState.CANCELLED
    set_next_thing(interview.application_id, NextThing.NONE)
    audit.note("interviews.cancel", by=by, target=("interview", interview.id))
    record(InterviewTouched(interview.id, interview.application_id))


def expire(interview: Interview) -> None:
    """The deadline has passed. What was answered is kept; a person may still extend."""
    interview.state = InterviewState.EXPIRED
    application = db.session.get_one(Application, interview.application_id)
    if application.state == ApplicationState.ACTIVE:
        set_next_thing(interview.application_id, NextThing.OVERDUE)
    record(InterviewExpired(interview.id, interview.application_id))


def withdraw(application: Application, *, by: Actor) -> None:
    """The candidate's own word, which also ends what interview is open."""
    applications.withdraw(application, by=by)
    for interview in interviews_of(application.id):
        if interview.state in OPEN:
            cancel(interview, by=by)


def preview(application: Application, kit: Kit, *, deadline: datetime, link: str) -> Wording:
    """The invitation as it would read; nothing is written."""
    language = application.candidate.language
    facts = _facts(application, plan_of(kit), deadline=deadline, language=language, link=link)
    return wording(LetterKind.INTERVIEW_INVITATION, language, facts)


def _write(kind: LetterKind, interview: Interview, application: Application, *, link: str, vault: Vault) -> None:
    facts = _facts(application, interview.plan, deadline=interview.deadline, language=interview.language, link=link)
    letters.write(
        kind, to_name=application.candidate.name, to_address=application.candidate.email or "",
        language=interview.language, facts=facts, vault=vault, about_id=application.id,
        person=application.person_id, key=f"{kind}:{interview.id}:{new_id()}",
    )  # fmt: skip


def _facts(
    application: Application, plan: dict[str, Any], *, deadline: datetime, language: str, link: str
) -> dict[str, str]:
    company = workspace()
    promised = application.promised_on
    return {
        "name": application.candidate.name,
        "job": application.posting.title,
        "company": company.name,
        "contact": contact_of(company),
        "questions": str(len(plan["questions"])),
        "minutes": str(sum(question["minutes"] for question in plan["questions"])),
        "deadline": moment_in_words(deadline, language, company.zone),
        "promised": day_in_words(promised, language) if promised else "",
        "link": link,
    }
