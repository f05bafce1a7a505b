"""Applications come in, move, and are decided on: each step by somebody, each step undoable."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from app.applications.enums import ApplicationState, NextThing, Verdict
from app.applications.events import ApplicationMoved, ApplicationTouched, CandidateApplied, MatchAsked
from app.applications.models import Application, Decision, Match, Move, Note
from app.applications.queries import behind_their_job, requirements_digest
from app.audit import commands as audit
from app.candidates.models import Candidate, Resume
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id, new_token, token_digest
from app.kernel.sentences import sentence
from app.letters import commands as letters
from app.letters.enums import LetterKind
from app.ports.matching import Finding, Requirements
from app.ports.vault import Vault
from app.postings.models import Posting, Stage
from app.postings.queries import stages_of
from app.workspace.queries import workspace
from tenants.db import db

_STAYS = sentence("This application is over: the person was hired, or withdrew. It stays as it is.")
OVER_FOR_GOOD = frozenset({ApplicationState.HIRED, ApplicationState.WITHDRAWN})
UNDO_WITHIN = timedelta(hours=1)


class Arrival(NamedTuple):
    """Since when somebody stands where they stand, within how many days a word is promised there, and why rejected."""

    at: datetime
    reply_days: int
    reason: str | None


def apply(
    posting: Posting,
    candidate: Candidate,
    *,
    resume: Resume | None,
    source: str,
    by: Actor,
    rehearsal: bool = False,
) -> Application:
    """Enter the first stage. Applying twice gives the application that is there, with the newer resume."""
    db.session.flush()
    known = db.session.scalar(
        sa.select(Application).where(
            Application.posting_id == posting.id, Application.candidate_id == candidate.id,
            Application.joined_in.is_(None),
        )
    )  # fmt: skip
    if known is not None:
        known.resume_id = resume.id if resume else known.resume_id
        record(ApplicationTouched(known.id, posting.id))
        return known
    stage, now = stages_of(posting.id)[0], clock.now()
    application = Application(
        id=new_id(), posting_id=posting.id, candidate_id=candidate.id,
        person_id=resume.person_id if resume else candidate.id, resume_id=resume.id if resume else None,
        stage_id=stage.id, state="active", source=source, rehearsal=rehearsal, applied_at=now, stage_since=now,
        promised_on=(now + timedelta(days=stage.reply_days)).date(), next_thing="",
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    db.session.add(_move(application, None, stage.id, None, "active", by=by, batch_id=new_id(), reason=None, at=now))
    audit.note("applications.apply", by=by, target=("application", application.id), source=source)
    record(CandidateApplied(application.id, posting.id))
    return application


def write_link(application: Application) -> str:
    """A new link for the candidate to their application; an older one ends with it."""
    token = new_token()
    application.link_hash = token_digest(token)
    return token


def move(
    applications: Iterable[Application], stage: Stage, *, by: Actor, expected_version: int | None = None
) -> uuid.UUID:
    """Move some or many, as one batch that Undo takes back whole. Mails nobody.

    Raises Conflict where the application is not the version that the person looked at, or stands elsewhere.
    """
    batch_id, chosen = new_id(), list(applications)
    for application in chosen:
        _refuse_stale(application, expected_version)
        if application.joined_in is not None:
            raise Conflict(sentence("It is joined with another application of the same person. Move that one."))
        if application.posting_id != stage.posting_id:
            raise Conflict(sentence("That stage belongs to another job. Choose one of this job."))
        _refuse_over(application)
        if application.stage_id == stage.id and application.state == ApplicationState.ACTIVE:
            continue
        _enter(application, stage.id, ApplicationState.ACTIVE, by=by, batch_id=batch_id, reason=None)
        application.promised_on = (clock.now() + timedelta(days=stage.reply_days)).date()
    _say_of_joined(chosen, ApplicationState.ACTIVE, by=by, batch_id=batch_id, reason=None)
    audit.note("applications.move", by=by, target=("batch", batch_id), stage=str(stage.id))
    return batch_id


def reject(
    applications: Iterable[Application], *, reason: str, by: Actor, expected_version: int | None = None
) -> uuid.UUID:
    """By a named person, for a stated reason; nothing else in the product rejects."""
    if by.kind != "member":
        raise Conflict("only a person rejects")
    if not reason.strip():
        raise Invalid(
            {"reason": sentence("Say why, as a fact about the job's criteria. The candidate can ask for it.")}
        )
    batch_id, chosen = new_id(), list(applications)
    state = ApplicationState.REJECTED
    for application in chosen:
        _refuse_stale(application, expected_version)
        _refuse_over(application)
        if application.state == state:
            continue
        _enter(application, application.stage_id, state, by=by, batch_id=batch_id, reason=reason.strip())
    _say_of_joined(chosen, state, by=by, batch_id=batch_id, reason=reason.strip())
    audit.note("applications.reject", by=by, target=("batch", batch_id))
    return batch_id


def undo(batch_id: uuid.UUID, *, by: Actor) -> list[Application]:
    """Take a batch back, within an hour, where nothing has moved since; with the dates that stood before.

    A hire, too, but not the candidate's own withdrawal.
    """
    query = sa.select(Move).where(Move.batch_id == batch_id, Move.undone_at.is_(None)).with_for_update()
    moves = list(db.session.scalars(query))
    if not moves or clock.now() - min(step.at for step in moves) > UNDO_WITHIN:
        raise Conflict(sentence("There is nothing to undo any more: it was undone already, or an hour has passed."))
    ids = [step.application_id for step in moves]
    found = {one.id: one for one in db.session.scalars(sa.select(Application).where(Application.id.in_(ids)))}
    _refuse_moved_since(moves)
    earlier = _arrivals_before(moves)
    for step in moves:
        _take_back(step, found[step.application_id], earlier)
    audit.note("applications.undo", by=by, target=("batch", batch_id))
    return list(found.values())


def _refuse_moved_since(moves: list[Move]) -> None:
    """Not by where they stand alone: whoever went to and fro stands there again, and went there by another step.

    Each by their own step: machines' clocks differ, and so steps of one batch may have moments of their own.
    """
    since = sa.or_(*(sa.and_(Move.application_id == step.application_id, Move.at > step.at) for step in moves))
    later = sa.select(Move.id).where(Move.batch_id != moves[0].batch_id, Move.undone_at.is_(None), since)
    if db.session.scalar(sa.select(later.exists())):
        raise Conflict(sentence("It has moved on since, so this cannot be undone. Move it by hand instead."))


def _take_back(step: Move, application: Application, earlier: Mapping[uuid.UUID, Arrival]) -> None:
    if step.from_stage_id is None or step.from_state is None:
        raise Conflict(sentence("An arrival cannot be undone. You can move or reject the application instead."))
    if step.to_state == ApplicationState.WITHDRAWN:
        raise Conflict(_STAYS)
    before = earlier[application.id]  # there is one: whoever moved has arrived before
    application.stage_id, application.state, application.reason = step.from_stage_id, step.from_state, before.reason
    application.stage_since = before.at
    application.promised_on = (before.at + timedelta(days=before.reply_days)).date()
    step.undone_at = clock.now()
    record(ApplicationMoved(application.id, application.posting_id))


def _arrivals_before(moves: list[Move]) -> dict[uuid.UUID, Arrival]:
    """The step of each that these ones followed."""
    ids = [step.application_id for step in moves]
    query = (
        sa.select(Move.application_id, Move.at, Stage.reply_days, Move.reason)
        .join(Stage, Stage.id == Move.to_stage_id)
        .where(Move.application_id.in_(ids), Move.batch_id != moves[0].batch_id, Move.undone_at.is_(None))
        .distinct(Move.application_id)
        .order_by(Move.application_id, Move.at.desc())
    )
    return {row[0]: Arrival(*row[1:]) for row in db.session.execute(query)}


def decide(application: Application, *, verdict: Verdict, reason: str, by: Actor) -> Decision:
    """A named person's decision, with a reason. It moves nobody by itself but for a rejection or a hire."""
    if by.kind != "member" or by.id is None:
        raise Conflict("only a person decides")
    if not reason.strip():
        raise Invalid({"reason": sentence("Write the reason for your decision, in a sentence or two.")})
    _refuse_over(application)
    decision = Decision(
        id=new_id(),
        person_id=application.person_id,
        application_id=application.id,
        verdict=verdict,
        reason=reason.strip(),
        by_id=by.id,
        at=clock.now(),
    )
    db.session.add(decision)
    if verdict == Verdict.REJECT:
        reject([application], reason=reason, by=by)
    if verdict == Verdict.HIRE:
        _end(application, ApplicationState.HIRED, by=by)
    application.next_thing = NextThing.NONE
    audit.note("applications.decide", by=by, target=("application", application.id), verdict=verdict)
    record(ApplicationTouched(application.id, application.posting_id))
    return decision


