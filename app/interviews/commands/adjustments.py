"""Another way on request: a candidate asks, the interview's clock stands still, a member answers."""

import sqlalchemy as sa

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing
from app.applications.models import Application
from app.audit import commands as audit
from app.identity.queries import member_by_id
from app.interviews.commands.conduct import pause
from app.interviews.enums import OPEN, HelpKind, InterviewState
from app.interviews.events import InterviewTouched
from app.interviews.models import HelpRequest, Interview
from app.interviews.queries import open_help_requests
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.letters import commands as letters
from app.letters.enums import LetterKind
from app.ports.vault import Vault
from app.workspace.queries import workspace
from tenants.db import db

LONGEST_WISH = 2_000
MOST_OPEN = 5
_NEXT = {
    InterviewState.INVITED: NextThing.INVITED,
    InterviewState.STARTED: NextThing.IN_INTERVIEW,
    InterviewState.PAUSED: NextThing.IN_INTERVIEW,
    InterviewState.EXPIRED: NextThing.OVERDUE,
}


def ask_for_help(interview: Interview, *, kind: HelpKind, text: str, by: Actor, site: str, vault: Vault) -> HelpRequest:
    """Another way, more time, a person. The clock stands still until somebody answers; whoever answers is mailed."""
    if interview.state not in OPEN | {InterviewState.EXPIRED}:
        raise Conflict(sentence("This interview is over. If you have a question, answer any letter from us."))
    if len(open_help_requests([interview.id])) >= MOST_OPEN:
        raise Conflict(sentence("You have asked already. A person will answer you; until then the clock stands still."))
    pause(interview)
    wish = HelpRequest(
        id=new_id(),
        person_id=interview.person_id,
        interview_id=interview.id,
        kind=kind,
        text=text.strip()[:LONGEST_WISH],
        at=clock.now(),
    )
    db.session.add(wish)
    set_next_thing(interview.application_id, NextThing.HELP_WANTED)
    audit.note("interviews.ask_for_help", by=by, target=("interview", interview.id), kind=kind)
    _tell(wish, interview, site=site, vault=vault)
    record(InterviewTouched(interview.id, interview.application_id))
    return wish


def settle_help(interview: Interview, *, by: Actor) -> None:
    """Somebody has answered. The time that the clock stood still is given back to the deadline."""
    waiting = open_help_requests([interview.id])
    if not waiting:
        return
    now = clock.now()
    interview.deadline += now - waiting[0].at
    db.session.execute(
        sa.update(HelpRequest)
        .where(HelpRequest.id.in_([wish.id for wish in waiting]))
        .values(settled_at=now, settled_by=by.id)
    )
    say_what_is_next(interview)
    audit.note("interviews.settle_help", by=by, target=("interview", interview.id))
    record(InterviewTouched(interview.id, interview.application_id))


def say_what_is_next(interview: Interview) -> None:
    """The card stops saying "help wanted" or "overdue" once that is dealt with."""
    application = db.session.get_one(Application, interview.application_id)
    if application.next_thing in {NextThing.HELP_WANTED, NextThing.OVERDUE}:
        set_next_thing(application.id, _NEXT.get(InterviewState(interview.state), NextThing.NONE))


def _tell(wish: HelpRequest, interview: Interview, *, site: str, vault: Vault) -> None:
    """The company's contact, or else whoever invited."""
    company, application = workspace(), interview.application
    inviter = member_by_id(interview.invited_by) if interview.invited_by else None
    address = company.contact_email or (inviter.email if inviter else "")
    if not address:
        return
    facts = {
        "name": application.candidate.name,
        "job": application.posting.title,
        "wish": wish.kind.replace("-", " "),
        "text": wish.text,
        "company": company.name,
        "link": f"{site}/live/{interview.id}",
    }
    letters.write(
        LetterKind.HELP_WANTED, to_name=company.contact_name or (inviter.name if inviter else company.name),
        to_address=address, language=company.locale, facts=facts, vault=vault, about_id=application.id,
        person=application.person_id, key=f"help:{wish.id}",
    )  # fmt: skip