def withdraw(application: Application, *, by: Actor) -> None:
    """The candidate's own word."""
    if application.state != ApplicationState.ACTIVE:
        raise Conflict(sentence("This application is over already, so there is nothing to withdraw."))
    _end(application, ApplicationState.WITHDRAWN, by=by)
    audit.note("applications.withdraw", by=by, target=("application", application.id))


def _end(application: Application, state: ApplicationState, *, by: Actor) -> None:
    batch_id = new_id()
    _enter(application, application.stage_id, state, by=by, batch_id=batch_id, reason=None)
    _say_of_joined([application], state, by=by, batch_id=batch_id, reason=None)


def _say_of_joined(
    said: list[Application], state: ApplicationState, *, by: Actor, batch_id: uuid.UUID, reason: str | None
) -> None:
    """Applications of one person for one job go on or end together, whichever of them it was said of.

    One that a hire or the person's own word ended before stays as it is.
    """
    pair = sa.tuple_(Application.posting_id, Application.candidate_id)
    pairs = [(one.posting_id, one.candidate_id) for one in said]
    query = sa.select(Application).where(pair.in_(pairs), Application.id.not_in([one.id for one in said]))
    for other in db.session.scalars(query.order_by(Application.id).with_for_update()):
        if other.state not in {state, *OVER_FOR_GOOD}:
            _enter(other, other.stage_id, state, by=by, batch_id=batch_id, reason=reason)


def add_note(application: Application, *, author_id: uuid.UUID, text: str, by: Actor) -> Note:
    if not text.strip():
        raise Invalid({"text": sentence("Write the note first.")})
    note = Note(
        id=new_id(), person_id=application.person_id, application_id=application.id, author_id=author_id,
        text=text.strip(), at=clock.now(),
    )  # fmt: skip
    db.session.add(note)
    audit.note("applications.add_note", by=by, target=("application", application.id))
    record(ApplicationTouched(application.id, application.posting_id))
    return note


def set_next_thing(application_id: uuid.UUID, thing: NextThing) -> None:
    """For the slices above, which know what comes next."""
    application = db.session.get_one(Application, application_id)
    if application.next_thing != thing:
        application.next_thing = thing
        record(ApplicationTouched(application.id, application.posting_id))


def note_resume(resume_id: uuid.UUID, *, readable: bool) -> None:
    """A card says when its resume could not be read, until it can; what it says is held beside the job."""
    query = sa.select(Application).where(Application.resume_id == resume_id)
    for application in db.session.scalars(query):
        if readable:
            record(MatchAsked(application.id, application.posting_id))
        if not readable and application.next_thing == NextThing.NONE:
            set_next_thing(application.id, NextThing.RESUME_UNREADABLE)
        elif readable and application.next_thing == NextThing.RESUME_UNREADABLE:
            set_next_thing(application.id, NextThing.NONE)


def ask_for_matches(posting_id: uuid.UUID) -> None:
    """Of everybody whose resume was held beside other requirements than the job has now."""
    for application_id in behind_their_job(posting_id):
        record(MatchAsked(application_id, posting_id))


def take_match(
    application: Application, resume: Resume, requirements: Requirements, found: Iterable[Finding], *, engine: str
) -> None:
    """Instead of what was found before. An application or a job that went on meanwhile is asked about again.

    It goes with whose resume it is: of two who stand together, either may be erased.
    """
    match = db.session.get(Match, application.id)
    if match is not None and match.person_id != resume.person_id:
        db.session.delete(match)
        db.session.flush()
        match = None
    match = match or Match(application_id=application.id, person_id=resume.person_id)
    match.resume_id, match.asked, match.engine = resume.id, requirements_digest(requirements), engine
    match.findings, match.at = [asdict(finding) for finding in found], clock.now()
    db.session.add(match)
    record(ApplicationTouched(application.id, application.posting_id))


def _refuse_stale(application: Application, expected_version: int | None) -> None:
    if expected_version is not None and application.version != expected_version:
        raise Conflict


def _refuse_over(application: Application) -> None:
    if application.state in OVER_FOR_GOOD:
        raise Conflict(_STAYS)


def _enter(
    application: Application,
    stage_id: uuid.UUID,
    state: str,
    *,
    by: Actor,
    batch_id: uuid.UUID,
    reason: str | None,
) -> None:
    """The only place where an application changes its stage or state.

    Each step is later than the one before, though machines' clocks differ by a second: Undo goes by that.
    """
    at = max(clock.now(), application.stage_since + timedelta(microseconds=1))
    step = _move(
        application,
        application.stage_id,
        stage_id,
        application.state,
        state,
        by=by,
        batch_id=batch_id,
        reason=reason,
        at=at,
    )
    application.stage_id, application.state, application.reason = stage_id, state, reason
    application.stage_since = at
    db.session.add(step)
    record(ApplicationMoved(application.id, application.posting_id))


def _move(
    application: Application,
    from_stage: uuid.UUID | None,
    to_stage: uuid.UUID,
    from_state: str | None,
    to_state: str,
    *,
    by: Actor,
    batch_id: uuid.UUID,
    reason: str | None,
    at: datetime,
) -> Move:
    return Move(
        id=new_id(), person_id=application.person_id, batch_id=batch_id, application_id=application.id,
        from_stage_id=from_stage, to_stage_id=to_stage,
        from_state=from_state, to_state=to_state, reason=reason, by_id=by.id, by_name=by.name, at=at,
    )  # fmt: skip


def confirm(application: Application, *, site: str, vault: Vault) -> None:
    """The letter that says "it is here", with the link to where it stands."""
    company, token = workspace(), write_link(application)
    facts = {
        "name": application.candidate.name,
        "job": application.posting.title,
        "company": company.name,
        "contact": company.contact_name or company.contact_email or company.name,
        "promised": f"{application.promised_on:%-d %B %Y}" if application.promised_on else "",
        "link": f"{site}/status/{token}",
    }
    letters.write(
        LetterKind.APPLICATION_RECEIVED, to_name=application.candidate.name, facts=facts, vault=vault,
        to_address=application.candidate.email or "", language=application.candidate.language,
        key=f"received:{application.id}", about_id=application.id, person=application.person_id,
    )  # fmt: skip
